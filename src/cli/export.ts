import { extname } from "node:path";
import { type Command, Option } from "commander";
import { formatBytes, formatCount } from "../comms/format.js";
import { DataFileError } from "../kernel-helpers/formats/errors.js";
import { checkPlace, writeWhole } from "../kernel-helpers/formats/written.js";
import { openRelevanceStore } from "../kernel-helpers/relevance/relevance-store.js";
import { npzOf, tableOf, virelayOf } from "../runs/export/files.js";
import { exportedSamples, type Layout } from "../runs/export/samples.js";
import type { Action } from "./action.js";
import { count, whole } from "./numbers.js";

type Format = "npz" | "parquet" | "hdf5-virelay";

interface Options {
  out: string;
  format?: Format;
  layout: Layout;
  sumChannels?: boolean;
  from?: number;
  to?: number;
}

/** How the file of each format ends. */
const ENDINGS: Readonly<Record<Format, string>> = { npz: ".npz", parquet: ".parquet", "hdf5-virelay": ".h5" };

const HELP = `
npz            relevance, index, output, target, label, outputs: numpy.load
parquet        a row a sample, without the maps: names, targets, outputs, sums layer by layer
hdf5-virelay   an attribution database of ViRelAy, with channels first
Samples that could not be explained, or are not there yet, are left out; index says which are there.
The store itself is Zarr, which xarray opens without an export.

Examples:
  limpid export photos.zarr -o photos.npz --layout nchw --sum-channels
  limpid export photos.zarr -o photos.h5`;

/** `limpid export`: a store of explanations for other programs. */
export function registerExport(program: Command, run: (action: Action) => void): void {
  program
    .command("export")
    .description("write a store of limpid batch as other programs read it")
    .argument("<store.zarr>", "the store: a folder, or an address")
    .requiredOption("-o, --out <file>", "the file")
    .addOption(new Option("--format <format>", "by default as the file's name ends").choices(Object.keys(ENDINGS)))
    .addOption(new Option("--layout <layout>", "where channels stand").choices(["nhwc", "nchw"]).default("nhwc"))
    .option("--sum-channels", "add up the channels of each pixel")
    .option("--from <sample>", "the first sample", whole)
    .option("--to <sample>", "the sample after the last", count)
    .addHelpText("after", HELP)
    .action((store: string, options: Options) => run(() => exported(store, options)));
}

async function exported(
  place: string,
  { out, format, layout, sumChannels = false, from, to }: Options,
): Promise<number> {
  const ending = extname(out).toLowerCase();
  const wanted = format ?? (Object.keys(ENDINGS) as Format[]).find((one) => ENDINGS[one] === ending);
  if (wanted === undefined) throw new DataFileError(out, "is no file that export writes: .npz, .parquet or .h5");
  const replaced = await checkPlace(out, ENDINGS[wanted], {});
  const store = await openRelevanceStore(place);
  // ViRelAy has channels first.
  const samples = await exportedSamples(store, {
    layout: wanted === "hdf5-virelay" ? "nchw" : layout,
    sumChannels,
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to: Math.min(to, store.count) }),
  });
  const bytes = wanted === "npz" ? npzOf(samples) : await (wanted === "parquet" ? tableOf : virelayOf)(store, samples);
  await writeWhole(out, bytes, replaced);
  const shape = wanted === "parquet" ? "" : ` [${[samples.index.length, ...samples.one].join(", ")}],`;
  console.log(
    `${out}: ${formatCount(samples.index.length)} of ${formatCount(store.count)} samples,${shape} ${formatBytes(bytes.length)}`,
  );
  return 0;
}
