import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { lrp, recurrent, release } from "../../../../src/explainers/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { share } from "../../../every.js";

/*
 * Sentences of neutral words, most with one word planted that alone decides the class: the explanation of a trained model
 * must point at it. Sentences without one are a class of their own, so that no planted word can be told by its absence.
 */

const length = 12;
const vocabulary = 20;
/** The words 0 and 1 make the classes 0 and 1; without them it is class 2. */
const neutral = 2;

function sentences(count: number, seed: number, kinds: number) {
  const random = seededRandom(seed);
  const words: number[][] = [];
  const places: number[] = [];
  const classes: number[] = [];
  for (let i = 0; i < count; i++) {
    const sentence = Array.from({ length }, () => neutral + random.integer(vocabulary - neutral));
    const place = random.integer(length);
    const label = random.integer(kinds);
    if (label < neutral) sentence[place] = label;
    words.push(sentence);
    places.push(place);
    classes.push(label);
  }
  return { words: tf.tensor2d(words), places, classes };
}

const glorot = (seed: number) => tf.initializers.glorotUniform({ seed });
const initializers = (seed: number) => ({ kernelInitializer: glorot(seed), recurrentInitializer: glorot(seed + 1) });
const models: Record<string, () => tf.layers.Layer> = {
  LSTM: () => tf.layers.lstm({ units: 12, ...initializers(1) }),
  GRU: () => tf.layers.gru({ units: 12, ...initializers(2) } as Parameters<typeof tf.layers.gru>[0]),
  Bidirectional: () =>
    tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, ...initializers(3) }) as tf.RNN, mergeMode: "concat" }),
};

for (const [name, cell] of share(Object.entries(models), 3)) {
  test(`${name}: the planted word gets the most relevance`, { timeout: 180_000 }, async (t) => {
    const input = tf.input({ shape: [length] });
    const embedding = tf.layers.embedding({
      inputDim: vocabulary,
      outputDim: 8,
      inputLength: length,
      embeddingsInitializer: tf.initializers.randomNormal({ stddev: 0.3, seed: 5 }),
    });
    const states = cell().apply(embedding.apply(input)) as tf.SymbolicTensor;
    const head = tf.layers.dense({ units: 3, activation: "softmax", kernelInitializer: glorot(6) });
    const model = tf.model({ inputs: input, outputs: head.apply(states) as tf.SymbolicTensor });
    model.compile({ optimizer: tf.train.adam(0.02), loss: "sparseCategoricalCrossentropy" });
    const training = sentences(384, 7, 3);
    const labels = tf.tensor1d(training.classes, "float32");
    await model.fit(training.words, labels, { epochs: 8, batchSize: 32, shuffle: false, verbose: 0 });

    const { words, places, classes } = sentences(200, 8, 2);
    // What speaks for the class rather than for the others.
    const target = tf.tensor2d(classes.map((label) => [0, 1, 2].map((other) => (other === label ? 1 : -0.5))));
    const result = await lrp(model, { composite: recurrent() })(words, { target });
    const predicted = tf.tidy(() => Array.from(tf.argMax(model.predict(words) as tf.Tensor, 1).dataSync()));
    const correct = predicted.filter((label, i) => label === classes[i]).length;
    const found = places.filter((place, i) => {
      const relevance = result.relevance.subarray(i * length, (i + 1) * length);
      return relevance.indexOf(Math.max(...relevance)) === place;
    }).length;
    t.diagnostic(`${correct} of 200 classified correctly; the planted word leads in ${found}`);
    assert.ok(correct >= 190, `${correct} of 200 classified correctly`);
    assert.ok(found >= 190, `the planted word gets the most relevance in ${found} of 200 sentences`);
    release(model);
    model.dispose();
  });
}
