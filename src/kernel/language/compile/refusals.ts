/** What the compiler would take, and what would give another program than its author means. */
import ts from "#typescript";
import { CELL, INTERRUPT, STOP } from "../../cell.js";
import type { CellFile } from "./cells.js";
import type { Complaint } from "./compile-error.js";

/** Values of JavaScript itself that a variable of the notebook would hide from all later cells. */
const FIXED = new Set(["undefined", "NaN", "Infinity", "globalThis", "eval", "arguments"]);

/** Names by which compiled cells know their runtime. */
const isOwn = (name: string): boolean => name.startsWith("__v_") || [CELL, STOP, INTERRUPT].includes(name);
const MAY_BE_OWN = /\b__(v_|cell|stop|interrupt)/;

/** Lines that other kernels know. */
const MAGIC = /^[ \t]*(!|%%?)[ \t]*(\w*)(.*)$/;
const INSTEAD: Record<string, string> = {
  "!": 'Programs are started by Node.js: import { execSync } from "node:child_process"; execSync("ls", { encoding: "utf8" })',
  pip: 'Python packages are not for this kernel; npm packages are installed by: import { install } from "limpid"; await install("nanoid")',
  time: 'A cell is timed by: console.time("cell"); …; console.timeEnd("cell")',
  timeit: 'A cell is timed by: console.time("cell"); …; console.timeEnd("cell")',
  bash: 'Programs are started by Node.js: import { execSync } from "node:child_process"; execSync("…", { encoding: "utf8" })',
  html: 'HTML is shown by: import { HTML } from "limpid"; new HTML({ value: "<b>…</b>" })',
  matplotlib: 'Curves are drawn by: import { plot } from "limpid"; plot({ y: [1, 4, 9] })',
  "": "This kernel runs TypeScript, without magics",
};

/** `!ls` and `%%time`, by their lines, where the text is no program because of them. */
export function magics(file: ts.SourceFile, syntactic: readonly ts.Diagnostic[]): Complaint[] {
  const wrong = new Set(syntactic.map(({ start = 0 }) => file.getLineAndCharacterOfPosition(start).line));
  return file.text.split("\n").flatMap((text, line) => {
    const [, sign, word = ""] = MAGIC.exec(text) ?? [];
    // `!done` is an expression: only a line that the parser stumbles over is meant, or one that begins the cell with %.
    if (sign === undefined || !(wrong.has(line) || (sign !== "!" && line === 0))) return [];
    const column = text.search(/\S/) + 1;
    const known = sign === "!" ? "!" : Object.hasOwn(INSTEAD, word) ? word : "";
    const advice = INSTEAD[known]!;
    const named = `${sign}${word}`;
    return [
      { message: `${named} is of another kernel. ${advice}`, line: line + 1, column, length: named.length, text },
    ];
  });
}

/** Names that a cell may not give. */
export function refusals(file: CellFile): Complaint[] {
  const found: Complaint[] = [];
  const refuse = (node: ts.Node, message: string): void => {
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
    const text = file.text.split(/\r?\n/)[line] ?? "";
    found.push({ message, line: line + 1, column: character + 1, length: node.getWidth(file), text });
  };
  for (const name of FIXED) {
    const declared = file.locals
      ?.get(ts.escapeLeadingUnderscores(name))
      ?.declarations?.find((one) => one.getSourceFile() === file);
    const node = declared && (ts.getNameOfDeclaration(declared) ?? declared);
    if (node) refuse(node, `${name} is a value of JavaScript itself; give the variable another name`);
  }
  if (MAY_BE_OWN.test(file.text)) {
    const look = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && isOwn(node.text)) {
        refuse(node, `Names that begin with ${node.text.slice(0, 4)} are the kernel's own; give it another name`);
      }
      ts.forEachChild(node, look);
    };
    look(file);
  }
  return found;
}
