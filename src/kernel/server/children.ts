import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { log } from "../log.js";

/**
 * Sends an interrupt to the programs that this process has started, and that these have, if its main thread computes nothing: then it waits for one of
 * them. Only Linux tells which they are.
 */
export function endChildren(): void {
  if (process.platform !== "linux" || !isAsleep(process.pid)) return;
  for (const id of descendantsOf(process.pid)) {
    try {
      process.kill(id, "SIGINT");
      log(`interrupted process ${id}, which a cell waits for`);
    } catch {
      // It has ended by itself.
    }
  }
}

/** How long programs have to end by themselves, in milliseconds. */
const GRACE = 1000;

/**
 * Ends the programs that this process has started, and that these have, before it goes itself; not those that were given a process group
 * of their own (`detached`), to outlive it. Only Linux tells which they are.
 */
export async function leaveNoChildren(): Promise<void> {
  if (process.platform !== "linux") return;
  const group = groupOf(process.pid);
  const left = () => descendantsOf(process.pid).filter((id) => groupOf(id) === group);
  const send = (signal: NodeJS.Signals) => {
    for (const id of left()) {
      try {
        process.kill(id, signal);
      } catch {
        // It has ended by itself.
      }
    }
  };
  send("SIGTERM");
  for (let waited = 0; waited < GRACE && left().length > 0; waited += 20) await pause(20);
  send("SIGKILL");
}

/** The process group of a process that has not ended; the state and its parent stand before it, behind the program's name. */
function groupOf(id: number): string | undefined {
  try {
    const [state, , group] = readFileSync(`/proc/${id}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return state === "Z" ? undefined : group;
  } catch {
    return undefined;
  }
}

/** Whether a process' main thread waits for something outside. */
function isAsleep(id: number): boolean {
  try {
    // The state follows the program's name, which may hold anything.
    return /\) S /.test(readFileSync(`/proc/${id}/task/${id}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** A shell hands a signal on to none of what it runs. */
const descendantsOf = (id: number): number[] => childrenOf(id).flatMap((child) => [...descendantsOf(child), child]);

function childrenOf(process: number): number[] {
  try {
    const threads = readdirSync(`/proc/${process}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${process}/task/${thread}/children`, "utf8"));
    return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  } catch {
    return [];
  }
}
