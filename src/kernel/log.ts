import { writeSync } from "node:fs";

/** Writes a line to the log of whoever started the kernel; `process.stderr` itself belongs to the cells. */
export function log(text: string): void {
  writeSync(2, `limpid kernel: ${text}\n`);
}
