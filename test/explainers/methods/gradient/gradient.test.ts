import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ParameterError, TargetError } from "../../../../src/explainers/errors.js";
import {
  deconvnet,
  deepLift,
  expectedGradients,
  gradCam,
  gradientTimesInput,
  guidedBackprop,
  integratedGradients,
  layerConductance,
  layerGradientTimesActivation,
  quadrature,
  quadratureRules,
  RootNotFoundError,
  sensitivity,
  simpleTaylor,
  smoothGrad,
  squareGrad,
  varGrad,
} from "../../../../src/explainers/methods/gradient/index.js";
import { LayerError } from "../../../../src/explainers/network/index.js";
import { AbortedError } from "../../../../src/explainers/progress.js";
import { convolutionalNet } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals, peakBytes } from "../../../helpers/tensors.js";

const net = convolutionalNet();
const images = normals(31)(3, 8, 8, 2);
const size = 8 * 8 * 2;

/** ∂(output of a class)/∂x by TensorFlow.js' own tape. */
const tapeGradient = (model: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, target: number): Float32Array =>
  tf.tidy(() => {
    const gradient = tf.grad((at) => tf.sum(tf.slice(model(at), [0, target], [-1, 1])));
    return gradient(x).dataSync<"float32">().slice();
  });

const predict = (x: tf.Tensor): tf.Tensor => net.predict(x) as tf.Tensor;

test("sensitivity is the squared gradient, and sums to its squared norm", async () => {
  const gradient = tapeGradient(predict, images, 1);
  const { relevance } = await sensitivity(net)(images, { target: 1 });
  close(
    relevance,
    gradient.map((value) => value ** 2),
    1e-4,
  );
  const norm = gradient.reduce((sum, value) => sum + value ** 2, 0);
  assert.ok(Math.abs(relevance.reduce((a, b) => a + b, 0) - norm) < 1e-4 * norm);
  const absolute = await sensitivity(net, { kind: "absolute", channels: "max" })(images, { target: 1 });
  const largest = gradient.map((_, i) =>
    Math.max(Math.abs(gradient[i - (i % 2)]!), Math.abs(gradient[i - (i % 2) + 1]!)),
  );
  close(absolute.relevance, largest, 1e-4);
  const product = await gradientTimesInput(net)(images, { target: 1 });
  const pixels = images.dataSync();
  close(
    product.relevance,
    gradient.map((value, i) => value * pixels[i]!),
    1e-4,
  );
});

test("gradient × input sums to the output of a ReLU network without biases", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 4, kernelSize: 3, activation: "relu", useBias: false }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
  const { relevance, output } = await gradientTimesInput(model)(images, { target: 2 });
  for (const sample of [0, 1, 2]) {
    const sum = relevance.subarray(sample * size, (sample + 1) * size).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - output[sample]!) < 1e-5 * Math.max(1, Math.abs(output[sample]!)));
  }
});

test("Gauss–Legendre integrates polynomials of degree 2n − 1 exactly; every rule's weights sum to 1", () => {
  for (const steps of [1, 2, 3, 5, 8, 50]) {
    const { nodes, weights } = quadrature("gauss-legendre", steps);
    for (const degree of [0, 1, 2 * steps - 2, 2 * steps - 1]) {
      const integral = nodes.reduce((sum, node, i) => sum + weights[i]! * node ** degree, 0);
      assert.ok(Math.abs(integral - 1 / (degree + 1)) < 1e-12, `${steps} ${degree}`);
    }
  }
  for (const rule of quadratureRules) {
    const { weights } = quadrature(rule, 7);
    assert.ok(Math.abs(weights.reduce((a, b) => a + b, 0) - 1) < 1e-12);
  }
});

