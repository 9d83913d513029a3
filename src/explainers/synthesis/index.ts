export {
  activationMaximization,
  type PrototypeRun,
  type PrototypeStep,
  prototype,
} from "./activation-maximization.js";
export { DivergedError } from "./ascent.js";
export type { Density } from "./density.js";
export { fitGaussian, type GaussianDensity, type GaussianParameters, gaussianDensity } from "./gaussian.js";
export {
  EmptyRepresentationError,
  type InversionOptions,
  type InversionRun,
  type InversionStep,
  InverterError,
  inversion,
  invert,
  type LiveInversionOptions,
  type Reconstruction,
  reconstruct,
  representationOf,
} from "./inversion/index.js";
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
export { yosinskiSettings } from "./small-pixels.js";
export type { Maximize, PrototypeTarget } from "./target.js";
