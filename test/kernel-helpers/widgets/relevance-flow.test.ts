import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type FlowLayer, flowBars } from "../../../src/comms/states/relevance-flow.js";
import {
  integratedGradients,
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  lrp,
  ParameterError,
  RelevanceFlow,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import type { RelevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { layerPicture } from "../../../src/kernel-helpers/widgets/relevance-flow/layer-picture.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { storedPng } from "./stored.js";

let model: LoadedModel;
let photo: LoadedImage;
before(async () => {
  model = await loadModel("mnist-cnn");
  photo = await loadImage("coffee.png", model.input);
});
after(() => {
  photo.dispose();
  model.dispose();
});

const close = (value: number, expected: number, what: string, tolerance = 1e-4) =>
  assert.ok(Math.abs(value - expected) <= tolerance * (1 + Math.abs(expected)), `${what}: ${value}, not ${expected}`);
const mapOf = ({ relevance }: RelevanceFlow) => relevance as RelevanceMap;
const sumOf = (values: Float32Array) => values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);

for (const composite of ["epsilon-plus", "epsilon-gamma-box"]) {
  test(`${composite}: at each layer what comes in is passed on or kept, and with what was kept before it is the output`, async () => {
    const flow = new RelevanceFlow(model, photo, { parameters: { composite } });
    await flow.settled();
    assert.equal(flow.error, "");
    assert.deepEqual(
      [flow.layers[0]!.kind, flow.layers.at(-1)!.kind, flow.layer],
      ["dense", "input", flow.layers.length - 1],
    );
    for (const [index, { name, kind, sum, passedOn, byBias, byEmpty, masked, before }] of flow.layers.entries()) {
      // A chain: nothing passes beside a layer.
      close(sum + before.byBias + before.byEmpty + before.masked, flow.output!, name, 1e-3);
      if (kind !== "input") close(passedOn + byBias + byEmpty + masked, sum, `books of ${name}`, 1e-3);
      flow.layer = index;
      close(sumOf(mapOf(flow).values), sum, `map of ${name}`, 1e-3);
      close(flow.total!, sum, `total of ${name}`, 1e-5);
      assert.ok(flow.caption.startsWith(name), flow.caption);
      assert.equal(flow.image === null, !["pool1", "conv1", "pool2", "conv2", "pixels"].includes(name), name);
    }
    flow.close();
  });
}

test("the map of a layer is its relevance with channels summed, of a model's own result as of one that is given", async () => {
  const tensors = tf.memory().numTensors;
  const target = 4;
  const result = await lrp(model, { composite: "epsilon-plus" })(photo.tensor, { target, keepLayers: true });
  const given = new RelevanceFlow(result, photo, { classNames: Array.from({ length: 10 }, (_, i) => `digit ${i}`) });
  const own = new RelevanceFlow(model, photo, { parameters: { composite: "epsilon-plus" }, target });
  await own.settled();
  assert.equal(given.title, "Why *digit 4*, layer by layer?");
  assert.equal(given.subtitle, "LRP, ε-plus · biases absorb");
  assert.deepEqual(given.layers, own.layers);
  for (const flow of [given, own]) flow.choose("conv2");
  const conv = result.layers.find(({ name }) => name === "conv2")!;
  const [, height = 0, width = 0, channels = 0] = conv.shape;
  const values = conv.relevance();
  for (let at = 0; at < height * width; at += 7) {
    const sum = sumOf(values.subarray(at * channels, (at + 1) * channels));
    for (const flow of [given, own]) close(mapOf(flow).values[at]!, sum, `position ${at}`, 1e-6);
  }
  own.close();
  given.close();
  // A given result is its maker's: it is still there.
  conv.relevance();
  result.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test("each sample of a batch has its own books", async () => {
  const both = tf.tidy(() => tf.concat([photo.tensor, tf.sub(1, photo.tensor)]));
  const result = await lrp(model)(both, { keepLayers: true });
  for (const sample of [0, 1]) {
    const one = tf.slice(both, sample, 1);
    const alone = await lrp(model)(one, { keepLayers: true });
    const [flow, expected] = [new RelevanceFlow(result, null, { sample }), new RelevanceFlow(alone)];
    for (const widget of [flow, expected]) widget.choose("pool1");
    flow.layers.forEach((layer, at) => void close(layer.sum, expected.layers[at]!.sum, layer.name, 1e-3));
    mapOf(flow).values.forEach((value, at) => void close(value, mapOf(expected).values[at]!, `${at}`, 1e-4));
    close(flow.output!, alone.output[0]!, "output");
    assert.equal(flow.layers.at(-1)!.name, "input");
    for (const end of [flow, expected]) end.close();
    alone.dispose();
    one.dispose();
  }
  assert.throws(() => new RelevanceFlow(result, null, { sample: 2 }), /sample must be from 0 to 1, but is 2/);
  result.dispose();
  both.dispose();
});

test("what was not kept, or is gone, or has no layers is said by name", async () => {
  const unkept = await lrp(model)(photo.tensor);
  const flow = new RelevanceFlow(unkept, photo);
  assert.ok(flow.relevance, "the input's relevance is in every result");
  flow.choose("conv1");
  assert.match(flow.error, /"conv1" was not kept: explain with keepLayers: true/);
  assert.equal(flow.layers.length > 3, true);
  flow.choose("pixels");
  assert.equal(flow.error, "");
  assert.throws(() => flow.choose("conv9"), ParameterError);
  assert.throws(() => {
    flow.layer = 99;
  }, TraitError);
  assert.throws(() => flow.explain({ target: 1 }), /shows a result that was given/);
  flow.close();
  const integrated = await integratedGradients(model)(photo.tensor);
  assert.throws(() => new RelevanceFlow(integrated, photo), /a model, or a result with layers/);
  assert.throws(() => new RelevanceFlow(model, photo, { method: "lrpp" as never }), /Did you mean/);
  const kept = await lrp(model)(photo.tensor, { keepLayers: true });
  const late = new RelevanceFlow(kept, photo);
  kept.dispose();
  late.choose("conv1");
  assert.match(late.error, /has been disposed of/);
  late.close();
  const without = new RelevanceFlow(model, photo, { method: "sensitivity" });
  await without.settled();
  assert.match(without.error, /one that sends relevance back from layer to layer, such as lrp/);
  assert.deepEqual([without.layers, without.relevance, without.running], [[], null, false]);
  without.close();
});

test("settings that come while it explains win; a run that is stopped leaves the picture, and says what was given up", async () => {
  const flow = new RelevanceFlow(model, photo);
  await flow.settled();
  flow.choose("conv1");
  const before = [flow.subtitle, flow.output];
  void flow.explain({ target: 3 });
  await turn();
  flow.stop();
  await flow.settled();
  assert.deepEqual([flow.subtitle, flow.output], before);
  assert.equal(flow.stopped, "LRP, ε-γ-box for 3");
  void flow.explain({ parameters: { composite: "epsilon-plus" } });
  await flow.explain({ target: 5 });
  assert.deepEqual([flow.subtitle, flow.stopped, flow.running], ["LRP, ε-plus · biases absorb", "", false]);
  assert.equal(flow.title, "Why *5*, layer by layer?");
  assert.equal(flow.layers[flow.layer]!.name, "conv1", "the layer stays chosen");
  flow.close();
});

test("what a reader does: a click on a layer brings its map, caption and sum in one message, the photo once", async () => {
  const frontEnd = new FrontEnd().attach();
  const flow = new RelevanceFlow(model, photo);
  await flow.settled();
  await turn();
  for (const [index, layer] of flow.layers.entries()) {
    const sent = frontEnd.sent.length;
    frontEnd.update(flow.id, { layer: index });
    await turn();
    const state = frontEnd.models.get(flow.id)!;
    assert.ok(String(state["caption"]).startsWith(layer.name));
    close(state["total"] as number, layer.sum, layer.name, 1e-5);
    const updates = frontEnd.sent.slice(sent).filter(({ buffers }) => buffers.length > 0);
    assert.ok(updates.length <= 1, `${updates.length} messages with binary frames`);
  }
  assert.deepEqual(frontEnd.reported, []);
  flow.close();
});

test("the file has the bars and the map, and in words every layer", async () => {
  const flow = new RelevanceFlow(model, photo);
  await flow.settled();
  assert.ok((await storedPng(flow)).length > 5000);
  const words = String(flow);
  assert.match(words, /^RelevanceFlow: Why 9, layer by layer\? LRP, ε-γ-box · biases absorb · output 4\.0/);
  for (const { name } of flow.layers) assert.ok(words.includes(`\n  ${name} (`), name);
  flow.close();
});

test("bars: in the layer, beside it and kept reach from zero to the output, whatever their signs", () => {
  const kept = fc.record({ byBias: value(), byEmpty: value(), masked: fc.constant(0) });
  function value() {
    return fc.double({ min: -5, max: 5, noNaN: true });
  }
  fc.assert(
    fc.property(value(), value(), kept, (output, sum, before) => {
      const layer = { name: "a", kind: "dense", rule: "", shape: [], passedOn: 0, ...before, sum, before };
      const { bars, zero, output: end } = flowBars([layer as FlowLayer], output);
      for (const [from, to] of Object.values(bars[0]!)) assert.ok(from >= -1e-9 && to <= 1 + 1e-9 && from <= to + 1e-9);
      const length = end - zero;
      if (Math.abs(output) < 1e-3) return;
      const unit = length / Math.abs(output);
      const { own, byBias, byEmpty } = bars[0]!;
      assert.ok(Math.abs(own[1] - own[0] - Math.abs(sum) * unit) < 1e-6);
      const sign = Math.sign(output);
      for (const [span, part] of [
        [byBias, before.byBias],
        [byEmpty, before.byEmpty],
      ] as const)
        assert.ok(Math.abs(span[1] - span[0] - Math.max(0, sign * part) * unit) < 1e-6);
      const flow = sign * (output - before.byBias - before.byEmpty);
      // Nothing was added: what is kept ends where the output ends.
      if (sign * before.byBias >= 0 && sign * before.byEmpty >= 0 && flow >= 0)
        assert.ok(Math.abs(byEmpty[1] - end) < 1e-6);
    }),
  );
});

test("a layer without positions is laid out row by row, and lies on no photo", () => {
  const units = Float32Array.from({ length: 1280 }, (_, i) => i);
  const dense = layerPicture(units, { shape: [1280], kind: "dense" }, 1);
  assert.deepEqual(dense.map.shape, [32, 40]);
  assert.deepEqual([...dense.map.values], [...units]);
  assert.equal(dense.onPhoto, false);
  assert.match(dense.words, /units 0 to 1279 row by row, 40 in a row/);
  const prime = layerPicture(new Float32Array(37), { shape: [37], kind: "dense" }, 1);
  assert.equal(prime.map.values.length - prime.map.values.filter(Number.isNaN).length, 37);
  assert.deepEqual(layerPicture(new Float32Array(10), { shape: [10], kind: "dense" }, 1).map.shape, [1, 10]);
  const steps = layerPicture(Float32Array.of(1, 2, 3, 4, 5, 6), { shape: [3, 2], kind: "conv1d" }, undefined);
  assert.deepEqual([...steps.map.values], [3, 7, 11]);
  const conv = { shape: [4, 8, 2], kind: "conv2d" };
  assert.equal(layerPicture(new Float32Array(64), conv, 2).onPhoto, true);
  assert.equal(layerPicture(new Float32Array(64), conv, 0.5).onPhoto, false);
  assert.equal(layerPicture(new Float32Array(64), { ...conv, kind: "matmul" }, 2).onPhoto, false);
  const slices = layerPicture(
    Float32Array.from({ length: 16 }, (_, i) => i),
    { shape: [2, 2, 2, 2], kind: "conv3d" },
    1,
  );
  assert.deepEqual(
    [slices.map.shape, [...slices.map.values]],
    [
      [4, 2],
      [1, 5, 9, 13, 17, 21, 25, 29],
    ],
  );
});
