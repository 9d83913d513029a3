import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { logRatios, type Sentences } from "./sentences.js";

/** Numbers that a word is embedded in. */
const ENTRIES = 8;
/** Sentences in a batch; all of a batch are of one length, so that nothing is padded. */
const BATCH = 32;
/** Shortest sentence that is learned from: fewer steps than that have no gradient in TensorFlow.js' recurrent layers. */
const SHORTEST = 3;
/** How steeply the share of people who would call a sentence good rises with its rating. */
const STEEPNESS = 1.6;

export type TextKind = "cnn" | "lstm";

interface FitOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly rate: number;
  /** Share of the words that are blanked, and of the features before the last layer that are left out, at each step. */
  readonly blanked: number;
  readonly dropout: number;
  /** Factor of the squared weights in the loss. */
  readonly decay: number;
  readonly log: (line: string) => void;
}

export const OPTIONS: Readonly<Record<TextKind, Omit<FitOptions, "seed" | "log">>> = {
  cnn: { epochs: 8, rate: 2e-3, blanked: 0.3, dropout: 0.5, decay: 3e-4 },
  lstm: { epochs: 6, rate: 3e-3, blanked: 0.3, dropout: 0.5, decay: 3e-4 },
};

/** Numbers of words `[batch, words]` to two logits; sentences of any length. */
function textNet(kind: TextKind, name: string, words: number, seed: number): tf.LayersModel {
  const initial = (at: number) => tf.initializers.glorotUniform({ seed: 100 * seed + at });
  const input = tf.input({ shape: [null], dtype: "int32", name: "words" });
  const embedded = tf.layers
    .embedding({ name: "embedding", inputDim: words, outputDim: ENTRIES })
    .apply(input) as tf.SymbolicTensor;
  const mean = (of: tf.SymbolicTensor, at: string) =>
    tf.layers.globalAveragePooling1d({ name: `mean${at}` }).apply(of) as tf.SymbolicTensor;
  const features =
    kind === "cnn"
      ? (tf.layers.concatenate({ name: "features" }).apply(
          [1, 2, 3].map((width) => {
            const of = tf.layers.conv1d({
              name: `conv${width}`,
              filters: 12,
              kernelSize: width,
              padding: "same",
              activation: "relu",
              kernelInitializer: initial(width),
            });
            return mean(of.apply(embedded) as tf.SymbolicTensor, String(width));
          }),
        ) as tf.SymbolicTensor)
      : mean(
          tf.layers
            .lstm({
              name: "lstm",
              units: 24,
              returnSequences: true,
              recurrentActivation: "sigmoid",
              kernelInitializer: initial(4),
              recurrentInitializer: tf.initializers.orthogonal({ seed }),
            })
            .apply(embedded) as tf.SymbolicTensor,
          "",
        );
  const dropped = tf.layers.dropout({ name: "dropout", rate: OPTIONS[kind].dropout, seed }).apply(features);
  const logits = tf.layers.dense({ name: "logits", units: 2, kernelInitializer: initial(5) }).apply(dropped);
  return tf.model({ name, inputs: input, outputs: logits as tf.SymbolicTensor });
}

/** Sentences of one length each, in batches. */
function batchesOf({ ids }: Sentences, random: ReturnType<typeof seededRandom>): number[][] {
  const byLength = new Map<number, number[]>();
  ids.forEach((sentence, at) => {
    byLength.set(sentence.length, [...(byLength.get(sentence.length) ?? []), at]);
  });
  const batches = [...byLength.values()].flatMap((rows) => {
    const order = Array.from(random.permutation(rows.length), (at) => rows[at]!);
    return Array.from({ length: Math.ceil(order.length / BATCH) }, (_, at) =>
      order.slice(at * BATCH, (at + 1) * BATCH),
    );
  });
  return Array.from(random.permutation(batches.length), (at) => batches[at]!);
}

