export type { Attribution, InputRelevance } from "./attribution.js";
export * from "./errors.js";
export * from "./gradient/index.js";
export * from "./kernel-machines/index.js";
export * from "./lrp/index.js";
export * from "./perturbation/index.js";
export { AbortedError, type AbortLike, type Progress, type RunOptions } from "./progress.js";
export type { Target } from "./target.js";
export * from "./trace/index.js";
