/**
 * What methods that send relevance back say of it, in all and layer by layer: sums of relevances of either sign, of which what is left
 * may be as small as the rounding of their terms, or 0.
 */
export const RELEVANCE_SUMS: ReadonlySet<string> = new Set([
  ...["relevanceSum", "biasRelevance", "emptyRelevance", "maskedRelevance"],
  ...["sum", "passedOn", "absorbedByBias", "absorbedByEmpty", "masked"],
]);
