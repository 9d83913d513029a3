export { type Segmentation, type SlicOptions, slic } from "../../numerics/slic.js";
export type { FeatureAttribution, FeatureResults } from "./engine/by-perturbation.js";
export { featureAblation } from "./features/feature-ablation.js";
export { lime } from "./lime/lime.js";
export { limeTable } from "./lime/lime-table.js";
export {
  exponentialKernel,
  fitSurrogate,
  type Neighborhood,
  type Surrogate,
  type SurrogateResults,
} from "./lime/surrogate.js";
export { meaningfulPerturbation } from "./masks/meaningful-perturbation.js";
export { rise } from "./masks/rise.js";
export { scoreCam } from "./masks/score-cam.js";
export type { ShapleyResults } from "./shapley/background.js";
export { kernelShap } from "./shapley/kernel-shap.js";
export { shapleyValues } from "./shapley/shapley-values.js";
export { occlusion } from "./windows/occlusion.js";
export { fitPatchGaussian, type PatchGaussian, type PatchGaussianOptions } from "./windows/patch-gaussian.js";
export { predictionDifference } from "./windows/prediction-difference.js";
export type { Extent } from "./windows/windows.js";
