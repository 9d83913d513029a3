import { bytes } from "./array.js";
import type { ClassScore } from "./explorer.js";
import { heatmapState } from "./heatmap.js";
import { atLeast, choice, data, integer, type StateOf } from "./traits.js";

export type DigitRule = "epsilon" | "gamma" | "alphaBeta";

/** What the widget shows and lets its reader choose. */
export const drawDigitState = {
  ...heatmapState,
  /** What is drawn: `[28, 28, 1]`, white ink on black; null before the first stroke. Set by the view. */
  digit: bytes(),
  /** The ten classes by digit. */
  classes: data<ClassScore[]>([]),
  /** Explained class; -1 for the most probable one. */
  target: integer(-1),
  /** The class that is explained now; -1 when nothing is drawn. */
  explained: integer(-1),
  rule: choice<DigitRule>("gamma", "epsilon", "alphaBeta"),
  /** Stabilizer of the ε-rule. */
  epsilon: atLeast(0, 0.01),
  /** Weight of the positive parts in the γ-rule. */
  gamma: atLeast(0, 0.25),
  /** Weight of the positive parts in the αβ-rule; that of the negative ones is `alpha − 1`. */
  alpha: atLeast(1, 2),
  /** How the explained class looks to the network: `[28, 28, 1]`. */
  prototype: bytes(),
  /** Real digits to start from: `[count, 28, 28, 1]`. */
  samples: bytes(),
};

export interface DrawDigitState extends StateOf<typeof drawDigitState> {}

/** The settings that start a new explanation when they change. */
export const drawDigitSettings = ["digit", "target", "rule", "epsilon", "gamma", "alpha"] as const;

/** What stands above the prototype: of which class it is. */
export function wishWords({ classes, explained }: Pick<DrawDigitState, "classes" | "explained">): string {
  const name = classes.find(({ index }) => index === explained)?.name;
  return name === undefined
    ? "What it would rather see"
    : `${/^(8|[aeiou])/i.test(name) ? "An" : "A"} ${name} it would rather see`;
}
