export type { Attribution, InputRelevance } from "./attribution.js";
export * from "./errors.js";
export * from "./gradient/index.js";
export * from "./lrp/index.js";
export * from "./prototypes/index.js";
export type { Target } from "./target.js";
export * from "./trace/index.js";
