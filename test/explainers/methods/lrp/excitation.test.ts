import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  composite,
  contrastiveExcitationBackprop,
  epsilonPlus,
  excitationBackprop,
  findMethod,
  lrp,
  proportional,
  release,
} from "../../../../src/explainers/index.js";
import { near } from "../../../helpers/numbers.js";

type Matrix = number[][];

/** `[in][out]` weights of two dense layers, some of them negative. */
const lower: Matrix = [
  [1, -2, 0.5],
  [2, 1, -1],
  [-1, 3, 2],
];
const upper: Matrix = [
  [2, -1],
  [-1, 3],
  [1, 1],
];
const x = [1, 2, 0.5];
const hidden = lower[0]!.map((_, j) =>
  Math.max(
    0,
    x.reduce((sum, value, i) => sum + value * lower[i]![j]!, 0),
  ),
);

/** Marginal winning probabilities of the inputs `a`, from those of the outputs (Zhang et al. 2016, eq. 10). */
const winning = (a: number[], weights: Matrix, P: number[]): number[] =>
  a.map((value, i) =>
    P.reduce((sum, p, j) => {
      const total = a.reduce((all, other, k) => all + other * Math.max(weights[k]![j]!, 0), 0);
      return total === 0 ? sum : sum + (value * Math.max(weights[i]![j]!, 0) * p) / total;
    }, 0),
  );

function dense(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units: 3, useBias: false, activation: "relu", weights: [tf.tensor2d(lower)] }),
      tf.layers.dense({ units: 2, weights: [tf.tensor2d(upper), tf.tensor1d([5, -3])] }),
    ],
  });
}

test("excitation backprop is a walk of winning probabilities; the contrastive form subtracts the dual unit's", async () => {
  const model = dense();
  const input = tf.tensor2d([x]);
  const negated = upper.map((row) => row.map((value) => -value));
  for (const target of [0, 1]) {
    const unit = [0, 1].map((j) => (j === target ? 1 : 0));
    const P = winning(x, lower, winning(hidden, upper, unit));
    const dual = winning(x, lower, winning(hidden, negated, unit));
    near((await lrp(model, { composite: excitationBackprop() })(input, { target })).relevance, P);
    const contrastive = await lrp(model, { composite: contrastiveExcitationBackprop() })(input, { target });
    near(
      contrastive.relevance,
      P.map((p, i) => p - dual[i]!),
    );
    // What speaks for a class and what speaks against it are equally probable, so the books list the whole unit as kept.
    assert.ok(Math.abs(contrastive.relevanceSum) < 1e-5);
    assert.ok(Math.abs(contrastive.emptyRelevance - 1) < 1e-5);
  }
  input.dispose();
  release(model);
});

test("the contrast acts on the top layer alone, behind pooling too, and for each of several branches", async () => {
  const input = tf.input({ shape: [4, 4, 2] });
  const conv = (seed: number) =>
    tf.layers.conv2d({
      filters: 3,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: tf.initializers.randomNormal({ seed }),
    });
  const a = conv(1).apply(input) as tf.SymbolicTensor;
  const b = tf.layers.maxPooling2d({ poolSize: 2 }).apply(conv(2).apply(a)) as tf.SymbolicTensor;
  const flat = tf.layers.flatten().apply(b) as tf.SymbolicTensor;
  const kernelInitializer = tf.initializers.randomNormal({ seed: 3 });
  const model = tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 3, kernelInitializer }).apply(flat) as tf.SymbolicTensor,
  });
  const image = tf.randomUniform([2, 4, 4, 2], 0, 1, "float32", 4);
  const start = tf.memory().numTensors;
  const result = await lrp(model, { composite: contrastiveExcitationBackprop() })(image, { target: [0, 2] });
  // Below the top layer, excitation backprop from its contrast; that of the dual net: the head's weights negated.
  const head = model.layers.at(-1)!;
  const plain = await lrp(model, { composite: excitationBackprop() })(image, { target: [0, 2] });
  const [weights, bias] = head.getWeights() as [tf.Tensor, tf.Tensor];
  const negated = tf.neg(weights);
  head.setWeights([negated, bias]);
  const dual = await lrp(model, { composite: excitationBackprop() })(image, { target: [0, 2] });
  near(
    result.relevance,
    Array.from(plain.relevance, (value, i) => value - dual.relevance[i]!),
    1e-5,
  );
  assert.deepEqual(
    result.layers.flatMap(({ kind, rule }) => (kind === "conv2d" || kind === "dense" ? [rule] : [])),
    ["excitation", "excitation", "contrast"],
  );
  release(model);
  negated.dispose();
  assert.equal(tf.memory().numTensors, start, "leaks");
});

test("max pools give to the winner, or in proportion", async () => {
  const pool = (values: tf.Tensor) => tf.maxPool(values as tf.Tensor4D, 2, 2, "valid");
  const image = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
  const averaging = composite("averaging", { instead: { winner: proportional() }, otherwise: epsilonPlus() });
  const winner = await lrp(pool, { composite: epsilonPlus() })(image, { target: 0 });
  near(winner.relevance, [0, 0, 0, 4]);
  const averaged = await lrp(pool, { composite: averaging })(image, { target: 0 });
  near(averaged.relevance, [0.4, 0.8, 1.2, 1.6]);
  const everywhere = (values: tf.Tensor) => tf.reshape(tf.max(values, [1, 2]), [-1, 1]);
  const reduced = await lrp(everywhere, { composite: averaging })(image, { target: 0 });
  near(reduced.relevance, [0.4, 0.8, 1.2, 1.6]);
  // All zero: nothing to share by, so it is kept, or shared evenly.
  const zeros = tf.zerosLike(image);
  const seed = () => tf.ones([1, 1, 1, 1]);
  const kept = await lrp(pool, { composite: averaging })(zeros, { target: seed });
  assert.deepEqual([kept.relevanceSum, kept.emptyRelevance], [0, 1]);
  const shared = await lrp(pool, { composite: averaging, bias: "distribute" })(zeros, {
    target: seed,
  });
  near(shared.relevance, [0.25, 0.25, 0.25, 0.25]);
  assert.throws(() => findMethod("lrp")(pool, { maxPool: "loser" }), {
    name: "ParameterError",
    message: /maxPool.*"loser"/,
  });
});