test("integrated gradients are exact on a polynomial and complete on a net, the more so with more steps", async () => {
  // f = x₀³ + x₀² x₁: along t·x the gradient is quadratic in t, so two nodes are enough. ∫ ∂f/∂x₀ dt · x₀ = x₀³ + ⅔ x₀² x₁.
  const cubic = (x: tf.Tensor) =>
    tf.tidy(() => {
      const [a, b] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(tf.mul(a, a), a), tf.mul(tf.mul(a, a), b));
    });
  const [a, b] = [1.5, -2];
  const exact = await integratedGradients(cubic, { steps: 2 })(tf.tensor2d([[a, b]]), { target: 0 });
  close(exact.relevance, [a ** 3 + (2 / 3) * a * a * b, (1 / 3) * a * a * b], 1e-5);
  assert.ok(Math.abs(exact.completenessGap[0]!) < 1e-5);

  // A smooth net, so that the gap falls without the jitter of kinks.
  const smooth = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [6], units: 12, activation: "tanh" }),
      tf.layers.dense({ units: 3, activation: "softplus" }),
    ],
  });
  const x = normals(32)(2, 6).mul(3);
  const gap = async (steps: number, rule?: "riemann-left") => {
    const { completenessGap } = await integratedGradients(smooth, { steps, baseline: 0.1, ...(rule && { rule }) })(x, {
      target: 1,
    });
    return Math.max(...completenessGap.map(Math.abs));
  };
  const [few, more, many] = [await gap(1), await gap(4), await gap(32)];
  assert.ok(few > 5 * more && more > 5 * many && many < 1e-4, `${few} ${more} ${many}`);
  const [rough, fine] = [await gap(10, "riemann-left"), await gap(80, "riemann-left")];
  assert.ok(rough > 6 * fine, `${rough} ${fine}`);

  const onNet = await integratedGradients(net, { steps: 200, baseline: tf.tensor1d([0.2, -0.1]) })(images, {
    target: [0, 1, 2],
  });
  for (const sample of [0, 1, 2]) {
    const sum = onNet.relevance.subarray(sample * size, (sample + 1) * size).reduce((p, q) => p + q, 0);
    const difference = onNet.output[sample]! - onNet.baselineOutput[sample]!;
    assert.ok(Math.abs(sum - difference - onNet.completenessGap[sample]!) < 1e-4);
    assert.ok(Math.abs(onNet.completenessGap[sample]!) < 0.02 * Math.max(1, Math.abs(difference)));
  }
});

test("averages over noise: nothing to average on a linear net; variance = square − mean²; seeds and batches agree", async () => {
  const linear = tf.sequential({ layers: [tf.layers.dense({ inputShape: [6], units: 3 })] });
  const rows = normals(33)(3, 6);
  const weights = (linear.getWeights()[0]!.arraySync() as number[][]).map((row) => row[1]!);
  const expected = [...weights, ...weights, ...weights];
  close((await smoothGrad(linear, { samples: 5 })(rows, { target: 1 })).relevance, expected, 1e-5);
  const spread = (await varGrad(linear, { samples: 5 })(rows, { target: 1 })).relevance;
  assert.ok(spread.every((value) => Math.abs(value) < 1e-6));

  const options = { samples: 12, noise: 0.3, seed: 5 };
  const [mean, square, variance] = [
    await smoothGrad(net, options)(images, { target: 1 }),
    await squareGrad(net, options)(images, { target: 1 }),
    await varGrad(net, options)(images, { target: 1 }),
  ];
  close(
    variance.relevance,
    square.relevance.map((value, i) => value - mean.relevance[i]! ** 2),
    1e-3,
  );
  assert.deepEqual((await smoothGrad(net, options)(images, { target: 1 })).relevance, mean.relevance);
  assert.notDeepEqual(
    (await smoothGrad(net, { ...options, seed: 6 })(images, { target: 1 })).relevance,
    mean.relevance,
  );
  const alone = await smoothGrad(net, options)(tf.slice(images, 2, 1), { target: 1 });
  close(alone.relevance, mean.relevance.slice(2 * size), 1e-4);
  // However the copies are cut into batches, their noise is the same.
  const cut = await smoothGrad(net, { ...options, memoryBudget: 40_000 })(images, { target: 1 });
  close(cut.relevance, mean.relevance, 1e-4);
  const none = await smoothGrad(net, { samples: 3, noise: 0 })(images, { target: 1 });
  close(none.relevance, tapeGradient(predict, images, 1), 1e-4);
});

test("expected gradients sum to f(x) − E f(x') on a linear net; a batch is its samples", async () => {
  const linear = tf.sequential({ layers: [tf.layers.dense({ inputShape: [6], units: 3 })] });
  const [rows, baselines] = [normals(34)(3, 6), normals(35)(4, 6)];
  const draws = { alphas: [0.1, 0.5, 0.7, 0.9], baselineIndices: [0, 1, 2, 3] };
  const one = await expectedGradients(linear, { references: baselines, samples: 4, draws })(tf.slice(rows, 0, 1), {
    target: 0,
  });
  const mean = tf.tidy(() => tf.mean(tf.slice(linear.predict(baselines) as tf.Tensor, [0, 0], [-1, 1])).dataSync()[0]!);
  const sum = one.relevance.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - (one.output[0]! - mean)) < 1e-5);
  const together = await expectedGradients(linear, { references: baselines, samples: 9 })(rows, { target: 0 });
  const alone = await expectedGradients(linear, { references: baselines, samples: 9 })(tf.slice(rows, 2, 1), {
    target: 0,
  });
  close(alone.relevance, together.relevance.slice(12), 1e-5);
});

