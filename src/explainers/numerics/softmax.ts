/** A class with its score and its share. */
export interface RankedScore {
  readonly index: number;
  readonly score: number;
  readonly probability: number;
}

/**
 * Classes by falling score, equal ones in their order, with their softmax exp(zᵢ) / Σ exp(zⱼ), which no size of the scores overflows. A lone
 * score decides between yes and no: its probability is the logistic function's.
 *
 * @param scores Logits `[classes]`.
 * @example
 * const [first] = rankedSoftmax(logits);
 * console.log(first.index, first.probability);
 */
export function rankedSoftmax(scores: ArrayLike<number>): RankedScore[] {
  const all = Array.from(scores);
  const largest = all.reduce((a, b) => Math.max(a, b), all.length === 1 ? 0 : Number.NEGATIVE_INFINITY);
  const sum = all.reduce(
    (total, score) => total + Math.exp(score - largest),
    all.length === 1 ? Math.exp(-largest) : 0,
  );
  return all
    .map((score, index) => ({ index, score, probability: Math.exp(score - largest) / sum }))
    .sort((a, b) => b.score - a.score);
}
