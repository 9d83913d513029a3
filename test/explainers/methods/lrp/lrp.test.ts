import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { TargetError } from "../../../../src/explainers/errors.js";
import {
  alpha1Beta0,
  type Composite,
  ComputationError,
  deepTaylor,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  gradientTimesInput,
  lrp,
  overview2019,
  record,
  release,
  sensitivity,
  uniform,
} from "../../../../src/explainers/index.js";
import { near } from "../../../helpers/numbers.js";

const normal = (seed: number) => tf.initializers.randomNormal({ stddev: 0.5, seed });

/** Convolutions, a skip, both kinds of pooling, a concatenation; `useBias: false` makes it homogeneous. */
function network(useBias = true): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 3] });
  const conv = (filters: number, seed: number, name: string) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: "same",
      useBias,
      name,
      kernelInitializer: normal(seed),
      biasInitializer: normal(seed + 9),
    });
  let x = conv(6, 1, "conv1").apply(input) as tf.SymbolicTensor;
  x = tf.layers.reLU({ name: "relu1" }).apply(x) as tf.SymbolicTensor;
  const branch = tf.layers.reLU({ name: "relu2" }).apply(conv(6, 2, "conv2").apply(x)) as tf.SymbolicTensor;
  x = tf.layers
    .add({ name: "skip" })
    .apply([x, conv(6, 3, "conv3").apply(branch) as tf.SymbolicTensor]) as tf.SymbolicTensor;
  x = tf.layers.reLU({ name: "relu3" }).apply(x) as tf.SymbolicTensor;
  const left = tf.layers.averagePooling2d({ poolSize: 2, name: "average" }).apply(x) as tf.SymbolicTensor;
  const right = tf.layers.maxPooling2d({ poolSize: 2, name: "max" }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.concatenate({ name: "concat" }).apply([left, right]) as tf.SymbolicTensor;
  x = tf.layers.globalAveragePooling2d({ name: "global" }).apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .dense({ units: 5, useBias, name: "head", kernelInitializer: normal(4), biasInitializer: normal(5) })
    .apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: tf.layers.softmax({ name: "softmax" }).apply(x) as tf.SymbolicTensor });
}

const photo = (seed: number, batch = 2) => tf.randomUniform([batch, 8, 8, 3], -1, 1, "float32", seed);
const box = { low: -1, high: 1 };

test("integers are explained as the floats of the same numbers: the layer that reads them is the first", async () => {
  const model = network();
  const whole = tf.randomUniform([2, 8, 8, 3], -1, 2, "int32", 3);
  const floats = tf.cast(whole, "float32");
  const reads = (x: tf.Tensor) => model.predict(x.dtype === "float32" ? x : tf.cast(x, "float32")) as tf.Tensor;
  for (const composite of [epsilonGammaBox(box), epsilonPlusFlat(), epsilonAlpha2Beta1Flat(), deepTaylor(box)]) {
    const [given, expected] = await Promise.all(
      [whole, floats].map((x) => lrp(reads, { composite })(x, { target: [1, 2] })),
    );
    near(given!.relevance, expected!.relevance, 1e-6);
  }
  tf.dispose([whole, floats]);
});
const composites: Composite[] = [
  epsilonPlus(),
  epsilonPlusFlat(),
  epsilonGammaBox(box),
  epsilonAlpha2Beta1(),
  epsilonAlpha2Beta1Flat(),
  alpha1Beta0(),
  deepTaylor(box),
  deepTaylor(),
  excitationBackprop(),
  overview2019(box),
];

test("LRP-0 on a bias-free ReLU net is gradient × input and sums to the output", async () => {
  const model = network(false);
  const x = photo(1);
  const recording = record(model, x);
  const options = { target: [1, 4] };
  // Proportional shares at a sum are gradient × input too; LRP-0's own stabilizer must not show.
  const composite = uniform(epsilon({ epsilon: 1e-12 }), { guard: 1e-12 });
  const ours = await lrp(model, { composite })(recording, options);
  const gradient = await gradientTimesInput(model)(recording, options);
  const largest = Math.max(...gradient.relevance.map(Math.abs));
  ours.relevance.forEach((value, i) => {
    near(value, gradient.relevance[i]!, 1e-4 * largest, `entry ${i}`);
  });
  near(
    gradient.relevance.subarray(0, 192).reduce((a, b) => a + b),
    ours.output[0]!,
    1e-4 * Math.abs(ours.output[0]!),
    "sum",
  );
  recording.dispose();
  release(model);
});

