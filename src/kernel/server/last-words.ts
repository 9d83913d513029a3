import { readFileSync, rmSync, writeFileSync } from "node:fs";

/** A cell that ends sooner leaves no note, in milliseconds. */
const AFTER = 1000;

/**
 * Worker thread: a note of which cell runs, beside the connection file. A kernel that Jupyter starts anew after the process has ended in its
 * midst finds it there, and can tell its reader.
 */
export function lastWords(connectionFile: string) {
  const note = `${connectionFile}.running`;
  let timer: NodeJS.Timeout | undefined;
  let isWritten = false;

  function write(label: string): void {
    try {
      writeFileSync(note, label, { mode: 0o600 });
      isWritten = true;
    } catch {
      // Then nothing can be told.
    }
  }

  return {
    /** The cell in which the kernel before this one ended, if it did; it is told once. */
    taken(): string | undefined {
      try {
        const label = readFileSync(note, "utf8");
        rmSync(note, { force: true });
        return label.slice(0, 100);
      } catch {
        return undefined;
      }
    },
    begin(label: string): void {
      clearTimeout(timer);
      timer = setTimeout(write, AFTER, label);
      timer.unref();
    },
    end(): void {
      clearTimeout(timer);
      if (isWritten) rmSync(note, { force: true });
      isWritten = false;
    },
  };
}
