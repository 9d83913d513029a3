import type { RunRecord } from "../kernel-helpers/relevance/record.js";

/** What a run is asked for: plain data, so that worker processes on any machine can be given it. */
export interface RunSpec {
  /** Name, path or URL, as `loadModel` takes it. */
  readonly model: string;
  /** `mnist`, a data set of `limpid data`, a folder or a file. */
  readonly data: string;
  readonly method: string;
  /** By name: values, or texts as a command line gives them; a tensor by a file. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly target: string | number;
  readonly shard: number;
  /** Samples that are explained together; null for as many as fit (`batchOf`). */
  readonly batch: number | null;
  readonly mantissaBits: number | null;
  /** At most so many of the data; null for all. */
  readonly samples: number | null;
  /** Threads of TensorFlow in each worker process; null for as many as it takes. */
  readonly threads: number | null;
}

/** Sizes and names that the first explanation shows. */
export interface Shapes {
  readonly count: number;
  /** One sample's relevance. */
  readonly relevance: readonly number[];
  /** How many values the model gives for a sample; 0 where they are not one value a class. */
  readonly outputs: number;
  readonly classNames: readonly string[];
  /** Names of the layers that relevance passes; none for methods that do not send it back. */
  readonly layers: readonly string[];
  readonly hasLabels: boolean;
}

/** What a run needs to begin, found by loading the model and explaining once. */
export interface Prepared {
  readonly record: RunRecord;
  readonly shapes: Shapes;
}

/** Samples from `start` up to `end` lie in a shard. */
export function samplesOf(
  shard: number,
  { size, count }: { size: number; count: number },
): [start: number, end: number] {
  return [shard * size, Math.min(count, (shard + 1) * size)];
}

/** Numbers of the samples that are explained together: eight photographs of 224 × 224. */
const TOGETHER = 8 * 224 * 224 * 3;

/** How many samples of a shape are explained together. */
export function batchOf({ batch, shard }: Pick<RunSpec, "batch" | "shard">, shape: readonly number[]): number {
  const size = shape.reduce((a, b) => a * b, 1);
  return batch ?? Math.min(shard, Math.max(1, Math.floor(TOGETHER / size)));
}

/** A sample that could not be read or explained. */
export interface FailedSample {
  readonly id: string;
  readonly message: string;
}

/** A sample whose content is not what it was when it was explained. */
export interface ChangedSample {
  readonly id: string;
  readonly shard: number;
}
