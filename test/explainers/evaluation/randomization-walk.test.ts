import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Explain,
  gradCam,
  gradientTimesInput,
  guidedBackprop,
  integratedGradients,
  lrp,
  type Model,
  occlusion,
  parameterRandomization,
  type RandomizationScore,
  randomizedModel,
  release,
  smoothGrad,
} from "../../../src/explainers/index.js";
import { convolutionalNet } from "../../helpers/nets.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";
import { graphNet } from "./graph-net.js";

/** Convolutions with batch norms that are layers of their own, and a branch that is added. */
function normedNet(): tf.LayersModel {
  const random = normals(41);
  const input = tf.input({ shape: [10, 10, 2] });
  const conv = (filters: number, name: string) =>
    tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, name });
  const norm = (name: string, of: tf.SymbolicTensor) =>
    tf.layers.batchNormalization({ name }).apply(of) as tf.SymbolicTensor;
  const relu = (of: tf.SymbolicTensor) => tf.layers.reLU().apply(of) as tf.SymbolicTensor;
  const first = relu(norm("norm1", conv(4, "conv1").apply(input) as tf.SymbolicTensor));
  const second = relu(norm("norm2", conv(4, "conv2").apply(first) as tf.SymbolicTensor));
  const joined = tf.layers.add().apply([first, second]) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(joined) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 3, name: "classes" }).apply(pooled) as tf.SymbolicTensor;
  const net = tf.model({ inputs: input, outputs: output });
  for (const weight of net.weights) {
    const value = weight.name.includes("variance")
      ? tf.abs(random(...(weight.shape as number[])))
      : random(...(weight.shape as number[]));
    weight.write(value as tf.Tensor);
  }
  return net;
}

const nets: Readonly<Record<string, () => tf.LayersModel | Promise<tf.GraphModel>>> = {
  "a convolutional net": () => convolutionalNet("softmax", 10),
  "batch norms": normedNet,
  "a graph": () => graphNet(),
};
const methods: Readonly<Record<string, (model: Model) => Explain>> = {
  gradientTimesInput: (model) => gradientTimesInput(model),
  guidedBackprop: (model) => guidedBackprop(model),
  gradCam: (model) => gradCam(model),
  lrp: (model) => lrp(model, { composite: "epsilon-plus" }),
};

for (const [name, make] of Object.entries(nets)) {
  describe(name, () => {
    for (const [method, explain] of Object.entries(methods)) {
      test(`${method}: states together, one by one, and of models made for each give the same maps`, async () => {
        const net = await make();
        const shape = (net.inputs[0]!.shape as number[]).slice(1);
        const x = normals(6)(2, ...shape);
        const attribution = await explain(net)(x);
        for (const order of ["cascading", "bottom-up", "independent"] as const) {
          const evidence = { x, attribution, explain };
          const options = { order, seed: 4, similarities: ["spearman"] } as const;
          const together: RandomizationScore = await parameterRandomization(net, options)(evidence);
          const alone = await parameterRandomization(net, { ...options, memoryBudget: 1 })(evidence);
          const random = randomizedModel(net, { seed: 4 });
          for (const [at, { map, output, randomized }] of together.steps.entries()) {
            random.restore();
            random.randomize(...randomized);
            const expected = await explain(random.model)(x, { target: attribution.target as number[] });
            const count = expected.relevance.length / map!.relevance.length;
            const sums = Float32Array.from(map!.relevance, (_, place) => {
              let sum = 0;
              for (let c = 0; c < count; c++) sum += expected.relevance[place * count + c]!;
              return expected.channels === "repeated" ? sum / count : sum;
            });
            const scale = Math.max(1e-6, ...sums.map(Math.abs));
            sums.forEach((value, place) => {
              assert.ok(Math.abs(value - map!.relevance[place]!) <= 1e-4 * scale, `${order} ${at} ${randomized}`);
              assert.ok(Math.abs(value - alone.steps[at]!.map!.relevance[place]!) <= 1e-4 * scale);
            });
            output.forEach((value, sample) => {
              assert.ok(Math.abs(value - expected.output[sample]!) <= 1e-4 * Math.max(1, Math.abs(value)));
            });
          }
          random.dispose();
        }
        x.dispose();
        release(net);
        net.dispose();
      });
    }
  });
}

test("gradients of many states take one run of the method, and one that shows that it can", async () => {
  const net = normedNet();
  const x = normals(6)(1, 10, 10, 2);
  const attribution = await gradientTimesInput(net)(x);
  const rows: number[] = [];
  const explain =
    (model: Model): Explain =>
    (input, options) => {
      rows.push((input as tf.Tensor).shape[0]!);
      return gradientTimesInput(model)(input, options);
    };
  await leavesNoTensors(async () => {
    await parameterRandomization(net)({ x, attribution, explain });
  });
  // The original, its five layers' states at once, the last of them alone.
  assert.deepEqual(rows.slice(-3), [1, 5, 1]);
  x.dispose();
  release(net);
  net.dispose();
});

test("methods that ask for rows of their own get every state alone", async () => {
  const net = convolutionalNet("softmax", 10);
  const x = normals(6)(2, 10, 10, 2);
  for (const explain of [
    (model: Model) => integratedGradients(model, { steps: 4 }),
    (model: Model) => smoothGrad(model, { samples: 3, seed: 1 }),
    (model: Model) => occlusion(model, { window: 3 }),
  ]) {
    const attribution = await explain(net)(x);
    const evidence = { x, attribution, explain };
    const together = await parameterRandomization(net)(evidence);
    const alone = await parameterRandomization(net, { memoryBudget: 1 })(evidence);
    together.values.forEach((value, sample) => {
      assert.ok(Math.abs(value - alone.values[sample]!) <= 1e-3, `${value} ${alone.values[sample]}`);
    });
  }
  x.dispose();
  release(net);
  net.dispose();
});
