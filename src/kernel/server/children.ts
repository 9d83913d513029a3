import { readdirSync, readFileSync } from "node:fs";
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
