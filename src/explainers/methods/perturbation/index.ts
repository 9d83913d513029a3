export { type Segmentation, type SlicOptions, slic } from "../../numerics/slic.js";
export type { Baseline } from "./engine/baseline.js";
export { DEFAULT_MEMORY_BUDGET } from "./engine/batches.js";
export type {
  FeatureAttribution,
  PerturbationAttribution,
  PerturbationOptions,
} from "./engine/by-perturbation.js";
export { type FeatureAblationOptions, featureAblation } from "./features/feature-ablation.js";
export type { Features } from "./features/features.js";
export { type LimeOptions, lime } from "./lime/lime.js";
export { type LimeTableOptions, limeTable } from "./lime/lime-table.js";
export {
  exponentialKernel,
  type FeatureSelection,
  fitSurrogate,
  type Neighborhood,
  type Surrogate,
  type SurrogateModel,
  type SurrogateOptions,
} from "./lime/surrogate.js";
export { type MeaningfulPerturbationOptions, meaningfulPerturbation } from "./masks/meaningful-perturbation.js";
export { type RiseOptions, rise } from "./masks/rise.js";
export { type KernelShapOptions, kernelShap } from "./shapley/kernel-shap.js";
export { type ShapleyValuesOptions, shapleyValues } from "./shapley/shapley-values.js";
export { occlusion } from "./windows/occlusion.js";
export { fitPatchGaussian, type PatchGaussian, type PatchGaussianOptions } from "./windows/patch-gaussian.js";
export { type PredictionDifferenceOptions, predictionDifference } from "./windows/prediction-difference.js";
export type { Extent } from "./windows/windows.js";
