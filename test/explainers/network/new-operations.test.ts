import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { test } from "node:test";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-node";
import { epsilonPlus, gradients, lrp, record, replay } from "../../../src/explainers/index.js";
import { sum } from "../../helpers/numbers.js";

const w = (seed: number, shape: number[]): tf.Tensor => tf.randomNormal(shape, 0, 0.5, "float32", seed);
type Net = (x: tf.Tensor) => tf.Tensor;
interface Case {
  name: string;
  shape: number[];
  net: Net;
  /** The kinds of the nodes behind the input. */
  kinds?: string[];
}

/** A convolution of two groups, as it is written in operations that TensorFlow.js has. */
const grouped =
  (
    filter: [number, number],
    channels: number,
    outputs: number,
    groups: number,
    strides: number,
    pad: "same" | "valid",
  ): Net =>
  (x) => {
    const parts = tf.split(x as tf.Tensor4D, groups, 3) as tf.Tensor4D[];
    const filters = tf.split(w(1, [...filter, channels / groups, outputs]) as tf.Tensor4D, groups, 3) as tf.Tensor4D[];
    return tf.concat(
      parts.map((part, i) => tf.conv2d(part, filters[i]!, strides, pad)),
      3,
    );
  };

const volume = [4, 5, 6, 2];
const conv3d =
  (filter: number[], strides: number | [number, number, number], pad: "same" | "valid"): Net =>
  (x) =>
    tf.conv3d(x as tf.Tensor5D, w(1, [...filter, 2, 3]) as tf.Tensor5D, strides, pad);

const windowed: Case[] = [
  { name: "conv3d, same", shape: volume, net: conv3d([3, 2, 3], 1, "same"), kinds: ["conv3d"] },
  { name: "conv3d, valid", shape: volume, net: conv3d([2, 3, 3], 1, "valid"), kinds: ["conv3d"] },
  { name: "conv3d, strided, same", shape: volume, net: conv3d([3, 3, 2], [2, 3, 2], "same"), kinds: ["conv3d"] },
  { name: "conv3d, strided, valid", shape: volume, net: conv3d([2, 2, 2], [2, 1, 3], "valid"), kinds: ["conv3d"] },
  {
    name: "conv3dTranspose",
    shape: [2, 3, 2, 3],
    net: (x) =>
      tf.conv3dTranspose(x as tf.Tensor5D, w(1, [3, 3, 2, 2, 3]) as tf.Tensor5D, [x.shape[0]!, 4, 6, 4, 2], 2, "same"),
    kinds: ["conv3dTranspose"],
  },
  { name: "grouped convolution", shape: [5, 6, 4], net: grouped([3, 3], 4, 6, 2, 1, "same"), kinds: ["groupedConv2d"] },
  {
    name: "grouped convolution, strided",
    shape: [5, 6, 6],
    net: grouped([3, 2], 6, 6, 3, 2, "valid"),
    kinds: ["groupedConv2d"],
  },
  {
    name: "grouped conv3d",
    shape: volume,
    net: (x) => {
      const parts = tf.split(x as tf.Tensor5D, 2, 4) as tf.Tensor5D[];
      return tf.concat(
        parts.map((part, i) => tf.conv3d(part, w(i + 1, [2, 3, 2, 1, 3]) as tf.Tensor5D, 1, "same")),
        4,
      );
    },
    kinds: ["rearrange", "conv3d", "rearrange", "conv3d", "concat"],
  },
  { name: "max pool 3d", shape: volume, net: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, "valid"), kinds: ["pool3d"] },
  {
    name: "max pool 3d, overlapping, same",
    shape: volume,
    net: (x) => tf.maxPool3d(x as tf.Tensor5D, [3, 2, 3], [2, 1, 2], "same"),
    kinds: ["pool3d"],
  },
  {
    name: "average pool 3d",
    shape: volume,
    net: (x) => tf.avgPool3d(x as tf.Tensor5D, [2, 2, 3], [2, 2, 3], "valid"),
    kinds: ["pool3d"],
  },
  {
    name: "average pool 3d, overlapping, same",
    shape: volume,
    net: (x) => tf.avgPool3d(x as tf.Tensor5D, 3, 2, "same"),
    kinds: ["pool3d"],
  },
];

const hardSigmoid: Net = (x) => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);
const cube: Net = (x) => tf.mul(tf.square(x), x);
const gate: Net = (inner) => tf.mul(tf.add(inner, 1), 0.5);

