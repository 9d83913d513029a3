import { dim, green, red } from "../../ansi.js";
import type { ErrorContent } from "../../interpreter.js";

/** One complaint of the compiler, in the coordinates of the cell (or of a module next to the notebook). */
export interface Complaint {
  /** The compiler's number; absent where the kernel itself complains. */
  code?: number;
  message: string;
  /** Set when the complaint is about another file than the cell. */
  file?: string;
  /** Counted from 1. */
  line: number;
  column: number;
  /** Length of the underlined text on its first line. */
  length: number;
  /** The line it stands on. */
  text: string;
}

/** A cell that does not compile. Nothing of it has run. */
export class CompileError extends Error {
  readonly complaints: Complaint[];

  constructor(complaints: Complaint[]) {
    const [first] = complaints;
    super(first?.message ?? "The cell does not compile");
    this.complaints = complaints;
    this.name = kindOf(first?.code);
  }
}

const kindOf = (code: number | undefined): string =>
  code === undefined ? "SyntaxError" : `${code >= 2000 ? "TypeError" : "SyntaxError"} (TS${code})`;

/** A cell's complaints as the notebook shows them: each with its line, underlined. */
export function describeCompileError({ complaints, name, message }: CompileError, label: string): ErrorContent {
  const traceback = complaints.flatMap(({ code, message, file, line, column, length, text }, i) => {
    const place = `${file ?? label}, line ${line}:${column}`;
    const before = text.slice(0, column - 1).replace(/[^\t]/g, " ");
    return [
      ...(i > 0 ? [""] : []),
      `${green(place)} - ${red(kindOf(code))}: ${message}`,
      "",
      `${dim(`${line}`)}    ${text}`,
      `${" ".repeat(`${line}`.length + 2)}  ${before}${red("~".repeat(length))}`,
    ];
  });
  return { ename: name, evalue: message, traceback };
}
