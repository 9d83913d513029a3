export * from "./autocorrelation.js";
export { freezeNet } from "./forward.js";
export { type Initialization, initializations } from "./initialization.js";
export * from "./linear-pieces.js";
export type { FrozenNet, LineNet } from "./net.js";
export * from "./random-net.js";
export * from "./scan.js";
export * from "./table.js";
export * from "./zigzag.js";
