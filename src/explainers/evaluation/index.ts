export { type Evidence, MissingEvidenceError, type Need } from "./evidence.js";
export { pixelFlipping } from "./faithfulness/pixel-flipping.js";
export {
  type Better,
  type Category,
  type Co12,
  type Curve,
  type Measure,
  type MeasureRun,
  type Measurer,
  measure,
  type Score,
  type ScoreWarning,
} from "./measure.js";
export { findMeasure, type MeasureId, measures } from "./measures.js";
export type { FlippingScore } from "./perturbing/curves.js";
export type { Flips } from "./perturbing/flipping.js";
