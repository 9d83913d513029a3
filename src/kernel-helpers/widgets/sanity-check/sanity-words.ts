import { formatFixed } from "../../../comms/format.js";
import {
  type SanityCheckState,
  type SimilarityCurve,
  similaritiesOf,
  similarityWords,
} from "../../../comms/states/sanity-check.js";

/** Above this a map counts as unchanged in words; below that, as another. */
const SAME = 0.7;
const OTHER = 0.3;

/**
 * What the step shows: what is random, how alike the maps are, and what that says of the method.
 *
 * @param isAlone whether one layer is random at a time
 */
export function sanityWords(
  shown: Pick<SanityCheckState, "steps" | "step" | "similarity" | "absolute">,
  curve: SimilarityCurve | undefined,
  label: string,
  isAlone: boolean,
): string {
  const { step, similarity, absolute } = shown;
  if (curve === undefined) return "";
  if (step === 0) return "The model as it was trained: move the slider, and its layers forget what they learned.";
  const values = similaritiesOf(curve, shown);
  if (step >= values.length) return "Not computed yet.";
  const value = values[step];
  const measured = similarityWords[similarity];
  if (value == null) {
    return values.length === 0
      ? `There is no ${measured} of maps like these.`
      : `${label} has no ${measured} at this step: the map is the same everywhere, or could not be made.`;
  }
  const of = absolute ? `of sizes without signs ${formatFixed(value, 2)}` : formatFixed(value, 2);
  const verdict =
    value >= SAME
      ? "the map stays much as it was, though the model has forgotten what it knew"
      : value < OTHER
        ? "the map has changed with the model, as it should"
        : "the map has changed in part";
  return `With ${randomWords(shown, isAlone)} ${measured} is ${of}: ${verdict}.`;
}

/** What is random at a step, in words: `dense random`, or of several `2 layers random, dense the last,`. */
export function randomWords({ steps, step }: Pick<SanityCheckState, "steps" | "step">, isAlone: boolean): string {
  return isAlone || step < 2 ? `${steps[step]} random` : `${step} layers random, ${steps[step]} the last,`;
}
