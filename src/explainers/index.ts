export * from "./errors.js";
export {
  type Attribution,
  type Balance,
  type Explain,
  hasLedger,
  type InputRelevance,
  type LayerRelevance,
  type Ledger,
  type RunOptions,
} from "./explanation.js";
export * from "./methods/gradient/index.js";
export * from "./methods/lrp/index.js";
export * from "./methods/patterns/index.js";
export * from "./methods/perturbation/index.js";
export * from "./network/index.js";
export { AbortedError, type AbortLike, type Progress, type ProgressOptions } from "./progress.js";
export * from "./registry/index.js";
export * from "./shattering/index.js";
export * from "./svm/index.js";
export * from "./synthesis/index.js";
export type { Target } from "./target.js";
