/** Everything that needs the TypeScript compiler, in one module, so that the kernel answers before it is loaded. */
import type { JsonObject } from "../../comms/message.js";
import { type Cells, cells as makeCells } from "./compile/cells.js";
import { compileCell } from "./compile/compile.js";
import { complete } from "./complete.js";
import { completeness } from "./completeness.js";
import { inspectAt } from "./inspect.js";

export interface Language {
  cells: Cells;
  compile(code: string): ReturnType<typeof compileCell>;
  complete(code: string, cursor: number): JsonObject;
  inspect(code: string, cursor: number): JsonObject;
  completeness(code: string): JsonObject;
}

/** Starts the compiler for notebooks in `folder` and lets it read the libraries, which takes most of its first second. */
export function language(folder: string): Language {
  const cells = makeCells(folder);
  cells.remove(compileCell(cells, "console;").fileName);
  return {
    cells,
    compile: (code) => compileCell(cells, code),
    complete: (code, cursor) => complete(cells, code, cursor),
    inspect: (code, cursor) => inspectAt(cells, code, cursor),
    completeness,
  };
}
