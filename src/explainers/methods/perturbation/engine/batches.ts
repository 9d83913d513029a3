import { backend, gather, memory, profile, type Tensor, type Tensor1D, tensor1d } from "@tensorflow/tfjs-core";
import { ModelError, ParameterError } from "../../../errors.js";
import { scoped } from "../../../network/tensors.js";
import type { follow } from "../../../progress.js";

/** Larger batches gain no speed on a CPU and make progress coarse. */
const LARGEST_BATCH = 256;

/**
 * How much of the budget tensors get. Kernels' scratch memory, compiled programs and the allocator's holes take as much again,
 * and batches twice as large are no faster.
 */
const SHARE_OF_TENSORS = 0.5;

/** Perturbed copies of one sample, or of the samples of a batch, made on demand. */
export interface Perturbations {
  readonly count: number;
  /** The copies `start` … `start + count − 1`, `[count, …sample]`. Runs inside `tidy`. */
  make(start: number, count: number): Tensor;
  /** The explained output of each copy from `start` on, `[count]`; the last may be repeated. Runs inside `tidy`. */
  score(copies: Tensor, start: number): Tensor1D;
}

/**
 * Scores perturbed copies, in batches that stay under `memoryBudget` bytes: the first two copies
 * run alone, and the peak of the second's tensors is measured, which bounds what a batch takes.
 *
 * All batches of a sample have one size, the last one being filled up: a backend that prepares itself for a shape does so once.
 *
 * @throws ParameterError where one copy alone takes more than the budget.
 */
export function scorer(
  memoryBudget: number,
  run: ReturnType<typeof follow>,
  largestBatch = LARGEST_BATCH,
): (perturbations: Perturbations) => Promise<Float32Array> {
  let largest: number | undefined;
  return async ({ count, make, score }) => {
    const scores = new Float32Array(count);
    const add = (start: number, rows: number, size: number) => {
      const all = scoped(() => score(filledUp(make(start, rows), size), start).dataSync<"float32">());
      const values = all.subarray(0, rows);
      const bad = values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) throw new ModelError(`The explained output of perturbed input ${start + bad} is ${values[bad]}.`);
      scores.set(values, start);
    };
    let start = 0;
    if (largest === undefined && count > 0) {
      // Not measured: what a method prepares when it is first asked, such as a fit, is not what a copy takes.
      if (count > 1) {
        add(0, 1, 1);
        await run.step(1);
        start = 1;
      }
      const bytes = await measured(() => add(start, 1, 1));
      if (bytes > memoryBudget) {
        throw new ParameterError(
          "memoryBudget",
          memoryBudget,
          `at least ${bytes} bytes, what one perturbed input takes`,
        );
      }
      const fitting = Math.floor((SHARE_OF_TENSORS * memoryBudget) / bytes);
      largest = Math.max(1, Math.min(largestBatch, fitting));
      await run.step(1);
      start += 1;
    }
    for (const size = evenBatch(count - start, largest ?? 1); start < count; start += size) {
      const rows = Math.min(size, count - start);
      add(start, rows, size);
      await run.step(rows);
    }
    return scores;
  };
}

/** The smallest batch that takes no more rounds than the largest one. */
function evenBatch(count: number, largest: number): number {
  const rounds = Math.max(1, Math.ceil(count / largest));
  return Math.ceil(count / rounds);
}

/** Repeats the last of `copies` until there are `size`. */
function filledUp(copies: Tensor, size: number): Tensor {
  const rows = copies.shape[0]!;
  if (rows === size) return copies;
  const indices = Int32Array.from({ length: size }, (_, row) => Math.min(row, rows - 1));
  return gather(copies, tensor1d(indices, "int32"));
}

/** Runs `compute` and measures the most bytes of tensors that it held at once beyond those held before. */
async function measured(compute: () => void): Promise<number> {
  let failure: { error: unknown } | undefined;
  let before = 0;
  // An error inside would leave TensorFlow.js profiling for good, so it travels as a value.
  const info = await profile(() => {
    before = memory().numBytes;
    // While profiling, TensorFlow.js runs every kernel inside the backend's `time`. That of the native one makes of a kernel's
    // error a promise for which nobody waits: Node ends the process.
    const timer = backend() as { time?: unknown };
    const own = Object.getOwnPropertyDescriptor(timer, "time");
    timer.time = (run: () => void) => {
      run();
      return Promise.resolve({ kernelMs: 0 });
    };
    try {
      compute();
    } catch (error) {
      failure = { error };
    } finally {
      if (own === undefined) delete timer.time;
      else Object.defineProperty(timer, "time", own);
    }
    return [];
  });
  if (failure !== undefined) throw (failure as { error: unknown }).error;
  return Math.max(1, info.peakBytes - before);
}
