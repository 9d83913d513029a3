import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  featureAblation,
  fitSurrogate,
  kernelShap,
  lime,
  limeTable,
  ParameterError,
  rise,
  shapleyValues,
  slic,
} from "../../../../src/explainers/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { convolutionalNet, linearModel } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

const draw = normals(21);
const weights = draw(8);
const x = draw(2, 8);
const linear = linearModel(weights, 0.7);
const contributions = tf.mul(weights, x).dataSync();
/** x₀ x₁ + 2 x₂ x₃ x₄ + x₅, and 0. */
const products = (input: tf.Tensor) =>
  tf.tidy(() => {
    const [a, b, c, d, e, f] = tf.unstack(input, 1) as tf.Tensor1D[];
    const value = a!.mul(b!).add(c!.mul(d!).mul(e!).mul(2)).add(f!);
    return tf.stack([value, tf.zerosLike(value)], 1);
  });

test("Shapley values of a linear model are w · x, of a product equal shares, of an idle feature 0", async () => {
  const exact = await shapleyValues(linear)(x, { target: 0 });
  close(exact.relevance, contributions, 1e-4);
  const input = tf.tensor2d([[2, 3, 1, -2, 4, 5, 9]]);
  const { relevance, output, expected } = await shapleyValues(products)(input, { target: 0 });
  close(relevance, [3, 3, -16 / 3, -16 / 3, -16 / 3, 5, 0], 1e-5);
  close([relevance.reduce((sum, value) => sum + value, 0)], [output[0]! - expected![0]!], 1e-5, "efficiency");
});

test("Shapley values average absent features over a background, and Kernel SHAP agrees where it enumerates", async () => {
  const input = draw(2, 7);
  const background = draw(5, 7);
  const exact = await shapleyValues(products, { background })(input, { target: 0 });
  const regression = await kernelShap(products, { background })(input, { target: 0 });
  close(regression.relevance, exact.relevance, 1e-4);
  close(regression.expected!, exact.expected!, 1e-5);
  const mean = tf.mean(tf.slice(products(background), [0, 0], [-1, 1])).dataSync();
  close(exact.expected!, [mean[0]!, mean[0]!], 1e-4);
  for (const sample of [0, 1]) {
    const sum = exact.features![sample]!.values.reduce((total, value) => total + value, 0);
    close([sum], [exact.output[sample]! - exact.expected![sample]!], 1e-4, "efficiency");
  }
});

test("sampled Kernel SHAP is exact on a linear model, efficient everywhere, and nears the exact values", async () => {
  const wide = draw(1, 20);
  const many = draw(20);
  const sampled = await kernelShap(linearModel(many), { samples: 200 })(wide, { target: 0 });
  close(sampled.relevance, tf.mul(many, wide).dataSync(), 1e-3);
  const input = tf.tensor2d([[2, 3, 1, -2, 4, 5, ...new Array<number>(10).fill(1)]]);
  const { relevance, output } = await kernelShap(products, { samples: 4000, seed: 2 })(input, { target: 0 });
  close([relevance.reduce((sum, value) => sum + value, 0)], output, 1e-4);
  close(relevance.slice(0, 6), [3, 3, -16 / 3, -16 / 3, -16 / 3, 5], 0.08);
});

test("more than twelve players are refused, with what to do instead", async () => {
  await assert.rejects(
    () => shapleyValues(linearModel(draw(13)))(tf.zeros([1, 13])),
    (error) => error instanceof ParameterError && /13/.test(error.message) && /group/.test(error.message),
  );
});

