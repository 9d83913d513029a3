import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { formulaNumbers, formulaSymbols, inLine, type WalkNode } from "../../../src/comms/states/layer-walk.js";
import {
  epsilon,
  LayerWalk,
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  lrp,
  ParameterError,
  TraitError,
  uniform,
} from "../../../src/kernel-helpers/index.js";
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
const total = ({ shares, others, kept }: WalkNode) =>
  shares.reduce((sum, { share }) => sum + share, others.share + kept);

for (const parameters of [
  { composite: "epsilon-plus" },
  { composite: "epsilon-gamma-box", bias: "distribute" },
  { composite: "alpha-beta", alpha: 1.5 },
]) {
  test(`${JSON.stringify(parameters)}: from the output to a pixel, every share is in the books of the unit above and of the one below`, async () => {
    const walk = new LayerWalk(model, photo, { parameters });
    await walk.settled();
    assert.equal(walk.error, "");
    assert.deepEqual([walk.layer, walk.path.length], [0, 1]);
    close(walk.node!.relevance, walk.output!, "the output's unit");
    const result = await lrp(model, parameters as never)(photo.tensor, { keepLayers: true });
    const relevance = new Map(result.layers.map((layer) => [layer.name, layer.relevance()]));
    const passed: string[] = [];
    while (walk.node !== null) {
      const { node } = walk;
      passed.push(node.layer);
      close(total(node), node.relevance, `${node.layer} shares out`, 1e-3);
      const share = node.shares[0]!;
      // The formula in words says the number that was propagated.
      if (node.terms !== null) {
        const quotients = node.terms.map(
          ({ factor, sum, bias, stabilizer, relevance: R }, at) =>
            (factor * share.contributions[at]! * R) / (sum + bias + stabilizer),
        );
        close(
          quotients.reduce((sum, part) => sum + part, 0),
          share.share,
          `${node.layer} by its formula`,
          1e-3,
        );
        assert.equal(formulaSymbols(node).length, node.terms.length);
        assert.match(inLine(formulaNumbers(node, share)), /\//);
      } else assert.ok(["winner", "pass", "move"].includes(node.rule), node.rule);
      walk.follow();
      const here = walk.path.at(-1)!;
      assert.deepEqual([here.layerName, here.unit, here.name], [share.layer, share.unit, share.name]);
      const name = here.layerName === "pixels" ? "input" : here.layerName;
      const own = [...relevance].find(
        ([layer]) => layer === name || (name === "input" && layer === result.layers[0]!.name),
      )!;
      close(own[1][here.unit]!, here.relevance, `${here.layerName} has`, 1e-4);
      close(share.whole!, here.relevance, "all that it gets", 1e-4);
    }
    assert.deepEqual(passed, ["logits", "dense", "pool2", "conv2", "pool1", "conv1"]);
    assert.equal(walk.path.at(-1)!.layerName, "pixels");
    result.dispose();
    walk.close();
  });
}

test("two layers by hand: every number of the formula", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, inputShape: [3], activation: "relu", name: "hidden" }),
      tf.layers.dense({ units: 1, name: "out" }),
    ],
  });
  net.setWeights([
    tf.tensor2d([1, -1, 2, 1, -1, 1], [3, 2]),
    tf.tensor1d([0, 0.5]),
    tf.tensor2d([2, 3], [2, 1]),
    tf.tensor1d([-1]),
  ]);
  const x = tf.tensor2d([[1, 2, 1]]);
  // Hidden: (1 + 4 − 1, −1 + 2 + 1 + 0.5) = (4, 2.5); output 8 + 7.5 − 1 = 14.5.
  const walk = new LayerWalk(net, x, { parameters: { composite: uniform(epsilon({ epsilon: 0.5 })) }, target: 0 });
  await walk.settled();
  assert.deepEqual(
    walk.layers.map(({ name }) => name),
    ["out", "hidden", "input"],
  );
  const { node } = walk;
  close(node!.value, 14.5, "z");
  assert.deepEqual(
    node!.shares.map(({ layer, name, activation, weight }) => [layer, name, activation, weight]),
    [
      ["hidden", "unit 0", 4, 2],
      ["hidden", "unit 1", 2.5, 3],
    ],
  );
  [(8 / 15) * 14.5, (7.5 / 15) * 14.5].forEach((share, at) => {
    close(node!.shares[at]!.share, share, `share ${at}`);
  });
  close(node!.kept, (-0.5 / 15) * 14.5, "kept");
  assert.equal(inLine(formulaSymbols(node!)), "aᵢwᵢₖ / (Σᵢ aᵢwᵢₖ + bₖ + ε) · Rₖ");
  assert.equal(inLine(formulaNumbers(node!, node!.shares[1]!)), "7.500 / (15.50 − 1 + 0.5) · 14.50");
  walk.follow(1);
  // z₂ = 2.5, R₂ = 7.25: shares (−1, 2, 1) / 3 · 7.25.
  const parts = new Map(walk.node!.shares.map(({ name, share }) => [name, share]));
  close(parts.get("entry 0")!, -7.25 / 3, "entry 0");
  close(parts.get("entry 1")!, (2 * 7.25) / 3, "entry 1");
  close(parts.get("entry 2")!, 7.25 / 3, "entry 2");
  walk.follow();
  assert.deepEqual([walk.node, walk.path.at(-1)!.name, walk.image], [null, "entry 1", null]);
  walk.back(0);
  assert.deepEqual([walk.path.length, walk.layer, walk.node!.layer], [1, 0, "out"]);
  assert.match(String(walk), /Rᵢ←ₖ = aᵢwᵢₖ/);
  walk.close();
  x.dispose();
  net.dispose();
});