const entrywise: Case[] = [
  { name: "silu", shape: [7], net: (x) => tf.mul(x, tf.sigmoid(x)) },
  { name: "mish", shape: [7], net: (x) => tf.mul(x, tf.tanh(tf.softplus(x))), kinds: ["activation"] },
  { name: "hard sigmoid", shape: [7], net: hardSigmoid },
  { name: "hard swish", shape: [7], net: (x) => tf.mul(x, hardSigmoid(x)) },
  { name: "gelu", shape: [7], net: (x) => tf.mul(x, gate(tf.erf(tf.mul(x, Math.SQRT1_2)))) },
  {
    name: "gelu by tanh",
    shape: [7],
    net: (x) => tf.mul(x, gate(tf.tanh(tf.mul(tf.add(x, tf.mul(cube(x), 0.044715)), Math.sqrt(2 / Math.PI))))),
  },
  {
    name: "relu with slope, threshold and cap",
    shape: [7],
    net: (x) => {
      const rising = tf.add(tf.relu(tf.sub(x, 0.3)), tf.mul(tf.step(tf.sub(x, 0.3)), 0.3));
      return tf.sub(tf.clipByValue(rising, 0, 1.2), tf.mul(tf.relu(tf.sub(0.3, x)), 0.1));
    },
  },
];

const normalized = (x: tf.Tensor, axes: number[]): tf.Tensor => {
  const centered = tf.sub(x, tf.mean(x, axes, true));
  return tf.div(centered, tf.sqrt(tf.add(tf.mean(tf.square(centered), axes, true), 1e-3)));
};

const norms: Case[] = [
  { name: "layer norm over the channels", shape: [3, 4, 5], net: (x) => tf.mul(normalized(x, [3]), w(2, [5])) },
  { name: "layer norm over rows and columns", shape: [3, 4, 5], net: (x) => normalized(x, [1, 2]) },
  { name: "layer norm over all", shape: [3, 4, 5], net: (x) => tf.add(normalized(x, [1, 2, 3]), w(3, [3, 4, 5])) },
  {
    name: "RMS norm",
    shape: [3, 4, 5],
    net: (x) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), [2, 3], true), 1e-3))),
  },
  {
    name: "group norm",
    shape: [3, 4, 6],
    net: (x) => tf.reshape(normalized(tf.reshape(x, [-1, 3, 4, 2, 3]), [1, 2, 4]), [-1, 3, 4, 6]),
  },
];

/** Numbers from −2 to 2 so far apart that no step of a difference makes one overtake another. */
function apart(shape: number[]): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  // A step that has no factor in common with the size visits every number once.
  return tf.tensor(
    Array.from({ length: size }, (_, i) => (((i * 101) % size) + 0.47) * (4 / size) - 2),
    shape,
  );
}

/** The output as the model computes it, and its gradient against central differences along random directions. */
function checkNode({ name, shape, net, kinds }: Case): void {
  tf.tidy(() => {
    const x = apart([2, ...shape]);
    const recording = record(net, x);
    if (kinds)
      assert.deepEqual(
        recording.graph.nodes.slice(1).map(({ operation }) => operation.kind),
        kinds,
        name,
      );
    const [output] = recording.outputs;
    const off = tf.max(tf.abs(tf.sub(output!, net(x)))).dataSync()[0]!;
    assert.ok(off <= 1e-5, `${name}: the output is off by ${off}`);
    const seed = tf.randomNormal(output!.shape, 0, 1, "float32", 6);
    const found = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
    const gradient = found.get(recording.graph.inputs[0]!)!;
    const step = 1e-3;
    for (const direction of [1, 2, 3].map((number) => tf.randomUniform(x.shape, -1, 1, "float32", number))) {
      const way = tf.mul(direction, step);
      const difference = tf.sub(net(tf.add(x, way)), net(tf.sub(x, way)));
      const slope = tf.sum(tf.mul(seed, difference)).dataSync()[0]! / (2 * step);
      const own = tf.sum(tf.mul(gradient, direction)).dataSync()[0]!;
      const scale = tf.sum(tf.abs(tf.mul(gradient, direction))).dataSync()[0]!;
      assert.ok(Math.abs(own - slope) <= 4e-3 * scale, `${name}: a slope of ${slope}, not ${own}`);
    }
    for (const tensor of found.values()) tensor.dispose();
    recording.dispose();
  });
}

