import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { epsilonGammaBox, epsilonPlus, lrp, release, sensitivity } from "../../../src/explainers/index.js";
import { topClasses } from "../../../src/kernel-helpers/models/class-scores.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import type { LoadedImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { TraitError } from "../../../src/kernel-helpers/widgets/base/trait-error.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { layerFlow } from "../../../src/kernel-helpers/widgets/explorer/layer-flow.js";

const SIZE = 8;
let model: LoadedModel;
let photo: LoadedImage;

/** A small network with a skip connection, on random weights and biases. */
function network(): tf.LayersModel {
  const random = (seed: number) => tf.initializers.randomNormal({ seed, stddev: 0.3, mean: 0.02 });
  const weights = (seed: number) => ({ kernelInitializer: random(seed), biasInitializer: random(seed + 100) });
  const conv = (name: string, seed: number) =>
    tf.layers.conv2d({ name, filters: 4, kernelSize: 3, padding: "same", activation: "relu", ...weights(seed) });
  const input = tf.input({ shape: [SIZE, SIZE, 3] });
  const first = conv("outer", 1).apply(input) as tf.SymbolicTensor;
  const second = conv("inner", 2).apply(first) as tf.SymbolicTensor;
  const sum = tf.layers.add().apply([first, second]) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(sum) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 3, ...weights(3) }).apply(pooled) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

before(async () => {
  await tf.setBackend("cpu");
  const net = network();
  const shape = [SIZE, SIZE, 3];
  const loaded = await loadModel((x) => net.predict(x) as tf.Tensor, {
    input: { shape },
    classNames: ["ant", "bee, bumblebee", "cat"],
  });
  // The layers model itself, so that layers have their names.
  model = { ...loaded, net };
  const tensor = tf.randomUniform([1, SIZE, SIZE, 3], 0, 1, "float32", 7) as tf.Tensor4D;
  const pixels = new Uint8ClampedArray(4 * SIZE * SIZE).fill(120);
  photo = { tensor, pixels, width: SIZE, height: SIZE, name: "noise.png", dispose: () => tensor.dispose() };
});

/** What the picture shows, and what an explanation made anew says. */
async function same(explorer: Explorer, expected: Promise<{ relevance: Float32Array; shape: readonly number[] }>) {
  await explorer.settled();
  assert.equal(explorer.error, "");
  const shown = (explorer.relevance as { values: Float32Array }).values;
  const { values } = relevanceMap(await expected);
  values.forEach((value, i) => {
    assert.ok(Math.abs(value - shown[i]!) < 1e-6, `${i}: ${shown[i]} ${value}`);
  });
}

test("it starts with the most probable class, explained as lrp explains it with biases shared out: the sum is the output", async () => {
  const explorer = new Explorer(model, photo);
  const [best] = explorer.classes;
  const logits = model.predict(photo.tensor).dataSync();
  assert.equal(best!.logit, Math.max(...logits));
  assert.equal(explorer.target, best!.index);
  const { low, high } = model.input;
  await same(explorer, lrp(model, { composite: epsilonGammaBox({ low, high }), bias: "distribute" })(photo.tensor));
  assert.ok(Math.abs(explorer.total! - explorer.output!) < 1e-4 * Math.abs(explorer.output!));
  assert.deepEqual([explorer.bias, explorer.parameters, explorer.remark], ["distribute", {}, "biases shared out"]);
  assert.equal(explorer.form.find(({ name }) => name === "bias")!.default, "distribute");
  assert.equal(explorer.title, `Why *${best!.name.split(",")[0]}*?`);
  assert.deepEqual([explorer.request, explorer.subtitle], [explorer.answered, "LRP, ε-γ-box"]);
  explorer.close();
});

test("settings that come while it computes: only the newest are explained", async () => {
  const explorer = new Explorer(model, photo);
  await explorer.settled();
  let explanations = 0;
  explorer.observe(() => explanations++, "relevance");
  for (const gamma of [0.1, 0.2, 0.3, 0.9]) explorer.gamma = gamma;
  explorer.set({ bias: "distribute", target: 1 });
  const { low, high } = model.input;
  const composite = epsilonGammaBox({ low, high, gamma: 0.9 });
  await same(explorer, lrp(model, { composite, bias: "distribute" })(photo.tensor, { target: 1 }));
  assert.equal(explanations, 1);
  assert.equal(explorer.title, "Why *bee*?");
  explorer.close();
});

