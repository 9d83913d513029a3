import ts from "typescript";
import type { Completeness } from "../interpreter.js";

/** Would running `code` now make sense, or is a bracket, string or comment still open? */
export function completeness(code: string): Completeness {
  const file = ts.createSourceFile("cell.mts", code, ts.ScriptTarget.Latest) as ts.SourceFile & {
    parseDiagnostics: ts.DiagnosticWithLocation[];
  };
  const errors = file.parseDiagnostics;
  if (errors.length === 0) return { status: "complete" };
  // Only what is missing at the very end can still be typed; everything before must be right.
  const end = code.trimEnd().length;
  const [first] = errors;
  if (first && !ENDS_WITH_LINE.has(first.code) && first.start + first.length >= end) {
    const open = first.start >= end || UNTERMINATED.has(first.code);
    if (open) return { status: "incomplete", indent: indent(code) };
  }
  return { status: "invalid" };
}

/** A template literal or a comment without its end. */
const UNTERMINATED = new Set([1160, 1010]);
/** A string or a regular expression without its end: no further line can bring it. */
const ENDS_WITH_LINE = new Set([1002, 1161]);

/** Indentation for the next line: that of the last, and two more after an opening bracket. */
function indent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const present = /^\s*/.exec(line)?.[0] ?? "";
  return /[([{]\s*$/.test(line) ? `${present}  ` : present;
}
