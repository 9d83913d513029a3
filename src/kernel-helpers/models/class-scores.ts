import type { ClassScore } from "../../comms/states/explorer.js";
import { rankedSoftmax } from "../../explainers/numerics/softmax.js";

/** The classes with the largest logits, best first, with their softmax. */
export function topClasses(logits: Float32Array, names: readonly string[] | undefined, count: number): ClassScore[] {
  return rankedSoftmax(logits)
    .slice(0, count)
    .map(({ index, score, probability }) => ({
      index,
      name: names?.[index] ?? `output ${index}`,
      probability,
      logit: score,
    }));
}
