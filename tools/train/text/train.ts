import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-node";
import { inWords, largest, scored } from "../biomedical/score.js";
import { saveModel } from "../save.js";
import type { Training } from "../training.js";
import { fitLinearSvm } from "./linear-svm.js";
import { fitTextNet, OPTIONS, type TextKind, textLogits } from "./nets.js";
import { type RatedSentences, ratedSentences, type Sentences } from "./sentences.js";

const classNames = ["negative", "positive"];
/** In how many training sentences a word must be; a vector for a word takes more of them than a weight. */
const LEAST = { svm: 1, net: 4 };
/** Of the support vector machine, by cross-validation on the training part. */
const COST = 0.03;

const labelsOf = ({ scores }: Sentences) => scores.map((score) => Number(score > 0));

/**
 * The bag of words that is weighed by a support vector machine, as a net: each word's weight, their mean, and both classes' decision values. A
 * sentence counts as much as its rating is far from 0.
 */
async function trainSvm({ folder, seed, log }: Training): Promise<void> {
  const { words, train, test } = await ratedSentences(LEAST.svm, log);
  const { ids, scores } = train;
  // Shares of a sentence's words, in units of the mean length: as large as counts.
  const length = ids.reduce((sum, sentence) => sum + sentence.length, 0) / ids.length;
  const rows = ids.map((sentence) => {
    const counts = new Map<number, number>();
    for (const id of sentence) counts.set(id, (counts.get(id) ?? 0) + length / sentence.length);
    return { places: [...counts.keys()], values: [...counts.values()] };
  });
  const { weights, bias } = fitLinearSvm(
    rows,
    scores.map((score) => (score > 0 ? 1 : -1)),
    { dimensions: words.length, cost: COST, seed, importance: scores.map((score) => Math.max(Math.abs(score), 1e-3)) },
  );
  const model = tf.sequential({
    name: "movie-svm",
    layers: [
      tf.layers.embedding({ name: "weights", inputDim: words.length, outputDim: 1, batchInputShape: [null, null] }),
      tf.layers.globalAveragePooling1d({ name: "mean" }),
      tf.layers.dense({ name: "decision", units: 2 }),
    ],
  });
  const worth = Float32Array.from(weights, (weight) => weight * length);
  model.setWeights([tf.tensor2d(worth, [words.length, 1]), tf.tensor2d([[-1, 1]]), tf.tensor1d([-bias, bias])]);
  await keep(model, { words, train, test }, { seed, cost: COST }, { folder, log });
}

async function trainNet(kind: TextKind, { folder, seed, epochs, log }: Training): Promise<void> {
  const data = await ratedSentences(LEAST.net, log);
  const options = { ...OPTIONS[kind], ...(epochs !== undefined && { epochs }), seed, log };
  const model = fitTextNet(kind, `movie-${kind}`, data.words.length, data.train, options);
  await keep(model, data, { seed, epochs: options.epochs }, { folder, log });
}

/** Says how well it does on the test part, before its weights are rounded to half precision, and writes it. */
async function keep(
  model: tf.LayersModel,
  { words, test }: RatedSentences,
  training: Record<string, number>,
  { folder, log }: Pick<Training, "folder" | "log">,
): Promise<void> {
  const found = scored(textLogits(model, test).map(largest), labelsOf(test));
  log(inWords(`${model.name}, ${words.length} words, ${model.countParams()} weights`, found));
  await saveModel(
    model,
    join(folder, model.name),
    { output: "logits", classNames, words: words.join(" "), training: { ...training, ...found } },
    "float16",
  );
}

/** Trainings of models of sentences, by name. */
export const textTrainings: Readonly<Record<string, (training: Training) => Promise<void>>> = {
  "movie-svm": trainSvm,
  "movie-cnn": (training) => trainNet("cnn", training),
  "movie-lstm": (training) => trainNet("lstm", training),
};
