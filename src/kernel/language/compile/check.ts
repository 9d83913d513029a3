/** What a notebook says of its own type check: `// @limpid check: warn`. */
import type { Cells } from "./cells.js";
import { CompileError, type Complaint } from "./compile-error.js";

/** Whether a cell with type errors is refused, or runs after they have been told. */
const LEVELS = ["error", "warn"] as const;
type Level = (typeof LEVELS)[number];

const DIRECTIVE = /^[ \t]*\/\/[ \t]*@limpid[ \t]+check[ \t]*:[ \t]*(\S*)/m;

/** By the cells of a notebook: what the first of them that said anything said. */
const ofNotebook = new WeakMap<Cells, Level>();

/** How the cell `text` is checked: as it says itself, and else as the first cell did that said something. */
export function checkLevel(cells: Cells, text: string): Level {
  const found = DIRECTIVE.exec(text);
  if (!found) return ofNotebook.get(cells) ?? "error";
  const [directive, word = ""] = found;
  const level = LEVELS.find((one) => one === word);
  if (level === undefined) {
    const line = text.slice(0, found.index).split("\n").length;
    const place = { line, column: 1, length: directive.trimEnd().length, text: text.split("\n")[line - 1] ?? "" };
    const message = `The type check is told "${word}"; it knows ${LEVELS.join(" and ")}: // @limpid check: warn`;
    throw new CompileError([{ message, ...place }]);
  }
  if (!ofNotebook.has(cells)) ofNotebook.set(cells, level);
  return level;
}

/** Whether a cell runs in spite of a complaint where type errors are warnings: what is no program cannot. */
export const isOfTypes = ({ code }: Complaint): boolean => code !== undefined && code >= 2000 && code < 17_000;
