import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../explainers/errors.js";
import type { LoadedModel } from "./load-model.js";

/** Stands for every character that a vocabulary lacks, if it is part of it. */
const OTHER = "\ufffd";

/**
 * A text as a character model takes it: the place of each character (a Unicode code point) among `classNames`, `[1, characters]`. What the
 * vocabulary lacks is its “�”.
 *
 * @throws ParameterError for a model without names, and for a character that it does not know where it has no “�”
 * @example const model = await loadModel("char-lstm");
 * const { layers } = await cellStates(model)(characterIds(model, 'type T = "a" | "b";'));
 */
export function characterIds({ name, classNames }: LoadedModel, text: string | readonly string[]): Tensor2D {
  const characters = [...text];
  if (classNames === undefined || classNames.some((one) => [...one].length !== 1)) {
    throw new ParameterError("model", name, "one whose classNames are single characters: the vocabulary of its input");
  }
  const index = new Map(classNames.map((character, at) => [character, at]));
  const ids = characters.map((character) => {
    const id = index.get(character) ?? index.get(OTHER);
    if (id === undefined)
      throw new ParameterError("text", character, `of the ${classNames.length} characters that ${name} knows`);
    return id;
  });
  return tf.tensor2d(ids, [1, characters.length], "int32");
}
