import { ParameterError } from "../errors.js";
import type { Parameters } from "../parameters.js";
import { completeness } from "./axioms/completeness.js";
import { conservation } from "./axioms/conservation.js";
import { inputInvariance } from "./axioms/input-invariance.js";
import { nonSensitivity } from "./axioms/non-sensitivity.js";
import { positivity } from "./axioms/positivity.js";
import { complexity } from "./complexity/complexity.js";
import { effectiveFeatures } from "./complexity/effective-features.js";
import { sparseness } from "./complexity/sparseness.js";
import { deletion } from "./faithfulness/deletion.js";
import { faithfulnessCorrelation } from "./faithfulness/faithfulness-correlation.js";
import { faithfulnessEstimate } from "./faithfulness/faithfulness-estimate.js";
import { infidelity } from "./faithfulness/infidelity.js";
import { insertion } from "./faithfulness/insertion.js";
import { monotonicity } from "./faithfulness/monotonicity.js";
import { pixelFlipping } from "./faithfulness/pixel-flipping.js";
import { regionPerturbation } from "./faithfulness/region-perturbation.js";
import { road } from "./faithfulness/road.js";
import { segmentFlipping } from "./faithfulness/segment-flipping.js";
import { selectivity } from "./faithfulness/selectivity.js";
import { sensitivityN } from "./faithfulness/sensitivity-n.js";
import { wordDeletion } from "./faithfulness/word-deletion.js";
import { focus } from "./localization/focus.js";
import { insideTotalRatio } from "./localization/inside-total-ratio.js";
import { localizationAuc } from "./localization/localization-auc.js";
import { pointingGame } from "./localization/pointing-game.js";
import { inputDependence } from "./localization/relative/input-dependence.js";
import { inputIndependence } from "./localization/relative/input-independence.js";
import { modelContrast } from "./localization/relative/model-contrast.js";
import { relevanceMassAccuracy } from "./localization/relevance-mass.js";
import { relevanceRankAccuracy } from "./localization/relevance-rank.js";
import { topKIntersection } from "./localization/top-k-intersection.js";
import type { Measure, Score } from "./measure.js";
import { parameterRandomization } from "./randomization/parameter-randomization.js";
import { randomLabels } from "./randomization/random-labels.js";
import { randomLogit } from "./randomization/random-logit.js";
import { continuity } from "./robustness/continuity.js";
import { localLipschitz } from "./robustness/local-lipschitz.js";
import { maxSensitivity } from "./robustness/max-sensitivity.js";
import {
  relativeInputStability,
  relativeOutputStability,
  relativeRepresentationStability,
} from "./robustness/relative-stability.js";

const all = [
  pixelFlipping,
  regionPerturbation,
  insertion,
  monotonicity,
  deletion,
  road,
  selectivity,
  sensitivityN,
  infidelity,
  faithfulnessCorrelation,
  faithfulnessEstimate,
  wordDeletion,
  segmentFlipping,
  pointingGame,
  insideTotalRatio,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  topKIntersection,
  localizationAuc,
  focus,
  modelContrast,
  inputDependence,
  inputIndependence,
  parameterRandomization,
  relativeOutputStability,
  relativeRepresentationStability,
  relativeInputStability,
  nonSensitivity,
  inputInvariance,
  randomLogit,
  randomLabels,
  positivity,
  completeness,
  conservation,
  continuity,
  localLipschitz,
  maxSensitivity,
  complexity,
  sparseness,
  effectiveFeatures,
] as const;

/** The id of a measure, as `findMeasure` and a command line take it: `"pixel-flipping"`, … */
export type MeasureId = (typeof all)[number]["id"];

/** Every measure of explanations, category by category; commands, tables and documentation are made from it. */
export const measures: readonly Measure<Parameters, Score, MeasureId>[] = all;

/**
 * A measure by its id.
 *
 * @throws ParameterError naming those that may have been meant, or else all that there are
 * @example
 * const flips = findMeasure("pixel-flipping")(model, { steps: 28 });
 */
export function findMeasure(id: MeasureId | (string & {})): Measure {
  const found = measures.find((measure) => measure.id === id);
  if (found === undefined)
    throw ParameterError.notOneOf(
      "measure",
      id,
      measures.map((measure) => measure.id),
    );
  return found;
}
