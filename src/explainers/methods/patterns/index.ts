export { type FitPatternsOptions, fitPatterns } from "./fit.js";
export {
  loadPatterns,
  type Pattern,
  type PatternEstimator,
  type Patterns,
  PatternsError,
  savePatterns,
} from "./patterns.js";
export { type PatternOptions, patternAttribution, patternNet } from "./propagate.js";
