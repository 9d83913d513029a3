export { type CompositeEntry, composites, findComposite } from "./composites.js";
export type { Context, Explainer, Family, InputKind, Method } from "./method.js";
export { type Parameter, type Parameters, parseValue } from "./parameter.js";
export { findMethod, methods } from "./registry.js";
