export { type Choices, type Composite, composite, type Place } from "./composite.js";
export {
  alpha1Beta0,
  attention,
  composites,
  contrastiveExcitationBackprop,
  deepTaylor,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  findComposite,
  overview2019,
  type Published,
  recurrent,
  uniform,
} from "./composites/index.js";
export type { Layer } from "./layer.js";
export { type LrpOptions, lrp } from "./lrp.js";
export {
  attnLrp,
  contrastiveExcitationBackpropagation,
  deepTaylorDecomposition,
  excitationBackpropagation,
  lrpRecurrent,
} from "./presets.js";
export type { Mask } from "./propagation/mask.js";
export type { LayerShares, LrpAttribution, LrpRunOptions } from "./propagation/propagated.js";
export type { LayerTarget } from "./propagation/start.js";
export type { Joint } from "./recurrent/joint.js";
export type { Bias, Rule, RuleOptions, Shares, Term } from "./rule.js";
export * from "./rules/index.js";
export type { ShareForm, ShareTerm } from "./shares/formulas.js";
export type { Stabilizer } from "./stabilizer.js";
