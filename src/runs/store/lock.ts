import { randomBytes } from "node:crypto";
import * as disk from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { RunError, StoreInUseError } from "../errors.js";

/** Who schedules a store's shards: one run at a time. */
interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the machine's own ticks: numbers of processes come again. No clock is asked. */
  readonly begun: string | null;
}

const NAME = ".limpid-run.json";

/**
 * Takes a store for one run, until the result is called. A holder that is gone is no holder; of one on another machine that cannot be
 * seen, and the message names its file.
 *
 * @throws StoreInUseError
 */
export async function lockStore(store: string): Promise<() => Promise<void>> {
  const file = join(store, NAME);
  const own: Holder = { host: hostname(), pid: process.pid, begun: await begunAt(process.pid) };
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await made(file, JSON.stringify(own))) return () => disk.rm(file, { force: true });
    const text = await disk.readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) continue;
    const holder = parsed(text);
    if (holder.host !== own.host || (await isAlive(holder))) {
      const where = holder.host === own.host ? "" : ` on ${holder.host}`;
      const mend = holder.host === own.host ? "Wait for it, or stop it" : `Where it is gone, delete ${file}`;
      throw new StoreInUseError(
        `${store} is being written by another run, process ${holder.pid}${where}. ${mend}; nothing was changed.`,
      );
    }
    await takeAway(file, text);
  }
  throw new StoreInUseError(`${store} is being taken by several runs at once: start one.`);
}

/** Makes a file with all of its text, unless one is there. */
async function made(file: string, text: string): Promise<boolean> {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.part`;
  try {
    await disk.writeFile(aside, text);
    await disk.link(aside, file);
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    throw new RunError(`${file} cannot be written: ${message}`, { cause: error });
  } finally {
    await disk.rm(aside, { force: true }).catch(() => undefined);
  }
}

/** Takes away a lock whose holder is gone; not one that another run has put in its place meanwhile. */
async function takeAway(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.part`;
  try {
    await disk.rename(file, aside);
    if ((await disk.readFile(aside, "utf8")) !== text) await disk.link(aside, file);
  } catch {
    // It is gone already.
  } finally {
    await disk.rm(aside, { force: true });
  }
}

function parsed(text: string): Holder {
  try {
    const { host, pid, begun } = JSON.parse(text) as Holder;
    return { host: String(host), pid: Number(pid), begun };
  } catch {
    return { host: hostname(), pid: -1, begun: null };
  }
}

async function isAlive({ pid, begun }: Holder): Promise<boolean> {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  const now = await begunAt(pid);
  return now === null || begun === null || now === begun;
}

/** Linux says when a process began, in ticks since the machine did. */
async function begunAt(pid: number): Promise<string | null> {
  const text = await disk.readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return text === "" ? null : (text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null);
}
