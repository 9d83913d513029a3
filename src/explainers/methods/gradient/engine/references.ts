import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import type { Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import type { Parameter } from "../../../parameters.js";
import { perInput, type Reference, type References, reference, referenceAt, referenceOf } from "../../reference.js";
import type { SeededRecording } from "./seeded.js";

/**
 * The parameter that says what an input is compared with, `x'`: a name, a number, or a tensor that broadcasts to the input
 * (`[…sample]`, `[1, …]` or `[batch, …]`); or a list of these for a model of several inputs. Of words it is that of their
 * vectors, or whole numbers, which are those of other words.
 */
export const references = (initial: Reference, role: string): Parameter<References> =>
  perInput(reference(initial, role));

/**
 * The reference at each place, in the shape of the value there; to be called inside `tidy`. The bounds of `context` are those
 * of the first input.
 *
 * @throws ParameterError where a shape does not fit or a value is not finite
 */
export function referencePlaces(
  name: string,
  given: References,
  initial: Reference,
  context: Context,
  seeded: SeededRecording,
): Tensor[] {
  const { original, recording, places } = seeded;
  const { inputs } = original;
  return recording.inputs.map((value, index) => {
    const { input, isWords } = places[index]!;
    const own = referenceAt<Reference>(name, given, input, inputs.length);
    const words = isWords ? wordsOf(name, own, inputs[input]!, value) : undefined;
    if (own === "padding" && !isWords) {
      throw new ParameterError(name, own, "another reference: only words have a padding");
    }
    if (words !== undefined) return seeded.at(inputs.map((other, at) => (at === input ? words : other)))[index]!;
    const found = referenceOf(name, own, initial, input === 0 && !isWords ? context : {}, value);
    if (typeof found === "number") return tf.fill(value.shape, found);
    if (!broadcasts(found.shape, value.shape)) {
      const shape = `[${value.shape.join(", ")}]`;
      throw new ParameterError(
        name,
        `a tensor of shape [${found.shape.join(", ")}]`,
        isWords
          ? `numbers of words that fit the input's shape [${inputs[input]!.shape.join(", ")}], or vectors that fit ${shape}`
          : `a number or a tensor that fits the input's shape ${shape}`,
      );
    }
    if (tf.all(tf.isFinite(found)).dataSync()[0] === 0)
      throw new ParameterError(name, "not finite", "finite everywhere");
    return tf.broadcastTo(tf.cast(found, "float32"), value.shape as [number]);
  });
}

/** The numbers of the words that a reference names, in the shape of the input; `undefined` where it says vectors. */
function wordsOf(name: string, reference: Reference, input: Tensor, vectors: Tensor): Tensor | undefined {
  if (reference === "padding") return tf.zerosLike(input);
  if (!(reference instanceof Tensor) || !broadcasts(reference.shape, input.shape)) return undefined;
  if (reference.dtype !== "int32" && broadcasts(reference.shape, vectors.shape)) {
    if (reference.rank < input.rank) return undefined;
    throw new ParameterError(
      name,
      `a tensor of shape [${reference.shape.join(", ")}]`,
      `of type int32 for numbers of words, or have ${vectors.rank} axes for vectors: both fit its shape`,
    );
  }
  return tf.broadcastTo(tf.cast(reference, input.dtype), input.shape as [number]);
}

const broadcasts = (from: readonly number[], to: readonly number[]): boolean =>
  from.length <= to.length && from.every((size, axis) => size === 1 || size === to[to.length - from.length + axis]);
