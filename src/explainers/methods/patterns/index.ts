export { type FitPatternsOptions, fitPatterns } from "./fit.js";
export { patternAttribution } from "./pattern-attribution.js";
export { patternNet } from "./pattern-net.js";
export {
  loadPatterns,
  type Pattern,
  type PatternEstimator,
  type Patterns,
  PatternsError,
  savePatterns,
} from "./patterns.js";
