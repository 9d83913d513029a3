export { findClass, type NamedClass } from "./class-names.js";
export * from "./concepts/index.js";
export { type Context, contextOf } from "./context.js";
export * from "./errors.js";
export * from "./evaluation/index.js";
export {
  type Attribution,
  type Balance,
  type Explain,
  hasLedger,
  type InputRelevance,
  type LayerRelevance,
  type Ledger,
  type RunOptions,
  type Warning,
} from "./explanation.js";
export { type FamilyEntry, families } from "./families.js";
export { checkParameters, type Family, type Method, method, needsNoData } from "./method.js";
export * from "./methods/gradient/index.js";
export * from "./methods/lrp/index.js";
export * from "./methods/patterns/index.js";
export * from "./methods/perturbation/index.js";
export { findMethod, type MethodId, methods } from "./methods.js";
export * from "./network/index.js";
export { bootstrapInterval, type Interval } from "./numerics/bootstrap.js";
export {
  type Discriminant,
  discriminantScores,
  fitDiscriminant,
  type LabeledFeatures,
} from "./numerics/discriminant.js";
export { adjustedRandIndex } from "./numerics/k-means.js";
export { type Estimate, pairedDifference, wilsonInterval } from "./numerics/proportions.js";
export {
  type InputKind,
  isForForms,
  type OptionsOf,
  type Parameter,
  type Parameters,
  parseValue,
  type Span,
} from "./parameters.js";
export { AbortedError, type AbortLike, type Progress, type ProgressOptions } from "./progress.js";
export * from "./shattering/index.js";
export * from "./svm/index.js";
export * from "./synthesis/index.js";
export type { Target } from "./target.js";
