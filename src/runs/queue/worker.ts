import { setTimeout as wait } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import type { AbortLike } from "../../explainers/index.js";
import { RunError } from "../errors.js";
import { AT_ONCE, LastingChild } from "../pool/lasting-child.js";
import { storedRecord } from "../store/record.js";
import { RunStore } from "../store/store.js";
import { specOfRun } from "../verify.js";
import { connection, queueName, type ShardJob } from "./redis.js";

export interface WorkerSettings {
  readonly queue: string;
  readonly store: string;
  /** Where model and data lie on this machine, if elsewhere than where the run was begun. */
  readonly model?: string;
  readonly data?: string;
  /** Seconds after which others may take a shard whose worker is silent. Default 60. */
  readonly lock?: number;
}

/** Between two looks whether the store is complete, in milliseconds. */
const INTERVAL = 500;

/** How long a queue that does not answer is waited for at the end, in milliseconds. */
const FAREWELL = 5000;

/** A worker that is stopped often has not failed. */
const STALLS = 1_000_000;

/**
 * Computes shards of a store as a queue gives them, until the store is complete or, after the shards at hand, it is told to stop. The model is in a process of its own, so
 * that its lock is renewed while it computes.
 *
 * @returns how many shards it computed
 */
export async function work(
  settings: WorkerSettings,
  { signal, say = () => undefined }: { readonly signal?: AbortLike; readonly say?: (text: string) => void } = {},
): Promise<number> {
  const { store: path, lock = 60 } = settings;
  const record = await storedRecord(path);
  if (record === undefined) throw new RunError(`${path} is no store yet: limpid batch --queue … -o ${path} makes it`);
  const spec = specOfRun(record, settings);
  const child = new LastingChild(spec);
  const store = await child
    .start()
    .then((prepared) => RunStore.open(path, prepared))
    .catch(async (error: unknown) => {
      await child.end();
      throw error;
    });
  child.use(path, store.prepared);
  const redis = connection(settings.queue, say);
  let done = 0;
  /** Shards that are being explained: one whose lock was lost may be given to the same worker again. */
  const atHand = new Map<number, Promise<void>>();
  const explain = async (shard: number) => {
    try {
      const { failed } = await child.explain(shard);
      done++;
      say(`shard ${shard}${failed.length > 0 ? `, ${failed.length} samples failed` : ""}`);
    } finally {
      atHand.delete(shard);
    }
  };
  const worker = new Worker<ShardJob>(
    queueName(record),
    async ({ data: { shard } }) => {
      const [present, damaged] = await Promise.all([store.present(), store.damaged()]);
      // It was done while this one was silent, and its job was given out anew.
      if (present.has(shard) && !damaged.has(shard)) return;
      const explaining = atHand.get(shard) ?? explain(shard);
      atHand.set(shard, explaining);
      await explaining;
    },
    {
      connection: redis as never,
      concurrency: AT_ONCE,
      lockDuration: 1000 * lock,
      stalledInterval: Math.min(15_000, 500 * lock),
      maxStalledCount: STALLS,
      drainDelay: 1,
    },
  );
  const queue = new Queue<ShardJob>(queueName(record), { connection: redis as never });
  queue.on("error", () => undefined);
  /** Whether nothing is to be done; a queue that does not answer may hold something. */
  const isEmpty = async () => {
    const counts = await Promise.race([queue.getJobCounts("waiting", "active", "delayed", "prioritized"), wait(2000)]);
    return counts !== undefined && Object.values(counts).every((count) => count === 0);
  };
  // A lock that was lost while the process was stopped: another has the shard, and writes the same.
  worker.on("error", () => undefined);
  worker.on("failed", (job, error) => say(`shard ${job?.data.shard}: ${error.message}`));
  try {
    while (!signal?.aborted) {
      if ((await store.present()).size === store.shards && (await isEmpty())) break;
      await wait(INTERVAL);
    }
  } finally {
    // It takes no other shard; what it has is written, and the queue is told.
    const closed = worker.close().catch(() => undefined);
    await Promise.allSettled(atHand.values());
    await Promise.race([closed, wait(FAREWELL, undefined, { ref: false })]);
    redis.disconnect();
    await child.end();
  }
  // With the shard that was at hand when it was told to stop.
  return done;
}
