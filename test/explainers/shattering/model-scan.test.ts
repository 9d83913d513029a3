import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  autocorrelation,
  epsilonPlus,
  lrp,
  scanModel,
  sensitivity,
  vectorAutocorrelation,
} from "../../../src/explainers/index.js";
import { near } from "../../helpers/numbers.js";

const model = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: "relu" }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 8, activation: "relu" }),
    tf.layers.dense({ units: 3 }),
  ],
});
const from = tf.randomNormal([1, 6, 6, 2], 0, 1, "float32", 1);
const to = tf.randomNormal([1, 6, 6, 2], 0, 1, "float32", 2);
const composite = epsilonPlus();
after(() => {
  model.dispose();
  tf.dispose([from, to]);
});

test("the curves are those of the points taken one by one, in batches that do not divide their number", async () => {
  const scan = await scanModel(model, from, to, { target: 2, composite, points: 9, batch: 4, maxLag: 3 });
  for (let i = 0; i < 9; i++) {
    const point = tf.tidy(() => from.add(to.sub(from).mul(i / 8)));
    const slope = (await sensitivity(model, { kind: "signed" })(point, { target: 2 })).relevance;
    const explained = await lrp(model, { composite })(point, { target: 2 });
    near(scan.x[i]!, i / 8, 1e-7);
    near(scan.output[i]!, explained.output[0]!, 1e-4);
    near(scan.relevance[i]!, explained.relevanceSum, 1e-4);
    const direction = tf.tidy(() => to.sub(from).dataSync());
    near(
      scan.gradient[i]!,
      slope.reduce((sum, value, entry) => sum + value * direction[entry]!, 0),
      1e-3,
    );
    near(
      scan.sensitivity[i]!,
      slope.reduce((sum, value) => sum + value * value, 0),
      1e-3,
    );
    point.dispose();
  }
  assert.deepEqual(scan.autocorrelation.output, autocorrelation(scan.output, 3));
});

test("the derivative along the line integrates to the difference of the ends", async () => {
  const { output, gradient } = await scanModel(model, from, to, { target: 0, composite, points: 257, batch: 64 });
  const trapezoids = gradient.slice(1).reduce((sum, slope, i) => sum + (slope + gradient[i]!) / 2 / 256, 0);
  near(trapezoids, output.at(-1)! - output[0]!, 0.01 * Math.max(...gradient.map(Math.abs)));
});

test("the autocorrelation of maps: by hand, and of one entry that of numbers", () => {
  // Deviations from the mean map (2, 1): (−1, −1), (0, 0), (1, 1).
  const curve = vectorAutocorrelation(
    [
      [1, 0],
      [2, 1],
      [3, 2],
    ],
    2,
  );
  [1, 0, -0.5].forEach((expected, lag) => {
    near(curve[lag]!, expected, 1e-12);
  });
  const values = [4, 1, 3, 5, 5];
  assert.deepEqual(
    vectorAutocorrelation(
      values.map((value) => [value]),
      2,
    ),
    autocorrelation(values, 2),
  );
});

test("ends of different shapes, wrong numbers and an abort are refused, and no tensor stays behind", async () => {
  const before = tf.memory().numTensors;
  const other = tf.zeros([1, 6, 6, 1]);
  await assert.rejects(scanModel(model, from, other, { target: 0, composite }), { name: "InputShapeError" });
  other.dispose();
  await assert.rejects(scanModel(model, from, to, { target: 0, composite, points: 1 }), { parameter: "points" });
  await assert.rejects(scanModel(model, from, to, { target: 3, composite, points: 4, maxLag: 1 }), {
    name: "TargetError",
  });
  const stop = new AbortController();
  const onProgress = () => stop.abort();
  const aborted = scanModel(model, from, to, { target: 0, composite, batch: 8, onProgress, signal: stop.signal });
  await assert.rejects(aborted, { name: "AbortedError", done: 8 });
  await scanModel(model, from, to, { target: 0, composite, points: 6, maxLag: 2 });
  assert.equal(tf.memory().numTensors, before);
});
