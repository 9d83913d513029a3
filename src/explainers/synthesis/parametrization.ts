import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../errors.js";
import { gradients, type Model, record } from "../network/index.js";
import { fourierBasis } from "../numerics/fourier-basis.js";
import { gaussianMatrix } from "../numerics/gaussian-blur.js";
import type { Random } from "../numerics/random.js";
import { separable, separableAdjoint } from "../numerics/separable.js";

/** What is optimized, and the picture that it stands for. Tensors that a function returns belong to its caller. */
export interface Parametrization {
  /** Parameters of `count` starting points. */
  start(count: number, random: Random): Tensor;
  /** Pictures `[count, …sample]`. */
  picture(parameters: Tensor): Tensor;
  /** Gradient by the parameters, from the gradient by the pictures. */
  gradient(parameters: Tensor, pictures: Tensor, byPictures: Tensor): Tensor;
  /** Parameters brought back to where they may be. */
  contain?(parameters: Tensor): Tensor;
  /** Parameters of the picture blurred by a Gaussian of `sigma` pixels. */
  blur?(parameters: Tensor, sigma: number): Tensor;
  /** Whether the parameters are the picture itself, whose pixels can be set to 0. */
  readonly isPicture?: boolean;
  /** Whether the parameters are a code, whose length `‖z‖²` can be penalized. */
  readonly isCode?: boolean;
  dispose(): void;
}

/** Makes a parametrization of samples of a shape (without batch), with values within `bounds` or any. */
export type ParametrizationMaker = (shape: readonly number[], bounds: Bounds) => Parametrization;
export type Bounds = readonly [low: number, high: number] | null;

/** The entries of the input themselves; bounds hold by clipping. They start at the middle (or 0) with noise of `spread`. */
export function pixels({ spread = 0.01 }: { spread?: number } = {}): ParametrizationMaker {
  return (shape, bounds) => {
    const blurs = blurCache(shape);
    const middle = bounds === null ? 0 : (bounds[0] + bounds[1]) / 2;
    return {
      isPicture: true,
      start(count, random) {
        const size = shape.reduce((product, extent) => product * extent, count);
        const values = random.gaussians(size).map((value) => middle + spread * value);
        return tf.tensor(values, [count, ...shape]);
      },
      picture: (parameters) => tf.clone(parameters),
      gradient: (_parameters, _pictures, byPictures) => tf.clone(byPictures),
      contain: bounds === null ? undefined : (parameters) => tf.clipByValue(parameters, bounds[0], bounds[1]),
      blur: (parameters, sigma) => blurs.apply(parameters, sigma),
      dispose: () => blurs.dispose(),
    };
  };
}

/** How much of the colors of natural pictures is gray, orange-blue and green-magenta: their standard deviations, the first set to 1. */
const COLOR_SPREAD = [1, 0.27, 0.13];
/** Axes of those colors, orthonormal, in red, green and blue. */
const COLOR_AXES = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
  [-1 / Math.sqrt(6), 2 / Math.sqrt(6), -1 / Math.sqrt(6)],
];

/**
 * Coefficients of a Fourier basis, each in units of its usual size in natural pictures (amplitude ∝ 1/frequency), and for three channels of
 * decorrelated colors: gradient steps then change broad shapes as readily as fine noise (Olah, Mordvintsev & Schubert 2017). Bounds hold
 * through a sigmoid.
 *
 * @param options.spread Standard deviation of the coefficients at the start.
 * @param options.decay Exponent of the frequency; 0 is white.
 */
