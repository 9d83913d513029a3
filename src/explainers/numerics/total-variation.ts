import type { Tensor, Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError } from "../errors.js";

/** Rounds off the edge of the total variation at 0, in units of the input. */
const ROUNDING = 1e-3;

/**
 * Total variation of each picture of `[batch, height, width, channel]` (Rudin, Osher & Fatemi 1992):
 * `Σ √((x[i+1,j] − x[i,j])² + (x[i,j+1] − x[i,j])² + δ²) − δ` with `δ = 0.001`, each channel for itself.
 *
 * @throws InputShapeError when `x` holds no pictures.
 */
export function totalVariation(x: Tensor): Tensor1D {
  if (x.rank !== 4)
    throw new InputShapeError("[batch, height, width, channel] for the total variation", `[${x.shape}]`);
  return tf.tidy(() => {
    const { down, right } = differences(x as Tensor4D);
    return sumOfSample(tf.sub(slope(down, right), ROUNDING));
  });
}

/**
 * Value and gradient of `totalVariation` in one pass, a third of the operations that the gradient tape needs.
 * The gradient has the shape of `x`.
 */
export function totalVariationWithGradient(x: Tensor4D): { value: Tensor1D; gradient: Tensor4D } {
  return tf.tidy(() => {
    const { down, right } = differences(x);
    const length = slope(down, right);
    const value = sumOfSample(tf.sub(length, ROUNDING));
    const [toDown, toRight] = [tf.div(down, length), tf.div(right, length)] as [Tensor4D, Tensor4D];
    return { value, gradient: divergence(toDown, toRight) };
  });
}

/**
 * The variation of each picture of `[batch, height, width, channel]` along both axes, to a power: `Σ |x[i+1,j] − x[i,j]|^β +
 * |x[i,j+1] − x[i,j]|^β` (Fong & Vedaldi 2017, eq. 5). Differentiable by the gradient tape.
 *
 * @param power β, ≥ 1.
 */
export function powerVariation(x: Tensor4D, power: number): Tensor1D {
  return tf.tidy(() => {
    // The guard keeps the derivative of |d|^β finite at d = 0 where β < 2.
    const raised = (difference: Tensor) => sumOfSample(tf.pow(tf.add(tf.abs(difference), 1e-12), power));
    const { down, right } = steps(x);
    return tf.add(raised(down), raised(right)) as Tensor1D;
  });
}

/**
 * Value and gradient of the total variation of each picture of `[batch, height, width, channel]` to a power, in one pass:
 * `Σ ((x[i+1,j] − x[i,j])² + (x[i,j+1] − x[i,j])²)^{β/2}`, each channel for itself (Mahendran & Vedaldi 2015, sec. 3.2).
 *
 * @param beta β, ≥ 1; above 1 many small steps cost less than a large one.
 */
export function variationToPower(x: Tensor4D, beta: number): { value: Tensor1D; gradient: Tensor4D } {
  return tf.tidy(() => {
    const { down, right } = differences(x);
    // The guard keeps the derivative finite where nothing changes and β < 2.
    const squares = tf.add(tf.add(tf.square(down), tf.square(right)), beta < 2 ? 1e-12 : 0);
    const value = sumOfSample(beta === 2 ? squares : tf.pow(squares, beta / 2));
    const weigh = (difference: Tensor) =>
      tf.mul(difference, beta === 2 ? 2 : tf.mul(tf.pow(squares, beta / 2 - 1), beta)) as Tensor4D;
    return { value, gradient: divergence(weigh(down), weigh(right)) };
  });
}

/** Differences to the next row, one row fewer, and to the next column, one column fewer. */
function steps(x: Tensor4D): { down: Tensor4D; right: Tensor4D } {
  const [, height, width] = x.shape;
  const down = tf.sub(
    tf.slice(x, [0, 1, 0, 0], [-1, height - 1, -1, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, height - 1, -1, -1]),
  ) as Tensor4D;
  const right = tf.sub(
    tf.slice(x, [0, 0, 1, 0], [-1, -1, width - 1, -1]),
    tf.slice(x, [0, 0, 0, 0], [-1, -1, width - 1, -1]),
  ) as Tensor4D;
  return { down, right };
}

/** The same in the shape of `x`: zero behind the last row and column. */
function differences(x: Tensor4D): { down: Tensor4D; right: Tensor4D } {
  const { down, right } = steps(x);
  return { down: padded(down, [0, 1], [0, 0]), right: padded(right, [0, 0], [0, 1]) };
}

/** From the derivatives `(u, v)` by the differences that by the picture: `u[i−1,j] − u[i,j] + v[i,j−1] − v[i,j]`. */
function divergence(u: Tensor4D, v: Tensor4D): Tensor4D {
  const [, height, width] = u.shape;
  const above = padded(tf.slice(u, [0, 0, 0, 0], [-1, height - 1, -1, -1]), [1, 0], [0, 0]);
  const before = padded(tf.slice(v, [0, 0, 0, 0], [-1, -1, width - 1, -1]), [0, 0], [1, 0]);
  return tf.sub(tf.add(above, before), tf.add(u, v)) as Tensor4D;
}

const padded = (x: Tensor, rows: [number, number], columns: [number, number]) =>
  tf.pad(x, [[0, 0], rows, columns, [0, 0]]) as Tensor4D;

const slope = (down: Tensor, right: Tensor): Tensor =>
  tf.sqrt(tf.add(tf.add(tf.square(down), tf.square(right)), ROUNDING ** 2));

const sumOfSample = (x: Tensor): Tensor1D => tf.sum(x, [1, 2, 3]) as Tensor1D;
