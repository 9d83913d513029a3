import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Attribution,
  attention,
  findMethod,
  gradientTimesInput,
  integratedGradients,
  lrp,
  occlusion,
  record,
  release,
  setCompiler,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { graphCompiler } from "../../../src/kernel-helpers/tensorflow/graph/compiler.js";

// What was recorded or compiled for one input must not be taken for what another one needs.

let compiler: ReturnType<typeof setCompiler>;
before(() => {
  compiler = setCompiler(graphCompiler);
});
after(() => void setCompiler(compiler));

const l = tf.layers;
const generator = seededRandom(3);

const random = (shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * generator.uniform() - 1),
    shape,
  );

function filled(model: tf.LayersModel): tf.LayersModel {
  model.setWeights(model.getWeights().map(({ shape }) => random(shape)));
  return model;
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, what = "", share = 1e-4): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(...Array.from(expected, Math.abs), 1e-6);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(actual[i]! - expected[i]!) <= share * scale, `${what} ${i}: ${actual[i]}, not ${expected[i]}`);
  }
}

test("two inputs that were one tensor while a program was made are two again", async () => {
  const [a, b] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })];
  const twin = l.dense({ units: 5, activation: "relu" });
  const joined = l.concatenate().apply([twin.apply(a), twin.apply(b)] as tf.SymbolicTensor[]);
  const model = filled(tf.model({ inputs: [a, b], outputs: l.dense({ units: 2 }).apply(joined) as tf.SymbolicTensor }));
  const [x, y] = [random([1, 4]), random([1, 4])];
  const explain = gradientTimesInput(model);
  const first = await explain([x, y], { target: 0 });
  for (let call = 0; call < 6; call++) await explain([x, x], { target: 0 });
  for (let call = 0; call < 6; call++) {
    const later = await explain([x, y], { target: 0 });
    near(later.output, first.output);
    for (const input of [0, 1]) near(later.inputs[input]!.relevance, first.inputs[input]!.relevance);
  }
});

test("a target that is the output itself does not stay the target", async () => {
  const model = filled(tf.sequential({ layers: [l.dense({ units: 3, inputShape: [4] })] }));
  const x = random([1, 4]);
  const explain = gradientTimesInput(model);
  const ones = (outputs: tf.Tensor) => tf.onesLike(outputs);
  const expected = await explain(x, { target: ones });
  for (let call = 0; call < 6; call++) await explain(x, { target: (outputs) => tf.clone(outputs) });
  for (let call = 0; call < 6; call++) near((await explain(x, { target: ones })).relevance, expected.relevance);
});

test("whole numbers as input are explained as often as one likes, and like others", async () => {
  const model = filled(
    tf.sequential({
      layers: [
        l.conv2d({ filters: 3, kernelSize: 3, inputShape: [6, 6, 1], activation: "relu" }),
        l.flatten(),
        l.dense({ units: 2 }),
      ],
    }),
  );
  const x = tf.cast(tf.mul(random([1, 6, 6, 1]), 100), "int32");
  const explain = integratedGradients(model, { steps: 8 });
  const expected = await explain(tf.cast(x, "float32"), { target: 0 });
  for (let call = 0; call < 8; call++) near((await explain(x, { target: 0 })).relevance, expected.relevance);
});

/** Nets whose graphs hold something of the batch that they were traced at. */
const rigid: Readonly<Record<string, () => tf.LayersModel>> = {
  "a layer for every step": () =>
    tf.sequential({
      layers: [
        l.timeDistributed({ layer: l.dense({ units: 2, activation: "relu" }), inputShape: [5, 4] }),
        l.flatten(),
        l.dense({ units: 3 }),
      ],
    }),
  "layer normalization of steps": () =>
    tf.sequential({
      layers: [
        l.dense({ units: 4, inputShape: [5, 4] }),
        l.layerNormalization(),
        l.globalAveragePooling1d({}),
        l.dense({ units: 3, activation: "softmax" }),
      ],
    }),
  "layer normalization of a picture": () =>
    tf.sequential({
      layers: [
        l.reshape({ targetShape: [5, 2, 2], inputShape: [5, 4] }),
        l.layerNormalization(),
        l.flatten(),
        l.dense({ units: 3 }),
      ],
    }),
  "a recurrent layer": () =>
    tf.sequential({ layers: [l.lstm({ units: 3, inputShape: [5, 4] }), l.dense({ units: 3 })] }),
};

