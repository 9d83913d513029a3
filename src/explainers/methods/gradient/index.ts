export { type QuadratureRule, quadrature, quadratureRules } from "../../numerics/quadrature.js";
export type { Reference } from "./engine/references.js";
export { type DeepLiftOptions, type DeepLiftShapOptions, deepLift, deepLiftShap } from "./deeplift/deeplift.js";
export { type ExpectedGradientsOptions, expectedGradients, type PathDraws } from "./paths/expected-gradients.js";
export { type CamAttribution, type GradCamOptions, gradCam, gradCamPlusPlus, guidedGradCam } from "./cam/grad-cam.js";
export { byGradient, gradientTimesInput, type SensitivityOptions, sensitivity } from "./input/sensitivity.js";
export {
  type IntegratedGradientsOptions,
  integratedGradients,
  type PathAttribution,
} from "./paths/integrated-gradients.js";
export {
  type LayerAttribution,
  type LayerConductanceOptions,
  type LayerOptions,
  layerActivation,
  layerConductance,
  layerGradientTimesActivation,
} from "./layers/layer-conductance.js";
export { LayerError, mapLayers } from "./layers/layer-node.js";
export type { PointsOptions } from "./engine/points.js";
export { betaSmooth, deconvnet, guidedBackprop, type RectifierOptions } from "./input/rectifiers.js";
export { RootNotFoundError, type SimpleTaylorOptions, simpleTaylor } from "./paths/simple-taylor.js";
export { type SmoothGradOptions, smoothGrad, squareGrad, varGrad } from "./noise/noisy.js";
