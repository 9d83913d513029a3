import { inspect } from "node:util";
import { dim, green, red } from "../ansi.js";
import { readableNames } from "../cell.js";
import type { ErrorContent } from "../interpreter.js";
import { type CellPosition, cellPosition, isOwnFrame } from "./stack.js";

/**
 * An error as the notebook shows it: what, the line of the cell, the calls that led there. Anything can be thrown, also what throws
 * when it is looked at.
 */
export function describeError(error: unknown): ErrorContent {
  if (!attempt(() => isError(error), false)) {
    const evalue = typeof error === "string" ? error : shown(error);
    return { ename: "Thrown", evalue, traceback: [`${red("Thrown")}: ${evalue}`] };
  }
  const thrown = error as Error;
  const ename = attempt(() => String(thrown.name || "Error"), "Error");
  const evalue = attempt(() => readableNames(String(thrown.message)), "(its message cannot be read)");
  const at = attempt(() => cellPosition(thrown), undefined);
  return {
    ename,
    evalue,
    traceback: [
      `${red(ename)}${evalue ? `: ${evalue}` : ""}`,
      ...(at ? ["", `${green(`${at.label}, line ${at.line}`)}`, ...excerpt(at), ""] : []),
      ...attempt(() => framesOf(thrown), []).map(dim),
      ...attempt(() => details(thrown), []),
    ],
  };
}

/** What `read` returns, or `otherwise` when it throws. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

const shown = (value: unknown): string => attempt(() => inspect(value), "(what was thrown cannot be shown)");

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

/** The calls that led to an error: the cell's and its modules'; those inside this package are only counted. */
function framesOf(error: Error): string[] {
  const frames = String(error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line));
  const shown: string[] = [];
  for (let from = 0; from < frames.length; ) {
    let to = from;
    let count = 0;
    // What JavaScript itself calls in between, such as Array.map, has no place.
    for (; to < frames.length && (isOwnFrame(frames[to]!) || (count > 0 && isPlaceless(frames[to]!))); to += 1) {
      count += 1;
    }
    if (count > 0)
      shown.push(`    … ${count} ${count === 1 ? "call" : "calls"} inside limpid (error.stack names them)`);
    else shown.push(frames[to++]!);
    from = to;
  }
  return shown;
}

const isPlaceless = (frame: string): boolean => frame.includes("(<anonymous>)");

/** What stands elsewhere in a traceback, or is Node.js' own note. */
const TOLD = new Set(["name", "message", "stack", "cause", "errors"]);

/** What an error carries besides its message: properties of its own, causes, parts of an AggregateError. */
function details(error: Error): string[] {
  const parts = error instanceof AggregateError && Array.isArray(error.errors) ? error.errors : [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(error)).filter(
    ([name, { enumerable }]) => enumerable && !TOLD.has(name),
  );
  return [
    ...own.map(([name, { value, get }]) => `[${name}]: ${get ? "[Getter]" : shown(value)}`),
    ...(error.cause === undefined ? [] : [`[cause]: ${shown(error.cause)}`]),
    ...parts.map((part, i) => `[errors][${i}]: ${shown(part)}`),
  ];
}

/** True also for errors of another realm (`vm` contexts). */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}
