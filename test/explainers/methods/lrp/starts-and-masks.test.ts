import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  attention,
  type Composite,
  epsilon,
  epsilonGammaBox,
  epsilonPlus,
  type LrpAttribution,
  lrp,
  type Mask,
  type Model,
  record,
  recurrent,
  release,
  setCompiler,
  uniform,
} from "../../../../src/explainers/index.js";
import { startBackend } from "../../../../src/kernel-helpers/index.js";
import { near, sum } from "../../../helpers/numbers.js";

await startBackend();

/** sum = passedOn + absorbedByBias + absorbedByEmpty + masked, at every layer. */
function assertLedger(result: LrpAttribution, name: string): void {
  for (const { kind, name: layer, sum, passedOn, absorbedByBias, absorbedByEmpty, masked } of result.layers) {
    if (kind === "input") continue;
    const off = sum - passedOn - absorbedByBias - absorbedByEmpty - masked;
    assert.ok(Math.abs(off) <= 1e-4 * Math.max(1, Math.abs(sum)), `${name}, ${layer}: ${off} of ${sum} is missing`);
  }
}

const W1 = [
  [1, -2, 3],
  [0.5, 1, -1],
];
const W2 = [
  [2, 1],
  [-1, 3],
  [4, -2],
];
const x = [3, -2];

/** Two linear layers without biases: `h = x W1`, `y = h W2`. */
function linear(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ name: "hidden", units: 3, useBias: false, inputShape: [2], weights: [tf.tensor2d(W1)] }),
      tf.layers.dense({ name: "out", units: 2, useBias: false, weights: [tf.tensor2d(W2)] }),
    ],
  });
}

test("relevance of a hidden unit, channel or layer of a linear net is x_i w_ij, and starts with the unit's value", async () => {
  const model = linear();
  const explain = lrp(model, { composite: uniform(epsilon({ epsilon: 1e-12 })) });
  const input = tf.tensor2d([x]);
  const hidden = [0, 1, 2].map((j) => x.map((a, i) => a * W1[i]![j]!));
  for (const j of [0, 1, 2]) {
    for (const target of [
      { layer: "hidden", unit: j },
      { layer: "hidden", channel: j },
    ]) {
      const result = await explain(input, { target });
      near(result.relevance, hidden[j]!, 1e-5, `unit ${j}`);
      near(result.output, [sum(hidden[j]!)], 1e-5, `value of unit ${j}`);
      assert.deepEqual(result.target, [null]);
      assert.ok(!result.layers.some(({ name }) => name === "out"), "nothing behind the start is explained");
    }
  }
  const whole = await explain(input, { target: { layer: "hidden" } });
  near(
    whole.relevance,
    [0, 1].map((i) => sum(hidden.map((of) => of[i]!))),
    1e-5,
    "the layer",
  );
  for (const [target, message] of [
    [{ layer: "hidden", unit: 3 }, /no unit 3: it has 0 to 2/],
    [{ layer: "hidden", channel: -1 }, /no channel -1/],
    [{ layer: "hidden", unit: 0, channel: 0 }, /one of them/],
    [{ layer: "nowhere" }, /no layer "nowhere"/],
  ] as const) {
    await assert.rejects(explain(input, { target }), message);
  }
  release(model);
});

test("concept-conditional relevance in closed form: through one hidden unit j, R_i = x_i w_ij v_jk", async () => {
  const model = linear();
  const explain = lrp(model, { composite: uniform(epsilon({ epsilon: 1e-12 })) });
  const input = tf.tensor2d([x]);
  for (const k of [0, 1]) {
    for (const j of [0, 1, 2]) {
      const mask = { hidden: tf.tensor1d([0, 1, 2].map((other) => Number(other === j))) };
      const result = await explain(input, { target: k, mask });
      near(
        result.relevance,
        x.map((a, i) => a * W1[i]![j]! * W2[j]![k]!),
        1e-4,
        `output ${k} through unit ${j}`,
      );
      assertLedger(result, `unit ${j}`);
      const accounted = result.relevanceSum + result.maskedRelevance;
      assert.ok(Math.abs(accounted - result.output[0]!) <= 1e-4, `${accounted} of ${result.output}`);
    }
  }
  // A mask at the input, and by a function.
  const half: Mask = (node, R) => (node.operation.kind === "input" ? tf.mul(R, [1, 0]) : R);
  const [first, all] = [await explain(input, { target: 0, mask: half }), await explain(input, { target: 0 })];
  near(first.relevance, [all.relevance[0]!, 0], 1e-5, "the input masked");
  near([first.relevanceSum, first.maskedRelevance], all.relevance, 1e-5, "its sums");
  await assert.rejects(explain(input, { mask: (_, R) => tf.sum(R) }), { name: "TargetError", message: /mask makes/ });
  release(model);
});

