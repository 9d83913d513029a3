export { type Segmentation, type SlicOptions, slic } from "../../numerics/slic.js";
export type { Baseline } from "./baseline.js";
export { DEFAULT_MEMORY_BUDGET } from "./batches.js";
export type {
  FeatureAttribution,
  PerturbationAttribution,
  PerturbationOptions,
} from "./explainer.js";
export { type FeatureAblationOptions, featureAblation } from "./feature-ablation.js";
export type { Features } from "./features.js";
export { type KernelShapOptions, kernelShap } from "./kernel-shap.js";
export { type LimeOptions, lime } from "./lime.js";
export { type LimeTableOptions, limeTable } from "./lime-table.js";
export { type MeaningfulPerturbationOptions, meaningfulPerturbation } from "./meaningful-perturbation.js";
export { occlusion } from "./occlusion.js";
export { fitPatchGaussian, type PatchGaussian, type PatchGaussianOptions } from "./patch-gaussian.js";
export { type PredictionDifferenceOptions, predictionDifference } from "./prediction-difference.js";
export { type RiseOptions, rise } from "./rise.js";
export { type ShapleyValuesOptions, shapleyValues } from "./shapley.js";
export {
  exponentialKernel,
  type FeatureSelection,
  fitSurrogate,
  type Neighborhood,
  type Surrogate,
  type SurrogateModel,
  type SurrogateOptions,
} from "./surrogate.js";
export type { Extent } from "./windows.js";
