import { mock } from "node:test";

/** What a command prints, line by line, and the exit code that it gives. */
export async function printed(run: () => Promise<number>): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const log = mock.method(console, "log", (line: string) => lines.push(line));
  try {
    return { code: await run(), lines };
  } finally {
    log.mock.restore();
  }
}
