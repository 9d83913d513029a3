import { setTimeout as wait } from "node:timers/promises";
import { Queue } from "bullmq";
import { AbortedError } from "../../explainers/index.js";
import { Child } from "../pool/child.js";
import type { Computing, RunControl } from "../run.js";
import type { RunSpec } from "../spec.js";
import type { RunStore } from "../store/store.js";
import { connection, jobId, queueName, type ShardJob } from "./redis.js";

/** Between two looks at the store, in milliseconds. */
const INTERVAL = 400;

/** So often a shard is tried, at growing intervals, before it is set aside. */
const ATTEMPTS = 4;
const BACKOFF = 1000;

/** A run whose shards are computed by whoever takes them from a queue: here they are only put into it, and the store is watched. */
export async function startQueue(spec: RunSpec, address: string, say: (text: string) => void): Promise<Computing> {
  // Sizes and names are found as a worker finds them; nothing else is computed here.
  const child = new Child(spec);
  try {
    const prepared = await child.start();
    return {
      prepared,
      changed: (store) => child.changed(store.path, store.prepared),
      async compute(store, shards, tell, control) {
        await child.end();
        return scheduled(store, shards, tell, control, address, say);
      },
      end: () => child.end(),
    };
  } catch (error) {
    await child.end();
    throw error;
  }
}

async function scheduled(
  store: RunStore,
  shards: readonly number[],
  tell: Parameters<Computing["compute"]>[2],
  { signal }: RunControl,
  address: string,
  say: (text: string) => void,
): Promise<void> {
  if (shards.length === 0) return;
  const redis = connection(address, say);
  const queue = new Queue<ShardJob>(queueName(await store.record()), {
    connection: redis as never,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: "exponential", delay: BACKOFF },
      removeOnComplete: true,
      removeOnFail: false,
    },
  });
  queue.on("error", () => undefined);
  try {
    // What failed in an earlier run is tried anew.
    await queue.clean(0, 0, "failed");
    const open = new Set(shards);
    // Those that hold samples that failed are there already, and are to be written again.
    const stale = new Map(await store.written(shards));
    const put = () =>
      queue.addBulk(Array.from(open, (shard) => ({ name: "shard", data: { shard }, opts: { jobId: jobId(shard) } })));
    await put();
    while (open.size > 0) {
      if (signal?.aborted) throw new AbortedError(0, 1, signal.reason);
      const there = new Map(await store.written([...open]));
      for (const [shard, version] of there) {
        if (stale.get(shard) === version) continue;
        open.delete(shard);
        tell.done({
          ...{ shard, samples: store.samplesIn([shard]), bytes: 0, failed: await store.failedIn(shard), warnings: {} },
          seconds: { all: 0, explaining: 0, writing: 0 },
        });
      }
      for (const { data, failedReason } of await queue.getFailed()) {
        if (!open.delete(data.shard)) continue;
        tell.aside({ shard: data.shard, message: failedReason ?? "it failed" });
      }
      // The store is the truth: what a queue lost that was started anew is put into it again.
      const { waiting = 0, active = 0, delayed = 0, prioritized = 0 } = await queue.getJobCounts();
      if (waiting + active + delayed + prioritized < open.size) await put();
      await wait(INTERVAL);
    }
  } finally {
    await queue.close().catch(() => undefined);
    redis.disconnect();
  }
}
