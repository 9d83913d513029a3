/** Everything that needs the TypeScript compiler, in one module, so that the kernel answers before it is loaded. */
import type { MimeBundle } from "../../comms/host.js";
import type { CompiledCell } from "../cell.js";
import type { DebugSupport } from "../debug-support.js";
import type { Completeness, Completion } from "../interpreter.js";
import { cells as makeCells } from "./compile/cells.js";
import { compileCell } from "./compile/compile.js";
import { complete, type Values } from "./complete.js";
import { askedName, completeness } from "./completeness.js";
import { caught, javascript } from "./debug.js";
import { inspectAt } from "./inspect.js";

export interface Language {
  /** `isStopped` is asked while the compiler checks: where it says so, `InterruptError` is thrown. */
  compile(code: string, isStopped?: () => boolean): CompiledCell;
  /** The name that a cell does nothing but ask about. */
  askedName(code: string): string | undefined;
  /** `values` says what the running notebook knows. */
  complete(code: string, cursor: number, values: Values): Completion;
  inspect(code: string, cursor: number): MimeBundle | undefined;
  completeness(code: string): Completeness;
  /** Reads a part of what later cells and completions are likely to need; false when there is nothing more. */
  readAhead(): boolean;
  /** For the debugger. */
  readonly debug: Pick<DebugSupport, "javascript" | "caught">;
}

/** Starts the compiler for notebooks in `folder` and lets it read the libraries, which takes most of its first second. */
export function language(folder: string): Language {
  const cells = makeCells(folder);
  compileCell(cells, "1;").withdraw();
  return {
    compile: (code, isStopped) => compileCell(cells, code, isStopped),
    askedName,
    complete: (code, cursor, values) => complete(cells, code, cursor, values),
    inspect: (code, cursor) => inspectAt(cells, code, cursor),
    completeness,
    readAhead: cells.readAhead,
    debug: { javascript, caught },
  };
}
