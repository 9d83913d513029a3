import type { ClassScore } from "./explorer.js";
import { type HeatmapState, heatmapDefaults, type WireArray } from "./heatmap.js";

export type DigitRule = "epsilon" | "gamma" | "alphaBeta";

/** What the widget shows and lets its reader choose: each field is a trait of that name. */
export interface DrawDigitState extends HeatmapState {
  /** What is drawn: bytes, `[28, 28, 1]`, white ink on black; null before the first stroke. Set by the view. */
  digit: WireArray | null;
  /** The ten classes by digit. */
  classes: ClassScore[];
  /** Explained class; -1 for the most probable one. */
  target: number;
  /** The class that is explained now; -1 when nothing is drawn. */
  explained: number;
  rule: DigitRule;
  /** Stabilizer of the ε-rule. */
  epsilon: number;
  /** Weight of the positive parts in the γ-rule. */
  gamma: number;
  /** Weight of the positive parts in the αβ-rule; that of the negative ones is `alpha − 1`. */
  alpha: number;
  /** How the explained class looks to the network: bytes, `[28, 28, 1]`. */
  prototype: WireArray | null;
  /** Real digits to start from: bytes, `[count, 28, 28, 1]`. */
  samples: WireArray | null;
}

export const drawDigitDefaults: Readonly<DrawDigitState> = {
  ...heatmapDefaults,
  digit: null,
  classes: [],
  target: -1,
  explained: -1,
  rule: "gamma",
  epsilon: 0.01,
  gamma: 0.25,
  alpha: 2,
  prototype: null,
  samples: null,
};

/** The settings that start a new explanation when they change. */
export const drawDigitSettings = ["digit", "target", "rule", "epsilon", "gamma", "alpha"] as const;
