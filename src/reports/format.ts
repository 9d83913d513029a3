/**
 * What the file of a report holds, and under which ids. Node reads and writes it, the page reads it: nothing here needs either.
 *
 * Everything stands in script elements that browsers do not run: JSON as `application/json`, blobs as `text/plain`. What comes
 * from the notebook (names, ids of models) is only ever a value, never a key, an id or a class.
 */
import type { JsonObject } from "../comms/message.js";

/** The format's name; it changes when an older page script could not read a newer file. */
export const REPORT_FORMAT = "limpid-report-1";

/** The ids of the elements that hold a report's parts. */
export const PARTS = {
  /** `ReportManifest` as JSON. */
  manifest: "limpid-manifest",
  /** The values that were computed, as JSON; what verification compares. */
  ledger: "limpid-ledger",
  /** Where everything came from, as JSON-LD. Times stand here and nowhere else. */
  provenance: "limpid-provenance",
  /** The page's place for messages: what is being made live, what failed. */
  status: "limpid-status",
} as const;

/** Bytes that the file holds, by the first 16 hexadecimal digits of their SHA-256. */
export type BlobId = string;

/** The id of the element that holds a blob. */
export const blobElement = (blob: BlobId): string => `limpid-blob-${blob}`;

/** How a blob's bytes are written; what does not become smaller by gzip stays as it is. */
export type BlobEncoding = "base64" | "gzip-base64";

export interface ReportBlob {
  readonly id: BlobId;
  /** Bytes, decoded. */
  readonly size: number;
  /** Hexadecimal, of the decoded bytes. */
  readonly sha256: string;
  readonly encoding: BlobEncoding;
}

/** One widget's state, as the widget manager restores it. */
export interface ReportModel {
  readonly id: string;
  readonly name: string;
  readonly module: string;
  readonly version: string;
  readonly state: JsonObject;
  /** The state's binary values: where they stand in it, and their bytes. */
  readonly buffers: readonly { readonly path: readonly (string | number)[]; readonly blob: BlobId }[];
}

/** What a widget in the page can do: recompute, choose among stored states, or only be looked at. */
export type Level = "live" | "precomputed" | "frozen";

/** A widget that the notebook displays. Its element has `data-view` with its place in the manifest's list. */
export interface ReportView {
  /** The model's id. */
  readonly model: string;
  /** The cell that displays it, by its place in the manifest's list. */
  readonly cell: number;
  /** Which of the cell's outputs it is. */
  readonly output: number;
  /** Which of the cell's displayed widgets it is: by this the replay finds its successor. */
  readonly nth: number;
  readonly level: Level;
  /** Why it can do no more; one sentence for the reader. */
  readonly reason?: string;
}

/** A file, a folder's listing or a decoded picture that the notebook read: `Resource` of `kernel-helpers/resources`, with its bytes by blob. */
export interface ReportResource {
  readonly key: string;
  readonly kind: "file" | "folder" | "picture";
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Where its bytes are; without them the page cannot read it, and `reason` says why they were left out. */
  readonly blob?: BlobId;
  readonly reason?: string;
  /** What the resource says beside its bytes; of a decoded picture its width and height, and what else the page needs of it. */
  readonly about: JsonObject;
}

/** What one output of a cell is; the page's own element of it has `data-output` with its place in the cell's list. */
export type OutputKind = "stdout" | "stderr" | "error" | "display" | "result" | "widget";

/** A code cell as it was run. Its element has `data-cell` with its place in the manifest's list. */
export interface ReportCell {
  /** Its place among all cells of the notebook that ran, from 0. */
  readonly index: number;
  /** The cell's id in the notebook, or one by its number (`NotebookCell.id`). */
  readonly id: string;
  /** How messages name it: `cell 3 (load)`. */
  readonly name: string;
  /** `In [count]`; null where it was not run. */
  readonly count: number | null;
  readonly outputs: readonly OutputKind[];
  /**
   * How it goes on in the page: the blob with its compiled code (JavaScript of one function expression, a `CellFunction`), which becomes a
   * script of its own in the worker; or why it cannot run there. Absent in reports whose page computes nothing.
   */
  readonly replay?: { readonly code: BlobId } | { readonly reason: string };
}

/** What the page needs to compute: its worker's script, and TensorFlow's WebAssembly. */
interface ReportProgram {
  readonly worker: BlobId;
  readonly wasm: BlobId;
}

/** A table of precomputed states, written and read by `levels`. */
export interface ReportTable {
  /** The views that have its settings, or that it changes. */
  readonly views: readonly number[];
  readonly table: JsonObject;
  readonly blobs: readonly BlobId[];
}

export interface ReportManifest {
  readonly format: typeof REPORT_FORMAT;
  /** Limpid's version. */
  readonly limpid: string;
  readonly title: string;
  /** The notebook as it was given but for saved outputs, and the lock file that stood beside it, for `--extract`. */
  readonly notebook: { readonly name: string; readonly blob: BlobId };
  readonly lockFile?: { readonly name: string; readonly blob: BlobId };
  /** Parameters that were given, by name, as `[name, value]`. */
  readonly parameters: readonly (readonly [string, unknown])[];
  /** `saved`: outputs are those that the file had, nothing was run. */
  readonly run: "executed" | "saved";
  readonly cells: readonly ReportCell[];
  readonly models: readonly ReportModel[];
  readonly views: readonly ReportView[];
  readonly resources: readonly ReportResource[];
  readonly tables: readonly ReportTable[];
  readonly blobs: readonly ReportBlob[];
  readonly program?: ReportProgram;
  /** The script that draws charts (plotly), where a widget has some. */
  readonly charts?: BlobId;
}
