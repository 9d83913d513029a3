import { mkdir, rmdir } from "node:fs/promises";
import { AbortedError, type AbortLike } from "../explainers/index.js";
import type { RunRecord } from "../kernel-helpers/relevance/record.js";
import { ChangedDataError, RunError } from "./errors.js";
import type { ShardDone } from "./pool/messages.js";
import type { ChangedSample, FailedSample, Prepared } from "./spec.js";
import { lockStore } from "./store/lock.js";
import { RunStore } from "./store/store.js";

/** How far a run is. */
export interface RunProgress {
  /** Samples that the store holds. */
  readonly done: number;
  readonly total: number;
  /** Samples a second since the run began; undefined before the first shard is done. */
  readonly rate: number | undefined;
  /** Seconds that are left at that rate. */
  readonly left: number | undefined;
  /** Shards that are there, and how many there are. */
  readonly shards: readonly [done: number, total: number];
  readonly failed: number;
}

export interface RunControl {
  readonly signal?: AbortLike & Partial<Pick<AbortSignal, "addEventListener" | "removeEventListener">>;
  /** Called after every shard. */
  readonly onProgress?: (progress: RunProgress) => void;
}

/** A shard that could not be computed at all; the others are not touched by that. */
export interface ShardAside {
  readonly shard: number;
  readonly message: string;
}

/** What a run over a data set came to. */
export interface RunSummary {
  readonly store: string;
  readonly record: RunRecord;
  /** Samples that the store holds now. */
  readonly done: number;
  readonly total: number;
  /** Samples that this run computed, and the seconds that it took. */
  readonly computed: number;
  readonly seconds: number;
  /** Bytes that it wrote. */
  readonly bytes: number;
  /** Samples that could not be read or explained. */
  readonly failed: readonly FailedSample[];
  /** Shards that were set aside. */
  readonly aside: readonly ShardAside[];
  /** Shards that had been there, but with a file that was cut or lost since: they were computed again. */
  readonly cut: readonly number[];
  /** Kinds of warnings, and how many batches gave them. */
  readonly warnings: Readonly<Record<string, number>>;
}

/** Who computes shards, one after another or several at once. */
export interface Computing {
  readonly prepared: Prepared;
  /** Of the samples that a store holds, one that is another now. */
  changed(store: RunStore): Promise<ChangedSample | undefined>;
  /** Computes and writes these shards; tells each. Rejects where the run cannot go on. */
  compute(
    store: RunStore,
    shards: readonly number[],
    tell: { done(done: ShardDone): void; aside(shard: ShardAside): void },
    options: RunControl,
  ): Promise<void>;
  end(): Promise<void>;
}

/**
 * Completes a store: computes what is missing in it. What is stopped, killed or fails is gone on with by the same call.
 *
 * @throws OtherRunError, ChangedDataError, StoreInUseError, WriteError, AbortedError, what `begin` throws
 */
export async function completeStore(
  path: string,
  begin: () => Promise<Computing>,
  options: RunControl = {},
): Promise<RunSummary> {
  await mkdir(path, { recursive: true }).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "EEXIST" ? "it is a file, and a store is a folder" : cause.message;
    throw new RunError(`${path} cannot be made: ${reason}`, { cause });
  });
  const unlock = await lockStore(path);
  try {
    const computing = await begin();
    try {
      const store = await RunStore.open(path, computing.prepared);
      // Before contents are compared: a sample whose name was lost is no other sample.
      const cut = await store.takeAwayCut();
      const changed = await computing.changed(store);
      if (changed !== undefined) throw new ChangedDataError(path, changed.id, changed.shard);
      await store.tidy();
      return { ...(await completed(store, computing, options)), cut };
    } finally {
      await computing.end();
    }
  } finally {
    await unlock();
    // Where nothing came of it, nothing stays.
    await rmdir(path).catch(() => undefined);
  }
}

async function completed(store: RunStore, computing: Computing, options: RunControl): Promise<Omit<RunSummary, "cut">> {
  const { record, shapes } = computing.prepared;
  const missing = await store.missing();
  const failed: FailedSample[] = [];
  const aside: ShardAside[] = [];
  const warnings: Record<string, number> = {};
  const before = shapes.count - store.samplesIn(missing);
  let [computed, bytes, shards] = [0, 0, store.shards - missing.length];
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const tell = () => {
    const rate = computed > 0 ? computed / elapsed() : undefined;
    const done = before + computed;
    options.onProgress?.({
      done,
      total: shapes.count,
      rate,
      left: rate === undefined ? undefined : (shapes.count - done) / rate,
      shards: [shards, store.shards],
      failed: failed.length,
    });
  };
  tell();
  if (options.signal?.aborted) throw new AbortedError(before, shapes.count, options.signal.reason);
  try {
    await computing.compute(
      store,
      missing,
      {
        done(done) {
          computed += done.samples;
          bytes += done.bytes;
          shards++;
          failed.push(...done.failed);
          for (const [kind, times] of Object.entries(done.warnings)) warnings[kind] = (warnings[kind] ?? 0) + times;
          tell();
        },
        aside: (one) => aside.push(one),
      },
      options,
    );
    // What writers left that were killed.
    await store.tidy();
  } catch (error) {
    if (options.signal?.aborted) throw new AbortedError(before + computed, shapes.count, options.signal.reason);
    throw error;
  }
  return {
    store: store.path,
    record,
    done: before + computed,
    total: shapes.count,
    computed,
    seconds: elapsed(),
    bytes,
    failed,
    aside,
    warnings,
  };
}
