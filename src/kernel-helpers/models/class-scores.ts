import type { ClassScore } from "../../comms/states/explorer.js";

/** The classes with the largest logits, best first, with their softmax. */
export function topClasses(logits: Float32Array, names: readonly string[] | undefined, count: number): ClassScore[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((all, logit) => all + Math.exp(logit - largest), 0);
  return Array.from(logits, (logit, index) => ({
    index,
    name: names?.[index] ?? `output ${index}`,
    probability: Math.exp(logit - largest) / sum,
    logit,
  }))
    .sort((a, b) => b.logit - a.logit)
    .slice(0, count);
}
