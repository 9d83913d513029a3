import type { ChangedSample, FailedSample, Prepared, RunSpec } from "../spec.js";

/** What a worker process is told. */
export type ToWorker =
  | { readonly kind: "start"; readonly spec: RunSpec }
  /** Where shards go; only then the first is asked for. */
  | { readonly kind: "store"; readonly path: string; readonly prepared: Prepared }
  /** Look whether samples that a store holds are still what they were. */
  | { readonly kind: "check"; readonly path: string; readonly prepared: Prepared }
  /** Explain a shard and write it; where nothing was said of a store, only explain it. */
  | { readonly kind: "shard"; readonly shard: number };

/** What became of a shard. */
export interface ShardDone {
  readonly shard: number;
  readonly samples: number;
  readonly failed: readonly FailedSample[];
  readonly warnings: Readonly<Record<string, number>>;
  readonly bytes: number;
  /** Seconds until the next could be begun, of these of explaining, and of waiting for the disk. */
  readonly seconds: { readonly all: number; readonly explaining: number; readonly writing: number };
}

/** An error on its way between processes. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  /** Whether it was thrown on purpose: its message says all. */
  readonly isLimpid: boolean;
  readonly stack?: string;
}

/** What a worker process says. */
export type FromWorker =
  | { readonly kind: "ready"; readonly prepared: Prepared }
  | { readonly kind: "checked"; readonly changed?: ChangedSample }
  | ({ readonly kind: "done" } & ShardDone)
  /** Of a shard, or of the start. */
  | { readonly kind: "failed"; readonly shard?: number; readonly error: SentError };
