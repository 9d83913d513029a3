export { type CompositeEntry, composites, findComposite } from "./composites.js";
export { type FamilyEntry, families } from "./families.js";
export { type Context, checkParameters, type Explainer, type Family, type Method, needsNoData } from "./method.js";
export { type InputKind, type Parameter, type Parameters, parseValue, type Span } from "./parameter.js";
export { findMethod, methods } from "./registry.js";