test("LIME recovers the coefficients of a linear model: by least squares exactly, by ridge nearly", async () => {
  const exact = await lime(linear, { surrogate: "leastSquares", samples: 100, kernelWidth: 10 })(x, { target: 0 });
  close(exact.relevance, contributions, 1e-3);
  close(
    exact.surrogates!.map(({ score }) => score),
    [1, 1],
    1e-5,
  );
  close(
    exact.surrogates!.map(({ localPrediction }) => localPrediction),
    exact.output,
    1e-3,
  );
  const ridge = await lime(linear, { samples: 3000, kernelWidth: 10 })(x, { target: 0 });
  close(ridge.relevance, contributions, 0.01);
  const few = await lime(linear, { numFeatures: 2, samples: 500, kernelWidth: 10, sampling: "count" })(x, {
    target: 0,
  });
  for (const sample of [0, 1]) {
    const used = few.surrogates![sample]!.chosen;
    const own = [...contributions.slice(sample * 8, sample * 8 + 8)].map(Math.abs);
    const largest = own
      .map((_, i) => i)
      .sort((p, q) => own[q]! - own[p]!)
      .slice(0, 2);
    assert.deepEqual([...used].sort(), largest.sort());
  }
});

test("LIME on an image hides superpixels by their mean color, on tokens by the unknown token", async () => {
  // Two halves; the model weighs the right one's deviations from its color, which hiding removes.
  const random = seededRandom(5);
  const noise = tf.tensor4d(
    Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 0 : random.gaussian())),
    [1, 16, 16, 3],
  );
  const colors = Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 16 < 8 ? 0.1 : 0.8));
  const photo = tf.add(tf.tensor4d(colors, [1, 16, 16, 3]), tf.mul(0.02, noise));
  const explain = lime(linearModel(noise), { segments: 8, samples: 400, surrogate: "leastSquares" });
  const { relevance, features } = await explain(photo, { target: 0 });
  const { ids, values } = features![0]!;
  const [pixels, factors] = [photo.dataSync(), noise.dataSync()];
  const expected = Array.from(values, (_, id) => {
    const mine = Array.from(ids.keys()).filter((i) => ids[i] === id);
    const mean = [0, 1, 2].map((c) => {
      const own = mine.filter((i) => i % 3 === c);
      return own.reduce((sum, i) => sum + pixels[i]!, 0) / own.length;
    });
    return mine.reduce((sum, i) => sum + factors[i]! * (pixels[i]! - mean[i % 3]!), 0);
  });
  close(values, expected, 1e-3);
  assert.ok(expected.some((value) => value > 1) && expected.some((value) => value === 0));
  assert.equal(relevance[3 * (5 * 16 + 12)], values[ids[3 * (5 * 16 + 12)]!]);

  const unknown = 0;
  const counts = (tokens: tf.Tensor) =>
    tf.tidy(() => tf.stack([tf.sum(tf.cast(tf.equal(tokens, 7), "float32"), 1), tf.zeros([tokens.shape[0]!])], 1));
  const sentence = tf.tensor2d([[4, 7, 2, 9, 7]], [1, 5], "int32");
  const tokens = await lime(counts, { baseline: unknown, sampling: "count", surrogate: "leastSquares" })(sentence, {
    target: 0,
  });
  close(tokens.relevance, [0, 1, 0, 0, 1], 1e-3);
});

test("LIME on tables: coefficients per standard deviation without bins, the right columns with bins and categories", async () => {
  const training = tf.tidy(() => draw(400, 3).mul([1, 2, 0.5]).add([0, 1, -1]));
  const table = (rows: tf.Tensor) => linearModel(tf.tensor1d([1, -3, 2]))(rows);
  const row = tf.tensor2d([[0.5, 2, -1]]);
  const plain = await limeTable(table, { training, discretize: "none", alpha: 0 })(row, { target: 0 });
  const { variance } = tf.moments(training, 0);
  close(plain.relevance, tf.mul([1, -3, 2], tf.sqrt(variance)).dataSync(), 1e-3);

  const random = seededRandom(31);
  const mixed = tf.tensor2d(
    Array.from({ length: 300 }, () => [random.gaussian(), random.integer(3), random.gaussian()]),
  );
  const rule = (rows: tf.Tensor) =>
    tf.tidy(() => {
      const [quantity, category] = tf.unstack(rows, 1) as tf.Tensor1D[];
      const value = tf
        .cast(tf.greater(quantity!, 0.8), "float32")
        .add(tf.cast(tf.equal(category!, 2), "float32").mul(2));
      return tf.stack([value, tf.zerosLike(value)], 1);
    });
  const sample = tf.tensor2d([[1.5, 2, 0]]);
  for (const discretize of ["quartile", "decile"] as const) {
    const { relevance } = await limeTable(rule, { training: mixed, categorical: [1], discretize })(sample, {
      target: 0,
    });
    assert.ok(relevance[0]! > 0.6 && relevance[0]! < 1.1, `quantity ${relevance[0]}`);
    close([relevance[1]!], [2], 0.1);
    assert.ok(Math.abs(relevance[2]!) < 0.1, `idle ${relevance[2]}`);
  }
});

