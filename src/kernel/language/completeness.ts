import ts from "#typescript";
import type { Completeness } from "../interpreter.js";

/** `name?` or `?name` alone in a cell asks what the name is. */
const HELP = /^\s*(?:\?\s*([\p{L}\p{N}_$.]+)|([\p{L}\p{N}_$.]+)\s*\?)\s*$/u;

/** The name that a cell does nothing but ask about; undefined for any other. */
export function askedName(code: string): string | undefined {
  const [, behind, before] = HELP.exec(code) ?? [];
  return behind ?? before;
}

/** Would running `code` now make sense, or is a bracket, string or comment still open? */
export function completeness(code: string): Completeness {
  if (askedName(code) !== undefined) return { status: "complete" };
  const file: ParsedFile = ts.createSourceFile("cell.ts", code, AS_MODULE);
  const errors = file.parseDiagnostics ?? [];
  const incomplete: Completeness = { status: "incomplete", indent: indent(code) };
  const last = file.statements.at(-1);
  // A head without a body is right before an overload only.
  if (errors.length === 0) return last && lacksBody(last, code) ? incomplete : { status: "complete" };
  // Only what is missing at the very end can still be typed; everything before must be right.
  const end = code.trimEnd().length;
  const [first] = errors;
  if (first && !FINAL.has(first.code) && first.start + first.length >= end) {
    const begins = BEGINS.test(code.slice(first.start, end));
    if (first.start >= end || UNTERMINATED.has(first.code) || begins) return incomplete;
  }
  return { status: "invalid" };
}

interface ParsedFile extends ts.SourceFile {
  readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[];
}

/** In a module `await` awaits. */
const AS_MODULE: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  setExternalModuleIndicator(file) {
    (file as { externalModuleIndicator?: true }).externalModuleIndicator = true;
  },
};

const lacksBody = (node: ts.Statement, code: string): boolean =>
  ts.isFunctionDeclaration(node) &&
  node.body === undefined &&
  !code.slice(node.pos, node.end).endsWith(";") &&
  !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword);

/** Words and signs that begin something. */
const BEGINS = /^(export|export\s+default|await|\.\.\.|@)$/;
/** A template literal or a comment without its end. */
const UNTERMINATED = new Set([1160, 1010]);
/** A string, a regular expression or a number without its end: nothing that follows can bring it. */
const FINAL = new Set([1002, 1161, 1124]);

/** Indentation for the next line: that of the last, and two more after an opening bracket. */
function indent(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const present = /^\s*/.exec(line)?.[0] ?? "";
  return /[([{]\s*$/.test(line) ? `${present}  ` : present;
}