for (const [name, make] of Object.entries(rigid)) {
  for (const [first, later] of [
    [1, 3],
    [3, 1],
    [2, 5],
    [5, 4],
  ] as const) {
    test(`${name}: after ${first} sample${first > 1 ? "s" : ""}, ${later} are what they are without`, () => {
      const model = filled(make());
      const x = random([later, 5, 4]);
      const expected = record(model, x);
      const [logits] = expected.outputs.map((output) => output.dataSync<"float32">().slice());
      expected.dispose();
      release(model);
      record(model, random([first, 5, 4])).dispose();
      for (let call = 0; call < 2; call++) {
        const recording = record(model, x);
        near(recording.outputs[0]!.dataSync<"float32">(), logits!);
        recording.dispose();
      }
    });
  }

  test(`${name}: one sample is explained as it is among others`, async () => {
    const model = filled(make());
    const x = random([3, 5, 4]);
    const one = tf.slice(x, 0, 1);
    for (const id of ["integrated-gradients", "smoothgrad", "gradient-times-input", "occlusion", "deeplift"]) {
      const explain = findMethod(id)(model, id === "occlusion" ? { baseline: 0 } : {}) as (
        x: tf.Tensor,
        run: object,
      ) => Promise<Attribution>;
      const single = await explain(one, { target: 0 });
      const several = await explain(x, { target: 0 });
      near(several.relevance.slice(0, single.relevance.length), single.relevance, id);
      near(several.output.slice(0, 1), single.output, id);
    }
  });
}

test("the attention composite at another batch is as in a fresh model", async () => {
  const model = filled(rigid["layer normalization of steps"]!());
  const [one, three] = [random([1, 5, 4]), random([3, 5, 4])];
  const explain = lrp(model, { composite: attention() });
  const expected = await explain(three, { target: 0 });
  release(model);
  await explain(one, { target: 0 });
  near((await explain(three, { target: 0 })).relevance, expected.relevance);
});

test("integrated gradients of one sample of a layer for every step are complete", async () => {
  const model = filled(rigid["a layer for every step"]!());
  const x = random([1, 5, 4]);
  const { relevance } = await integratedGradients(model, { steps: 400 })(x, { target: 0 });
  const at = (input: tf.Tensor) => (model.predict(input) as tf.Tensor).dataSync()[0]!;
  near([relevance.reduce((a, b) => a + b)], [at(x) - at(tf.zerosLike(x))], "", 2e-3);
});

test("an error of a kernel in a measured pass reaches the caller, and no tensor stays", async () => {
  const weights = tf.ones([4, 2]) as tf.Tensor2D;
  const x = tf.ones([1, 4]);
  for (const failing of [1, 2, 3, 4, 5]) {
    let calls = 0;
    const model = (input: tf.Tensor) =>
      ++calls === failing ? tf.reshape(input, [7]) : tf.matMul(input as tf.Tensor2D, weights);
    const tensors = tf.memory().numTensors;
    await occlusion(model)(x, { target: 0 }).then(
      () => assert.ok(calls < failing),
      (error: Error) => assert.match(error.message, /reshape|7/i),
    );
    assert.equal(tf.memory().numTensors, tensors, `failing at pass ${failing}`);
  }
  // A rejection that nobody waits for would end the process by now.
  await new Promise((resolve) => setTimeout(resolve, 20));
});
