import ts from "typescript";
import type { Complaint } from "./compile-error.js";

/**
 * What does not apply to a notebook: 2695, a comma whose left side does nothing; 7051, a parameter's name where its type could
 * stand; and any that is implicit, which annotations would avoid.
 */
const isIgnored = ({ code, messageText }: ts.Diagnostic): boolean =>
  code === 2695 ||
  code === 7051 ||
  (code >= 7000 && code < 7100 && /implicit.*'any/.test(ts.flattenDiagnosticMessageText(messageText, " ")));

export function complaints(diagnostics: readonly ts.Diagnostic[], cellFile: string): Complaint[] {
  return diagnostics
    .filter((diagnostic) => diagnostic.category === ts.DiagnosticCategory.Error && !isIgnored(diagnostic))
    .map((diagnostic) => complaint(diagnostic, cellFile))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

function complaint({ code, messageText, file, start = 0, length = 0 }: ts.Diagnostic, cellFile: string): Complaint {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n") + advice(code, messageText);
  if (!file) return { code, message, line: 1, column: 1, length: 0, text: "" };
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const text = file.text.split(/\r?\n/)[line] ?? "";
  return {
    code,
    message,
    ...(file.fileName !== cellFile && { file: file.fileName }),
    line: line + 1,
    column: character + 1,
    length: Math.max(1, Math.min(length, text.length - character)),
    text,
  };
}

/** What to do about it, where the compiler's own words leave that open. */
function advice(code: number, message: string | ts.DiagnosticMessageChain): string {
  const text = typeof message === "string" ? message : message.messageText;
  const missing = code === 2307 && /'([^'.][^']*)'/.exec(text)?.[1];
  return missing ? ` Is it installed? In a terminal, in the notebook's folder: npm install ${missing}` : "";
}
