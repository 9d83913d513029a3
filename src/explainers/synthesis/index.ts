export {
  activationMaximization,
  DivergedError,
  type PrototypeRun,
  type PrototypeStep,
  prototype,
} from "./activation-maximization.js";
export type { Density } from "./density.js";
export { fitGaussian, type GaussianDensity, type GaussianParameters, gaussianDensity } from "./gaussian.js";
export type { LiveOptions, PrototypeOptions } from "./options.js";
export {
  type Bounds,
  fourier,
  generator,
  type Parametrization,
  type ParametrizationMaker,
  pixels,
} from "./parametrization.js";
export { fitRbm, type RbmDensity, type RbmFit, type RbmParameters, rbmDensity } from "./rbm.js";
export type { Maximize, PrototypeTarget } from "./target.js";
