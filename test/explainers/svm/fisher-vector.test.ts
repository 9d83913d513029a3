import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AbortedError,
  decisionValue,
  explainFisherVector,
  fisherVector,
  fitGaussianMixture,
  fromScikitLearn,
  type GaussianMixture,
  ParameterError,
  shareByContribution,
  spreadToPixels,
  trainSvm,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { near, sum } from "../../helpers/numbers.js";

const random = seededRandom(4);
const mixture: GaussianMixture = {
  components: 3,
  dimensions: 2,
  weights: Float64Array.of(0.5, 0.3, 0.2),
  means: Float64Array.from({ length: 6 }, () => 2 * random.gaussian()),
  variances: Float64Array.from({ length: 6 }, () => 0.5 + random.uniform()),
};
const descriptors = Array.from({ length: 20 }, () => [2 * random.gaussian(), 2 * random.gaussian()]);

/** log p(descriptors) / L of a mixture given by softmax weights, means and standard deviations. */
function logLikelihood(alphas: readonly number[], means: readonly number[], deviations: readonly number[]): number {
  const total = sum(alphas.map(Math.exp));
  const logs = descriptors.map((x) => {
    const p = alphas.map((alpha, k) =>
      x.reduce(
        (product, value, d) =>
          (product * Math.exp(-((value - means[k * 2 + d]!) ** 2) / (2 * deviations[k * 2 + d]! ** 2))) /
          (Math.sqrt(2 * Math.PI) * deviations[k * 2 + d]!),
        Math.exp(alpha) / total,
      ),
    );
    return Math.log(sum(p));
  });
  return sum(logs) / descriptors.length;
}

test("a Fisher vector is the gradient of the log-likelihood, scaled by the square root of the Fisher information", () => {
  const alphas = Array.from(mixture.weights, Math.log);
  const means = [...mixture.means];
  const deviations = Array.from(mixture.variances, Math.sqrt);
  const vector = fisherVector(mixture, descriptors, { improved: false });
  assert.equal(vector.length, 3 * (1 + 2 * 2));
  const slope = (list: number[], at: number) => {
    const value = list[at]!;
    list[at] = value + 1e-5;
    const high = logLikelihood(alphas, means, deviations);
    list[at] = value - 1e-5;
    const low = logLikelihood(alphas, means, deviations);
    list[at] = value;
    return (high - low) / 2e-5;
  };
  for (let k = 0; k < 3; k++) near(vector[k]!, slope(alphas, k) / Math.sqrt(mixture.weights[k]!), 1e-7, `weight ${k}`);
  for (let i = 0; i < 6; i++) {
    const root = Math.sqrt(mixture.weights[Math.floor(i / 2)]!);
    near(vector[3 + i]!, (slope(means, i) * deviations[i]!) / root, 1e-7, `mean ${i}`);
    near(vector[9 + i]!, (slope(deviations, i) * deviations[i]!) / (root * Math.SQRT2), 1e-7, `variance ${i}`);
  }
  const improved = fisherVector(mixture, descriptors);
  near(sum(improved.map((value) => value ** 2)), 1, 1e-12, "length");
  improved.forEach((value, d) => {
    assert.equal(Math.sign(value), Math.sign(vector[d]!));
  });
});

test("relevance of local descriptors sums to the decision value, with and without stabilizer and normalization", () => {
  const svm = fromScikitLearn({
    coef_: [Array.from({ length: 15 }, () => random.gaussian())],
    intercept_: [0.3],
    classes_: [0, 1],
  });
  for (const options of [{}, { improved: false }, { stabilizer: 0.1 }]) {
    const { relevance, output, dimensions } = explainFisherVector(mixture, svm, descriptors, options);
    near(sum(relevance), output, 1e-9);
    near(sum(dimensions), output, 1e-9);
  }
  // A linear machine without bias on an unnormalized vector is a mean over descriptors: each has its own decision value's share.
  const unbiased = { ...svm, decisions: [{ ...svm.decisions[0]!, intercept: 0 }] };
  const { relevance } = explainFisherVector(mixture, unbiased, descriptors, { improved: false });
  descriptors.forEach((descriptor, l) => {
    const own = decisionValue(unbiased, fisherVector(mixture, [descriptor], { improved: false }));
    near(relevance[l]!, own / descriptors.length, 1e-9);
  });
});