async function checkConservation({ name, shape, net }: Case): Promise<void> {
  const x = tf.randomUniform([2, ...shape], -2, 2, "float32", 5);
  const before = tf.memory().numTensors;
  const result = await lrp(net, { composite: epsilonPlus(), bias: "distribute" })(x, {
    target: (z: tf.Tensor) => tf.clone(z),
  });
  assert.equal(tf.memory().numTensors, before, `${name} leaks`);
  const output = tf.tidy(() => net(x).dataSync());
  const flow = sum(Array.from(output, Math.abs));
  const off = Math.abs(result.relevanceSum - sum(output));
  assert.ok(off <= 1e-4 * flow, `${name}: ${off} of ${flow} is lost`);
  x.dispose();
}

test("native: outputs are the model's, gradients are its slopes", () => {
  for (const each of [...windowed, ...entrywise, ...norms]) checkNode(each);
});

test("with distribute, relevance is conserved", async () => {
  for (const each of [...windowed, ...entrywise, ...norms]) await checkConservation(each);
});

test("a function x · gate(x) passes relevance unchanged", async () => {
  for (const { name, net } of entrywise.filter(({ name }) => !/sigmoid|threshold/.test(name))) {
    const x = tf.tensor2d([[-2.1, -0.4, 0.3, 1.2, 3.3]]);
    const R = [3, -1, 2, 5, -4];
    const result = await lrp(net, { composite: epsilonPlus() })(x, { target: () => tf.tensor2d([R]) });
    Array.from(result.relevance).forEach((value, i) => {
      assert.ok(Math.abs(value - R[i]!) < 1e-5, `${name}: ${value} of ${R[i]}`);
    });
  }
});

/** The explained output and the gradient of its sum, weighted by fixed numbers. */
function numbersOf({ shape, net }: Case): { output: ArrayLike<number>; gradient: ArrayLike<number> } {
  return tf.tidy(() => {
    const recording = record(net, apart([2, ...shape]));
    const [output] = recording.outputs;
    const seed = tf.tensor(
      Array.from({ length: output!.size }, (_, i) => Math.sin(i)),
      output!.shape,
    );
    const found = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
    const again = replay(recording.graph, recording.inputs, recording.weights);
    const replayed = again.values[recording.graph.outputs[0]!]!;
    const off = tf.max(tf.abs(tf.sub(replayed, output!))).dataSync()[0]!;
    assert.ok(off <= 1e-5, `the replay is off by ${off}`);
    const numbers = {
      output: output!.dataSync(),
      gradient: found.get(recording.graph.inputs[0]!)!.dataSync(),
    };
    again.pool.dispose();
    for (const tensor of found.values()) tensor.dispose();
    recording.dispose();
    return numbers;
  });
}

// Its kernels for transposed 3-d convolutions, 3-d max pools and the gradients of 3-d pools are wrong in TensorFlow.js 4.22.
test("WebAssembly: outputs and gradients are the native backend's", async () => {
  const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${dirname(main)}/`);
  const before = tf.getBackend();
  const cases = [...windowed, ...entrywise, ...norms];
  const native = cases.map(numbersOf);
  assert.ok(await tf.setBackend("wasm"));
  try {
    cases.forEach((each, index) => {
      const own = numbersOf(each);
      for (const part of ["output", "gradient"] as const) {
        const expected = Array.from(native[index]![part]);
        const largest = Math.max(...expected.map(Math.abs));
        expected.forEach((value, i) => {
          const off = Math.abs(own[part][i]! - value);
          assert.ok(off <= 2e-5 * largest, `${each.name}, ${part} ${i}: ${own[part][i]}, not ${value}`);
        });
      }
    });
  } finally {
    await tf.setBackend(before);
  }
});

for (const { name, shape, net, kinds = [] } of windowed.filter(({ kinds }) =>
  kinds?.some((kind) => /conv/i.test(kind)),
)) {
  test(`${name}: composites take it for the convolution that it is`, async () => {
    const x = tf.randomNormal([1, ...shape], 0, 1, "float32", 3);
    const { layers } = await lrp(net, { composite: epsilonPlus() })(x, { target: 0 });
    const rules = layers.filter(({ kind }) => /conv/i.test(kind)).map(({ kind, rule }) => [kind, rule]);
    assert.deepEqual(
      rules,
      kinds.filter((kind) => /conv/i.test(kind)).map((kind) => [kind, "zPlus"]),
    );
  });
}
