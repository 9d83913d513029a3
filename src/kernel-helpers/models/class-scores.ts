import type { ClassScore } from "../../comms/states/explorer.js";
import type { Tail } from "../../explainers/network/index.js";
import { rankedSoftmax } from "../../explainers/numerics/softmax.js";

/** The classes with the largest logits, best first, with their softmax; behind a sigmoid (`tail`) each with its own probability. */
export function topClasses(
  logits: Float32Array,
  names: readonly string[] | undefined,
  count: number,
  tail: Tail = "softmax",
): ClassScore[] {
  // Of two names for one output the second is the output's.
  const own = logits.length === 1 && names?.length === 2 ? names.slice(1) : names;
  return rankedSoftmax(logits)
    .slice(0, count)
    .map(({ index, score, probability }) => ({
      index,
      name: own?.[index] ?? `output ${index}`,
      probability: tail === "sigmoid" ? 1 / (1 + Math.exp(-score)) : probability,
      logit: score,
    }));
}
