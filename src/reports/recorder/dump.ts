/**
 * What the recorder in the kernel's process writes into the reporter's folder when all cells have run: `record.json` of the form of
 * `RunRecord`, and beside it the files that it names.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReportModel, ReportResource } from "../format.js";
import type { WishOutcome } from "../precompute/precompute.js";
import type { InputFile, RunFacts } from "../provenance.js";
import type { RanCell } from "../runnable.js";
import type { RecordedCell } from "./recording.js";

export interface RunRecord {
  /** In the order in which the cells ran; the silent requests of the reporter are none. */
  readonly cells: readonly (RecordedCell & Pick<RanCell, "needs">)[];
  /** The states of the widgets that live at the end; closed ones are not among them. Binary parts are files. */
  readonly models: readonly (Omit<ReportModel, "buffers"> & {
    readonly buffers: readonly { readonly path: readonly (string | number)[]; readonly file: string }[];
  })[];
  /** What was read, with the file that holds its bytes. */
  readonly resources: readonly (Omit<ReportResource, "blob" | "reason"> & { readonly file: string })[];
  /** Files that cells read with Node.js' own functions: a page cannot, but they went into the run. */
  readonly reads: readonly InputFile[];
  /** What became of what `report.precompute` was asked for; the states' arrays are files. */
  readonly wishes: readonly (Omit<WishOutcome, "bytes"> & { readonly file?: string })[];
  readonly facts: RunFacts;
}

/** The file of a recording that the others are named in. */
export const RECORD_FILE = "record.json";

/** Where the recorder says what it is about to compute, a line each: nothing is published for silent requests. */
export const COSTS_FILE = "costs.txt";

/** What becomes of a recording. */
export interface FinishOptions {
  /** Computes what `report.precompute` was asked for; default true. */
  readonly precompute?: boolean;
}

/** What the reporter has its kernel do, as silent requests, before the first cell and after the last. */
export const recordingCode = (
  folder: string,
  options: FinishOptions = {},
): { readonly start: string; readonly end: string } => ({
  start: 'await (await import("limpid/reports")).startRecording()',
  end: `await (await import("limpid/reports")).finishRecording(${JSON.stringify(folder)}, ${JSON.stringify(options)})`,
});

/** Reads what the kernel wrote. */
export async function readRecord(folder: string): Promise<RunRecord> {
  return JSON.parse(await readFile(join(folder, RECORD_FILE), "utf8")) as RunRecord;
}