test("deconvolution and guided backpropagation: the gradient of a linear net; closed forms at one ReLU", async () => {
  const linear = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [8, 8, 2], filters: 3, kernelSize: 3, strides: 2 }),
      tf.layers.averagePooling2d({ poolSize: 3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  });
  const gradient = tapeGradient((x) => linear.predict(x) as tf.Tensor, images, 0);
  for (const method of [deconvnet, guidedBackprop]) {
    close((await method(linear)(images, { target: 0 })).relevance, gradient, 1e-5, method.name);
  }
  // f = v·relu(Wx), W = [[1, 1], [1, −1]] by unit, v = [1, −2, 3]: what arrives at the ReLUs is v.
  const relu = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [2], units: 3, activation: "relu", useBias: false }),
      tf.layers.dense({ units: 1, useBias: false }),
    ],
  });
  relu.setWeights([
    tf.tensor2d([
      [1, 1, -1],
      [1, -1, 1],
    ]),
    tf.tensor2d([[1], [-2], [3]]),
  ]);
  const x = tf.tensor2d([[2, 1]]); // z = [3, 1, −1]
  close((await deconvnet(relu)(x, { target: 0 })).relevance, [1 - 3, 1 + 3], 1e-6);
  close((await guidedBackprop(relu)(x, { target: 0 })).relevance, [1, 1], 1e-6);
  close((await gradientTimesInput(relu)(x, { target: 0 })).relevance, [2 * (1 - 2), 1 + 2], 1e-6);
});

test("layer conductance and gradient × activation are complete", async () => {
  const layer = net.layers.find((one) => one.getClassName() === "Activation")!.name;
  const { relevance, output, shape } = await layerConductance(net, { layer, baseline: 0.3, steps: 400 })(images, {
    target: 1,
  });
  assert.deepEqual(shape, [3, 8, 8, 4]);
  const at = (predict(tf.fill([1, 8, 8, 2], 0.3)).dataSync() as Float32Array)[1]!;
  for (const sample of [0, 1, 2]) {
    const sum = relevance.subarray(sample * 256, (sample + 1) * 256).reduce((a, b) => a + b, 0);
    const difference = output[sample]! - at;
    assert.ok(Math.abs(sum - difference) < 0.01 * Math.max(1, Math.abs(difference)), `${sum} ${difference}`);
  }
  // Behind the layer the net is linear but for the pool, and has a bias only at the end.
  const product = await layerGradientTimesActivation(net, { layer })(images, { target: 1 });
  const bias = net.layers.at(-1)!.getWeights()[1]!.dataSync()[1]!;
  for (const sample of [0, 1, 2]) {
    const sum = product.relevance.subarray(sample * 256, (sample + 1) * 256).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum + bias - product.output[sample]!) < 1e-4);
  }
});

test("simple Taylor is exact on a linear function, and says where there is no root", async () => {
  const linear = (x: tf.Tensor) =>
    tf.tidy(() => tf.add(tf.matMul(x as tf.Tensor2D, tf.tensor2d([[2], [-1], [0.5]])), 3));
  const x = tf.tensor2d([
    [1, 2, 4],
    [-3, 0, 1],
  ]);
  const { relevance, output, completenessGap } = await simpleTaylor(linear)(x, { target: 0 });
  // The root on the line along w: x − x̃ = f(x) w / ‖w‖².
  const w = [2, -1, 0.5];
  const expected = output.flatMap((f) => w.map((value) => (f * value * value) / 5.25));
  close(relevance, expected, 1e-3);
  assert.ok(completenessGap.every((gap) => Math.abs(gap) < 1e-3));
  const given = await simpleTaylor(linear, { root: tf.tensor1d([0, 3, 0]) })(x, { target: 0 });
  close(given.relevance, [2, 1, 2, -6, 3, 0.5], 1e-5);
  const positive = (at: tf.Tensor) => tf.tidy(() => tf.add(tf.sum(tf.square(at), 1, true), 1));
  await leavesNoTensors(() => assert.rejects(simpleTaylor(positive)(x, { target: 0 }), RootNotFoundError));
});

