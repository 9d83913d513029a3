export { type Canonicalized, type CanonicalizeOptions, canonicalize } from "./canonical/canonicalize.js";
export type { Input } from "./capture/input.js";
export type { Model, ModelFunction } from "./capture/model.js";
export type { KernelRecord, Trace } from "./capture/record.js";
export type {
  ActivationFunction,
  Affine,
  Graph,
  Node,
  Operation,
  OperationOf,
  Padding,
  Tail,
  Window,
} from "./graph.js";
export { consumersOf, isAffine } from "./graph.js";
export { type LinearMap, linearMap } from "./operations/linear.js";
export { gradients, type PropagateOptions, propagate, propagateRepeatedly, type Step } from "./recording/propagate.js";
export { Recording, record, release, replay, trace } from "./recording/recording.js";
export { activate, forward } from "./run/forward.js";
export { type Compiler, isCompiling, type Program, Programs, type Scalar, setCompiler } from "./run/programs.js";
export { conditions, derivative, type Values, vjp } from "./run/vjp.js";
export { type AffineNode, isAffineNode, Weights } from "./run/weights.js";
export { hold, Pool, scoped } from "./tensors.js";
