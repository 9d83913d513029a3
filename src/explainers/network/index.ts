export { type Canonized, type CanonizeOptions, canonize } from "./canonicalize.js";
export { activate, forward } from "./forward.js";
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
export type { Input } from "./input.js";
export { type LinearMap, linearMap } from "./linear.js";
export type { Model, ModelFunction } from "./model.js";
export { type Compiler, isCompiling, type Program, Programs, type Scalar, setCompiler } from "./programs.js";
export { gradients, type PropagateOptions, propagate, propagateRepeatedly, type Step } from "./propagate.js";
export type { KernelRecord, Trace } from "./record.js";
export { Recording, record, release, replay, trace } from "./recording.js";
export { hold, Pool, scoped } from "./tensors.js";
export { conditions, derivative, type Values, vjp } from "./vjp.js";
export { type AffineNode, isAffineNode, Weights } from "./weights.js";
