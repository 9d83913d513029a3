/** What the page and its kernel, a worker, say to each other. */
import type { DisplayOptions, MimeBundle } from "../comms/host.js";
import type { CommMessageType, JsonObject } from "../comms/message.js";
import type { RecordedCell } from "../reports/recorder/recording.js";
import type { EmbeddedResource } from "./platform/embedded.js";

/** A cell for the worker: its number, and the script that hands its function over. */
export interface PageCell {
  readonly cell: number;
  /** How errors name it. */
  readonly name: string;
  /** JavaScript of one function expression, a `CellFunction`. */
  readonly code: string;
}

export type ToWorker =
  | {
      readonly type: "start";
      readonly wasm: Uint8Array<ArrayBuffer>;
      readonly resources: readonly EmbeddedResource[];
      /** Tell of each cell what it computed (`recorded`). */
      readonly record?: boolean;
    }
  | { readonly type: "run"; readonly cell: PageCell }
  | { readonly type: "stop" }
  | {
      readonly type: "comm";
      readonly message: CommMessageType;
      readonly content: JsonObject;
      readonly metadata: JsonObject;
      readonly buffers: readonly Uint8Array[];
      readonly header: JsonObject;
    };

/** What a cell puts into its place in the page; `cell` is its number. */
export type CellOutputMessage =
  | { readonly type: "display"; readonly cell: number; readonly bundle: MimeBundle; readonly options: DisplayOptions }
  | { readonly type: "result"; readonly cell: number; readonly bundle: MimeBundle }
  | { readonly type: "stream"; readonly cell: number; readonly name: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "clear"; readonly cell: number; readonly wait: boolean }
  | { readonly type: "error"; readonly cell: number; readonly error: CellError };

export interface CellError {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

export type FromWorker =
  | CellOutputMessage
  /** The backend runs, or does not. */
  | { readonly type: "started"; readonly backend?: JsonObject; readonly error?: CellError }
  /** What the reader should know of a cell's numbers. */
  | { readonly type: "note"; readonly cell: number; readonly text: string }
  /** What a cell computed, before it is told that it has ended. */
  | { readonly type: "recorded"; readonly cell: number; readonly values: RecordedCell }
  /** A cell has ended. */
  | { readonly type: "ran"; readonly cell: number; readonly failed: boolean; readonly milliseconds: number }
  /** A comm message has been dealt with: the front end may send the next value of that widget. */
  | { readonly type: "idle"; readonly header: JsonObject }
  | {
      readonly type: "comm";
      readonly message: CommMessageType;
      readonly content: JsonObject;
      readonly metadata: JsonObject;
      readonly buffers: readonly Uint8Array[];
      readonly parent: JsonObject;
    };
