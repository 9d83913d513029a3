export { completeness } from "./axioms/completeness.js";
export { conservation } from "./axioms/conservation.js";
export { inputInvariance } from "./axioms/input-invariance.js";
export { nonSensitivity } from "./axioms/non-sensitivity.js";
export { positivity } from "./axioms/positivity.js";
export { complexity } from "./complexity/complexity.js";
export { effectiveFeatures } from "./complexity/effective-features.js";
export { sparseness } from "./complexity/sparseness.js";
export { type Evidence, MissingEvidenceError, type Need } from "./evidence.js";
export { deletion } from "./faithfulness/deletion.js";
export { faithfulnessCorrelation } from "./faithfulness/faithfulness-correlation.js";
export { faithfulnessEstimate } from "./faithfulness/faithfulness-estimate.js";
export { infidelity } from "./faithfulness/infidelity.js";
export { insertion } from "./faithfulness/insertion.js";
export { monotonicity } from "./faithfulness/monotonicity.js";
export { pixelFlipping } from "./faithfulness/pixel-flipping.js";
export { regionPerturbation } from "./faithfulness/region-perturbation.js";
export { road } from "./faithfulness/road.js";
export { segmentFlipping } from "./faithfulness/segment-flipping.js";
export { selectivity } from "./faithfulness/selectivity.js";
export { sensitivityN } from "./faithfulness/sensitivity-n.js";
export { wordDeletion } from "./faithfulness/word-deletion.js";
export * from "./grid/index.js";
export { focus } from "./localization/focus.js";
export { insideTotalRatio } from "./localization/inside-total-ratio.js";
export { localizationAuc } from "./localization/localization-auc.js";
export { type MosaicOptions, type Mosaics, mosaics } from "./localization/mosaics.js";
export { pointingGame } from "./localization/pointing-game.js";
export { inputDependence } from "./localization/relative/input-dependence.js";
export { inputIndependence } from "./localization/relative/input-independence.js";
export { modelContrast } from "./localization/relative/model-contrast.js";
export { relevanceMassAccuracy } from "./localization/relevance-mass.js";
export { relevanceRankAccuracy } from "./localization/relevance-rank.js";
export { topKIntersection } from "./localization/top-k-intersection.js";
export {
  type Better,
  type Category,
  type Co12,
  type Curve,
  type Measure,
  type MeasureRun,
  type Measurer,
  measure,
  type Score,
  type ScoreWarning,
} from "./measure.js";
export { findMeasure, type MeasureId, measures } from "./measures.js";
export type { FlippingScore } from "./perturbing/curves.js";
export type { Flips } from "./perturbing/flipping.js";
export {
  parameterRandomization,
  type RandomizationScore,
  type RandomizationStep,
} from "./randomization/parameter-randomization.js";
export { randomLabels } from "./randomization/random-labels.js";
export { randomLogit } from "./randomization/random-logit.js";
export { type RandomizedModel, type RandomizeOptions, randomizedModel } from "./randomization/randomized-model.js";
export type { SignedSimilarities, Similarities, Similarity } from "./randomization/similarity.js";
export { continuity } from "./robustness/continuity.js";
export { localLipschitz } from "./robustness/local-lipschitz.js";
export { maxSensitivity } from "./robustness/max-sensitivity.js";
export {
  relativeInputStability,
  relativeOutputStability,
  relativeRepresentationStability,
} from "./robustness/relative-stability.js";
