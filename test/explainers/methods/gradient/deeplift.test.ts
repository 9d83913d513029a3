import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { deepLift, deepLiftShap } from "../../../../src/explainers/methods/gradient/index.js";
import { close } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

const rules = ["rescale", "reveal-cancel"] as const;

/** Models whose every operation has a multiplier; random weights. */
const nets: Record<string, (seed: number) => tf.LayersModel> = {
  "overlapping max-pools": (seed) =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [9, 9, 2], filters: 4, kernelSize: 3, ...random(seed) }),
        tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }),
        tf.layers.activation({ activation: "relu" }),
        tf.layers.maxPooling2d({ poolSize: 2, strides: 1 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3, ...random(seed + 1) }),
      ],
    }),
  "products of branches": (seed) => branches(seed, (a, b) => tf.layers.multiply().apply([a, b]) as tf.SymbolicTensor),
  "maxima of branches": (seed) => branches(seed, (a, b) => tf.layers.maximum().apply([a, b]) as tf.SymbolicTensor),
  "a softmax inside": (seed) =>
    branches(
      seed,
      (a, b) => tf.layers.multiply().apply([tf.layers.softmax().apply(a) as tf.SymbolicTensor, b]) as tf.SymbolicTensor,
    ),
  "sigmoids and tanhs": (seed) =>
    tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [9, 9, 2] }),
        tf.layers.dense({ units: 8, activation: "sigmoid", ...random(seed) }),
        tf.layers.dense({ units: 8, activation: "tanh", ...random(seed + 1) }),
        tf.layers.dense({ units: 3, ...random(seed + 2) }),
      ],
    }),
};

const random = (seed: number) => ({
  kernelInitializer: tf.initializers.randomNormal({ stddev: 0.3, seed }),
  biasInitializer: tf.initializers.randomNormal({ stddev: 0.3, seed }),
});

function branches(
  seed: number,
  join: (a: tf.SymbolicTensor, b: tf.SymbolicTensor) => tf.SymbolicTensor,
): tf.LayersModel {
  const input = tf.input({ shape: [9, 9, 2] });
  const flat = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
  const branch = (offset: number, activation: "relu" | "elu") =>
    tf.layers.dense({ units: 6, activation, ...random(seed + offset) }).apply(flat) as tf.SymbolicTensor;
  const joined = join(branch(0, "relu"), branch(1, "elu"));
  return tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 3, ...random(seed + 2) }).apply(joined) as tf.SymbolicTensor,
  });
}

for (const [name, make] of Object.entries(nets)) {
  for (const rule of rules) {
    test(`DeepLIFT (${rule}) sums to the difference from the reference: ${name}`, async () => {
      for (const seed of [1, 11, 21]) {
        const model = make(seed);
        const x = normals(seed)(3, 9, 9, 2);
        const reference = normals(seed + 5)(1, 9, 9, 2);
        const result = await deepLift(model, { reference, rule })(x, { target: [0, 1, 2] });
        const outputs = tf.tidy(() => (model.predict(x) as tf.Tensor).arraySync() as number[][]);
        const base = tf.tidy(() => ((model.predict(reference) as tf.Tensor).arraySync() as number[][])[0]!);
        for (const sample of [0, 1, 2]) {
          const sum = result.relevance.subarray(sample * 162, (sample + 1) * 162).reduce((a, b) => a + b, 0);
          const difference = outputs[sample]![sample]! - base[sample]!;
          assert.ok(
            Math.abs(sum - difference) < 1e-3 * Math.max(1, Math.abs(difference)),
            `${seed}: ${sum} ${difference}`,
          );
          assert.ok(Math.abs(result.completenessGap[sample]! - (sum - difference)) < 1e-3);
        }
      }
    });
  }
}

