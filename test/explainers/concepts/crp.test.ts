import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type ConceptRelevance,
  conceptRelevance,
  conditionalRelevance,
  epsilonGammaBox,
  LayerError,
  lrp,
  ParameterError,
  receptiveField,
  record,
  referenceSamples,
  release,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const SIZE = 10;

function net(seed: number): tf.LayersModel {
  const init = (offset: number) => tf.initializers.glorotNormal({ seed: seed + offset });
  const bias = (offset: number) => tf.initializers.randomNormal({ stddev: 0.1, seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: "first",
        inputShape: [SIZE, SIZE, 2],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: init(1),
        biasInitializer: bias(2),
      }),
      tf.layers.conv2d({
        name: "second",
        filters: 5,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: init(3),
        biasInitializer: bias(4),
      }),
      tf.layers.maxPooling2d({ name: "pool", poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ name: "hidden", units: 6, activation: "relu", kernelInitializer: init(5) }),
      tf.layers.dense({ name: "logits", units: 3, kernelInitializer: init(6) }),
    ],
  });
}

const pictures = (seed: number, count: number) =>
  tf.tensor4d(seededRandom(seed).gaussians(count * SIZE * SIZE * 2), [count, SIZE, SIZE, 2]);

const near = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-5) => {
  const scale = Math.max(...Array.from(b, Math.abs));
  for (let i = 0; i < b.length; i++)
    assert.ok(Math.abs(a[i]! - b[i]!) <= tolerance * scale, `${i}: ${a[i]} is not ${b[i]}`);
};

test("maps of all channels of a layer add up to the whole map, and each channel's relevance is what its map began with", async () => {
  const composites = ["epsilon-plus", epsilonGammaBox({ low: -5, high: 5 }), "epsilon-plus-flat"] as const;
  for (const composite of composites) {
    const options = { composite };
    const model = net(1);
    const x = pictures(1, 3);
    const whole = await lrp(model, options)(x, { target: [0, 1, 2] });
    for (const [layer, channels] of [
      ["first", 4],
      ["second", 5],
      ["hidden", 6],
    ] as const) {
      const conditions = Array.from({ length: channels }, (_, channel) => ({ [layer]: [channel] }));
      const maps = await conditionalRelevance(model, { ...options, conditions })(x, { target: [0, 1, 2] });
      const sum = maps[0]!.relevance.map((_, i) => maps.reduce((total, map) => total + map.relevance[i]!, 0));
      near(sum, whole.relevance);
      const found = await conceptRelevance(model, { ...options, layer })(x, { target: [0, 1, 2] });
      assert.equal(found.channels, channels);
      const at = whole.layers.findLast(({ name, folded }) => name === layer || folded.includes(layer))!;
      near(
        found.sums,
        at.samples.map((sample) => sample.sum),
      );
      // What was masked away is all but the channel's own.
      maps.forEach((map, channel) => {
        const own = [0, 1, 2].reduce((total, sample) => total + found.relevance[sample * channels + channel]!, 0);
        const all = found.sums.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(all - map.maskedRelevance - own) < 1e-4 * Math.max(1, Math.abs(all)), `${layer} ${channel}`);
      });
      const order = found.most(1, channels).map((channel) => Math.abs(found.relevance[channels + channel]!));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => b - a),
      );
    }
    release(model);
  }
});

test("within channels of a higher layer, channels of a lower one have parts that add up to what they have", async () => {
  const model = net(2);
  const x = pictures(2, 2);
  const before = tf.memory().numTensors;
  const options = { composite: "epsilon-plus", layer: "first" } as const;
  const whole = await conceptRelevance(model, options)(x, { target: 1 });
  const parts: ConceptRelevance[] = [];
  for (let channel = 0; channel < 5; channel++) {
    parts.push(await conceptRelevance(model, { ...options, within: { second: [channel] } })(x, { target: 1 }));
  }
  near(
    whole.relevance.map((_, i) => parts.reduce((sum, part) => sum + part.relevance[i]!, 0)),
    whole.relevance,
  );
  // Several conditions at once: what passes through both.
  const [both] = await conditionalRelevance(model, {
    composite: "epsilon-plus",
    conditions: [{ second: [1, 3], first: [0] }],
  })(x, { target: 1 });
  const through = [1, 3].reduce(
    (sum, channel) => sum + [0, 1].reduce((s, sample) => s + parts[channel]!.relevance[sample * 4]!, 0),
    0,
  );
  const kept = both!.layers.findLast(({ name }) => name === "first")!;
  assert.ok(Math.abs(kept.sum - kept.masked - through) < 1e-5);
  release(model);
  assert.equal(tf.memory().numTensors, before);
});

