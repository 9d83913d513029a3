import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { fieldOf } from "../../../src/explainers/concepts/crp/receptive-fields.js";
import { ReferencePass } from "../../../src/explainers/concepts/crp/reference-pass.js";
import {
  AbortedError,
  channelMaps,
  conceptRelevance,
  LayerError,
  lrp,
  ParameterError,
  receptiveField,
  record,
  referenceSamples,
  release,
  withinRegion,
} from "../../../src/explainers/index.js";
import { chosenLayer } from "../../../src/explainers/network/layers.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const SIZE = 12;

function net(seed: number, pool: "max" | "average" | "none" = "max"): tf.LayersModel {
  const conv = (name: string, filters: number, kernelSize: number, options: object = {}) =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize,
      activation: "relu",
      kernelInitializer: tf.initializers.glorotNormal({ seed: seed + filters }),
      biasInitializer: tf.initializers.randomNormal({ stddev: 0.1, seed: seed + filters + 50 }),
      ...options,
    });
  const model = tf.sequential({ layers: [conv("first", 6, 3, { inputShape: [SIZE, SIZE, 3], padding: "same" })] });
  if (pool !== "none") {
    const options = { name: "pool", poolSize: 2 };
    model.add(pool === "max" ? tf.layers.maxPooling2d(options) : tf.layers.averagePooling2d(options));
  }
  model.add(conv("second", 8, 3, { strides: 2, padding: "same" }));
  model.add(conv("third", 5, 2));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ name: "logits", units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed }) }));
  return model;
}

const pictures = (seed: number, count: number) =>
  tf.tensor4d(seededRandom(seed).gaussians(count * SIZE * SIZE * 3), [count, SIZE, SIZE, 3]);

test("channels and all others have parts of a region's relevance that add up to it, wherever it is", async () => {
  const random = seededRandom(3);
  for (const [layer, count, most] of [
    ["first", 6, 32],
    ["second", 8, 3],
    ["third", 5, 1],
  ] as const) {
    const model = net(1);
    const x = pictures(2, 1);
    const maps = await channelMaps(model, { layer, most, composite: "epsilon-plus" })(x, { target: 1 });
    assert.equal(maps.channels.length, Math.min(most, count));
    assert.equal(maps.rest.count, count - maps.channels.length);
    const own = await conceptRelevance(model, { layer, composite: "epsilon-plus" })(x, { target: 1 });
    assert.deepEqual(
      maps.channels.map(({ channel }) => channel),
      own.most(0, most),
    );
    const whole = await lrp(model, { composite: "epsilon-plus" })(x, { target: 1 });
    const scale = Math.max(...whole.relevance.map(Math.abs));
    for (let round = 0; round < 20; round++) {
      const [top, left] = [random.integer(SIZE), random.integer(SIZE)];
      const region = { top, left, height: 1 + random.integer(SIZE - top), width: 1 + random.integer(SIZE - left) };
      const { channels, rest, sum } = withinRegion(maps, region);
      // A second way: the whole map's own entries.
      let expected = 0;
      for (let row = top; row < top + region.height; row++) {
        for (let column = left; column < left + region.width; column++) {
          for (let color = 0; color < 3; color++) expected += whole.relevance[(row * SIZE + column) * 3 + color]!;
        }
      }
      const parts = channels.reduce((total, { relevance }) => total + relevance, rest);
      assert.ok(Math.abs(parts - expected) < 1e-5 * Math.max(1, scale * region.height), `${parts} is not ${expected}`);
      assert.ok(Math.abs(sum - expected) < 1e-5 * Math.max(1, scale * region.height));
      const sizes = channels.map(({ relevance }) => Math.abs(relevance));
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => b - a),
      );
    }
    release(model);
  }
});

