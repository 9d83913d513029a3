import { inspect } from "node:util";
import { CompileError, type Complaint } from "../language/compile/compile-error.js";
import { readableNames } from "../language/compile/readable.js";
import { type CellPosition, cellPosition } from "./stack.js";

/** Content of Jupyter's `error` message. */
export interface ErrorContent {
  [key: string]: string | string[];
  ename: string;
  evalue: string;
  traceback: string[];
}

const red = (text: string) => `\u001b[1;31m${text}\u001b[0m`;
const green = (text: string) => `\u001b[32m${text}\u001b[0m`;
const dim = (text: string) => `\u001b[2m${text}\u001b[0m`;

/** An error as the notebook shows it: what, the line of the cell, the calls that led there. */
export function errorContent(error: unknown, label: string): ErrorContent {
  if (error instanceof CompileError) return compileErrorContent(error, label);
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

function compileErrorContent({ complaints, name, message }: CompileError, label: string): ErrorContent {
  const traceback = complaints.flatMap(({ code, message, file, line, column, length, text }: Complaint, i) => {
    const kind = code >= 2000 ? "TypeError" : "SyntaxError";
    const place = `${file ?? label}, line ${line}:${column}`;
    const underline = `${" ".repeat(`${line}`.length + 2)}  ${text.slice(0, column - 1).replace(/[^\t]/g, " ")}${red("~".repeat(length))}`;
    return [
      ...(i > 0 ? [""] : []),
      `${green(place)} - ${red(`${kind} (TS${code})`)}: ${message}`,
      "",
      `${dim(`${line}`)}    ${text}`,
      underline,
    ];
  });
  return { ename: name, evalue: message, traceback };
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
