export { type FitPatternsOptions, fitPatterns, type PatternEstimator } from "./fit.js";
export { loadPatterns, type Pattern, type Patterns, PatternsError, savePatterns } from "./patterns.js";
export { type PatternOptions, patternAttribution, patternNet } from "./propagate.js";