test("constant columns and columns twice over do not break a surrogate", () => {
  const design = [1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0]; // the first column is always 1, the others are equal
  const neighborhood = { design, columns: 3, outputs: [3, 1, 3, 1], weights: [1, 1, 1, 1] };
  const { coefficients, intercept, score } = fitSurrogate(neighborhood, { surrogate: "leastSquares" });
  close(coefficients, [0, 1, 1], 1e-9);
  close([intercept, score], [1, 1], 1e-9);
});

test("RISE: the mean kept output is p f(x) + (1 − p) w_i x_i on a linear model, the difference w_i x_i", async () => {
  const w = draw(16);
  const input = draw(1, 16);
  const model = linearModel(w);
  const share = tf.mul(w, input).dataSync<"float32">();
  const f = share.reduce((sum, value) => sum + value, 0);
  const options = { cells: 16, interpolation: "nearest", masks: 40_000, probability: 0.3 } as const;
  const mean = await rise(model, { ...options, estimate: "mean" })(input, { target: 0 });
  const difference = await rise(model, options)(input, { target: 0 });
  // Four standard errors: a masked output's deviation, over √(masks · p).
  const deviation = Math.sqrt(share.reduce((sum, value) => sum + value ** 2 * 0.3 * 0.7, 0) + (0.3 * f) ** 2);
  const error = (4 * deviation) / Math.sqrt(40_000 * 0.3);
  share.forEach((value, i) => {
    assert.ok(Math.abs(mean.relevance[i]! - (0.3 * f + 0.7 * value)) < 1.5 * error, `mean ${i}`);
    assert.ok(Math.abs(difference.relevance[i]! - value) < 1.5 * error, `difference ${i}`);
  });
});

test("RISE is 0 where a place makes no difference, and where it was never hidden", async () => {
  const constant = (input: tf.Tensor) => tf.add(tf.mul(tf.sum(input, [1, 2]), 0), [7, 7]);
  const { relevance } = await rise(constant, { masks: 200 })(tf.ones([1, 12, 12, 1]), { target: 0 });
  assert.ok(relevance.every((value) => Math.abs(value) < 1e-4));
  const few = await rise(linearModel(draw(6)), { masks: 1, probability: 0.99 })(draw(1, 6), { target: 0 });
  close(few.relevance, [0, 0, 0, 0, 0, 0], 0);
});

test("RISE with smooth masks points at the place a model looks at", async () => {
  const place = tf.tidy(() =>
    tf
      .oneHot(tf.tensor1d([5 * 24 + 17], "int32"), 576)
      .reshape([1, 24, 24, 1])
      .cast("float32"),
  );
  const looks = (input: tf.Tensor) =>
    tf.tidy(() => tf.concat([tf.sum(tf.mul(input, place), [1, 2]), tf.zeros([input.shape[0]!, 1])], 1));
  const { relevance } = await rise(looks, { masks: 3000, cells: 6, seed: 3 })(tf.ones([1, 24, 24, 1]), { target: 0 });
  const peak = relevance.indexOf(Math.max(...relevance));
  assert.ok(
    Math.hypot(Math.floor(peak / 24) - 5, (peak % 24) - 17) <= 2,
    `peak at ${Math.floor(peak / 24)}, ${peak % 24}`,
  );
});

