import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";
import { type Random, seededRandom } from "../numerics/random.js";
import type { Density } from "./density.js";
import { flattened } from "./gaussian.js";

/** Parameters of a restricted Boltzmann machine. */
export interface RbmParameters {
  /** `[dimension, hidden]`. */
  weights: Tensor2D;
  /** `[dimension]`. */
  visibleBias: Tensor1D;
  /** `[hidden]`. */
  hiddenBias: Tensor1D;
  /** Variance of Gaussian visible units; null for Bernoulli ones, whose inputs are in 0…1. */
  variance: number | null;
}

/** The density of a restricted Boltzmann machine, with the parameters that it was made of. */
export interface RbmDensity extends Density {
  readonly parameters: RbmParameters;
}

/**
 * The density of a restricted Boltzmann machine with the given parameters, which it owns from then on, summed over its hidden units. Up to
 * a constant,
 * `log p(v) = bᵀv + Σⱼ softplus(cⱼ + wⱼᵀv)` for Bernoulli visible units, and
 * `log p(v) = −‖v − b‖²/2σ² + Σⱼ softplus(cⱼ + wⱼᵀv/σ²)` for Gaussian ones: a mixture of `2^hidden` normal densities of variance σ²
 * centered at `b` plus sums of weight vectors (Montavon, Samek & Müller 2018, section 3.2).
 */
export function rbmDensity(parameters: RbmParameters): RbmDensity {
  const { weights, visibleBias, hiddenBias, variance } = parameters;
  return {
    name: "RBM",
    parameters,
    logDensity: (x) =>
      tf.tidy(() => {
        const visible = flattened(x, weights.shape[0]);
        const hidden = tf.sum(tf.softplus(hiddenInput(parameters, visible)), 1);
        const own =
          variance === null
            ? tf.sum(tf.mul(visible, visibleBias), 1)
            : tf.mul(tf.sum(tf.square(tf.sub(visible, visibleBias)), 1), -0.5 / variance);
        return tf.add(own, hidden) as Tensor1D;
      }),
    dispose: () => tf.dispose([weights, visibleBias, hiddenBias]),
  };
}

export interface RbmFit {
  /** Hidden units. Default 100. */
  hidden?: number;
  /** `"bernoulli"` for data in 0…1, `"gaussian"` for any. Default `"bernoulli"`. */
  visible?: "bernoulli" | "gaussian";
  /** Variance of Gaussian visible units. Default: the data's mean variance. */
  variance?: number;
  /** Times through the data. Default 10. */
  epochs?: number;
  /** Samples a step, and chains that are carried on from step to step. Default 100. */
  batch?: number;
  /** At the start; it falls linearly to zero. For Gaussian units the factor 1/σ² of the gradients is left out. Default 0.05. */
  learningRate?: number;
  /** Gibbs steps for each gradient. Default 1. */
  gibbsSteps?: number;
  seed?: number;
  /** Told after each epoch. */
  onEpoch?: (epoch: number, reconstructionError: number) => void;
}

/**
 * Fits a restricted Boltzmann machine by persistent contrastive divergence (Tieleman 2008).
 *
 * @param data `[sample, …]`.
 * @throws ParameterError when a parameter is out of range or there are fewer samples than a batch.
 * @example const density = fitRbm(digits, { hidden: 100, epochs: 10 });
 */