test("a recording serves several questions, and channels or layers that are not there are named", async () => {
  const model = net(3);
  const recording = record(model, pictures(3, 1));
  const alone = await conceptRelevance(model, { layer: "second", composite: "epsilon-plus" })(pictures(3, 1), {
    target: 0,
  });
  const shared = await conceptRelevance(model, { layer: "second", composite: "epsilon-plus" })(recording, {
    target: 0,
  });
  assert.deepEqual(shared.relevance, alone.relevance);
  assert.equal(recording.disposed, false);
  recording.dispose();
  const x = pictures(3, 1);
  await assert.rejects(
    conditionalRelevance(model, { composite: "epsilon-plus", conditions: [{ second: [5] }] })(x),
    /conditions.second.*0 to 4/s,
  );
  await assert.rejects(
    conditionalRelevance(model, { composite: "epsilon-plus", conditions: [{ secnd: [0] }] })(x),
    LayerError,
  );
  await assert.rejects(conceptRelevance(model, { composite: "epsilon-plus", layer: "thrid" })(x), LayerError);
  assert.throws(() => conditionalRelevance(model, { conditions: [] }), ParameterError);
});

test("reference samples are those with the most relevance, or the strongest answers, of all samples at once", async () => {
  const model = net(4);
  const x = pictures(4, 23);
  const source = { count: 23, take: (start: number, count: number) => tf.slice(x, start, count) };
  const options = { layer: "second", composite: "epsilon-plus", count: 5, batch: 4 } as const;
  const best = (values: number[]) =>
    Array.from(values.keys())
      .sort((a, b) => values[b]! - values[a]! || a - b)
      .slice(0, 5);

  const byRelevance = await referenceSamples(model, options)(source, { target: 1 });
  const { relevance } = await conceptRelevance(model, { layer: "second", composite: "epsilon-plus" })(x, { target: 1 });
  const before = tf.memory().numTensors;
  const byActivation = await referenceSamples(model, { ...options, by: "activation", statistic: "max" })(source);
  const second = tf.model({ inputs: model.inputs, outputs: model.getLayer("second").output as tf.SymbolicTensor });
  const answers = tf.tidy(() => (second.predict(x) as tf.Tensor4D).arraySync());
  assert.equal(tf.memory().numTensors, before);
  for (let channel = 0; channel < 5; channel++) {
    const own = Array.from({ length: 23 }, (_, sample) => relevance[sample * 5 + channel]!);
    assert.deepEqual(byRelevance.channels[channel]!.samples, best(own));
    const flat = answers.map((rows) => rows.flat().map((values) => values[channel]!));
    const strongest = flat.map((values) => Math.max(...values));
    const found = byActivation.channels[channel]!;
    assert.deepEqual(found.samples, best(strongest));
    found.samples.forEach((sample, place) => {
      assert.equal(found.positions[place], flat[sample]!.indexOf(strongest[sample]!));
    });
  }
});

test("a position sees what the layers before it reach, cut at the picture's edge", async () => {
  const model = net(5);
  const x = pictures(5, 1);
  assert.deepEqual(await receptiveField(model, x, "first", 0), { top: 0, left: 0, height: 3, width: 3 });
  // Row 2, column 4 of 6 × 6.
  assert.deepEqual(await receptiveField(model, x, "second", 16), { top: 2, left: 4, height: 5, width: 5 });
  // Of the four that a max pool looks at, that of the largest.
  const { top, left, ...sizes } = await receptiveField(model, x, "pool", 8);
  assert.deepEqual(sizes, { height: 5, width: 5 });
  assert.ok([4, 5].includes(top) && [4, 5].includes(left));
  const same = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "same", inputShape: [SIZE, SIZE, 2], filters: 1, kernelSize: 5, padding: "same" }),
    ],
  });
  assert.deepEqual(await receptiveField(same, x, "same", 0), { top: 0, left: 0, height: 3, width: 3 });
});