export function fourier({ spread = 0.01, decay = 1 }: { spread?: number; decay?: number } = {}): ParametrizationMaker {
  return (shape, bounds) => {
    const [height, width, channels] = shape;
    if (shape.length !== 3)
      throw new InputShapeError("[height, width, channel] for a Fourier parametrization", `[${shape}]`);
    const rows = fourierBasis(height!);
    const columns = fourierBasis(width!);
    const lowest = 1 / Math.max(height!, width!);
    // The factor makes a spread of 0.01 a picture of faint contrast, whatever its size.
    const gain = 1 / (4 * lowest);
    const frequency = (index: number) =>
      Math.hypot(rows.frequencies[Math.floor(index / width!)]!, columns.frequencies[index % width!]!);
    const spectrum = Float32Array.from(
      { length: height! * width! },
      (_, index) => gain * (lowest / Math.max(frequency(index), lowest)) ** decay,
    );
    const scale = tf.tensor4d(spectrum, [1, height!, width!, 1]);
    const colors =
      channels === 3
        ? tf.tensor2d(COLOR_AXES.map((axis, index) => axis.map((value) => value * COLOR_SPREAD[index]! * Math.sqrt(3))))
        : null;
    const sigmas = new Map<number, Tensor>();

    const mix = (x: Tensor4D, transpose: boolean): Tensor4D =>
      colors === null
        ? x
        : (tf.reshape(tf.matMul(tf.reshape(x, [-1, 3]) as Tensor2D, colors, false, transpose), x.shape) as Tensor4D);
    const squash = (x: Tensor): Tensor =>
      bounds === null ? x : tf.add(tf.mul(tf.sigmoid(x), bounds[1] - bounds[0]), bounds[0]);
    return {
      start(count, random) {
        const size = count * shape.reduce((product, extent) => product * extent, 1);
        return tf.tensor(
          random.gaussians(size).map((value) => value * spread),
          [count, ...shape],
        );
      },
      picture: (parameters) =>
        tf.tidy(() => squash(mix(separable(tf.mul(parameters, scale) as Tensor4D, rows.basis, columns.basis), false))),
      gradient: (_parameters, pictures, byPictures) =>
        tf.tidy(() => {
          let gradient = byPictures;
          if (bounds !== null) {
            const [low, high] = bounds;
            // The sigmoid's derivative from its value: (x − low)(high − x)/(high − low).
            const slope = tf.div(tf.mul(tf.sub(pictures, low), tf.sub(high, pictures)), high - low);
            gradient = tf.mul(gradient, slope);
          }
          return tf.mul(separableAdjoint(mix(gradient as Tensor4D, true), rows.basis, columns.basis), scale);
        }),
      blur(parameters, sigma) {
        let transfer = sigmas.get(sigma);
        if (transfer === undefined) {
          tf.dispose([...sigmas.values()]);
          sigmas.clear();
          const values = Float32Array.from(spectrum, (_, index) =>
            Math.exp(-2 * (Math.PI * sigma * frequency(index)) ** 2),
          );
          transfer = tf.keep(tf.tensor4d(values, [1, height!, width!, 1]));
          sigmas.set(sigma, transfer);
        }
        return tf.mul(parameters, transfer);
      },
      dispose: () =>
        tf.dispose([rows.basis, columns.basis, scale, ...(colors === null ? [] : [colors]), ...sigmas.values()]),
    };
  };
}

/**
 * The code of a trained generator: preferred inputs are sought among what it can draw (Nguyen et al. 2016). Codes start as standard normal
 * numbers times `spread`. The generator stays the caller's.
 *
 * @param net From `[batch, codeSize]` to samples `[batch, …sample]`.
 */
export function generator(
  net: Model,
  { codeSize, spread = 0.5 }: { codeSize: number; spread?: number },
): ParametrizationMaker {
  return (shape) => ({
    isCode: true,
    start: (count, random) =>
      tf.tensor(
        random.gaussians(count * codeSize).map((value) => value * spread),
        [count, codeSize],
      ),
    picture(parameters) {
      const pass = record(net, parameters, { keepTails: true });
      try {
        const output = pass.outputs[0]!;
        const size = shape.reduce((product, extent) => product * extent, 1);
        if (output.size !== size * parameters.shape[0]!) {
          throw new InputShapeError(`[batch, ${shape.join(", ")}]`, `[${output.shape}] by the generator`);
        }
        return tf.tidy(() => tf.clone(tf.reshape(output, [parameters.shape[0]!, ...shape])));
      } finally {
        pass.dispose();
      }
    },
    gradient(parameters, _pictures, byPictures) {
      const pass = record(net, parameters, { keepTails: true });
      try {
        const output = pass.graph.outputs[0]!;
        const seed = tf.tidy(() => tf.clone(tf.reshape(byPictures, pass.value(output).shape)));
        const result = gradients(pass, new Map([[output, seed]])).get(pass.graph.inputs[0]!)!;
        seed.dispose();
        return result;
      } finally {
        pass.dispose();
      }
    },
    dispose: () => undefined,
  });
}

/** Blur matrices of the latest sigma. */
function blurCache(shape: readonly number[]) {
  let latest: { sigma: number; rows: Tensor2D; columns: Tensor2D } | undefined;
  const dispose = () => {
    if (latest !== undefined) tf.dispose([latest.rows, latest.columns]);
    latest = undefined;
  };
  return {
    apply(x: Tensor, sigma: number): Tensor {
      if (shape.length !== 3) throw new InputShapeError("[height, width, channel] for a blur", `[${shape}]`);
      if (latest?.sigma !== sigma) {
        dispose();
        const [rows, columns] = [shape[0]!, shape[1]!].map((size) => tf.keep(gaussianMatrix(size, sigma))) as [
          Tensor2D,
          Tensor2D,
        ];
        latest = { sigma, rows, columns };
      }
      return separable(x as Tensor4D, latest.rows, latest.columns);
    },
    dispose,
  };
}
