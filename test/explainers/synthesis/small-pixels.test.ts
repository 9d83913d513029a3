import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ParameterError } from "../../../src/explainers/errors.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  activationMaximization,
  type PrototypeOptions,
  prototype,
  yosinskiSettings,
} from "../../../src/explainers/synthesis/index.js";
import {
  decayed,
  withoutSmallContributions,
  withoutSmallNorms,
} from "../../../src/explainers/synthesis/small-pixels.js";

const drawn = (seed: number, shape: number[]) =>
  tf.tensor(seededRandom(seed).gaussians(shape.reduce((product, size) => product * size, 1)), shape);

/** NumPy's percentile: between two values in proportion. */
function percentileOf(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (percentile / 100) * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

test("decay, small norms and small contributions are what their formulas say, start by start", () => {
  const shape = [2, 5, 6, 3];
  const [x, gradient] = [drawn(1, shape), drawn(2, shape)];
  const [values, slopes] = [x.arraySync(), gradient.arraySync()] as number[][][][][];
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    decayed(x, 0.3)
      .dataSync()
      .forEach((value, at) => void assert.ok(Math.abs(value - 0.7 * x.dataSync()[at]!) < 1e-6));
    for (const percentile of [10, 50, 90, 100]) {
      const norms = withoutSmallNorms(x, percentile).arraySync() as number[][][][];
      const contributions = withoutSmallContributions(x, gradient, percentile).arraySync() as number[][][][];
      for (const start of [0, 1]) {
        const pixels = values![start]!.flat();
        const lengths = pixels.map((pixel) => Math.hypot(...pixel));
        const shares = pixels.map((pixel, at) =>
          Math.abs(pixel.reduce((sum, value, channel) => sum + value * slopes![start]!.flat()[at]![channel]!, 0)),
        );
        for (const [found, sizes] of [
          [norms, lengths],
          [contributions, shares],
        ] as const) {
          const threshold = percentileOf(sizes, percentile);
          let gone = 0;
          found[start]!.flat().forEach((pixel, at) => {
            // The threshold's own pixel may fall to either side by rounding.
            if (Math.abs(sizes[at]! - threshold) < 1e-5) return;
            const stays = sizes[at]! >= threshold;
            if (!stays) gone++;
            assert.deepEqual(
              pixel.map(Math.abs),
              pixels[at]!.map((value) => (stays ? Math.abs(value) : 0)),
            );
          });
          assert.ok(Math.abs(gone - (percentile / 100) * 30) <= 1, `${gone} of 30 at ${percentile} %`);
        }
      }
    }
  });
  assert.equal(tf.memory().numTensors, before);
});

/** Two channels' sum over a picture of 6 × 6, with weights of their own. */
function weighted(seed: number) {
  const weights = drawn(seed, [72, 1]) as tf.Tensor2D;
  const model = (x: tf.Tensor) => {
    const z = tf.matMul(tf.reshape(x, [-1, 72]), weights);
    return tf.concat([z, tf.neg(z)], 1);
  };
  return { model, weights };
}

test("a run applies them after each step along the gradient, in the paper's order", async () => {
  const { model, weights } = weighted(3);
  const shared = {
    target: 0,
    maximize: "logit",
    shape: [6, 6, 2],
    bounds: null,
    learningRate: 0.1,
    seed: 4,
  } as const satisfies PrototypeOptions;
  const settings = { decay: 0.2, blur: 0, smallNorm: 30, smallContribution: 60 };
  const pictures: Float32Array[] = [];
  for await (const { picture } of activationMaximization(model, { ...shared, ...settings, steps: 4 }))
    pictures.push(picture);
  // Adam's first step is the rate times the gradient's sign; so is every step along a gradient that stays the same.
  const expected = tf.tidy(() => {
    const slopes = tf.reshape(weights, [1, 6, 6, 2]);
    let x: tf.Tensor = tf.tensor(pictures[0]!, [1, 6, 6, 2]);
    const found: Float32Array[] = [];
    for (let step = 0; step < 2; step++) {
      x = tf.mul(tf.add(x, tf.mul(tf.sign(slopes), 0.1)), 0.8);
      x = withoutSmallContributions(withoutSmallNorms(x, 30), slopes, 60);
      found.push(x.dataSync() as Float32Array);
    }
    return found;
  });
  // Step 1 reports the start, before its step.
  expected.forEach((picture, at) => {
    const reached = pictures[at + 2]!;
    picture.forEach((value, entry) => {
      assert.ok(
        Math.abs(value - reached[entry]!) < 1e-4,
        `step ${at + 1}, entry ${entry}: ${reached[entry]} is not ${value}`,
      );
    });
  });
  // Most of the picture is exactly 0.
  assert.ok(pictures.at(-1)!.filter((value) => value === 0).length >= 0.6 * 72 - 2);
});

test("each of the paper's sets of settings raises the activation, leaves no tensor and keeps what it clips at 0", async () => {
  const { model } = weighted(5);
  for (const [name, settings] of Object.entries(yosinskiSettings)) {
    const before = tf.memory().numTensors;
    const options = {
      target: 0,
      maximize: "logit",
      shape: [6, 6, 2],
      bounds: [-1, 1],
      steps: 60,
      ...settings,
    } as const;
    const start = await prototype(model, { ...options, steps: 0 });
    const { activation, picture } = await prototype(model, options);
    assert.ok(activation[0]! > start.activation[0]! + 1, `${name}: ${activation[0]}`);
    const zeros = picture.filter((value) => value === 0).length / picture.length;
    const least = Math.max(settings.smallNorm, settings.smallContribution) / 100;
    assert.ok(zeros >= least - 0.05, `${name}: ${zeros} of the picture is 0`);
    assert.equal(tf.memory().numTensors, before, name);
  }
});

test("what has no pixels of its own is refused by name", async () => {
  const { model } = weighted(6);
  const options = { target: 0, shape: [6, 6, 2], parametrization: "fourier", steps: 2 } as const;
  for (const setting of [{ decay: 0.1 }, { smallNorm: 20 }, { smallContribution: 20 }]) {
    const before = tf.memory().numTensors;
    await assert.rejects(prototype(model, { ...options, ...setting }), (error) => {
      assert.ok(error instanceof ParameterError);
      assert.match(error.message, /pixels/);
      return true;
    });
    assert.equal(tf.memory().numTensors, before);
  }
  await assert.rejects(prototype(model, { ...options, decay: 2 }), ParameterError);
  await assert.rejects(prototype(model, { ...options, smallNorm: 101 }), ParameterError);
});
