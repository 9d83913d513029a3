import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { attention, lrp, sensitivity } from "../../../src/explainers/index.js";

const random = (shape: number[], seed: number, stddev = 0.5) => tf.randomNormal(shape, 0, stddev, "float32", seed);
const sum = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((total, number) => total + number, 0);
const flow = (numbers: ArrayLike<number>): number => sum(Array.from(numbers, Math.abs));

test("transformer blocks conserve layer by layer with distribute, keep their books with absorb, and leak nothing", async () => {
  for (const seed of [1, 20, 300]) {
    const [width, tokens] = [6, 4];
    const w = (i: number, inputs = width, outputs = width) => random([inputs, outputs], seed + i) as tf.Tensor2D;
    const weights = [w(0), w(1), w(2), w(3), w(4, width, 12), w(5, 12, width), w(6, width, 3)] as const;
    const shifts = [random([12], seed + 7), random([width], seed + 8), random([3], seed + 9)] as const;
    const norm = tf.layers.layerNormalization({ gammaInitializer: "ones" });
    const times = (x: tf.Tensor, by: tf.Tensor2D): tf.Tensor =>
      tf.reshape(tf.matMul(tf.reshape(x, [-1, by.shape[0]]) as tf.Tensor2D, by), [
        ...x.shape.slice(0, -1),
        by.shape[1],
      ]);
    const gelu = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))));
    const model = (x: tf.Tensor) => {
      const [q, k, v] = [times(x, weights[0]), times(x, weights[1]), times(x, weights[2])];
      const scores = tf.softmax(tf.div(tf.matMul(q, k, false, true), Math.sqrt(width)));
      const read = norm.apply(tf.add(x, times(tf.matMul(scores, v), weights[3]))) as tf.Tensor;
      const inner = gelu(tf.add(times(read, weights[4]), shifts[0]));
      const out = norm.apply(tf.add(read, tf.add(times(inner, weights[5]), shifts[1]))) as tf.Tensor;
      return tf.add(times(tf.mean(out, 1), weights[6]), shifts[2]);
    };
    const x = random([2, tokens, width], seed + 10, 1);
    tf.tidy(() => void model(x));
    const start = tf.memory().numTensors;
    for (const bias of ["distribute", "absorb"] as const) {
      const result = await lrp(model, { composite: attention(), bias })(x, { target: [0, 2], keepLayers: true });
      let most = 0;
      for (const layer of result.layers) {
        const here = flow(layer.relevance());
        most = Math.max(most, here);
        if (layer.kind === "input") continue;
        const kept = layer.absorbedByBias + layer.absorbedByEmpty;
        const where = `${bias}, seed ${seed}, ${layer.kind} ${layer.name}`;
        assert.ok(
          Math.abs(layer.sum - layer.passedOn - kept) <= 1e-4 * here,
          `${where}: ${layer.sum}, ${layer.passedOn}`,
        );
        if (bias === "distribute") assert.ok(Math.abs(kept) <= 1e-4 * here, `${where}: ${kept} was kept`);
      }
      const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
      assert.ok(Math.abs(accounted - sum(result.output)) <= 1e-4 * most, `${bias}: ${accounted}`);
      result.dispose();
    }
    // The traced layer norm has the slope of the model that computes it: central differences.
    const slope = await sensitivity(model, { kind: "signed" })(x, { target: [1, 1] });
    const values = x.dataSync();
    for (const entry of [0, 7, 30]) {
      const at = (step: number): number =>
        tf.tidy(() => {
          const moved = Float32Array.from(values);
          moved[entry]! += step;
          const y = model(tf.tensor(moved, x.shape)).arraySync() as number[][];
          return y[0]![1]! + y[1]![1]!;
        });
      const numeric = (at(0.01) - at(-0.01)) / 0.02;
      assert.ok(Math.abs(slope.relevance[entry]! - numeric) <= 5e-3, `${slope.relevance[entry]} for ${numeric}`);
    }
    assert.equal(tf.memory().numTensors, start, "leaks");
  }
});

test("SiLU and GELU in both forms pass relevance on unchanged", async () => {
  const x = random([2, 5], 4, 1);
  const forms: ((x: tf.Tensor) => tf.Tensor)[] = [
    (x) => tf.mul(x, tf.sigmoid(x)),
    (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
    (x) =>
      tf.mul(tf.mul(x, 0.5), tf.add(1, tf.tanh(tf.mul(0.8, tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))))))),
  ];
  for (const form of forms) {
    const seed = random([2, 5], 5);
    const result = await lrp(form, { composite: attention({ epsilon: 1e-9 }) })(x, { target: () => seed.clone() });
    seed.dataSync().forEach((value, i) => {
      assert.ok(Math.abs(result.relevance[i]! - value) <= 1e-5, `${result.relevance[i]} instead of ${value}`);
    });
  }
});
