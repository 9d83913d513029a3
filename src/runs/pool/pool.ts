import type { Computing, RunControl, ShardAside } from "../run.js";
import type { RunSpec } from "../spec.js";
import type { RunStore } from "../store/store.js";
import { Child, ShardError, WorkerGoneError } from "./child.js";
import type { ShardDone } from "./messages.js";

/** How often a shard is tried before it is set aside: a process may have been killed for another's memory. */
const ATTEMPTS = 3;

/** A pool of worker processes on this machine, each with a model of its own. */
export async function startPool(spec: RunSpec, workers: number): Promise<Computing> {
  const children = Array.from({ length: workers }, () => new Child(spec));
  const starting = children.map((child) => child.start());
  try {
    const [prepared] = (await Promise.all(starting)) as [Awaited<(typeof starting)[0]>];
    return {
      prepared,
      changed: (store) => children[0]!.changed(store.path, store.prepared),
      compute: (store, shards, tell, options) => computed(spec, children, store, shards, tell, options),
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
  spec: RunSpec,
  children: Child[],
  store: RunStore,
  shards: readonly number[],
  tell: Tell,
  { signal }: RunControl,
): Promise<void> {
  const open = [...shards];
  const attempts = new Map<number, number>();
  const ended: { error?: unknown } = {};
  const stop = (error?: unknown) => {
    if ("error" in ended) return;
    ended.error = error;
    // What they write has no name yet, and nothing is lost but the time.
    for (const child of children) child.end();
  };
  const abort = () => stop(signal?.reason);
  signal?.addEventListener?.("abort", abort);
  try {
    await Promise.all(
      children.map(async (child, place) => {
        child.use(store.path, store.prepared);
        for (let shard = open.shift(); shard !== undefined && !("error" in ended); shard = open.shift()) {
          try {
            // The others take one each before this one's turn comes again.
            tell.done(await children[place]!.explain(shard, open[children.length - 1]));
          } catch (error) {
            if ("error" in ended) return;
            if (!(error instanceof ShardError || error instanceof WorkerGoneError)) return stop(error);
            if (error instanceof ShardError && error.kind === "WriteError") return stop(error);
            const times = (attempts.get(shard) ?? 0) + 1;
            attempts.set(shard, times);
            if (times >= ATTEMPTS) tell.aside({ shard, message: error.message });
            else open.push(shard);
            if (error instanceof WorkerGoneError) {
              await child.end();
              children[place] = await another(spec, store).catch((cause: unknown) => {
                stop(cause);
                return child;
              });
            }
          }
        }
      }),
    );
  } finally {
    signal?.removeEventListener?.("abort", abort);
  }
  if ("error" in ended) throw ended.error;
}

/** A process in the place of one that is gone. */
async function another(spec: RunSpec, store: RunStore): Promise<Child> {
  const child = new Child(spec);
  try {
    await child.start();
  } catch (error) {
    await child.end();
    throw error;
  }
  child.use(store.path, store.prepared);
  return child;
}
