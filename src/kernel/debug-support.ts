/**
 * Where the debugger meets a language: what `debugger`, in the worker thread, asks of it through the engine. It asks between two statements
 * of a cell, so nothing here may wait.
 */
import type { MimeBundle } from "../comms/host.js";

/** The name of the symbol under which the main thread keeps its support on `globalThis`. */
export const SUPPORT = "limpid.debugger";

/** Code as its author wrote it, of a script that the engine knows by a URL. */
export interface DebugScript {
  /** What its author calls it: `Cell In[3]`. */
  label: string;
  source: string;
  /** Source map as JSON. */
  map: string;
  /** A cell has no file; front ends know it by its text. */
  isCell: boolean;
}

export interface DebugSupport {
  /** A script that was made of something else; undefined where the engine runs what its author wrote. */
  script(url: string): DebugScript | undefined;
  /** The notebook's variables, each with its present value. */
  variables(): Record<string, unknown>;
  /** Gives a variable of the notebook a value, and makes it one where it is none. */
  assign(name: string, value: unknown): void;
  /** Lets code that is not a cell's, and knows no boxes, see the notebook's variables by their names, until `takeBack`. */
  lend(): void;
  takeBack(): void;
  /** What a reader typed as JavaScript. */
  javascript(code: string): string;
  /** The forms of a value as a cell's result would show it. */
  show(value: unknown): MimeBundle;
  /** From each `try` that has a `catch` in a script's JavaScript: first and last position, lines and columns from 0. */
  caught(javascript: string): [fromLine: number, fromColumn: number, toLine: number, toColumn: number][];
}