/**
 * Trains a net on what people said of each sentence (its rating as a share, not only its sign) by Adam with a cosine, and keeps the mean of its weights
 * over the last third of the epochs. The first entry of a word's vector begins as its log ratio of good to bad sentences.
 */
export function fitTextNet(
  kind: TextKind,
  name: string,
  words: number,
  sentences: Sentences,
  { seed, epochs, rate, blanked, decay, log }: FitOptions,
): tf.LayersModel {
  const model = textNet(kind, name, words, seed);
  const random = seededRandom(seed);
  const long = sentences.ids.map((_, at) => at).filter((at) => sentences.ids[at]!.length >= SHORTEST);
  const train = { ids: long.map((at) => sentences.ids[at]!), scores: long.map((at) => sentences.scores[at]!) };
  const ratios = logRatios(words, train);
  const vectors = random.gaussians(words * ENTRIES).map((value) => value / 10);
  // What stands for words that are blanked, and for padding, begins as nothing.
  vectors.fill(0, 0, ENTRIES);
  ratios.forEach((ratio, word) => {
    vectors[word * ENTRIES] = ratio / 3;
  });
  model.getLayer("embedding").setWeights([tf.tensor2d(vectors, [words, ENTRIES])]);
  const optimizer = tf.train.adam(rate);
  const mean = model.getWeights().map(({ size }) => new Float64Array(size));
  const kept = Math.ceil(epochs / 3);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const batches = batchesOf(train, random);
    let loss = 0;
    batches.forEach((rows, step) => {
      const progress = (epoch + step / batches.length) / epochs;
      Object.assign(optimizer, { learningRate: (rate / 2) * (1 + Math.cos(Math.PI * progress)) });
      loss += tf.tidy(() => {
        const length = train.ids[rows[0]!]!.length;
        const shown = rows.flatMap((at) => train.ids[at]!.map((id) => (random.uniform() < blanked ? 0 : id)));
        const x = tf.tensor2d(shown, [rows.length, length], "int32");
        const good = rows.map((at) => 1 / (1 + Math.exp(-STEEPNESS * train.scores[at]!)));
        const y = tf.tensor2d(
          good.flatMap((share) => [1 - share, share]),
          [rows.length, 2],
        );
        const cost = optimizer.minimize(() => {
          const logits = model.apply(x, { training: true }) as tf.Tensor2D;
          const penalty = tf.addN(model.trainableWeights.map((weight) => tf.sum(tf.square(weight.read()))));
          return tf.losses.softmaxCrossEntropy(y, logits).add(penalty.mul(decay)) as tf.Scalar;
        }, true);
        return cost!.dataSync()[0]!;
      });
    });
    log(`${name}: epoch ${epoch + 1} of ${epochs}, loss ${(loss / batches.length).toFixed(4)}`);
    if (epoch < epochs - kept) continue;
    model.getWeights().forEach((weight, index) => {
      weight.dataSync<"float32">().forEach((value, at) => {
        mean[index]![at]! += value / kept;
      });
    });
  }
  optimizer.dispose();
  model.setWeights(model.getWeights().map((weight, index) => tf.tensor(Float32Array.from(mean[index]!), weight.shape)));
  return model;
}

/** The two logits of each sentence; those of one length are computed together. */
export function textLogits(model: tf.LayersModel, { ids }: Sentences): number[][] {
  const logits: number[][] = new Array(ids.length);
  const byLength = new Map<number, number[]>();
  ids.forEach((sentence, at) => {
    byLength.set(sentence.length, [...(byLength.get(sentence.length) ?? []), at]);
  });
  for (const [length, rows] of byLength) {
    const x = tf.tensor2d(
      rows.flatMap((at) => ids[at]!),
      [rows.length, length],
      "int32",
    );
    const found = tf.tidy(() => (model.predict(x) as tf.Tensor2D).arraySync());
    x.dispose();
    rows.forEach((at, place) => {
      logits[at] = found[place]!;
    });
  }
  return logits;
}