test("feature ids are checked, and each entry carries its feature's value", async () => {
  const model = convolutionalNet();
  const image = draw(2, 8, 8, 2);
  const ids = Int32Array.from({ length: 64 }, (_, i) => Math.floor(i / 32));
  const { relevance, features } = await featureAblation(model, { ids })(image, { target: 0 });
  relevance.forEach((value, i) => {
    assert.equal(value, features![Math.floor(i / 128)]!.values[i % 128 < 64 ? 0 : 1]);
  });
  const bad = (given: Parameters<typeof featureAblation>[1], message: RegExp) =>
    assert.rejects(
      async () => featureAblation(model, given)(image),
      (error) => error instanceof ParameterError && message.test(error.message),
    );
  await bad({ ids: [0, 1, 2] }, /128 feature ids.*3/);
  await bad({ ids: ids.map((id) => 2 * id) }, /feature 1 of 3/);
  await bad({ ids: Array.from(ids, (id) => id - 0.5) }, /-0\.5/);
  await bad({ features: "words" as never }, /"words"/);
  await assert.rejects(() => lime(linear, { features: "superpixels" })(x), ParameterError);
});

test("options out of range are refused with the value in the message", () => {
  const refuses = (work: () => unknown, message: RegExp) =>
    assert.throws(work, (error) => error instanceof ParameterError && message.test(error.message));
  refuses(() => lime(linear, { samples: 1 }), /samples.*1/);
  refuses(() => lime(linear, { kernelWidth: 0 }), /kernelWidth.*0/);
  refuses(() => lime(linear, { sampling: "some" as never }), /sampling.*"some"/);
  refuses(() => limeTable(linear, { training: x, discretize: "thirds" as never }), /discretize.*"thirds"/);
  refuses(() => kernelShap(linear, { samples: 0 }), /samples.*0/);
  refuses(() => rise(linear, { probability: 1 }), /probability.*1/);
  refuses(() => rise(linear, { masks: 0 }), /masks.*0/);
  refuses(() => fitSurrogate({ design: [1], columns: 1, outputs: [1], weights: [1] }, { alpha: -1 }), /alpha.*-1/);
  refuses(() => fitSurrogate({ design: [1], columns: 1, outputs: [1], weights: [0] }), /weights.*0/);
});

test("superpixels: about as many as asked for, each connected, and none across a strong edge", () => {
  const [height, width] = [40, 60];
  const pixels = Float32Array.from({ length: height * width * 3 }, (_, i) => {
    const column = Math.floor(i / 3) % width;
    return column < 23 ? [1, 0, 0][i % 3]! : [0, 0.2, 1][i % 3]!;
  });
  const { labels, count } = slic(pixels, [height, width, 3], { segments: 24 });
  assert.ok(count >= 15 && count <= 36, `${count} segments`);
  assert.deepEqual(
    [...new Set(labels)].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
  for (let label = 0; label < count; label++) {
    const members = new Set<number>();
    labels.forEach((own, place) => {
      if (own === label) members.add(place);
    });
    const sides = new Set(Array.from(members, (place) => place % width < 23));
    assert.equal(sides.size, 1, `segment ${label} crosses the edge`);
    const reached = [[...members][0]!];
    members.delete(reached[0]!);
    for (const place of reached) {
      for (const other of [
        place - width,
        place + width,
        place % width > 0 ? place - 1 : -1,
        place % width < width - 1 ? place + 1 : -1,
      ]) {
        if (members.delete(other)) reached.push(other);
      }
    }
    assert.equal(members.size, 0, `segment ${label} is in pieces`);
  }
  assert.throws(() => slic(pixels, [height, width, 3], { segments: 0 }), ParameterError);
});
