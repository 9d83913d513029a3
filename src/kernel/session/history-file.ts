import { appendFile, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { log } from "../log.js";

/** A cell of an earlier session. */
interface EarlierEntry {
  readonly session: number;
  readonly line: number;
  readonly source: string;
}

/** The cells of earlier sessions, and those of this one for later sessions. */
export interface HistoryFile {
  earlier(): readonly EarlierEntry[];
  add(line: number, source: string): void;
}

/** More are not kept from one session to the next. */
const MOST = 10_000;

/** Where inputs are kept: `LIMPID_HISTORY` names a file, or is `off`; else the user's folder for what programs remember. */
export function historyPath({ LIMPID_HISTORY: named, XDG_STATE_HOME: state }: NodeJS.ProcessEnv): string | undefined {
  if (named === "off") return undefined;
  return named || join(state || join(homedir(), ".local", "state"), "limpid", "history.jsonl");
}

/** Inputs in one file, a line each, that only its owner reads. A file that cannot be read or written is said once, and does without. */
export function historyFile(path: string): HistoryFile {
  const session = Date.now();
  let isBroken = false;
  let isMade = false;

  function fail(error: unknown): void {
    if (!isBroken) log(`history is not kept in ${path}: ${(error as Error).message}`);
    isBroken = true;
  }

  function read(): EarlierEntry[] {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") fail(error);
      return [];
    }
    const entries = text.split("\n").flatMap(parsed);
    // Once it holds twice as much, the older half goes.
    if (entries.length > 2 * MOST) {
      const kept = entries.slice(-MOST).map((entry) => `${JSON.stringify(entry)}\n`);
      try {
        writeFileSync(path, kept.join(""), { mode: 0o600 });
      } catch (error) {
        fail(error);
      }
    }
    return entries.slice(-MOST).filter((entry) => entry.session !== session);
  }

  return {
    earlier: read,
    add(line, source) {
      if (isBroken) return;
      try {
        if (!isMade) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        isMade = true;
      } catch (error) {
        fail(error);
        return;
      }
      // One write of one line: kernels that run side by side do not mix theirs.
      appendFile(
        path,
        `${JSON.stringify({ session, line, source })}\n`,
        { mode: 0o600 },
        (error) => error && fail(error),
      );
    },
  };
}

function parsed(text: string): EarlierEntry[] {
  try {
    const { session, line, source } = JSON.parse(text) as Partial<EarlierEntry>;
    const isEntry = Number.isInteger(session) && Number.isInteger(line) && typeof source === "string";
    return isEntry ? [{ session: session!, line: line!, source }] : [];
  } catch {
    // Cut short, or not ours.
    return [];
  }
}
