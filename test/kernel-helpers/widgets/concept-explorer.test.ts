import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { conceptRelevance, conditionalRelevance, lrp, referenceSamples } from "../../../src/explainers/index.js";
import { referenceStore } from "../../../src/kernel-helpers/concepts/reference-store.js";
import { plantedPictures } from "../../../src/kernel-helpers/data/planted/index.js";
import { ConceptExplorer, LimpidError, TargetError, TraitError } from "../../../src/kernel-helpers/index.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";

let model: LoadedModel;
let x: tf.Tensor4D;
let photo: tf.Tensor4D;
before(async () => {
  model = await loadModel("planted-objects");
  const { pixels } = plantedPictures({ count: 90, seed: 5 });
  x = tf.tensor4d(pixels, [90, 48, 48, 3]);
  photo = tf.slice(x, 7, 1) as tf.Tensor4D;
});
after(() => model.dispose());

const rules = { composite: "epsilon-plus" } as const;

test("channels of a region add up to its relevance, and follow layer, class and region", async () => {
  const explorer = new ConceptExplorer({ model, image: photo, rules });
  await explorer.settled();
  assert.equal(explorer.error, "");
  const near = (a: number, b: number) =>
    assert.ok(Math.abs(a - b) < 1e-5 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);
  for (const layer of explorer.layers) {
    explorer.layer = layer;
    await explorer.settled();
    for (const region of [null, { top: 10, left: 4, height: 20, width: 9 }, { top: 0, left: 0, height: 1, width: 1 }]) {
      explorer.region = region;
      const parts = explorer.channels.reduce((sum, { relevance }) => sum + relevance, explorer.rest);
      near(parts, explorer.sum);
      const whole = await lrp(model, rules)(photo, { target: explorer.target });
      const { top, left, height, width } = region ?? { top: 0, left: 0, height: 48, width: 48 };
      let expected = 0;
      for (let row = top; row < top + height; row++)
        for (let at = (row * 48 + left) * 3; at < (row * 48 + left + width) * 3; at++) expected += whole.relevance[at]!;
      near(explorer.sum, expected);
    }
    const own = await conceptRelevance(model, { ...rules, layer })(photo, { target: explorer.target });
    for (const { channel, whole } of explorer.channels) near(whole, own.relevance[channel]!);
  }
  const before = explorer.channels;
  explorer.target = (explorer.target + 1) % 6;
  await explorer.settled();
  assert.match(explorer.title, new RegExp(`^Concepts of \\*${model.classNames![explorer.target]}\\*`));
  assert.notDeepEqual(explorer.channels, before);
  explorer.close();
});

test("a channel opens with the samples that referenceSamples finds, and shows its map of each", async () => {
  const explorer = new ConceptExplorer({ model, image: photo, data: { x }, rules });
  await explorer.settled();
  assert.equal(explorer.passed, 90);
  const { channel } = explorer.channels[0]!;
  explorer.channel = channel;
  await explorer.settled();
  const { layer } = explorer;
  assert.equal(explorer.seen, "channel");
  const source = { count: 90, take: (start: number, count: number) => tf.slice(x, start, count) };
  for (const by of ["relevance", "activation"] as const) {
    const found = await referenceSamples(model, { ...rules, layer, by })(source);
    const expected = found.channels[channel]!;
    const shown = explorer.samples.filter((sample) => sample.by === by);
    assert.deepEqual(
      shown.map(({ sample }) => sample),
      expected.samples.filter((_, at) => expected.values[at]! > 0),
    );
  }
  const [count, side] = explorer.crops!.shape;
  assert.equal(count, explorer.samples.length);
  assert.deepEqual(explorer.masks!.shape, [count, side, side]);
  assert.ok((explorer.masks!.data as Uint8Array).includes(1));
  explorer.sample = 0;
  assert.deepEqual(explorer.sampleImage!.shape, [48, 48, 3]);
  const one = tf.slice(x, explorer.samples[0]!.sample, 1);
  const [map] = await conditionalRelevance(model, { ...rules, conditions: [{ [layer]: [channel] }] })(one);
  const shown = explorer.sampleMap!.data as Float32Array;
  shown.forEach((value, at) => {
    const expected = map!.relevance[3 * at]! + map!.relevance[3 * at + 1]! + map!.relevance[3 * at + 2]!;
    assert.ok(Math.abs(value - expected) < 1e-4, `${at}: ${value} is not ${expected}`);
  });
  assert.ok(explorer.staticPicture()!.svg.includes("RelMax"));
  assert.match(explorer.toString(), /^ConceptExplorer: Concepts of/);
  explorer.close();
});

