import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { LargestValues, neededFor } from "../../../src/explainers/concepts/dissection/largest-values.js";
import { randomRotation } from "../../../src/explainers/concepts/dissection/rotation.js";
import { AbortedError, dissect, LayerError, ParameterError, release } from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { quantile } from "../../../src/explainers/numerics/summary.js";

const SIZE = 16;
const NAMES = ["first", "second", "third"];

/** Noise with a spot of 4 × 4 in one of three channels; a fourth channel is noise alone. */
function spots(seed: number, count: number) {
  const random = seededRandom(seed);
  const pixels = random.gaussians(count * SIZE * SIZE * 4).map((value) => 0.1 * value);
  const map = new Uint8Array(count * SIZE * SIZE);
  for (let picture = 0; picture < count; picture++) {
    const [concept, top, left] = [random.integer(3), random.integer(SIZE - 4), random.integer(SIZE - 4)];
    for (let row = top; row < top + 4; row++) {
      for (let column = left; column < left + 4; column++) {
        const at = (picture * SIZE + row) * SIZE + column;
        map[at] = concept + 1;
        pixels[at * 4 + concept]! += 3;
      }
    }
  }
  return { x: tf.tensor4d(pixels, [count, SIZE, SIZE, 4]), concepts: { spot: { names: NAMES, map } } };
}

/** Channels as they are, in another order, then one layer of half the places. */
function channels(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "order", inputShape: [SIZE, SIZE, 4], filters: 4, kernelSize: 1, useBias: false }),
      tf.layers.averagePooling2d({ name: "pool", poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ name: "logits", units: 2, kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }) }),
    ],
  });
  // Units 0 to 3 are the channels 2, 0, 3 and 1.
  const order = [2, 0, 3, 1];
  const kernel = tf.buffer([1, 1, 4, 4]);
  order.forEach((channel, unit) => {
    kernel.set(1, 0, 0, channel, unit);
  });
  model.layers[0]!.setWeights([kernel.toTensor()]);
  return model;
}

test("planted detectors are found and no others, a rotation has fewer, and nothing is left behind", async () => {
  const model = channels();
  const data = spots(1, 60);
  const before = tf.memory().numTensors;
  const found = await dissect(model, { layers: ["order", "pool"], share: 0.02, resolution: 16, rotated: true })(data);
  for (const { layer, units, detectors, concepts, byKind, rotated } of found.layers) {
    assert.deepEqual(
      units.map(({ concept, isDetector }) => isDetector && concept!.name),
      ["third", "first", false, "second"],
      layer,
    );
    assert.equal(detectors, 3);
    assert.equal(concepts, 3);
    assert.deepEqual(byKind, { spot: 3 });
    assert.ok(units[0]!.overlap > 0.9 || layer === "pool", `${units[0]!.overlap}`);
    assert.ok(rotated!.concepts < 3 || rotated!.detectors < 3 || layer === "pool", JSON.stringify(rotated));
  }
  assert.deepEqual(found.warnings, []);
  release(model);
  assert.equal(tf.memory().numTensors, before);
});

test("thresholds and overlaps are those of all values at once, whatever the batches", async () => {
  const model = channels();
  const { x, concepts } = spots(2, 37);
  const values = (await x.array()).flat(2) as number[][];
  const wide = await dissect(model, { layers: "order", resolution: 16 })({ x, concepts });
  // Activations of two pictures: a batch of one.
  const narrow = await dissect(model, { layers: "order", resolution: 16, memoryBudget: 64e3 })({
    x: { count: 37, take: (start, count) => tf.slice(x, start, count) },
    concepts,
  });
  assert.deepEqual(narrow.layers[0]!.units, wide.layers[0]!.units);
  [2, 0, 3, 1].forEach((channel, unit) => {
    const own = values.map((row) => row[channel]!);
    const { threshold, concept, overlap, topPictures, topValues } = wide.layers[0]!.units[unit]!;
    assert.ok(Math.abs(threshold - quantile(own, 0.995)) < 1e-6, `${threshold} is not ${quantile(own, 0.995)}`);
    const overlaps = NAMES.map((_, index) => {
      const both = own.filter((value, at) => value > threshold && concepts.spot.map[at] === index + 1).length;
      const either = own.filter((value, at) => value > threshold || concepts.spot.map[at] === index + 1).length;
      return both / either;
    });
    assert.ok(Math.abs(overlap - Math.max(...overlaps)) < 1e-6);
    assert.equal(concept?.name ?? null, overlap > 0 ? NAMES[overlaps.indexOf(Math.max(...overlaps))] : null);
    const picture = Math.floor(own.indexOf(Math.max(...own)) / SIZE ** 2);
    assert.equal(topPictures[0], picture);
    assert.ok(Math.abs(topValues[0]! - Math.max(...own)) < 1e-6);
    assert.equal(topPictures.length, 9);
  });
});

