import { rm } from "node:fs/promises";
import { AbortedError } from "../explainers/index.js";
import type { ShardDone } from "./pool/messages.js";
import { startPool } from "./pool/pool.js";
import type { RunControl } from "./run.js";
import type { RunSpec } from "./spec.js";
import { RunStore } from "./store/store.js";

/** What a run is going to take, from what three shards took. */
export interface RunPlan {
  readonly count: number;
  readonly shards: number;
  readonly workers: number;
  /** Samples that were measured, and how long that took. */
  readonly measured: number;
  /** Samples a second, with all workers. */
  readonly rate: number;
  /** Seconds until a worker has loaded its model and can begin. */
  readonly start: number;
  /** Share of the time that went into writing. */
  readonly writing: number;
  readonly bytesPerSample: number;
  /** Of the whole store. */
  readonly bytes: number;
  /** Of the whole run. */
  readonly seconds: number;
}

/** Measures three shards of each worker beside the place of the store, which is not touched. */
export async function planRun(
  spec: RunSpec,
  path: string,
  workers: number,
  { signal }: RunControl = {},
): Promise<RunPlan> {
  const begin = performance.now();
  const computing = await startPool(spec, workers);
  const aside = `${path}.plan-${process.pid}`;
  try {
    const started = performance.now();
    const store = await RunStore.open(aside, computing.prepared);
    const wanted = Math.min(store.shards, 3 * workers);
    // From all over the data: what lies together may be alike.
    const shards = Array.from({ length: wanted }, (_, at) => Math.floor((at * store.shards) / wanted));
    const done: ShardDone[] = [];
    const tell = { done: (one: ShardDone) => done.push(one), aside: () => undefined };
    const measuring = performance.now();
    await computing.compute(store, shards, tell, signal ? { signal } : {});
    const seconds = (performance.now() - measuring) / 1000;
    const sum = (of: (one: ShardDone) => number) => done.reduce((total, one) => total + of(one), 0);
    const measured = sum(({ samples }) => samples);
    const rate = measured / seconds;
    const bytesPerSample = sum(({ bytes }) => bytes) / measured;
    const { count } = computing.prepared.shapes;
    return {
      count,
      shards: store.shards,
      workers,
      measured,
      rate,
      start: (started - begin) / 1000,
      writing: sum((one) => one.seconds.writing) / sum((one) => one.seconds.all),
      bytesPerSample,
      bytes: bytesPerSample * count,
      seconds: count / rate,
    };
  } catch (error) {
    throw signal?.aborted ? new AbortedError(0, 1, signal.reason) : error;
  } finally {
    await computing.end();
    await rm(aside, { recursive: true, force: true });
  }
}
