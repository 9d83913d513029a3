import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  fitPatchGaussian,
  InputShapeError,
  ModelError,
  meaningfulPerturbation,
  ParameterError,
  type PatchGaussian,
  predictionDifference,
} from "../../../../src/explainers/index.js";
import { conditionOn } from "../../../../src/explainers/methods/perturbation/windows/patch-gaussian.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { convolutionalNet } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

/** Φ(w · x + b): a model whose probability under a Gaussian input is known in closed form. */
const probit = (w: tf.Tensor, b: number) => (x: tf.Tensor) =>
  tf.tidy(() => {
    const z = tf.matMul(x as tf.Tensor2D, w.reshape([-1, 1])).add(b);
    const p = tf.erf(z.div(Math.SQRT2)).add(1).div(2);
    return tf.concat([p, tf.sub(1, p)], 1);
  });
const normalShare = (z: number) =>
  tf.tidy(
    () =>
      tf
        .erf(tf.scalar(z / Math.SQRT2))
        .add(1)
        .div(2)
        .dataSync()[0]!,
  );

/** N(mean, A Aᵀ) in four dimensions. */
function fourDimensions(): PatchGaussian & { covariance: Float64Array } {
  const a = seededRandom(2).gaussians(16);
  const covariance = new Float64Array(16);
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) for (let k = 0; k < 4; k++) covariance[i * 4 + j]! += a[i * 4 + k]! * a[j * 4 + k]!;
  }
  return { shape: [4], mean: Float64Array.of(0.2, -0.4, 0.1, 0.5), covariance, range: [-9, 9] };
}

test("prediction difference on a linear-Gaussian model: conditional sampling has its closed form", async () => {
  const gaussian = fourDimensions();
  const { mean, covariance } = gaussian;
  const w = tf.tensor1d([0.8, -0.5, 0.3, 0.6]);
  const [b, trainingSize, samples] = [-0.2, 1000, 20_000];
  const x = [0.9, -0.3, 0.4, -0.7];
  const explain = predictionDifference(probit(w, b), {
    gaussian,
    window: 1,
    samples,
    clip: false,
    probability: "identity",
    trainingSize,
  });
  const { relevance, output } = await explain(tf.tensor2d([x]), { target: 0 });
  const weights = [...w.dataSync()];
  const z = weights.reduce((sum, value, i) => sum + value * x[i]!, b);
  close(output, [normalShare(z)], 1e-5);
  const evidence = (p: number) => {
    const corrected = (p * trainingSize + 1) / (trainingSize + 2);
    return Math.log2(corrected / (1 - corrected));
  };
  for (let i = 0; i < 4; i++) {
    // x_i given the rest by the precision matrix: variance 1 / P_ii, mean μ_i − Σ_j P_ij (x_j − μ_j) / P_ii.
    const precision = inverse([...covariance], 4);
    const variance = 1 / precision[i * 4 + i]!;
    let center = mean[i]!;
    for (let j = 0; j < 4; j++) if (j !== i) center -= precision[i * 4 + j]! * variance * (x[j]! - mean[j]!);
    const rest = z - weights[i]! * x[i]!;
    // E Φ(rest + w x) over x ~ N(center, variance) = Φ((rest + w center) / √(1 + w² variance)).
    const p = normalShare((rest + weights[i]! * center) / Math.sqrt(1 + weights[i]! ** 2 * variance));
    const expected = evidence(normalShare(z)) - evidence(p);
    // Φ lies in [0, 1]: its mean is known to 0.5 / √samples, the evidence to that over p (1 − p) ln 2.
    const tolerance = (4 * 0.5) / Math.sqrt(samples) / (p * (1 - p) * Math.LN2);
    assert.ok(
      Math.abs(relevance[i]! - expected) < tolerance,
      `${i}: ${relevance[i]} instead of ${expected} ± ${tolerance}`,
    );
  }
});

/** Gauss–Jordan, for a few dimensions. */
function inverse(matrix: number[], n: number): number[] {
  const m = matrix.slice();
  const result = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  for (let p = 0; p < n; p++) {
    const pivot = m[p * n + p]!;
    for (let c = 0; c < n; c++) {
      m[p * n + c]! /= pivot;
      result[p * n + c]! /= pivot;
    }
    for (let r = 0; r < n; r++) {
      if (r === p) continue;
      const factor = m[r * n + p]!;
      for (let c = 0; c < n; c++) {
        m[r * n + c]! -= factor * m[p * n + c]!;
        result[r * n + c]! -= factor * result[p * n + c]!;
      }
    }
  }
  return result;
}

