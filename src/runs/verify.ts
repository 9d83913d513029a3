import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgressOptions } from "../explainers/index.js";
import { throwIfAborted } from "../explainers/progress.js";
import type { RunRecord } from "../kernel-helpers/relevance/record.js";
import { openRelevanceStore, type RelevanceStore } from "../kernel-helpers/relevance/relevance-store.js";
import { OtherRunError, RunError } from "./errors.js";
import { startPool } from "./pool/pool.js";
import type { RunControl, ShardAside } from "./run.js";
import type { RunSpec } from "./spec.js";
import { RunStore } from "./store/store.js";

/** What a store's samples came to when they were explained again. */
export interface RunVerification {
  /** Samples that were explained again. */
  readonly checked: number;
  /** Those whose relevance is the same to the last bit. */
  readonly identical: number;
  /** The largest difference of relevance, relative to the sum of its absolute values. */
  readonly largest: number;
  readonly tolerance: number;
  /** Samples that differ by more than the tolerance. */
  readonly differing: readonly { readonly id: string; readonly difference: number }[];
}

/** Which share of a store is explained again. */
const SHARE = 0.01;

/** Differences of native libraries on other processors stay below this. */
const TOLERANCE = 1e-4;

/** The run that a store is of, to be computed again, here or on a machine where model and data lie elsewhere. */
export function specOfRun(
  record: RunRecord,
  places: { readonly model?: string; readonly data?: string } = {},
): RunSpec {
  return {
    model: places.model ?? record.model.source,
    data: places.data ?? record.data.source,
    method: record.method.id,
    parameters: record.method.given,
    target: record.target,
    shard: record.shard,
    batch: record.batch,
    mantissaBits: record.mantissaBits,
    samples: record.data.count,
    threads: record.made.threads,
  };
}

/**
 * Explains a hundredth of a store's shards again, one at least, and compares.
 *
 * @throws RelevanceStoreError, OtherRunError where model or data changed since; RunError where the store is empty
 */
export async function verifyRun(
  path: string,
  places: { readonly model?: string; readonly data?: string } = {},
  run: Pick<RunControl, "signal"> & Pick<ProgressOptions, "onProgress"> = {},
): Promise<RunVerification> {
  const store = await openRelevanceStore(path);
  const there = await store.shards();
  if (there.length === 0) throw new RunError(`${path} holds no shard yet`);
  const wanted = Math.ceil(there.length * SHARE);
  const chosen = Array.from({ length: wanted }, (_, at) => there[Math.floor(((at + 0.5) * there.length) / wanted)]!);
  const spec = specOfRun(store.run, places);
  const computing = await startPool(spec, 1);
  const folder = await mkdtemp(join(tmpdir(), "limpid-verify-"));
  try {
    const now = computing.prepared.record;
    if (now.model.key !== store.run.model.key)
      throw new OtherRunError(path, "model", store.run.model.key, now.model.key);
    if (now.data.key !== store.run.data.key)
      throw new OtherRunError(path, "data set", store.run.data.key, now.data.key);
    const aside = join(folder, "again.zarr");
    let done = 0;
    const tell = {
      done: () => run.onProgress?.({ done: ++done, total: chosen.length }),
      aside: ({ shard, message }: ShardAside) => {
        throw new RunError(`Shard ${shard} cannot be explained again: ${message}`);
      },
    };
    await computing.compute(await RunStore.open(aside, computing.prepared), chosen, tell, run);
    throwIfAborted(run, done, chosen.length);
    return await compared(store, await openRelevanceStore(aside), chosen);
  } finally {
    await computing.end();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compared(
  store: RelevanceStore,
  again: RelevanceStore,
  shards: readonly number[],
): Promise<RunVerification> {
  const { shard: size, mantissaBits: bits } = store.run;
  const tolerance = bits === null ? TOLERANCE : Math.max(TOLERANCE, 2 ** -bits);
  let [checked, identical, largest] = [0, 0, 0];
  const differing: { id: string; difference: number }[] = [];
  for (const shard of shards) {
    const range = [shard * size, Math.min(store.count, (shard + 1) * size)] as const;
    const [before, now] = await Promise.all([store.read(...range), again.read(...range)]);
    for (const [row, { id, relevance, error }] of before.entries()) {
      // What failed then may be mended now.
      if (error !== "") continue;
      const difference = differenceOf(relevance, now[row]!.relevance);
      checked++;
      if (relevance.every((value, at) => Object.is(value, now[row]!.relevance[at]))) identical++;
      largest = Math.max(largest, difference);
      if (!(difference <= tolerance)) differing.push({ id, difference });
    }
  }
  return { checked, identical, largest, tolerance, differing };
}

/** Relative L¹ difference; infinite where one of the two is no number. */
function differenceOf(stored: Float32Array, again: Float32Array): number {
  let [apart, all] = [0, 0];
  for (let at = 0; at < stored.length; at++) {
    apart += Math.abs(stored[at]! - again[at]!);
    all += Math.abs(stored[at]!);
  }
  if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
  return apart === 0 ? 0 : apart / all;
}