export function fitRbm(data: Tensor, options: RbmFit = {}): RbmDensity {
  const { hidden = 100, visible = "bernoulli", epochs = 10, batch = 100, gibbsSteps = 1, seed = 0 } = options;
  const samples = data.shape[0] ?? 0;
  for (const [name, value] of Object.entries({ hidden, epochs, batch, gibbsSteps })) {
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(name, value, "a whole number of at least 1");
  }
  if (samples < batch) throw new ParameterError("data", `${samples} samples`, `at least one batch of ${batch} samples`);
  const dimension = data.size / samples;
  const random = seededRandom(seed);
  const rows = tf.reshape(data, [samples, dimension]) as Tensor2D;
  const variance =
    visible === "bernoulli"
      ? null
      : (options.variance ?? tf.tidy(() => tf.mean(tf.moments(rows, 0).variance).dataSync<"float32">()[0]!));
  let rbm: RbmParameters = {
    ...tf.tidy(() => {
      // The visible units alone start out with the data's mean, so that the hidden ones learn what differs from it.
      const mean = tf.mean(rows, 0) as Tensor1D;
      const clipped = tf.clipByValue(mean, 0.01, 0.99);
      const weights = random.gaussians(dimension * hidden).map((value) => value * 0.01);
      return {
        weights: tf.tensor2d(weights, [dimension, hidden]),
        visibleBias: (variance === null ? tf.log(tf.div(clipped, tf.sub(1, clipped))) : mean) as Tensor1D,
        hiddenBias: tf.zeros([hidden]) as Tensor1D,
      };
    }),
    variance,
  };
  let chains = tf.tidy(() => tf.gather(rows, tf.tensor1d(random.permutation(samples).slice(0, batch), "int32")));
  const batches = Math.floor(samples / batch);
  const rate = options.learningRate ?? 0.05;

  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(samples);
    let error = 0;
    for (let index = 0; index < batches; index++) {
      const progress = (epoch * batches + index) / (epochs * batches);
      const next = tf.tidy(() => {
        const given = tf.gather(rows, tf.tensor1d(order.slice(index * batch, (index + 1) * batch), "int32"));
        const step = (rate * (1 - progress)) / batch;
        const explained = tf.sigmoid(hiddenInput(rbm, given));
        let fantasy = chains;
        for (let gibbs = 0; gibbs < gibbsSteps; gibbs++) fantasy = gibbsStep(rbm, fantasy, random);
        const dreamed = tf.sigmoid(hiddenInput(rbm, fantasy));
        const difference = tf.sub(tf.matMul(given, explained, true), tf.matMul(fantasy, dreamed, true));
        error += tf.mean(tf.squaredDifference(given, visibleMean(rbm, explained))).dataSync()[0]! / batches;
        return {
          chains: fantasy,
          weights: tf.add(rbm.weights, tf.mul(difference, step)) as Tensor2D,
          visibleBias: tf.add(rbm.visibleBias, tf.mul(tf.sub(tf.sum(given, 0), tf.sum(fantasy, 0)), step)) as Tensor1D,
          hiddenBias: tf.add(
            rbm.hiddenBias,
            tf.mul(tf.sub(tf.sum(explained, 0), tf.sum(dreamed, 0)), step),
          ) as Tensor1D,
        };
      });
      tf.dispose([rbm.weights, rbm.visibleBias, rbm.hiddenBias, chains]);
      chains = next.chains;
      const { weights, visibleBias, hiddenBias } = next;
      rbm = { weights, visibleBias, hiddenBias, variance };
    }
    options.onEpoch?.(epoch + 1, error);
  }
  tf.dispose([chains, rows]);
  return rbmDensity(rbm);
}

/** `c + Wᵀv`, with `v/σ²` for Gaussian visible units: `[batch, hidden]`. */
function hiddenInput({ weights, hiddenBias, variance }: RbmParameters, visible: Tensor2D): Tensor2D {
  const drive = tf.matMul(variance === null ? visible : (tf.div(visible, variance) as Tensor2D), weights);
  return tf.add(drive, hiddenBias);
}

/** Mean of the visible units given hidden ones. */
function visibleMean({ weights, visibleBias, variance }: RbmParameters, hidden: Tensor2D): Tensor2D {
  const drive = tf.add(tf.matMul(hidden, weights, false, true), visibleBias) as Tensor2D;
  return variance === null ? tf.sigmoid(drive) : drive;
}

/** One step of Gibbs sampling, hidden and then visible units. */
function gibbsStep(rbm: RbmParameters, visible: Tensor2D, random: Random): Tensor2D {
  return tf.tidy(() => {
    const hidden = bernoulli(tf.sigmoid(hiddenInput(rbm, visible)), random);
    const mean = visibleMean(rbm, hidden);
    if (rbm.variance === null) return bernoulli(mean, random);
    const noise = tf.tensor2d(random.gaussians(mean.size), mean.shape);
    return tf.add(mean, tf.mul(noise, Math.sqrt(rbm.variance)));
  });
}

function bernoulli(probability: Tensor2D, random: Random): Tensor2D {
  const threshold = tf.tensor2d(random.uniforms(probability.size), probability.shape);
  return tf.cast(tf.less(threshold, probability), "float32");
}