test("every layer's books balance, for every composite and use of the bias", async () => {
  const model = network();
  const x = photo(2);
  const recording = record(model, x);
  for (const composite of composites) {
    for (const bias of ["absorb", "ignore", "distribute"] as const) {
      const result = await lrp(model, { composite, bias })(recording, { target: [0, 3], keepLayers: true });
      for (const layer of result.layers) {
        if (layer.kind === "input") continue;
        const flow = layer.relevance().reduce((sum, value) => sum + Math.abs(value), 0);
        const out = layer.passedOn + layer.absorbedByBias + layer.absorbedByEmpty;
        near(out, layer.sum, 1e-4 * flow, `${composite.name}, ${bias}, ${layer.name}`);
        near(layer.samples[0]!.sum + layer.samples[1]!.sum, layer.sum, 1e-6 * flow, `${layer.name}: samples`);
        const sum = layer.relevance().reduce((total, value) => total + value, 0);
        near(layer.sum, sum, 1e-5 * flow, `${layer.name}: sum`);
      }
      const total = result.output.reduce((a, b) => a + b);
      if (composite.name !== "excitation-backprop") {
        const flow = result.layers.reduce((sum, layer) => Math.max(sum, Math.abs(layer.sum)), Math.abs(total));
        near(result.relevanceSum + result.biasRelevance + result.emptyRelevance, total, 1e-3 * flow, composite.name);
      }
      result.dispose();
    }
  }
  recording.dispose();
  release(model);
});

test("distribute conserves through zero inputs, skips and pooling; absorb does not", async () => {
  const model = network();
  const x = tf.tidy(() => tf.mul(photo(3), tf.cast(tf.greater(tf.range(0, 8).reshape([1, 1, 8, 1]), 3), "float32")));
  for (const composite of [epsilonPlus(), epsilonPlusFlat()]) {
    const kept = await lrp(model, { composite, bias: "distribute" })(x, { target: 2 });
    const total = kept.output.reduce((a, b) => a + b);
    near(kept.relevanceSum, total, 1e-3 * Math.abs(total), composite.name);
    near(kept.biasRelevance, 0, 0, "biases");
    const lost = await lrp(model, { composite })(x, { target: 2 });
    assert.ok(Math.abs(lost.relevanceSum - total) > 0.01 * Math.abs(total));
  }
  release(model);
});

test("a batch is explained sample by sample, each with its own target", async () => {
  const model = network();
  const x = photo(4, 3);
  for (const composite of composites) {
    const explain = lrp(model, { composite, bias: "distribute" });
    const together = await explain(x, { target: [4, 0, 2] });
    const one = together.relevance.length / 3;
    for (const [sample, target] of [4, 0, 2].entries()) {
      const row = tf.tidy(() => tf.slice(x, sample, 1));
      const alone = await explain(row, { target });
      const largest = Math.max(...alone.relevance.map(Math.abs));
      alone.relevance.forEach((value, i) => {
        near(
          together.relevance[sample * one + i]!,
          value,
          2e-4 * largest,
          `${composite.name}, sample ${sample}, entry ${i}`,
        );
      });
      near(together.output[sample]!, alone.output[0]!, 1e-5, "output");
      row.dispose();
    }
  }
  release(model);
});

test("a final softmax is dropped: logits are explained, and every form of target means the same", async () => {
  const model = network();
  const x = photo(5);
  const explain = lrp(model, { composite: epsilonPlus() });
  const best = await explain(x);
  const probability = (model.predict(x) as tf.Tensor).arraySync() as number[][];
  assert.deepEqual(
    best.target,
    probability.map((row) => row.indexOf(Math.max(...row))),
  );
  const indices = best.target.map((index) => index!);
  const oneHot = tf.cast(tf.oneHot(tf.tensor1d(indices, "int32"), 5), "float32");
  for (const target of [indices, oneHot, (output: tf.Tensor) => tf.mul(output, oneHot)]) {
    const same = await explain(x, { target });
    assert.deepEqual(same.relevance, best.relevance);
    assert.deepEqual(same.output, best.output);
  }
  await assert.rejects(explain(x, { target: 5 }), { name: "TargetError", message: /0 to 4.*5/ });
  await assert.rejects(explain(x, { target: [0] }), { name: "TargetError", message: /1 targets.*batch of 2/ });
  await assert.rejects(explain(x, { target: "cat" }), (error: Error) => {
    assert.ok(error instanceof TargetError);
    assert.match(error.message, /"cat"/);
    return true;
  });
  await assert.rejects(explain(x, { target: tf.zeros([2, 4]) }), {
    name: "TargetError",
    message: /\[2, 4\].*\[2, 5\]/,
  });
  release(model);
});

