export { builtInDensities, loadDensity } from "./densities.js";
export type { ModelInput } from "./input.js";
export { builtInInverters, type Inverter, loadInverter } from "./inverters.js";
export {
  builtInModels,
  type LoadedModel,
  loadModel,
  type ModelOptions,
  type TensorFunction,
} from "./load-model.js";
export { loadWeights } from "./weights.js";