test("marginal sampling averages over the background's own values", async () => {
  const w = tf.tensor1d([1, -2]);
  const background = tf.tensor2d([
    [0.3, 0.1],
    [-0.4, 0.6],
  ]);
  const x = [0.5, -0.2];
  const explain = predictionDifference(probit(w, 0), {
    background,
    window: 1,
    samples: 20_000,
    probability: "identity",
    trainingSize: 100,
  });
  const { relevance } = await explain(tf.tensor2d([x]), { target: 0 });
  const evidence = (p: number) => Math.log2((p * 100 + 1) / 102 / (1 - (p * 100 + 1) / 102));
  const whole = evidence(normalShare(0.5 + 0.4));
  const first = (normalShare(0.3 + 0.4) + normalShare(-0.4 + 0.4)) / 2;
  const second = (normalShare(0.5 - 0.2) + normalShare(0.5 - 1.2)) / 2;
  close(relevance, [whole - evidence(first), whole - evidence(second)], 0.02);
});

test("a Gaussian fitted to patches has the data's mean and covariance, wherever the patches lie", () => {
  // Rows of a moving average of white noise: covariance 2 on the diagonal, 1 beside it.
  const noise = normals(3)(400, 33);
  const rows = tf.tidy(() => tf.add(tf.slice(noise, [0, 0], [-1, 32]), tf.slice(noise, [0, 1], [-1, 32])));
  const { mean, covariance, shape } = fitPatchGaussian(rows, { patch: 4, regularization: 0 });
  assert.deepEqual(shape, [4]);
  for (let i = 0; i < 4; i++) {
    assert.ok(Math.abs(mean[i]!) < 0.08);
    for (let j = 0; j < 4; j++) {
      const expected = i === j ? 2 : Math.abs(i - j) === 1 ? 1 : 0;
      assert.ok(Math.abs(covariance[i * 4 + j]! - expected) < 0.12, `${i}, ${j}: ${covariance[i * 4 + j]}`);
    }
  }
  const given = conditionOn(
    { shape: [2], mean: Float64Array.of(1, 2), covariance: Float64Array.of(4, 1, 1, 2), range: [0, 1] },
    [0],
    [1],
  );
  close(given.mean(Float64Array.of(3)), [1.5], 1e-12);
  close(given.factor, [Math.sqrt(3.5)], 1e-12);
});

test("prediction difference on images covers every pixel, also where windows are cut", async () => {
  const model = convolutionalNet("softmax");
  const images = normals(4)(30, 8, 8, 2);
  const gaussian = fitPatchGaussian(images, { patch: 5 });
  const explain = predictionDifference(model, { gaussian, window: 3, strides: 2, samples: 4 });
  const { relevance, output, target } = await explain(tf.slice(images, 0, 2));
  const probabilities = (model.predict(tf.slice(images, 0, 2)) as tf.Tensor).arraySync() as number[][];
  close(
    output,
    target.map((index, i) => probabilities[i]![index!]!),
    1e-5,
  );
  assert.ok(relevance.every(Number.isFinite));
  assert.ok(new Set(relevance).size > 50);
});

test("prediction difference refuses what does not fit", async () => {
  const model = convolutionalNet();
  const image = normals(5)(1, 8, 8, 2);
  const other = tf.zeros([3, 8, 8, 1]);
  const gaussian = fitPatchGaussian(normals(6)(20, 8, 8, 2), { patch: 3 });
  const refuses = (work: () => unknown, message: RegExp) =>
    assert.rejects(
      async () => await work(),
      (error) => error instanceof ParameterError && message.test(error.message),
    );
  await refuses(() => predictionDifference(model, { background: image, gaussian }), /gaussian must be left out/);
  await refuses(() => predictionDifference(model, { background: image, samples: 0 }), /samples.*0/);
  await refuses(() => predictionDifference(model, { background: other })(image), /background/);
  await refuses(() => predictionDifference(model, { gaussian, window: 4 })(image), /window.*patch/);
  await refuses(() => fitPatchGaussian(image, { patch: 3, regularization: -1 }), /regularization/);
  await assert.rejects(
    async () =>
      conditionOn(
        { shape: [2], mean: new Float64Array(2), covariance: Float64Array.of(1, 1, 1, 1), range: [0, 1] },
        [0],
        [1],
      ),
    ModelError,
  );
});

/** The logit is 8 · (mean of a planted square) − 4, on images of 32 by 32. */
function plantedNet(top: number, left: number): (x: tf.Tensor) => tf.Tensor {
  const inside = tf.buffer([1, 32, 32, 1]);
  for (let i = top; i < top + 8; i++) for (let j = left; j < left + 8; j++) inside.set(1 / 64, 0, i, j, 0);
  const square = inside.toTensor();
  return (x) =>
    tf.tidy(() => {
      const z = tf.sum(tf.mul(x, square), [1, 2]).mul(8).sub(4);
      return tf.concat([z, tf.zerosLike(z)], 1);
    });
}

