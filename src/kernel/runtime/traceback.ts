import { inspect } from "node:util";
import { dim, green, red } from "../ansi.js";
import { readableNames } from "../cell.js";
import type { ErrorContent } from "../interpreter.js";
import { type CellPosition, cellPosition } from "./stack.js";

/** An error as the notebook shows it: what, the line of the cell, the calls that led there. */
export function describeError(error: unknown): ErrorContent {
  if (!isError(error)) {
    const evalue = typeof error === "string" ? error : inspect(error);
    return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
  }
  const ename = String(error.name || "Error");
  const evalue = readableNames(String(error.message));
  const at = cellPosition(error);
  const frames = framesOf(error);
  return {
    ename,
    evalue,
    traceback: [
      `${red(ename)}${evalue ? `: ${evalue}` : ""}`,
      ...(at ? ["", `${green(`${at.label}, line ${at.line}`)}`, ...excerpt(at), ""] : []),
      ...frames.map(dim),
      ...details(error),
    ],
  };
}

/** The line and two around it, the column marked. */
function excerpt({ source, line, column }: CellPosition): string[] {
  const lines = source.split("\n");
  const from = Math.max(1, line - 2);
  const to = Math.min(lines.length, line + 2);
  const width = String(to).length;
  const rows: string[] = [];
  for (let n = from; n <= to; n += 1) {
    const text = lines[n - 1] ?? "";
    rows.push(`${n === line ? red(">") : " "} ${dim(String(n).padStart(width))} ${text}`);
    if (n === line) rows.push(`  ${" ".repeat(width)} ${text.slice(0, column - 1).replace(/[^\t]/g, " ")}${red("^")}`);
  }
  return rows;
}

function framesOf(error: Error): string[] {
  return String(error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
}

/** What an error carries besides its message: causes, parts of an AggregateError. */
function details(error: Error): string[] {
  const parts: string[] = [];
  if (error.cause !== undefined) parts.push(`[cause]: ${inspect(error.cause)}`);
  if (error instanceof AggregateError) parts.push(...error.errors.map((part, i) => `[errors][${i}]: ${inspect(part)}`));
  return parts;
}

/** True also for errors of another realm (`vm` contexts). */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}
