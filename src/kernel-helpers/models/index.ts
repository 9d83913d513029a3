export { findClass, type NamedClass } from "./class-names.js";
export { builtInDensities, loadDensity } from "./densities.js";
export type { InputOptions, ModelInput } from "./input.js";
export {
  builtInModels,
  type LoadedModel,
  loadModel,
  type ModelOptions,
  type Net,
  type TensorFunction,
} from "./load-model.js";
export { loadWeights } from "./weights.js";
