/** What a notebook does, told to whoever records it: `limpid report` in a kernel's process, the page when it runs a notebook again. */

/** A cell that has ended. */
export interface RanCell {
  /** The cell as its author wrote it. */
  readonly source: string;
  /** What ran: JavaScript of one function expression (`kernel/cell.ts`); empty where the cell did not compile. */
  readonly code: string;
  /** The front end's name for the cell (`metadata.cellId` of the request), where it gave one. */
  readonly id: string | undefined;
  readonly failed: boolean;
  readonly milliseconds: number;
  /** The notebook's variables that the cell mentions, with their values as the cell leaves them. */
  readonly variables: ReadonlyMap<string, unknown>;
  /** The value of the cell's last expression; empty where it ends in none. */
  readonly result: readonly unknown[];
}

/** What a cell says that a value has to be (`expectClose`). */
export interface Expectation {
  readonly value: number;
  readonly expected: number;
  /** The largest absolute difference that is allowed. */
  readonly tolerance: number;
}

/** States of widgets that a report is to compute in advance (`report.precompute`). */
export interface PrecomputeWish {
  /** The widget that is asked for; undefined takes each that has all of these settings. */
  readonly widget: object | undefined;
  /** The values of each setting, by its name; a number of them in place of a list: the most probable classes. */
  readonly axes: readonly { readonly name: string; readonly values: readonly unknown[] | { readonly top: number } }[];
  /** Names of settings of which every combination is computed. */
  readonly together: readonly (readonly string[])[];
  /** The most that all states may take. */
  readonly megabytes: number;
  readonly seconds: number;
}

export interface NotebookRecorder {
  /** The cell's reply waits for what this returns. */
  cellEnded(cell: RanCell): void | Promise<void>;
  /** Called while the cell runs. */
  expected(expectation: Expectation): void;
  /** Called while the cell runs. */
  wished?(wish: PrecomputeWish): void;
}

const RECORDER = Symbol.for("limpid.recorder");
type WithRecorder = { [RECORDER]?: NotebookRecorder | undefined };

/** Has `recorder` told of everything from now on; undefined ends it. */
export function recordNotebook(recorder: NotebookRecorder | undefined): void {
  (globalThis as WithRecorder)[RECORDER] = recorder;
}

/** Who records what this notebook does, if anybody. */
export function notebookRecorder(): NotebookRecorder | undefined {
  return (globalThis as WithRecorder)[RECORDER];
}