test("what cannot be taken apart is refused by name, and a run can be stopped", async () => {
  const model = net(2);
  const composite = "epsilon-plus";
  await assert.rejects(channelMaps(model, { layer: "first", composite })(pictures(1, 2)), ParameterError);
  await assert.rejects(channelMaps(model, { layer: "frist", composite })(pictures(1, 1)), LayerError);
  assert.throws(() => channelMaps(model, { layer: "first", composite, most: 0 }), /most/);
  const maps = await channelMaps(model, { layer: "third", composite: "epsilon-plus" })(pictures(1, 1), { target: 0 });
  for (const region of [
    { top: -1, left: 0, height: 1, width: 1 },
    { top: 0, left: 0, height: SIZE + 1, width: 1 },
    { top: 0, left: 0, height: 0, width: 1 },
    { top: 0.5, left: 0, height: 1, width: 1 },
  ])
    assert.throws(() => withinRegion(maps, region), ParameterError);
  const controller = new AbortController();
  const x = pictures(1, 1);
  await channelMaps(model, { layer: "first", composite })(x, { target: 0 });
  const before = tf.memory().numTensors;
  await channelMaps(model, { layer: "first", composite })(x, { target: 0 });
  assert.equal(tf.memory().numTensors, before);
  await assert.rejects(
    channelMaps(model, { layer: "first", composite: "epsilon-plus" })(x, {
      target: 0,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    }),
    AbortedError,
  );
  assert.equal(tf.memory().numTensors, before);
});

test("a position's field is what relevance by the flat rule reaches; through a max pool it holds that", async () => {
  for (const pool of ["none", "average", "max"] as const) {
    const model = net(4, pool);
    const x = pictures(5, 1);
    const recording = record(model, x);
    const { graph } = recording;
    for (const layer of ["first", "second", "third"]) {
      const { id } = chosenLayer(graph, layer);
      const [, height = 1, width = 1] = graph.nodes[id]!.shape;
      for (const position of new Set([0, width - 1, Math.floor((height * width) / 2), height * width - 1])) {
        const field = fieldOf(graph, id, position);
        const seen = await receptiveField(model, x, layer, position);
        if (pool !== "max") assert.deepEqual(field, seen, `${pool} ${layer} ${position}`);
        else {
          assert.ok(field.top <= seen.top && field.left <= seen.left);
          assert.ok(field.top + field.height >= seen.top + seen.height);
          assert.ok(field.left + field.width >= seen.left + seen.width);
        }
      }
    }
    // A layer without positions sees all.
    const { id } = chosenLayer(graph, "logits");
    assert.deepEqual(fieldOf(graph, id, 0), { top: 0, left: 0, height: SIZE, width: SIZE });
    recording.dispose();
    release(model);
  }
});

test("one pass ranks for several layers both ways as passes of their own do, also when it was stopped and went on", async () => {
  const model = net(6);
  const x = pictures(7, 21);
  const source = { count: 21, take: (start: number, count: number) => tf.slice(x, start, count) };
  const pass = new ReferencePass(model, source, {
    layers: ["first", "second"],
    rankings: ["relevance", "activation"],
    statistic: "sum",
    count: 4,
    batch: 5,
    explain: lrp(model, { composite: "epsilon-plus" }),
    target: "top1",
  });
  const controller = new AbortController();
  const told: number[] = [];
  await assert.rejects(
    pass.run({
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        told.push(done);
        assert.equal(total, 21);
        if (done === 10) controller.abort();
      },
    }),
    AbortedError,
  );
  assert.equal(pass.done, 10);
  // What has passed can be looked at.
  assert.ok(pass.references("first", "relevance")[0]!.samples.every((sample) => sample < 10));
  const before = tf.memory().numTensors;
  await pass.run({ onProgress: ({ done }) => void told.push(done) });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(told, [5, 10, 15, 20, 21]);
  for (const layer of ["first", "second"]) {
    for (const by of ["relevance", "activation"] as const) {
      const options = { layer, by, count: 4, batch: 8, composite: "epsilon-plus" } as const;
      const alone = await referenceSamples(model, options)(source);
      const together = pass.references(layer, by);
      alone.channels.forEach((expected, channel) => {
        const found = together[channel]!;
        expected.values.forEach((value, at) => {
          assert.ok(Math.abs(value - found.values[at]!) < 1e-4 * Math.max(1, Math.abs(value)), `${layer} ${by}`);
        });
      });
    }
  }
  assert.deepEqual(pass.references("third", "relevance"), []);
});
