import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  alpha1Beta0,
  attention,
  deepTaylor,
  epsilon,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  lrp,
  type Model,
  overview2019,
  recurrent,
  release,
  uniform,
} from "../../../../src/explainers/index.js";

/* A composite that says "distribute" means every layer: where activations are small, ε is most of a denominator. */

const scales = [1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6];
const bias = "distribute";
const composites = [
  epsilonPlus({ bias }),
  epsilonAlpha2Beta1Flat({ bias }),
  epsilonGammaBox({ low: -1, high: 1, bias }),
  alpha1Beta0({ bias }),
  deepTaylor({ bias }),
  overview2019({ bias }),
  attention({ bias }),
  uniform(epsilon({ bias, epsilon: 0.01 })),
  { ...recurrent(), bias } as const,
];

const normal = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });
const weights = (seed: number) => ({ kernelInitializer: normal(seed), biasInitializer: normal(seed + 1) });

function pools(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 2] });
  const conv = (seed: number) =>
    tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu", ...weights(seed) });
  const first = conv(1).apply(input) as tf.SymbolicTensor;
  const skip = tf.layers.add().apply([first, conv(3).apply(first) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  const pooled = tf.layers.averagePooling2d({ poolSize: 2 }).apply(skip) as tf.SymbolicTensor;
  const mean = tf.layers.globalAveragePooling2d({}).apply(pooled) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 3, ...weights(5) }).apply(mean) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

const cell = (kind: "lstm" | "gru"): tf.LayersModel =>
  tf.sequential({
    layers: [
      tf.layers[kind]({ units: 4, inputShape: [5, 3], recurrentInitializer: normal(9), ...weights(7) }),
      tf.layers.dense({ units: 3, ...weights(11) }),
    ],
  });

function block(): Model {
  const w = [0, 1, 2, 3].map((i) => tf.randomNormal([6, 6], 0, 0.5, "float32", 20 + i) as tf.Tensor2D);
  const times = (x: tf.Tensor, by: tf.Tensor2D) =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, 6]) as tf.Tensor2D, by), x.shape);
  return (x: tf.Tensor) => {
    const [q, k, v] = [times(x, w[0]!), times(x, w[1]!), times(x, w[2]!)];
    return tf.mean(tf.add(x, times(tf.matMul(tf.softmax(tf.matMul(q, k, false, true)), v), w[3]!)), 1);
  };
}

const flow = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((sum, n) => sum + Math.abs(n), 0);

for (const [name, make, shape] of [
  ["average pools and skips", pools, [2, 8, 8, 2]],
  ["an LSTM", () => cell("lstm"), [2, 5, 3]],
  ["a GRU", () => cell("gru"), [2, 5, 3]],
  ["attention", block, [2, 4, 6]],
] as [string, () => Model, number[]][]) {
  test(`${name}: a composite that distributes conserves whatever the scale of the input`, async () => {
    const model = make();
    for (const scale of scales) {
      const x = tf.randomNormal(shape, 0, scale, "float32", 13);
      for (const composite of composites) {
        const result = await lrp(model, { composite })(x, { target: [0, 2], keepLayers: true });
        assert.equal(result.parameters["bias"], "distribute");
        const most = Math.max(...result.layers.map((layer) => flow(layer.relevance())));
        const seed = result.output.reduce((sum, value) => sum + value, 0);
        const off = Math.abs(result.relevanceSum - seed);
        const where = `${composite.name}, scale ${scale}`;
        assert.ok(off <= 1e-4 * most, `${where}: ${result.relevanceSum} of ${seed}, where ${most} flows`);
        result.dispose();
      }
      x.dispose();
    }
    release(model);
  });
}