test("sensitivity is the squared gradient, with the peers' variants", async () => {
  const model = network();
  const x = photo(6);
  const signed = await sensitivity(model, { kind: "signed" })(x, { target: 1 });
  const squared = await sensitivity(model)(x, { target: 1 });
  squared.relevance.forEach((value, i) => {
    near(value, signed.relevance[i]! ** 2, 1e-6, `entry ${i}`);
  });
  const channels = await sensitivity(model, { kind: "absolute", channels: "max" })(x, { target: 1 });
  for (let i = 0; i < channels.relevance.length; i += 3) {
    const most = Math.max(...[0, 1, 2].map((c) => Math.abs(signed.relevance[i + c]!)));
    for (const c of [0, 1, 2]) near(channels.relevance[i + c]!, most, 1e-7, `pixel ${i / 3}`);
  }
  release(model);
});

test("what no rule covers is refused by layer and operation, unless its gradient may stand in", async () => {
  const w = tf.randomNormal([5, 3], 0, 1, "float32", 1) as tf.Tensor2D;
  const segments = tf.tensor1d([0, 1, 2, 2, 4], "int32");
  const model = (x: tf.Tensor) =>
    tf.matMul(tf.transpose(tf.unsortedSegmentSum(tf.transpose(x), segments, 5)) as tf.Tensor2D, w);
  const x = tf.randomNormal([2, 5], 0, 1, "float32", 2);
  const before = tf.memory().numTensors;
  await assert.rejects(lrp(model, { composite: epsilonPlus() })(x, { target: 0 }), {
    name: "UnsupportedOperationError",
    message: /UnsortedSegmentSum/,
  });
  assert.equal(tf.memory().numTensors, before, "a refusal leaks nothing");
  const result = await lrp(model, { composite: epsilonPlus(), fallback: "gradient" })(x, { target: 0 });
  // A linear operation loses nothing that way.
  near(result.relevanceSum, result.output[0]! + result.output[1]!, 1e-3, "sum");
});

/** What a rule or a target of one's own throws is the cause. */
const isCause = (error: Error): boolean => error instanceof ComputationError && error.cause instanceof RangeError;

test("nothing leaks, whether a method returns or throws", async () => {
  const model = network();
  const x = photo(7);
  const start = tf.memory().numTensors;
  const explain = lrp(model, { composite: epsilonGammaBox(box) });
  // The first explanation of each kind makes the weight variants that the model's cache keeps.
  await explain(x, { target: 1 });
  await lrp(model, { composite: epsilonPlus() })(x, { target: 1 });
  await sensitivity(model)(x, { target: 1 });
  const warm = tf.memory().numTensors;
  for (const bias of ["absorb", "absorb"] as const)
    await lrp(model, { composite: epsilonGammaBox(box), bias })(x, { target: 2 });
  assert.equal(tf.memory().numTensors, warm, "the second explanation");
  const kept = await explain(x, { target: 1, keepLayers: true });
  assert.ok(tf.memory().numTensors > warm);
  kept.dispose();
  assert.throws(() => kept.layers[0]!.relevance(), { name: "DisposedError" });
  const failing: Composite = {
    ...epsilonPlus(),
    rule: (node, place) => {
      const rule = epsilonPlus().rule(node, place);
      return rule !== undefined && place.index === 1
        ? {
            ...rule,
            share: () => {
              throw new RangeError(node.name);
            },
          }
        : rule;
    },
  };
  await assert.rejects(lrp(model, { composite: failing })(x, { target: 1 }), isCause);
  await assert.rejects(explain(x, { target: 99 }), { name: "TargetError" });
  await assert.rejects(
    explain(x, {
      target: () => {
        throw new RangeError("target");
      },
    }),
    isCause,
  );
  await assert.rejects(explain(x, { output: 1 }), { name: "ParameterError" });
  await sensitivity(model)(x, { target: 1 });
  assert.equal(tf.memory().numTensors, warm, "after failures");
  const recording = record(model, x);
  recording.dispose();
  await assert.rejects(explain(recording, { target: 1 }), { name: "DisposedError" });
  release(model);
  assert.equal(tf.memory().numTensors, start, "after release");
});