test("expectation–maximization raises the likelihood and finds planted clusters", async () => {
  const draw = seededRandom(9);
  const centers = [
    [-4, 0],
    [4, 1],
    [0, 6],
  ];
  const data = Array.from({ length: 600 }, (_, i) => {
    const [x, y] = centers[i % 3]!;
    return [x! + draw.gaussian(), y! + 0.5 * draw.gaussian()];
  });
  const { mixture: fitted, logLikelihoods } = await fitGaussianMixture(data, {
    components: 3,
    seed: 1,
    tolerance: 1e-8,
  });
  logLikelihoods.slice(1).forEach((value, i) => {
    assert.ok(value >= logLikelihoods[i]! - 1e-9, `round ${i + 1}`);
  });
  near(sum(fitted.weights), 1, 1e-12);
  for (const [x, y] of centers) {
    const k = [0, 1, 2].find((i) => Math.hypot(fitted.means[2 * i]! - x!, fitted.means[2 * i + 1]! - y!) < 0.3);
    assert.ok(k !== undefined, `center ${x}, ${y}`);
    near(fitted.weights[k]!, 1 / 3, 0.02);
    near(fitted.variances[2 * k]!, 1, 0.3);
    near(fitted.variances[2 * k + 1]!, 0.25, 0.08);
  }
  // Descriptors drawn from the mixture itself have a Fisher vector near 0: the likelihood is at its peak.
  for (const value of fisherVector(fitted, data, { improved: false })) near(value, 0, 1e-2);
});

test("a patch planted in pictures gets the relevance, down to pixels", async () => {
  const draw = seededRandom(12);
  const regions = Array.from({ length: 16 }, (_, i) => ({
    top: 4 * Math.floor(i / 4),
    left: 4 * (i % 4),
    height: 4,
    width: 4,
  }));
  const pictures = Array.from({ length: 40 }, (_, i) => {
    const place = draw.integer(16);
    return {
      place,
      with: i % 2 === 0,
      // Background descriptors around (0, 0), planted ones around (4, 4).
      descriptors: regions.map((_, l) => {
        const offset = i % 2 === 0 && l === place ? 4 : 0;
        return [offset + draw.gaussian(), offset + draw.gaussian()];
      }),
    };
  });
  const all = pictures.flatMap((picture) => picture.descriptors);
  const { mixture: fitted } = await fitGaussianMixture(all, { components: 2 });
  const vectors = pictures.map((picture) => fisherVector(fitted, picture.descriptors));
  const svm = await trainSvm(
    vectors,
    pictures.map((picture) => String(picture.with)),
    { cost: 10 },
  );
  let found = 0;
  for (const picture of pictures.filter((each) => each.with)) {
    const { relevance, output } = explainFisherVector(fitted, svm, picture.descriptors, { stabilizer: 0.05 });
    const pixels = spreadToPixels(relevance, regions, [16, 16]);
    near(sum(pixels), output, 1e-4);
    const [row, column] = [Math.floor(picture.place / 4) * 4, (picture.place % 4) * 4];
    if (pixels[(row + 1) * 16 + column + 1] === Math.max(...pixels)) found++;
  }
  assert.ok(found >= 18, `${found} of 20`);
});

test("shares by contribution keep the sum; dimensions without contributions go to all alike", () => {
  const shares = shareByContribution(
    [2, -1, 3],
    [
      [1, 0, 0],
      [3, 1, 0],
    ],
  );
  assert.deepEqual([...shares], [0.5 + 1.5, 1.5 - 1 + 1.5]);
  const map = spreadToPixels(
    [4, 2],
    [
      { top: 0, left: 0, height: 2, width: 2 },
      { top: 1, left: 1, height: 5, width: 5 },
    ],
    [2, 2],
  );
  assert.deepEqual([...map], [1, 1, 1, 3]);
});

test("bad mixtures and descriptors are refused with an error that names the value", async () => {
  const svm = fromScikitLearn({ coef_: [[1, 2]], intercept_: [0], classes_: [0, 1] });
  const refuses = (work: () => unknown, message: RegExp) =>
    assert.throws(work, (error) => error instanceof ParameterError && message.test(error.message));
  refuses(() => fisherVector(mixture, []), /descriptors/);
  refuses(() => fisherVector(mixture, [[1, 2, 3]]), /3/);
  refuses(() => explainFisherVector(mixture, svm, descriptors), /2/);
  refuses(() => explainFisherVector(mixture, svm, descriptors, { stabilizer: -1 }), /stabilizer.*-1/);
  refuses(() => shareByContribution([1], []), /contributions/);
  refuses(() => spreadToPixels([1], [{ top: 9, left: 0, height: 2, width: 2 }], [4, 4]), /regions\[0\]/);
  const rejects = (work: () => Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error) => error instanceof ParameterError && message.test(error.message));
  await rejects(() => fitGaussianMixture(descriptors, { components: 0 }), /components.*0/);
  await rejects(() => fitGaussianMixture([[1], [2]], { components: 3 }), /descriptors\.length.*2/);
  await rejects(() => fitGaussianMixture([[1], [Number.NaN]], { components: 1 }), /descriptors\[1\]\[0\].*NaN/);
  await assert.rejects(
    () => fitGaussianMixture(descriptors, { components: 2, signal: AbortSignal.abort() }),
    AbortedError,
  );
});
