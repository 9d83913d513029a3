import { writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Attribution, LimpidError, type Method } from "../../explainers/index.js";
import { csvOf } from "../../kernel-helpers/formats/csv.js";
import { DataFileError } from "../../kernel-helpers/formats/errors.js";
import { nested } from "../../kernel-helpers/formats/json.js";
import { npyOf } from "../../kernel-helpers/formats/npy.js";
import { heatmapPng } from "../../kernel-helpers/pictures/heatmap-png.js";
import { relevanceMap } from "../../kernel-helpers/pictures/relevance-map.js";
import { mapsOf } from "./explanation.js";
import type { GivenInput } from "./inputs.js";

/**
 * Checks before a long run that its result can be written.
 *
 * @throws DataFileError
 */
export function checkOutput(file: string, inputs: readonly GivenInput[], method: Method): void {
  const extension = extname(file).toLowerCase();
  if (inputs.some(({ path }) => path !== undefined && resolve(path) === resolve(file))) {
    throw new DataFileError(file, "is the input, which is not written over: give --out another name");
  }
  if (![".png", ".npy", ".json", ".csv"].includes(extension)) {
    throw new DataFileError(file, "is no file that --out writes: it takes .png (pictures), .npy, .json or .csv");
  }
  if (extension !== ".json" && inputs.length > 1) {
    throw new DataFileError(
      file,
      `cannot hold the relevance of ${inputs.length} inputs: --out takes a .json file here`,
    );
  }
  const [{ kind, tensor }] = inputs as [GivenInput];
  if (extension === ".png" && kind !== "image") {
    throw new DataFileError(file, "cannot show what is no picture: --out takes a .npy, .json or .csv file here");
  }
  if (extension === ".csv" && method.result !== "units" && tensor.rank > 3) {
    throw new DataFileError(
      file,
      "cannot hold more than rows and columns: --out takes a .png, .npy or .json file here",
    );
  }
}

/**
 * Where the heatmap of a picture goes unless told: beside it, or into the working folder where it has no folder of its own
 * (a bundled photo, a URL); undefined where there is no map of positions to draw.
 */
export function pictureBeside([input, ...others]: readonly GivenInput[], method: Method): string | undefined {
  if (input === undefined || others.length > 0 || input.kind !== "image" || method.result === "units") return undefined;
  const folder = input.path === undefined ? "." : dirname(input.path);
  const stem = basename(input.name, extname(input.name)) || "picture";
  return join(folder, `${stem}.${method.id}.png`);
}

/** Writes relevance in the shape of one sample, as it can be read again, or the heatmap of a picture. */
export async function writeOutput(
  file: string,
  result: Attribution,
  [input, ...others]: readonly GivenInput[],
  method: Method,
): Promise<void> {
  const shape = result.shape.slice(1);
  const numbers = { shape, values: result.relevance };
  const content = () => {
    switch (extname(file).toLowerCase()) {
      case ".npy":
        return npyOf(numbers);
      case ".csv": {
        const isNamed = input?.columns?.length === shape.at(-1) && method.result === "entries";
        return csvOf({ ...numbers, ...(isNamed && { columns: input!.columns! }) });
      }
      case ".json": {
        const maps = mapsOf(result).map((map) => nested(map.relevance, map.shape.slice(1)));
        return `${JSON.stringify(others.length > 0 ? maps : maps[0])}\n`;
      }
      default:
        if (shape.length !== 3) {
          throw new LimpidError(`A heatmap needs positions; the layer's units have the shape [${shape}]`);
        }
        return heatmapPng({ image: input?.photo ?? null, relevance: relevanceMap(result), signed: method.signed });
    }
  };
  await writeFile(file, content()).catch((cause: Error) => {
    throw new DataFileError(file, `cannot be written: ${cause.message}`, { cause });
  });
}
