export { type Choices, type Composite, composite, type Place } from "./composite.js";
export {
  alpha1Beta0,
  attention,
  type CompositeOptions,
  contrastiveExcitationBackprop,
  deepTaylor,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  overview2019,
  recurrent,
  uniform,
} from "./composites.js";
export type { Layer } from "./layer.js";
export {
  type LrpAttribution,
  type LrpOptions,
  type LrpRunOptions,
  lrp,
} from "./lrp.js";
export type { Mask } from "./mask.js";
export type { Joint } from "./recurrent/joint.js";
export type { Bias, Rule, RuleOptions, Shares, Term } from "./rule.js";
export * from "./rules/index.js";
export type { Stabilizer } from "./stabilizer.js";
export type { LayerTarget } from "./start.js";
