import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import { choice, orTensors, tensorOf, type ValuesOf, whole } from "../../../parameters.js";
import { colors, noise } from "../../reference.js";
import type { SeededRecording } from "../engine/seeded.js";

/** The parameters of methods that average over many references. */
export const background = {
  background: choice(
    ["colors", "noise"],
    "colors",
    "The reference inputs, where none are given: even colors from black to white, or uniform noise",
  ),
  count: whole(8, "How many of them", { least: 1, label: "References", span: { from: 1, to: 32, step: 1 } }),
  references: orTensors(
    tensorOf("The reference inputs themselves, [count, …sample]; of several inputs, a list", "optional"),
  ),
};

/**
 * The references at each place, `[count, …]` of one count; new tensors. Row r of all of them is one reference.
 *
 * @throws ParameterError for references of another shape than the input, or noise without bounds
 */
export function backgroundPlaces(
  { background: kind, count, references }: ValuesOf<typeof background>,
  seed: number,
  context: Context,
  seeded: SeededRecording,
): Tensor[] {
  return tf.tidy(() => {
    if (references !== undefined) return givenAt(references instanceof Tensor ? [references] : references, seeded);
    const { places, recording } = seeded;
    const rows = recording.inputs.map((value, index) => {
      const { input, isWords } = places[index]!;
      const known = input === 0 && !isWords ? context : {};
      if (kind === "colors") return colors(count, known, value);
      const bounds = boundsOf(known);
      if (bounds === undefined) {
        throw new ParameterError(
          "background",
          kind,
          `colors, or references given: the bounds of ${isWords ? "words' vectors" : "this model's input"} are not known`,
        );
      }
      return noise(count, seed, bounds, value);
    });
    // What is the same in all references is one row.
    const most = Math.max(...rows.map(({ shape }) => shape[0]!));
    return rows.map((tensor) =>
      tensor.shape[0] === most ? tensor : tf.tile(tensor, [most, ...ones(tensor.rank - 1)]),
    );
  });
}

const ones = (count: number): number[] => Array<number>(count).fill(1);

/** Inputs of the model, or of words their vectors, as the values at the places. */
function givenAt(references: readonly Tensor[], { original, places, recording, at }: SeededRecording): Tensor[] {
  const { inputs } = original;
  if (references.length !== inputs.length) {
    const expected = `one tensor for each of the model's ${inputs.length} inputs`;
    throw new ParameterError("references", references.length === 1 ? "one tensor" : `${references.length}`, expected);
  }
  const count = references[0]!.shape[0]!;
  const vectors = new Map<number, Tensor>();
  const like = inputs.map((input, index) => {
    const given = references[index]!;
    const place = places.findIndex((other) => other.input === index);
    const isOwn = isSampleOf(given, input);
    const hasVectors = places.filter((other) => other.input === index).length === 1 && places[place]!.isWords;
    if (
      given.shape[0] !== count ||
      count === 0 ||
      !(isOwn || (hasVectors && isSampleOf(given, recording.inputs[place]!)))
    ) {
      const rows = index === 0 ? "count" : count;
      throw new ParameterError(
        "references",
        `a tensor of shape [${given.shape.join(", ")}]`,
        `a tensor of shape [${[rows, ...input.shape.slice(1)].join(", ")}]${inputs.length > 1 ? ` for input ${index + 1}` : ""}`,
      );
    }
    if (isOwn) return tf.cast(given, input.dtype);
    vectors.set(place, given);
    return tf.tile(tf.slice(input, 0, 1), [count, ...ones(input.rank - 1)]);
  });
  return at(like).map((value, place) => tf.cast(vectors.get(place) ?? value, "float32"));
}

const isSampleOf = (given: Tensor, { shape }: Tensor): boolean =>
  String(given.shape.slice(1)) === String(shape.slice(1));