test("meaningful perturbation deletes the planted region and nothing else", async () => {
  const photo = tf.ones([1, 32, 32, 1]);
  for (const perturbation of [0, "blur"] as const) {
    // Blurring a constant image changes nothing, so the square stands out from a darker surrounding there.
    const square = tf.buffer([1, 32, 32, 1], "float32", new Float32Array(1024).fill(perturbation === "blur" ? 0 : 1));
    for (let i = 12; i < 20; i++) for (let j = 12; j < 20; j++) square.set(1, 0, i, j, 0);
    const input = perturbation === "blur" ? square.toTensor() : photo;
    const explain = meaningfulPerturbation(plantedNet(12, 12), {
      perturbation,
      mask: [8, 8],
      iterations: 150,
      area: 0.01,
      variation: 0,
      jitter: 0,
    });
    const { relevance } = await explain(input, { target: 0 });
    let inside = 0;
    let far = 0;
    relevance.forEach((value, i) => {
      const [row, column] = [Math.floor(i / 32), i % 32];
      if (row >= 12 && row < 20 && column >= 12 && column < 20) inside += value / 64;
      // A cell of the mask, 4 pixels wide, reaches half of the next one by interpolation.
      else if (row < 4 || row >= 28 || column < 4 || column >= 28) far = Math.max(far, value);
    });
    assert.ok(inside > 0.7, `${perturbation}: ${inside} of the region is deleted`);
    assert.ok(far < 0.05, `${perturbation}: ${far} is deleted elsewhere`);
  }
});

test("the total variation makes masks smoother, the area smaller", async () => {
  const photo = tf.ones([1, 32, 32, 1]);
  const explain = async (area: number, variation: number) => {
    const options = { perturbation: 0, mask: [8, 8] as const, iterations: 100, jitter: 2, area, variation };
    return (await meaningfulPerturbation(plantedNet(8, 16), options)(photo, { target: 0 })).relevance;
  };
  const roughness = (map: Float32Array) =>
    map.reduce((sum, value, i) => sum + (i % 32 === 31 ? 0 : (map[i + 1]! - value) ** 2), 0);
  const total = (map: Float32Array) => map.reduce((sum, value) => sum + value, 0);
  const [plain, smooth, small] = await Promise.all([explain(0.001, 0), explain(0.001, 0.1), explain(0.02, 0)]);
  assert.ok(roughness(smooth!) < 0.8 * roughness(plain!), `${roughness(smooth!)} against ${roughness(plain!)}`);
  assert.ok(total(small!) < total(plain!), `${total(small!)} against ${total(plain!)}`);
});

test("meaningful perturbation refuses what does not fit", async () => {
  const model = convolutionalNet();
  const refuses = (options: Parameters<typeof meaningfulPerturbation>[1], message: RegExp) =>
    assert.throws(
      () => meaningfulPerturbation(model, options),
      (error) => error instanceof ParameterError && message.test(error.message),
    );
  refuses({ iterations: 0 }, /iterations.*0/);
  refuses({ beta: 0.5 }, /beta.*0\.5/);
  refuses({ area: -1 }, /area.*-1/);
  refuses({ initial: 2 }, /initial.*2/);
  refuses({ perturbation: "fog" as never }, /perturbation.*"fog"/);
  refuses({ mask: [0, 4] }, /mask.*0/);
  const rows = (x: tf.Tensor) => tf.concat([x, x], 1);
  await assert.rejects(() => meaningfulPerturbation(rows)(tf.zeros([1, 4])), InputShapeError);
  // TensorFlow.js has no gradient of this kernel.
  const ranked = (x: tf.Tensor) => tf.topk(tf.reshape(x, [x.shape[0]!, -1]), 2).values;
  await assert.rejects(
    () => meaningfulPerturbation(ranked)(tf.ones([1, 8, 8, 1])),
    (error) => error instanceof ModelError && /TopK/.test(error.message),
  );
});

test("a picture of one color expects nothing but itself: every weight of evidence is 0", async () => {
  const weights = normals(1)(8 * 8 * 3, 2);
  const model = (x: tf.Tensor) => tf.matMul(tf.reshape(x, [x.shape[0]!, -1]) as tf.Tensor2D, weights as tf.Tensor2D);
  for (const color of [0, 0.3, -2]) {
    const { relevance } = await predictionDifference(model)(tf.fill([1, 8, 8, 3], color), { target: 0 });
    assert.ok(relevance.every((value) => Math.abs(value) < 1e-5));
  }
});

test("an input that is no larger than a patch asks for others", async () => {
  const model = (x: tf.Tensor) => tf.concat([x, tf.neg(x)], 1);
  await assert.rejects(
    () => predictionDifference(model)(tf.tensor2d([[2]])),
    (error: Error) => error instanceof ParameterError && /background must be given/.test(error.message),
  );
});
