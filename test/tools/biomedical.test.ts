/** What trains the models of signals: the discriminant by its formula, scores by known intervals, a net by a planted wave. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { inverse, Matrix } from "ml-matrix";
import { lrp } from "../../src/explainers/index.js";
import { discriminantScores, fitDiscriminant } from "../../src/explainers/numerics/discriminant.js";
import { wilsonInterval } from "../../src/explainers/numerics/proportions.js";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { loadModel } from "../../src/kernel-helpers/index.js";
import { fitSignals, logitsOf } from "../../tools/train/biomedical/fit.js";
import { largest, scored } from "../../tools/train/biomedical/score.js";

test("Wilson's interval is that of statsmodels", () => {
  // statsmodels.stats.proportion.proportion_confint(68, 100, method="wilson")
  const { low, high } = wilsonInterval(68, 100);
  assert.ok(Math.abs(low - 0.58336) < 1e-4 && Math.abs(high - 0.76333) < 1e-4, `${low}, ${high}`);
  assert.deepEqual(wilsonInterval(5, 5).high, 1);
});

test("with many samples the discriminant is Fisher's: Σ⁻¹ of the class' means, whatever the features' scales", () => {
  const random = seededRandom(5);
  const count = 8000;
  const scales = [1, 50, 0.01];
  // x₁ and x₂ are correlated by 0.8, and the means differ in x₁ alone: so x₂ gets weight that takes away what it shares with x₁.
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
  const features = new Float64Array(count * 3);
  for (let row = 0; row < count; row++) {
    const a = random.gaussian();
    const b = 0.8 * a + 0.6 * random.gaussian();
    [a + labels[row]!, b, random.gaussian()].forEach((value, at) => {
      features[row * 3 + at] = value * scales[at]! + 7;
    });
  }
  const discriminant = fitDiscriminant({ features, size: 3, labels }, 2);
  const { weights } = discriminant;
  const difference = weights[1]!.map((weight, at) => (weight - weights[0]![at]!) * scales[at]!);
  const expected = inverse(
    new Matrix([
      [1, 0.8, 0],
      [0.8, 1, 0],
      [0, 0, 1],
    ]),
  )
    .mmul(Matrix.columnVector([1, 0, 0]))
    .to1DArray();
  expected.forEach((weight, at) => {
    assert.ok(Math.abs(difference[at]! - weight) < 0.12, `${at}: ${difference[at]} is not ${weight}`);
  });
  const right = discriminantScores(discriminant, features).filter(
    (scores, row) => largest(scores) === labels[row],
  ).length;
  // Φ(½ √(Δᵀ Σ⁻¹ Δ)) with Δᵀ Σ⁻¹ Δ = 1 / 0.36.
  assert.ok(Math.abs(right / count - 0.7977) < 0.015, String(right / count));
});

test("few samples of many features still tell new ones apart: the covariance is shrunk", () => {
  const random = seededRandom(6);
  const drawn = (count: number) => {
    const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
    const features = Float64Array.from({ length: count * 100 }, (_, at) => {
      const isTelling = at % 100 < 3 && labels[Math.floor(at / 100)] === 1;
      return random.gaussian() + (isTelling ? 3 : 0);
    });
    return { features, labels, size: 100 };
  };
  const discriminant = fitDiscriminant(drawn(40), 2);
  assert.ok(discriminant.weights.flat().every(Number.isFinite));
  const fresh = drawn(400);
  const predicted = discriminantScores(discriminant, fresh.features).map(largest);
  assert.ok(scored(predicted, fresh.labels).testAccuracy > 0.9);
});

test("windows of a series count as parts of it", () => {
  const parts = scored([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0], ["a", "a", "a", "b", "b", "b"]);
  assert.deepEqual([parts.testAccuracy, parts.testCount, parts.chance], [0.8333, 2, 0.6667]);
  assert.deepEqual(scored([1, 1], [1, 0]).testCount, 2);
});

test("a net learns a planted wave, the same with the same seed, and takes signals in their own scale", () => {
  const random = seededRandom(8);
  const [count, channels, samples] = [120, 2, 40];
  const labels = Int32Array.from({ length: count }, (_, index) => index % 2);
  const values = new Float32Array(count * channels * samples);
  for (let row = 0; row < count; row++) {
    for (let time = 0; time < samples; time++) {
      const wave = labels[row] === 1 ? Math.sin((2 * Math.PI * time) / 10) : 0;
      values[(row * 2 + 0) * samples + time] = 100 * (random.gaussian() + 2 * wave);
      values[(row * 2 + 1) * samples + time] = 0.01 * random.gaussian();
    }
  }
  const data = { values, shape: [count, channels, samples] as const, labels, groups: [] };
  const build = (seed: number) =>
    tf.sequential({
      layers: [
        tf.layers.conv1d({
          filters: 4,
          kernelSize: 10,
          strides: 5,
          activation: "relu",
          inputShape: [samples, channels],
          kernelInitializer: tf.initializers.heNormal({ seed }),
        }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2, kernelInitializer: tf.initializers.heNormal({ seed: seed + 1 }) }),
      ],
    });
  const options = { seed: 1, epochs: 40, classes: 2, batch: 40, rate: 1e-2, decay: 1e-3, dropout: 0.2 };
  const logits = logitsOf(fitSignals(build, data, options), data);
  assert.ok(scored(logits.map(largest), labels).testAccuracy > 0.95);
  assert.deepEqual(logitsOf(fitSignals(build, data, options), data), logits);
});

describe("built-in models of signals", () => {
  const shapes = {
    "ecg-beats": [216, 1],
    "eeg-finger-movements": [50, 16],
    "eeg-self-regulation": [896, 6],
    "motion-shoulder-exercises": [200, 6],
  };
  for (const [name, [samples, channels]] of Object.entries(shapes)) {
    test(`${name} takes signals as they are, and LRP distributes its output`, async () => {
      const model = await loadModel(name);
      assert.deepEqual(model.input.shape, [samples, channels]);
      assert.equal(model.output, "logits");
      assert.ok(model.classNames!.length >= 2);
      const x = tf.randomNormal([1, samples!, channels!], 0, 20, "float32", 3);
      const { relevance, output: score } = await lrp(model.net, { composite: "epsilon-plus", bias: "distribute" })(x, {
        target: 1,
      });
      const sum = relevance.reduce((all, value) => all + value, 0);
      assert.ok(Math.abs(sum - score[0]!) < 1e-3 * Math.max(1, Math.abs(score[0]!)), `${sum} is not ${score[0]}`);
      x.dispose();
      model.dispose();
    });
  }
});