test("the paper's min and AND: RevealCancel sees both inputs where Rescale sees one", async () => {
  // min(a, b) = a − relu(a − b), Shrikumar et al. 2017, section 3.5 and figure 4.
  const min = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 2, activation: "relu", useBias: false }),
      tf.layers.dense({ units: 1, useBias: false }),
    ],
  });
  min.setWeights([
    tf.tensor2d([
      [1, 1],
      [0, -1],
    ]),
    tf.tensor2d([[1], [-1]]),
  ]);
  const x = tf.tensor2d([
    [3, 2],
    [1, 4],
  ]);
  const byRescale = await deepLift(min, { rule: "rescale" })(x, { target: 0 });
  close(byRescale.relevance, [0, 2, 1, 0], 1e-5); // all to the smaller one
  const revealed = await deepLift(min, { rule: "reveal-cancel" })(x, { target: 0 });
  // relu(a − b), reference 0: Δ⁺ gives ½(relu(a) + relu(a − b) − relu(−b)), Δ⁻ the rest.
  const parts = [
    [3, 2],
    [1, 4],
  ].flatMap(([a, b]) => {
    const plus = (a! + Math.max(a! - b!, 0)) / 2;
    return [a! - plus, -(Math.max(a! - b!, 0) - plus)];
  });
  close(revealed.relevance, parts, 1e-5);
  assert.ok(revealed.relevance.every((value) => value > 0));
  // The least of two falls from 2 to 1, and the first of them, which fell from 4 to 1, is why.
  const least = (x: tf.Tensor) => tf.min(x, 1, true);
  for (const rule of rules) {
    const fall = await deepLift(least, { rule, reference: tf.tensor2d([[4, 2]]) })(tf.tensor2d([[1, 5]]), {
      target: 0,
    });
    close(fall.relevance, [-1, 0], 1e-5, rule);
  }
  // AND of two bits, relu(a + b − 1): both rules share it evenly when both are on.
  const and = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1, activation: "relu" })] });
  and.setWeights([tf.tensor2d([[1], [1]]), tf.tensor1d([-1])]);
  for (const rule of rules) {
    close((await deepLift(and, { rule })(tf.tensor2d([[1, 1]]), { target: 0 })).relevance, [0.5, 0.5], 1e-5, rule);
  }
});

test("DeepLIFT on a linear net is the weighted difference; DeepLIFT-SHAP the mean over references", async () => {
  const linear = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 2 })] });
  const [x, references] = [normals(41)(2, 4), normals(42)(5, 4)];
  const weights = (linear.getWeights()[0]!.arraySync() as number[][]).map((row) => row[0]!);
  const values = x.arraySync() as number[][];
  const others = references.arraySync() as number[][];
  const mean = [0, 1, 2, 3].map((j) => others.reduce((sum, row) => sum + row[j]! / 5, 0));
  const expected = values.flatMap((row) => row.map((value, j) => weights[j]! * (value - mean[j]!)));
  const shap = await deepLiftShap(linear, { references })(x, { target: 0 });
  close(shap.relevance, expected, 1e-5);
  assert.ok(shap.completenessGap.every((gap) => Math.abs(gap) < 1e-5));
  const one = await deepLift(linear, { reference: 0.5 })(x, { target: 0 });
  close(
    one.relevance,
    values.flatMap((row) => row.map((value, j) => weights[j]! * (value - 0.5))),
    1e-5,
  );
});

test("RevealCancel of the same input is the same every time, also where differences are rounding", async () => {
  for (const seed of [1, 5, 9]) {
    const net = tf.sequential({
      layers: [
        tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
        tf.layers.batchNormalization({ name: "norm" }),
        tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.conv2d({ filters: 4, kernelSize: 3 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3 }),
      ],
    });
    const draw = normals(seed);
    net.setWeights(net.getWeights().map(({ shape }) => draw(...shape)));
    const [factor, shift, mean] = [0, 1, 2].map(() => draw(4));
    net.getLayer("norm").setWeights([factor!, shift!, mean!, tf.add(tf.abs(draw(4)), 0.3)]);
    const x = tf.abs(draw(1, 8, 8, 2));
    const explain = deepLift(net, { rule: "reveal-cancel" });
    const first = await explain(x, { target: 1 });
    for (let call = 0; call < 6; call++) close((await explain(x, { target: 1 })).relevance, first.relevance, 1e-5);
    close([first.relevance.reduce((a, b) => a + b)], [first.output[0]! - first.baselineOutput[0]!], 1e-4);
  }
});

test("RevealCancel of an input below its reference that meets an activation directly is f(x) − f(x')", async () => {
  const net = tf.sequential({ layers: [tf.layers.activation({ activation: "tanh", inputShape: [2] })] });
  const explain = deepLift(net, { reference: 0.5, rule: "reveal-cancel" });
  const { relevance } = await explain(tf.tensor2d([[-1, 2]]), { target: 0 });
  close(relevance, [Math.tanh(-1) - Math.tanh(0.5), 0], 1e-6);
});

test("a softmax of scores far from the reference's is shared in whole", async () => {
  const x = tf.tensor2d([[-20, -25, -22]]);
  // One of the scores stays; the sums of exponentials are apart by a factor of 10⁹, and by none that a number holds.
  for (const scale of [1, 3, 30]) {
    const net = (input: tf.Tensor) =>
      tf.matMul(tf.softmax(tf.mul(input, scale)) as tf.Tensor2D, tf.tensor2d([[1], [2], [-3]]));
    const result = await deepLift(net, { reference: 0 })(x, { target: 0 });
    close([result.relevance.reduce((a, b) => a + b)], [result.output[0]! - result.baselineOutput[0]!], 1e-4);
  }
});
