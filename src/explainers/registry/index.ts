export type { Context } from "../context.js";
export { type FamilyEntry, families } from "../families.js";
export { checkParameters, type Family, type Method, needsNoData } from "../method.js";
export { findMethod, methods } from "../methods.js";
export { type InputKind, type Parameter, type Parameters, parseValue, type Span } from "../parameters.js";
export { type CompositeEntry, composites, findComposite } from "./composites.js";
