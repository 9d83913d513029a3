export { type FitPatternsOptions, fitPatterns, type PatternEstimator } from "./fit.js";
export { patternAttribution } from "./pattern-attribution.js";
export { patternNet } from "./pattern-net.js";
export { loadPatterns, type Pattern, type Patterns, PatternsError, savePatterns } from "./patterns.js";