/*
 * Concept relevance propagation (Achtibat et al. 2023), outside the core: what reaches the input through one channel of a layer.
 */
const conditional = (model: Model, composite: Composite, layer: string, channels: number) => {
  const explain = lrp(model, { composite });
  return (input: tf.Tensor, target: number[], channel: number) =>
    explain(input, { target, mask: { [layer]: tf.oneHot(channel, channels).toFloat() } });
};

const normal = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });

function convolutional(): tf.LayersModel {
  const weights = (seed: number) => ({ kernelInitializer: normal(seed), biasInitializer: normal(seed + 1) });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: "first",
        filters: 4,
        kernelSize: 3,
        inputShape: [8, 8, 2],
        activation: "relu",
        ...weights(1),
      }),
      tf.layers.conv2d({ name: "second", filters: 5, kernelSize: 3, activation: "relu", ...weights(3) }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ name: "head", units: 3, ...weights(5) }),
    ],
  });
}

test("conditional relevances of all channels sum to the unconditional one, compiled or not, and leave no tensor", async () => {
  const model = convolutional();
  const input = tf.randomNormal([2, 8, 8, 2], 0, 1, "float32", 7);
  for (const composite of [epsilonPlus(), epsilonGammaBox({ low: -4, high: 4 }), attention()]) {
    const whole = await lrp(model, { composite })(input, { target: [0, 2] });
    const largest = Math.max(...whole.relevance.map(Math.abs));
    const through = conditional(model, composite, "second", 5);
    // From the fifth run on, the propagation is a program: the tenth channel's mask must be its own.
    for (let round = 0; round < 3; round++) {
      const total = new Float32Array(whole.relevance.length);
      const before = tf.memory().numTensors;
      for (let channel = 0; channel < 5; channel++) {
        const result = await through(input, [0, 2], channel);
        assertLedger(result, `${composite.name}, channel ${channel}`);
        result.relevance.forEach((value, i) => {
          total[i]! += value;
        });
      }
      near(total, whole.relevance, 1e-5 * largest, `${composite.name}, round ${round}`);
      // The masks are the caller's: five of them, each made by two operations in the caller's scope.
      assert.ok(tf.memory().numTensors - before <= 10 + (round === 0 ? 60 : 0), "tensors left behind");
    }
  }
  release(model);
});

test("a function that masks by what it closes over is asked anew; other starts and masks have other programs", async () => {
  const model = convolutional();
  const input = tf.randomNormal([1, 8, 8, 2], 0, 1, "float32", 9);
  const composite = epsilonPlus();
  const recording = record(model, input);
  recording.repeats = true;
  const explain = lrp(model, { composite });
  let channel = 0;
  const mask: Mask = (node, R) =>
    node.name === "second" && node.operation.kind === "activation" ? tf.mul(R, tf.oneHot(channel, 5).toFloat()) : R;
  const runs = async () => {
    const results: Float32Array[] = [];
    for (channel = 0; channel < 5; channel++) {
      results.push((await explain(recording, { target: 1, mask })).relevance);
      results.push(
        (await explain(recording, { target: 1, mask: { second: tf.oneHot(channel, 5).toFloat() } })).relevance,
      );
      results.push((await explain(recording, { target: { layer: "second", channel } })).relevance);
      results.push((await explain(recording, { target: { layer: "first", channel: channel % 4 } })).relevance);
      results.push((await explain(recording, { target: 1 })).relevance);
    }
    return results;
  };
  await runs();
  const compiled = await runs();
  const compiler = setCompiler(undefined);
  const plain = await runs();
  setCompiler(compiler);
  compiled.forEach((relevance, i) => {
    near(relevance, plain[i]!, 1e-5 * Math.max(...plain[i]!.map(Math.abs)), `run ${i}`);
    if (i % 5 === 1)
      near(relevance, compiled[i - 1]!, 1e-5 * Math.max(...relevance.map(Math.abs)), "both ways to mask");
  });
  recording.dispose();
  release(model);
});

test("what is inside a pre-activation has no relevance of its own to start from", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.lstm({
        name: "cell",
        units: 4,
        inputShape: [5, 3],
        recurrentInitializer: normal(9),
        kernelInitializer: normal(7),
      }),
      tf.layers.dense({ name: "head", units: 3, kernelInitializer: normal(11) }),
    ],
  });
  const input = tf.randomNormal([1, 5, 3], 0, 1, "float32", 3);
  const recording = record(model, input);
  const explain = lrp(model, { composite: recurrent({ biasFactor: 1 }) });
  // The cell's state at the end: as many units as it has, and their relevance sums to their values.
  const result = await explain(recording, { target: { layer: "cell" } });
  const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
  assert.ok(Math.abs(accounted - result.output[0]!) <= 1e-4, `${accounted} of ${result.output}`);
  recording.dispose();
  release(model);
});
