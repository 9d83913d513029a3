/** Everything that needs the TypeScript compiler, in one module, so that the kernel answers before it is loaded. */
import type { MimeBundle } from "../../comms/host.js";
import type { CompiledCell } from "../cell.js";
import type { Completeness, Completion } from "../interpreter.js";
import { cells as makeCells } from "./compile/cells.js";
import { compileCell } from "./compile/compile.js";
import { complete } from "./complete.js";
import { completeness } from "./completeness.js";
import { inspectAt } from "./inspect.js";

export interface Language {
  compile(code: string): CompiledCell;
  complete(code: string, cursor: number): Completion;
  inspect(code: string, cursor: number): MimeBundle | undefined;
  completeness(code: string): Completeness;
}

/** Starts the compiler for notebooks in `folder` and lets it read the libraries, which takes most of its first second. */
export function language(folder: string): Language {
  const cells = makeCells(folder);
  compileCell(cells, "console;").withdraw();
  return {
    compile: (code) => compileCell(cells, code),
    complete: (code, cursor) => complete(cells, code, cursor),
    inspect: (code, cursor) => inspectAt(cells, code, cursor),
    completeness,
  };
}
