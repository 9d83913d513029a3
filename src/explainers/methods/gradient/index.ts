export { type QuadratureRule, quadrature, quadratureRules } from "../../numerics/quadrature.js";
export type { Reference } from "./baseline.js";
export { type DeepLiftOptions, type DeepLiftShapOptions, deepLift, deepLiftShap } from "./deeplift.js";
export { type ExpectedGradientsOptions, expectedGradients, type PathDraws } from "./expected-gradients.js";
export { type CamAttribution, type GradCamOptions, gradCam, gradCamPlusPlus, guidedGradCam } from "./grad-cam.js";
export { byGradient, gradientTimesInput, type SensitivityOptions, sensitivity } from "./gradient.js";
export {
  type IntegratedGradientsOptions,
  integratedGradients,
  type PathAttribution,
} from "./integrated-gradients.js";
export {
  type LayerAttribution,
  type LayerConductanceOptions,
  type LayerOptions,
  layerActivation,
  layerConductance,
  layerGradientTimesActivation,
} from "./layer.js";
export { LayerError, mapLayers } from "./layer-node.js";
export type { PointsOptions } from "./points.js";
export { betaSmooth, deconvnet, guidedBackprop, type RectifierOptions } from "./rectifier.js";
export { RootNotFoundError, type SimpleTaylorOptions, simpleTaylor } from "./simple-taylor.js";
export { type SmoothGradOptions, smoothGrad, squareGrad, varGrad } from "./smoothgrad.js";
