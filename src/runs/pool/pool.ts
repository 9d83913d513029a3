import type { Computing, RunControl, ShardAside } from "../run.js";
import type { RunSpec } from "../spec.js";
import type { RunStore } from "../store/store.js";
import { ShardError, WorkerGoneError } from "./child.js";
import { AT_ONCE, LastingChild } from "./lasting-child.js";
import type { ShardDone } from "./messages.js";

/** How often a shard is tried before it is set aside: a process may have been killed for another's memory. */
const ATTEMPTS = 3;

/** A pool of worker processes on this machine, each with a model of its own. */
export async function startPool(spec: RunSpec, workers: number): Promise<Computing> {
  const children = Array.from({ length: workers }, () => new LastingChild(spec));
  const starting = children.map((child) => child.start());
  try {
    const [prepared] = (await Promise.all(starting)) as [Awaited<(typeof starting)[0]>];
    return {
      prepared,
      changed: (store) => children[0]!.changed(store.path, store.prepared),
      compute: (store, shards, tell, options) => computed(children, store, shards, tell, options),
      end: async () => {
        await Promise.all(children.map((child) => child.end()));
      },
    };
  } catch (error) {
    await Promise.all(children.map((child) => child.end()));
    throw error;
  }
}

interface Tell {
  done(done: ShardDone): void;
  aside(shard: ShardAside): void;
}

async function computed(
  children: readonly LastingChild[],
  store: RunStore,
  shards: readonly number[],
  tell: Tell,
  { signal }: RunControl,
): Promise<void> {
  const attempts = new Map<number, number>();
  const ended: { error?: unknown } = {};
  const stop = (error?: unknown) => {
    if ("error" in ended) return;
    ended.error = error;
    // What they write has no name yet, and nothing is lost but the time.
    for (const child of children) child.end();
  };
  const abort = () => stop(signal?.reason);
  /** Computes what is open; what failed, and may not another time, comes into `again`. */
  async function lane(child: LastingChild, open: number[], again: number[]): Promise<void> {
    for (let shard = open.shift(); shard !== undefined && !("error" in ended); shard = open.shift()) {
      try {
        tell.done(await child.explain(shard));
      } catch (error) {
        if ("error" in ended) return;
        if (!(error instanceof ShardError || error instanceof WorkerGoneError)) return stop(error);
        if (error instanceof ShardError && error.kind === "WriteError") return stop(error);
        const times = (attempts.get(shard) ?? 0) + 1;
        attempts.set(shard, times);
        if (times >= ATTEMPTS) tell.aside({ shard, message: error.message });
        else again.push(shard);
      }
    }
  }
  signal?.addEventListener?.("abort", abort);
  try {
    for (const child of children) child.use(store.path, store.prepared);
    let open = [...shards];
    // A process may be gone for another shard than this one: what failed is tried by itself.
    for (let lanes = AT_ONCE; open.length > 0 && !("error" in ended); lanes = 1) {
      const again: number[] = [];
      const given = children.flatMap((child) => Array.from({ length: lanes }, () => lane(child, open, again)));
      await Promise.all(given);
      open = again;
    }
  } finally {
    signal?.removeEventListener?.("abort", abort);
  }
  if ("error" in ended) {
    await Promise.all(children.map((child) => child.end()));
    // What the others were writing takes room that may be missing.
    await store.tidy().catch(() => undefined);
    throw ended.error;
  }
}
