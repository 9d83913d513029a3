export { type Canonicalized, type CanonicalizeOptions, canonicalize } from "./canonical/canonicalize.js";
export type { Input } from "./capture/input.js";
export { atProbability, type Model, type ModelFunction } from "./capture/model.js";
export type { KernelRecord, Trace } from "./capture/record.js";
export { type AffineNode, consumersOf, type Graph, isAffineNode, type Node, type Tail } from "./graph.js";
export { computingLayers, isPassing, type LayerValues, layerValues } from "./layer-values.js";
export { LayerError, mapLayers } from "./layers.js";
export {
  type ActivationFunction,
  type ActivationRow,
  type Affine,
  activate,
  activations,
  affineKindOf,
  affineKinds,
  derivative,
  type Facts,
  factsOf,
  isAffine,
  type LinearMap,
  linearMap,
  linearPart,
  nameOf,
  type Operation,
  type OperationOf,
  type Padding,
  type Relevance,
  relevanceOf,
  type Values,
  type Window,
} from "./operations/index.js";
export { gradients, type PropagateOptions, propagate, propagateRepeatedly, type Step } from "./recording/propagate.js";
export { Recording, record, release, replay, trace } from "./recording/recording.js";
export { forward } from "./run/forward.js";
export { type Compiler, isCompiling, type Program, Programs, type Scalar, setCompiler } from "./run/programs.js";
export { vjp } from "./run/vjp.js";
export { Weights } from "./run/weights.js";
export { hold, Pool, scoped } from "./tensors.js";
