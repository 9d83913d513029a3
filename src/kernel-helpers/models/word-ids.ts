import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../explainers/errors.js";
import type { LoadedModel } from "./load-model.js";

/** Stands for every word that a vocabulary lacks, if it is part of it. */
const OTHER = "\ufffd";

/**
 * Words as a model of words takes them: the place of each among the model's `words`, `[1, words]`. What the vocabulary lacks is its “�”; an empty
 * word is its padding.
 *
 * @throws ParameterError for a model without words, for no words, and for a word that it does not know where it has no “�”
 * @example const model = await loadModel("movie-lstm");
 * model.predict(wordIds(model, tokenize("Warm, funny and wise.").map(({ token }) => token)));
 */
export function wordIds({ name, words }: LoadedModel, tokens: readonly string[]): Tensor2D {
  if (words === undefined) {
    throw new ParameterError("model", name, "one that knows its words: the vocabulary of its input");
  }
  if (tokens.length === 0) throw new ParameterError("tokens.length", 0, "at least 1");
  const index = new Map(words.map((word, at) => [word, at]));
  const ids = tokens.map((word) => {
    const id = index.get(word) ?? index.get(OTHER);
    if (id === undefined) throw new ParameterError("tokens", word, `of the ${words.length} words that ${name} knows`);
    return id;
  });
  return tf.tensor2d(ids, [1, tokens.length], "int32");
}
