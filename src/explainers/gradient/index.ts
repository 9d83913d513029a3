export {
  byGradient,
  type ExplainByGradient,
  type GradientTarget,
  gradientTimesInput,
  type SensitivityOptions,
  sensitivity,
} from "./gradient.js";
export { betaSmooth, deconvnet, guidedBackprop, type RectifierOptions } from "./rectifier.js";
