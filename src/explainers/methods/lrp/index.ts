export type { Composite, Place } from "./composite.js";
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
export type { Joint } from "./joint.js";
export type { Layer } from "./layer.js";
export {
  type LrpAttribution,
  type LrpOptions,
  lrp,
} from "./lrp.js";
export type { Bias, Rule, Shares, Stabilizer, Term } from "./rule.js";
export {
  alphaBeta,
  epsilon,
  flat,
  gamma,
  pass,
  type RuleOptions,
  wSquare,
  zBox,
  zero,
  zPlus,
} from "./rules.js";