test("a reader's clicks: a layer, a unit of the list, a place of the map, a share; without what answers they are refused", async () => {
  const frontEnd = new FrontEnd().attach();
  const walk = new LayerWalk(model, photo, { parameters: { composite: "epsilon-plus" } });
  await walk.settled();
  await turn();
  walk.choose("conv1");
  assert.deepEqual([walk.layers[walk.layer]!.name, walk.path.length], ["conv1", 1]);
  const strongest = walk.units[0]!;
  assert.equal(walk.unit, strongest.unit);
  assert.ok(walk.units.every(({ relevance }) => Math.abs(relevance) <= Math.abs(strongest.relevance) + 1e-12));
  walk.unit = walk.units[3]!.unit;
  assert.equal(walk.node!.name, walk.units.find(({ unit }) => unit === walk.unit)!.name);
  // A click on the map takes the strongest channel there.
  const [, x, y] = /x (\d+), y (\d+), channel (\d+)/.exec(strongest.name)!.map(Number);
  frontEnd.update(walk.id, { unit: walk.units[5]!.unit });
  await turn();
  assert.notEqual(walk.unit, strongest.unit);
  frontEnd.custom(walk.id, { event: "click", row: y!, column: x!, value: 0 });
  await turn();
  assert.deepEqual([walk.unit, walk.path.length], [strongest.unit, 1]);
  frontEnd.custom(walk.id, { event: "follow", share: 1 });
  await turn();
  assert.deepEqual([walk.node, walk.path.length], [null, 2]);
  frontEnd.custom(walk.id, { event: "back", step: 0 });
  await turn();
  assert.deepEqual([walk.unit, walk.path.length], [strongest.unit, 1]);
  walk.share = 2;
  for (const wrong of [{ share: 99 }, { unit: 1e6 }, { layer: 99 }]) assert.throws(() => walk.set(wrong), TraitError);
  assert.throws(() => walk.choose("conv9"), ParameterError);
  assert.throws(() => walk.follow(99), ParameterError);
  assert.throws(() => walk.back(99), ParameterError);
  walk.close();
});

test("other settings keep the place; a method without layers, and several samples, are named; nothing is left", async () => {
  const tensors = tf.memory().numTensors;
  const walk = new LayerWalk(model, photo, { parameters: { composite: "epsilon-plus" }, target: 4 });
  await walk.settled();
  walk.choose("conv2");
  const { unit } = walk;
  const before = walk.node!.relevance;
  await walk.explain({ parameters: { composite: "epsilon-plus", bias: "distribute" } });
  assert.deepEqual([walk.node!.layer, walk.unit], ["conv2", unit]);
  assert.notEqual(walk.node!.relevance, before);
  const { width, height } = await sharp(await storedPng(walk)).metadata();
  assert.ok(width > 600 && height > 400, `${width} × ${height}`);
  await walk.explain({ method: "sensitivity" });
  assert.match(walk.error, /sends relevance back from layer to layer/);
  assert.deepEqual([walk.layers, walk.node, walk.path], [[], null, []]);
  walk.close();
  assert.ok(tf.memory().numTensors <= tensors + 40, "only what is made from weights stays, with them");
  assert.throws(() => new LayerWalk(model, tf.zeros([2, 28, 28, 1])), /input must be one sample/);
  assert.throws(() => new LayerWalk(model, photo, { method: "lrpp" as never }), /Did you mean "lrp"/);
});