test("bad input is named, and nothing is left behind", async () => {
  const rejects = (run: () => Promise<unknown>, kind: new (...given: never[]) => Error, message: RegExp) =>
    leavesNoTensors(() => assert.rejects(run, (error: Error) => error instanceof kind && message.test(error.message)));
  await integratedGradients(net, { steps: 2 })(images); // what is cached for the model stays with it
  await rejects(async () => integratedGradients(net, { steps: 0 }), ParameterError, /steps must be .*1, but is 0/);
  await rejects(async () => smoothGrad(net, { samples: 0 }), ParameterError, /samples must be .* but is 0/);
  await rejects(async () => layerConductance(net, { steps: 0 }), ParameterError, /steps .* 0/);
  const wrong = tf.zeros([8, 7, 2]);
  for (const explain of [
    integratedGradients(net, { baseline: wrong }),
    deepLift(net, { reference: wrong }),
    layerConductance(net, { baseline: wrong }),
    simpleTaylor(net, { root: wrong }),
  ]) {
    await rejects(() => explain(images), ParameterError, /shape \[8, 7, 2\].*|\[3, 8, 8, 2\]/);
  }
  await rejects(() => sensitivity(net)(images, { target: 3 }), TargetError, /outputs 0 to 2; 3 is none/);
  await rejects(() => sensitivity(net)(images, { target: [0, 1] }), TargetError, /2 targets .* batch of 3/);
  await rejects(() => gradCam(net, { layer: "nowhere" })(images), LayerError, /no layer "nowhere"\. Its layers are: /);
  await rejects(
    () => integratedGradients(net, { memoryBudget: 10 })(images),
    ParameterError,
    /memoryBudget .*at least \d+ bytes/,
  );
});

test("long runs stop when asked to and keep to their memory budget", async () => {
  const many = { memoryBudget: 100_000 };
  for (const explain of [
    integratedGradients(net, { steps: 60, ...many }),
    smoothGrad(net, { samples: 60, ...many }),
    layerConductance(net, { steps: 60, ...many }),
  ]) {
    const controller = new AbortController();
    await explain(images);
    await leavesNoTensors(() =>
      assert.rejects(
        explain(images, { signal: controller.signal, onProgress: ({ done }) => done > 20 && controller.abort() }),
        AbortedError,
      ),
    );
  }
  const [small, large] = [
    await peakBytes(() => integratedGradients(net, { steps: 60, memoryBudget: 50_000 })(images)),
    await peakBytes(() => integratedGradients(net, { steps: 60, memoryBudget: 500_000 })(images)),
  ];
  assert.ok(small < 1.3 * 50_000 && large < 1.1 * 500_000 && large > 2 * small, `${small} ${large}`);
});

test("every clipped ReLU is a rectifier, whatever its ceiling", async () => {
  for (const maxValue of [undefined, 6, 2, 0.5]) {
    const model = tf.sequential({
      layers: [
        tf.layers.reLU({ ...(maxValue === undefined ? {} : { maxValue }), inputShape: [2] }),
        tf.layers.dense({ units: 1, useBias: false, weights: [tf.tensor2d([[-1], [3]])] }),
      ],
    });
    const x = tf.tensor2d([[0.25, 0.25]]);
    // By hand (Springenberg et al. 2015): what arrives as −1 is rectified, 3 goes through.
    close((await guidedBackprop(model)(x, { target: 0 })).relevance, [0, 3], 1e-6);
    close((await deconvnet(model)(x, { target: 0 })).relevance, [0, 3], 1e-6);
  }
});

test("VarGrad is a variance: 0 where the gradient is constant, and never below", async () => {
  const weights = tf.tensor2d([[3.3], [-777.7], [1234.5], [0.1]]);
  const linear = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, weights);
  close((await varGrad(linear)(tf.tensor2d([[1, 2, 3, 4]]), { target: 0 })).relevance, [0, 0, 0, 0], 0);
  const bent = (x: tf.Tensor) => tf.matMul(tf.add(tf.mul(x, 1000), tf.mul(tf.sin(x), 1e-2)) as tf.Tensor2D, weights);
  const { relevance } = await varGrad(bent)(tf.tensor2d([[1, 2, 3, 4]]), { target: 0 });
  for (const value of relevance) assert.ok(value >= 0, `${value}`);
});