test("where units are on in their top pictures is kept bit by bit, and their exact quantiles are met to 1e-3", async () => {
  const model = channels();
  const { x, concepts } = spots(8, 50);
  const values = (await x.array()).flat(2) as number[][];
  const { layers } = await dissect(model, { layers: "order", resolution: 16, keptMasks: 3 })({ x, concepts });
  const { units, masks } = layers[0]!;
  assert.equal(masks!.length, 4 * 3 * 32);
  [2, 0, 3, 1].forEach((channel, unit) => {
    const { threshold, topPictures } = units[unit]!;
    const exact = quantile(
      values.map((row) => row[channel]!),
      0.995,
    );
    assert.ok(Math.abs(threshold - exact) < 1e-3, `${threshold} is not ${exact}`);
    for (let slot = 0; slot < 3; slot++) {
      const own = masks!.subarray((unit * 3 + slot) * 32, (unit * 3 + slot + 1) * 32);
      const on = Array.from({ length: 256 }, (_, place) => ((own[place >> 3]! >> (place & 7)) & 1) === 1);
      const expected = values
        .slice(topPictures[slot]! * 256, (topPictures[slot]! + 1) * 256)
        .map((row) => row[channel]! > threshold);
      assert.deepEqual(on, expected);
    }
  });
  assert.equal((await dissect(model, { layers: "order" })({ x, concepts })).layers[0]!.masks, null);
});

test("concepts of one kind may overlap where they lie in several maps", async () => {
  const model = channels();
  const { x, concepts } = spots(9, 20);
  const whole = { names: ["spot"], map: concepts.spot.map.map((name) => Number(name > 0)) };
  const options = { layers: "order", share: 0.02, resolution: 16 };
  const apart = await dissect(model, options)({ x, concepts: { spot: concepts.spot, all: whole } });
  const together = await dissect(model, options)({ x, concepts: { spot: [concepts.spot, whole] } });
  assert.deepEqual(together.layers[0]!.overlaps, apart.layers[0]!.overlaps);
  assert.deepEqual(
    together.concepts.map(({ kind }) => kind),
    Array(4).fill("spot"),
  );
});

test("a budget too small for the largest values samples places evenly, and says so", async () => {
  const model = channels();
  const data = spots(3, 200);
  const exact = await dissect(model, { layers: "order", resolution: 16 })(data);
  const sampled = await dissect(model, { layers: "order", resolution: 16, memoryBudget: 8e3 })(data);
  assert.match(sampled.warnings[0]!, /every \d+\. place/);
  exact.layers[0]!.units.forEach(({ threshold }, unit) => {
    const other = sampled.layers[0]!.units[unit]!.threshold;
    assert.ok(Math.abs(other - threshold) < 0.15 * Math.abs(threshold), `${other} of ${threshold}`);
  });
});

test("of many streams the largest values are kept exactly, however they come", () => {
  const random = seededRandom(4);
  const rows = 5000;
  const values = Float32Array.from({ length: rows * 3 }, (_, at) =>
    at % 3 === 0
      ? random.gaussian()
      : at % 3 === 1
        ? Math.max(0, random.gaussian() - 2)
        : Math.floor(random.gaussian() * 2),
  );
  for (const share of [0.005, 0.1, 0.49]) {
    const kept = new LargestValues(3, neededFor(share, rows));
    for (let at = 0; at < rows; at += 700) kept.add(values.slice(at * 3, Math.min(rows, at + 700) * 3));
    for (let stream = 0; stream < 3; stream++) {
      const own = values.filter((_, at) => at % 3 === stream);
      assert.ok(Math.abs(kept.quantile(stream, share, rows) - quantile(own, 1 - share)) < 1e-6);
    }
  }
});

test("a rotation keeps lengths and turns with its seed", () => {
  const rotation = tf.tensor2d(randomRotation(12, 3), [12, 12]);
  const identity = tf.matMul(rotation, rotation, true).arraySync() as number[][];
  identity.forEach((row, i) => {
    row.forEach((value, j) => {
      assert.ok(Math.abs(value - (i === j ? 1 : 0)) < 1e-5);
    });
  });
  assert.notDeepEqual(randomRotation(12, 4), randomRotation(12, 3));
});

test("what cannot be dissected is refused by name, and what cannot be detected is said", async () => {
  const model = channels();
  const { x, concepts } = spots(5, 6);
  await assert.rejects(dissect(model, { layers: "oder" })({ x, concepts }), LayerError);
  await assert.rejects(dissect(model)({ x, concepts: {} }), ParameterError);
  await assert.rejects(dissect(model)({ x, concepts: { spot: { names: NAMES, map: [1, 2] } } }), /2 entries/);
  await assert.rejects(
    dissect(model)({ x, concepts: { spot: { names: ["first"], map: concepts.spot.map } } }),
    /number of a name/,
  );
  const all = { names: ["everything", "nothing"], map: new Uint8Array(6 * SIZE * SIZE).fill(1) };
  const { warnings } = await dissect(model)({ x, concepts: { all } });
  assert.match(warnings.join(" "), /No picture shows all "nothing".*No unit can detect all "everything"/s);
  const controller = new AbortController();
  const before = tf.memory().numTensors;
  await assert.rejects(
    dissect(model)({ x, concepts }, { signal: controller.signal, onProgress: () => controller.abort() }),
    AbortedError,
  );
  assert.equal(tf.memory().numTensors, before);
});
