import { ParameterError } from "./errors.js";
import type { Attribution, RunOptions } from "./explanation.js";
import type { Method } from "./method.js";
import { gradCam } from "./methods/gradient/cam/grad-cam.js";
import { gradCamPlusPlus } from "./methods/gradient/cam/grad-cam-plus-plus.js";
import { guidedGradCam } from "./methods/gradient/cam/guided-grad-cam.js";
import { layerCam } from "./methods/gradient/cam/layer-cam.js";
import { xGradCam } from "./methods/gradient/cam/xgrad-cam.js";
import { deepLift } from "./methods/gradient/deeplift/deeplift.js";
import { deepLiftShap } from "./methods/gradient/deeplift/deeplift-shap.js";
import { deconvnet } from "./methods/gradient/input/deconvnet.js";
import { gradientTimesInput } from "./methods/gradient/input/gradient-times-input.js";
import { guidedBackprop } from "./methods/gradient/input/guided-backprop.js";
import { sensitivity } from "./methods/gradient/input/sensitivity.js";
import { smoothedGradient } from "./methods/gradient/input/smoothed-gradient.js";
import { layerActivation } from "./methods/gradient/layers/layer-activation.js";
import { layerConductance } from "./methods/gradient/layers/layer-conductance.js";
import { layerGradientTimesActivation } from "./methods/gradient/layers/layer-gradient-times-activation.js";
import { smoothGrad } from "./methods/gradient/noise/smoothgrad.js";
import { squareGrad } from "./methods/gradient/noise/squaregrad.js";
import { varGrad } from "./methods/gradient/noise/vargrad.js";
import { expectedGradients } from "./methods/gradient/paths/expected-gradients.js";
import { integratedGradients } from "./methods/gradient/paths/integrated-gradients.js";
import { simpleTaylor } from "./methods/gradient/paths/simple-taylor.js";
import {
  attnLrp,
  contrastiveExcitationBackpropagation,
  deepTaylorDecomposition,
  excitationBackpropagation,
  lrp,
  lrpRecurrent,
} from "./methods/lrp/index.js";
import { patternAttribution } from "./methods/patterns/pattern-attribution.js";
import { patternNet } from "./methods/patterns/pattern-net.js";
import { featureAblation } from "./methods/perturbation/features/feature-ablation.js";
import { lime } from "./methods/perturbation/lime/lime.js";
import { limeTable } from "./methods/perturbation/lime/lime-table.js";
import { meaningfulPerturbation } from "./methods/perturbation/masks/meaningful-perturbation.js";
import { rise } from "./methods/perturbation/masks/rise.js";
import { scoreCam } from "./methods/perturbation/masks/score-cam.js";
import { kernelShap } from "./methods/perturbation/shapley/kernel-shap.js";
import { shapleyValues } from "./methods/perturbation/shapley/shapley-values.js";
import { occlusion } from "./methods/perturbation/windows/occlusion.js";
import { predictionDifference } from "./methods/perturbation/windows/prediction-difference.js";
import type { Parameters } from "./parameters.js";

const all = [
  lrp,
  deepTaylorDecomposition,
  excitationBackpropagation,
  contrastiveExcitationBackpropagation,
  lrpRecurrent,
  attnLrp,
  sensitivity,
  gradientTimesInput,
  simpleTaylor,
  integratedGradients,
  expectedGradients,
  smoothGrad,
  squareGrad,
  varGrad,
  deepLift,
  deepLiftShap,
  deconvnet,
  guidedBackprop,
  smoothedGradient,
  gradCam,
  gradCamPlusPlus,
  xGradCam,
  layerCam,
  guidedGradCam,
  layerActivation,
  layerGradientTimesActivation,
  layerConductance,
  patternNet,
  patternAttribution,
  occlusion,
  featureAblation,
  predictionDifference,
  meaningfulPerturbation,
  lime,
  limeTable,
  kernelShap,
  shapleyValues,
  scoreCam,
  rise,
] as const;

/** The id of a method, as `findMethod` and a command line take it: `"lrp"`, `"integrated-gradients"`, … */
export type MethodId = (typeof all)[number]["id"];

/** Every method that explains one decision, family by family; commands, forms and documentation are made from it. */
export const methods: readonly Method<Parameters, Attribution, RunOptions, MethodId>[] = all;

/**
 * A method by its id.
 *
 * @throws ParameterError naming those that may have been meant, or else all that there are
 * @example
 * const explain = findMethod("integrated-gradients")(model, { steps: 32, baseline: "blurred" });
 * const { relevance } = await explain(photo, { target: "top1" });
 */
export function findMethod(id: MethodId | (string & {})): Method {
  const found = methods.find((method) => method.id === id);
  if (found === undefined)
    throw ParameterError.notOneOf(
      "method",
      id,
      methods.map((method) => method.id),
    );
  return found;
}
