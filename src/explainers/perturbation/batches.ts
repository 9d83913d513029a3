import { memory, profile, type Tensor, type Tensor1D, tidy } from "@tensorflow/tfjs-core";
import { ModelError, ParameterError } from "../errors.js";
import type { follow } from "../progress.js";

/** Bytes of tensors that perturbed inputs and the model's activations may take at once, where a caller gives no other number: 256 MiB. */
export const DEFAULT_MEMORY_BUDGET = 256 * 2 ** 20;

/** Larger batches gain no speed on a CPU and make progress coarse. */
const LARGEST_BATCH = 256;

/** Perturbed copies of one sample, made on demand. */
export interface Perturbations {
  readonly count: number;
  /** The copies `start` … `start + count − 1`, `[count, …sample]`. Runs inside `tidy`. */
  make(start: number, count: number): Tensor;
  /** The explained output of each copy, `[count]`. Runs inside `tidy`. */
  score(copies: Tensor): Tensor1D;
}

/**
 * Scores every perturbed copy, in batches whose tensors stay under `memoryBudget` bytes: the first copy runs alone and its
 * peak is measured, which bounds what a batch takes.
 *
 * @throws ParameterError where one copy alone takes more than the budget.
 */
export async function scoreAll(
  perturbations: Perturbations,
  memoryBudget: number,
  run: ReturnType<typeof follow>,
): Promise<Float32Array> {
  const { count, make, score } = perturbations;
  if (!(memoryBudget > 0)) throw new ParameterError("memoryBudget", memoryBudget, "a positive number of bytes");
  const scores = new Float32Array(count);
  if (count === 0) return scores;

  const scored = (start: number, rows: number) => {
    const values = tidy(() => score(make(start, rows)).dataSync<"float32">());
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new ModelError(`The explained output of perturbed input ${start + bad} is ${values[bad]}.`);
    return values;
  };
  const first = await measured(() => scored(0, 1));
  scores.set(first.result, 0);
  if (first.bytes > memoryBudget) {
    throw new ParameterError(
      "memoryBudget",
      memoryBudget,
      `at least ${first.bytes} bytes, what one perturbed input takes`,
    );
  }
  await run.step(1);
  const batch = Math.min(LARGEST_BATCH, Math.floor(memoryBudget / first.bytes));
  for (let start = 1; start < count; start += batch) {
    const rows = Math.min(batch, count - start);
    scores.set(scored(start, rows), start);
    await run.step(rows);
  }
  return scores;
}

/** Runs `compute` and measures the most bytes of tensors that it held at once beyond those held before. */
async function measured<T>(compute: () => T): Promise<{ result: T; bytes: number }> {
  let outcome: { result: T } | { error: unknown } | undefined;
  let before = 0;
  // An error inside would leave TensorFlow.js profiling for good, so it travels as a value.
  const info = await profile(() => {
    before = memory().numBytes;
    try {
      outcome = { result: compute() };
    } catch (error) {
      outcome = { error };
    }
    return [];
  });
  if (outcome === undefined || "error" in outcome) throw outcome?.error;
  return { result: outcome.result, bytes: Math.max(1, info.peakBytes - before) };
}