test("another method says what it reads, and whether its values have a sign", async () => {
  const explorer = new Explorer(model, photo, { method: "sensitivity", target: 2 });
  const read = () => {
    const names = explorer.form.map(({ name }) => name);
    return ["composite", "bias", "epsilon", "gamma"].filter((name) => names.includes(name));
  };
  await same(explorer, sensitivity(model)(photo.tensor, { target: 2 }));
  assert.deepEqual([explorer.signed, read(), explorer.layers], [false, [], []]);
  explorer.set({ method: "lrp", composite: "epsilon-plus", bias: "absorb" });
  await same(explorer, lrp(model, { composite: epsilonPlus() })(photo.tensor, { target: 2 }));
  assert.deepEqual([explorer.signed, read()], [true, ["composite", "bias", "epsilon"]]);
  explorer.close();
});

test("the flow by layer balances: carried, beside and absorbed make the output", async () => {
  for (const bias of ["absorb", "ignore", "distribute"] as const) {
    const result = await lrp(model, { composite: epsilonPlus(), bias })(photo.tensor, { target: 2 });
    const flow = layerFlow(result.layers);
    const output = result.output[0]!;
    assert.deepEqual([flow[0]!.sum, flow[0]!.absorbed], [output, 0]);
    for (const { name, sum, absorbed } of flow) {
      // Beside the inner convolution, relevance passes on the skip connection.
      if (name !== "inner") assert.ok(Math.abs(sum + absorbed - output) < 1e-4, name);
    }
    const pixels = flow.at(-1)!;
    assert.deepEqual([pixels.name, pixels.shape], ["pixels", [SIZE, SIZE, 3]]);
    assert.ok(Math.abs(pixels.sum + pixels.absorbed - output) < 1e-4);
    if (bias === "distribute") assert.ok(Math.abs(pixels.absorbed) < 1e-4);
  }
});

test("what cannot be explained shows its error and leaves the rest", async () => {
  const segments = tf.cast(tf.mod(tf.range(0, 3 * SIZE * SIZE), 3), "int32") as tf.Tensor1D;
  const sums = (x: tf.Tensor) =>
    tf.transpose(tf.unsortedSegmentSum(tf.transpose(tf.reshape(x, [-1, 3 * SIZE * SIZE])), segments, 3));
  const strange = await loadModel(sums, { input: { shape: [SIZE, SIZE, 3] } });
  const explorer = new Explorer(strange, photo);
  await explorer.settled();
  assert.match(explorer.error, /UnsortedSegmentSum/);
  assert.equal(explorer.relevance, null);
  assert.equal(explorer.classes.length, 3);
  assert.equal(explorer.request, explorer.answered);
  explorer.close();
});

test("every method that is offered explains", async () => {
  const explorer = new Explorer(model, photo);
  for (const { value } of explorer.methods) {
    explorer.method = value;
    await explorer.settled();
    assert.equal(explorer.error, "", value);
    const { shape, values } = explorer.relevance as { shape: number[]; values: Float32Array };
    assert.deepEqual(shape, [SIZE, SIZE], value);
    assert.ok(
      values.some((entry) => entry !== 0),
      value,
    );
  }
  explorer.method = "lrp";
  const { control } = explorer.form.find(({ name }) => name === "composite")!;
  assert.ok(control.kind === "choice" && control.choices.length > 3);
  for (const { value } of control.choices) {
    explorer.composite = value;
    await explorer.settled();
    assert.equal(explorer.error, "", value);
    assert.ok(explorer.layers.length > 3, value);
  }
  explorer.close();
});

test("wrong settings are refused by name, with what may be meant", () => {
  const explorer = new Explorer(model, photo);
  for (const [name, value, meant] of [
    ["method", "intergrated-gradients", "integrated-gradients"],
    ["composite", "epsilon-plas", "epsilon-plus"],
    ["bias", "absorbs", "absorb"],
    ["mode", "overlays", "overlay"],
  ] as const) {
    assert.throws(
      () => explorer.set({ [name]: value } as never),
      (error) => error instanceof TraitError && error.candidates[0] === meant && error.message.endsWith("?"),
      name,
    );
  }
  for (const wrong of [{ composite: "magic" }, { gamma: -1 }, { bias: "hide" }, { method: 3 }]) {
    assert.throws(() => explorer.set(wrong as never), TraitError);
  }
  explorer.close();
});

test("closing frees what was recorded", async () => {
  const tensors = tf.memory().numTensors;
  const explorer = new Explorer(model, photo);
  await explorer.settled();
  await explorer.show(photo);
  explorer.close();
  release(model);
  assert.ok(tf.memory().numTensors <= tensors, `${tf.memory().numTensors} > ${tensors}`);
});

test("classes come with their softmax", () => {
  const classes = topClasses(Float32Array.of(1, 3, 2), undefined, 2);
  assert.deepEqual(
    classes.map(({ index }) => index),
    [1, 2],
  );
  const sum = Math.exp(1) + Math.exp(3) + Math.exp(2);
  assert.ok(Math.abs(classes[0]!.probability! - Math.exp(3) / sum) < 1e-12);
  assert.equal(classes[0]!.name, "output 1");
});
