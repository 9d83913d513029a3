import type { Context } from "../../context.js";
import type { Model } from "../../network/index.js";
import type { Evidence } from "../evidence.js";
import { openReplacement, type Replacement, type ReplacementKind } from "./replacement.js";
import { type OutputScale, openScoring, type Scoring } from "./scoring.js";

/** What a measure that removes something needs open. */
export interface Wish {
  readonly output: OutputScale;
  readonly replacement: ReplacementKind;
  /** The parameter's default, which is 0 where it is a color and the bounds are not known. */
  readonly initial: ReplacementKind;
  readonly seed: number;
}

/** Opens a model and a replacement for a batch, and closes them behind `work`. */
export async function opened<T>(
  measure: string,
  model: Model,
  evidence: Evidence,
  context: Context,
  { output, replacement: kind, initial, seed }: Wish,
  work: (scoring: Scoring, replacement: Replacement) => Promise<T>,
): Promise<T> {
  const scoring = openScoring(measure, model, evidence, output);
  try {
    const replacement = openReplacement(kind, initial, scoring.x, context, seed);
    try {
      return await work(scoring, replacement);
    } finally {
      replacement.dispose();
    }
  } finally {
    scoring.dispose();
  }
}