test("the data set passes once for all widgets, and then a channel opens in under a second", async () => {
  let taken = 0;
  const source = {
    count: 90,
    take(start: number, count: number) {
      taken += count;
      return tf.slice(x, start, count);
    },
  };
  const first = new ConceptExplorer({ model, image: photo, data: { x: source }, rules });
  await first.settled();
  assert.ok(taken >= 90 && taken < 100, `${taken} samples were taken`);
  assert.ok(referenceStore(model, source, { lrp: rules }).has(first.layer));
  taken = 0;
  const second = new ConceptExplorer({ model, image: photo, data: { x: source }, rules });
  await second.settled();
  assert.equal(taken, 0);
  const times: number[] = [];
  for (const { channel } of second.channels.slice(0, 5)) {
    const start = performance.now();
    second.channel = channel;
    await second.settled();
    times.push(performance.now() - start);
    assert.ok(second.samples.length > 0 && second.crops !== null);
  }
  // The median: another process may hold one of them up.
  assert.ok(times.sort((a, b) => a - b)[2]! < 1000, `${times} ms`);
  for (const one of [first, second]) one.close();
});

test("the pass can be stopped and run on, settings that do not fit are refused, and nothing is left behind", async () => {
  const before = tf.memory().numTensors;
  const source = { count: 90, take: (start: number, count: number) => tf.slice(x, start, count) };
  const explorer = new ConceptExplorer({ model, image: photo, data: { x: source }, rules });
  while (explorer.passed === 0) await explorer.next("passed");
  explorer.stop();
  await explorer.settled();
  assert.ok(explorer.passed > 0 && explorer.passed < 90, `${explorer.passed}`);
  assert.ok(explorer.stopped !== null);
  // What has passed can be looked at.
  explorer.channel = explorer.channels[0]!.channel;
  await explorer.settled();
  assert.ok(explorer.samples.every(({ sample }) => sample < explorer.passed));
  const same = explorer.layer;
  const other = explorer.layers.find((layer) => layer !== same)!;
  explorer.layer = other;
  await explorer.settled();
  assert.equal(explorer.passed, 90);
  assert.equal(explorer.channel, -1);
  explorer.layer = same;
  await explorer.settled();
  assert.equal(explorer.passed, 90);
  // Here and back again before anything is computed: nothing is left running, and the heading is the map's.
  explorer.layer = other;
  await new Promise<void>((resolve) => setImmediate(resolve));
  explorer.layer = same;
  await explorer.settled();
  assert.equal(explorer.running, false);
  assert.match(explorer.title, new RegExp(` in ${same}$`));
  for (const [name, value] of [
    ["layer", "conv9"],
    ["target", 6],
    ["region", { top: 0, left: 0, height: 49, width: 1 }],
    ["sample", 0],
  ] as const)
    assert.throws(() => explorer.set({ [name]: value }), TraitError, name);
  assert.throws(() => new ConceptExplorer({ model, image: photo, layer: "conv9" }), LimpidError);
  assert.throws(() => new ConceptExplorer({ model, image: photo, target: "cat" }), TargetError);
  explorer.close();
  await explorer.settled();
  await new Promise<void>((resolve) => setImmediate(resolve));
  // Programs of the model may have been made meanwhile; pictures, maps and recordings are not kept.
  assert.ok(tf.memory().numTensors - before < 30, `${tf.memory().numTensors - before} tensors more`);
});
