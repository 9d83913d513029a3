import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import {
  alphaBeta,
  type Bias,
  contrast,
  DisposedError,
  epsilon,
  excitation,
  flat,
  gamma,
  lrp,
  ParameterError,
  type Rule,
  record,
  uniform,
  wSquare,
  zBox,
  zero,
  zPlus,
} from "../../../../src/explainers/index.js";

/** Convolutions with stride and padding, pools, a skip connection, dense layers with and without a bias. */
function net(): tf.LayersModel {
  const seeded = (seed: number) => tf.initializers.randomNormal({ stddev: 0.4, seed });
  const input = tf.input({ shape: [4, 4, 2] });
  const conv = (filters: number, seed: number) =>
    tf.layers.conv2d({
      ...{ filters, kernelSize: 3, padding: "same", activation: "relu", name: `conv${seed}` },
      ...{ kernelInitializer: seeded(seed), biasInitializer: seeded(seed + 10) },
    });
  const first = conv(3, 1).apply(input) as tf.SymbolicTensor;
  const pooled = tf.layers.maxPooling2d({ poolSize: 2, name: "maximum" }).apply(first) as tf.SymbolicTensor;
  const second = conv(3, 2).apply(pooled) as tf.SymbolicTensor;
  const added = tf.layers.add({ name: "skip" }).apply([second, pooled]) as tf.SymbolicTensor;
  const averaged = tf.layers.averagePooling2d({ poolSize: 2, name: "average" }).apply(added) as tf.SymbolicTensor;
  const flattened = tf.layers.flatten().apply(averaged) as tf.SymbolicTensor;
  const hidden = tf.layers
    .dense({
      ...{ units: 6, activation: "tanh", name: "hidden" },
      ...{ kernelInitializer: seeded(3), biasInitializer: seeded(13) },
    })
    .apply(flattened) as tf.SymbolicTensor;
  const output = tf.layers
    .dense({ units: 3, useBias: false, name: "output", kernelInitializer: seeded(4) })
    .apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

const rules: readonly Rule[] = [
  ...[
    zero(),
    epsilon({ epsilon: 0.1 }),
    epsilon({ epsilon: 0.1, stabilizer: "rms" }),
    gamma(),
    gamma({ branch: "linear" }),
  ],
  ...[alphaBeta(), zPlus(), excitation(), wSquare(), flat(), zBox({ low: [-1, -2], high: 3 }), contrast()],
];
const known = new Set(["zero", "epsilon", "gamma", "alphaBeta", "zPlus", "excitation", "wSquare", "flat", "zBox"]);

for (const rule of rules) {
  for (const bias of ["absorb", "ignore", "distribute"] as const satisfies readonly Bias[]) {
    test(`${rule.name}, ${bias}: what all units of a layer share out is the relevance beneath, by the rule's own formula`, async () => {
      const model = net();
      const x = tf.randomNormal([1, 4, 4, 2], 0, 1, "float32", 5);
      const recording = record(model, x);
      const box = rule.name === "zBox";
      const composite = box ? uniform(epsilon({ epsilon: 0.05 }), { first: rule }) : uniform(rule);
      const result = await lrp(model, { composite, bias })(recording, { target: 1, keepLayers: true });
      const scale = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs), 1e-12);
      const got = result.layers.map(({ shape }) => new Float64Array(shape.reduce((a, b) => a * b)));
      for (const [layer, { kind, name }] of result.layers.entries()) {
        if (kind === "input") continue;
        const relevance = result.layers[layer]!.relevance();
        for (let unit = 0; unit < relevance.length; unit++) {
          if (relevance[unit] === 0) continue;
          const shares = result.shares(layer, unit);
          let passed = shares.kept;
          for (const { layer: below, units, shares: parts } of shares.inputs) {
            units.forEach((at, i) => {
              got[below]![at]! += parts[i]!;
              passed += parts[i]!;
            });
          }
          assert.ok(Math.abs(passed - relevance[unit]!) <= 1e-4 * scale(relevance), `${name} ${unit} loses`);
          if (known.has(shares.rule)) assert.ok(shares.terms !== null, `${name} ${unit}: no formula of ${shares.rule}`);
        }
      }
      for (const [layer, { name, kind }] of result.layers.entries()) {
        if (layer === result.layers.length - 1) continue;
        const relevance = result.layers[layer]!.relevance();
        const apart = scale(relevance.map((value, i) => value - got[layer]![i]!));
        assert.ok(apart <= 2e-4 * scale(relevance), `${name} (${kind}) differs by ${apart / scale(relevance)}`);
      }
      // What is made from weights stays with them, once.
      const tensors = tf.memory().numTensors;
      result.shares(1, 0);
      assert.equal(tf.memory().numTensors, tensors, "tensors are left");
      result.dispose();
      recording.dispose();
      x.dispose();
      model.dispose();
    });
  }
}

test("a unit's shares of a layer by hand: ε with a bias", async () => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], name: "hand" })] });
  model.setWeights([tf.tensor2d([1, -1, 2, 0.5, -1, 3], [3, 2]), tf.tensor1d([0.5, -1])]);
  const recording = record(model, tf.tensor2d([[1, 2, 3]]));
  const result = await lrp(model, { composite: uniform(epsilon({ epsilon: 0.5 })) })(recording, {
    target: 1,
    keepLayers: true,
  });
  // z = −1 + 1 + 9 − 1 = 8; shares (−1, 1, 9) / 8.5 · 8, bias −1/8.5 · 8, ε 0.5/8.5 · 8.
  const { value, relevance, inputs, kept, terms } = result.shares(result.layers.length - 1, 1);
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-5, `${a}, not ${b}`);
  close(value, 8);
  close(relevance, 8);
  assert.deepEqual([...inputs[0]!.units], [0, 1, 2]);
  assert.deepEqual([...inputs[0]!.weights!], [-1, 0.5, 3]);
  [-8 / 8.5, 8 / 8.5, 72 / 8.5].forEach((share, i) => {
    close(inputs[0]!.shares[i]!, share);
  });
  close(kept, (-0.5 * 8) / 8.5);
  assert.deepEqual([terms![0]!.sum, terms![0]!.bias, terms![0]!.stabilizer], [9, -1, 0.5]);
  assert.equal(result.layers[inputs[0]!.layer]!.kind, "input");
  for (const unit of [-1, 2, 0.5]) assert.throws(() => result.shares(result.layers.length - 1, unit), ParameterError);
  for (const layer of [0, 9]) assert.throws(() => result.shares(layer, 0), ParameterError);
  result.dispose();
  assert.throws(() => result.shares(result.layers.length - 1, 1), DisposedError);
  recording.dispose();
});
