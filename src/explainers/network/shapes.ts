import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** The transpose of broadcasting: sums `x` to `shape`. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return tf.tidy(() => {
    const extra = x.rank - shape.length;
    const axes = x.shape.flatMap((size, axis) =>
      axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
    );
    return tf.reshape(axes.length === 0 ? x : tf.sum(x, axes, true), [...shape]);
  });
}

/**
 * `shape`, recorded at a batch of `recorded`, for a batch of `batch`: the axis that carries the batch is the first one
 * whose size is a multiple of it.
 */
export function rebatch(shape: readonly number[], recorded: number, batch: number): number[] {
  if (recorded === batch) return [...shape];
  const axis = shape[0]! % recorded === 0 ? 0 : shape.indexOf(recorded);
  return shape.map((size, index) => (index === axis ? (size / recorded) * batch : size));
}

/** A bias of one number per channel, from a constant that broadcasts along every other axis. */
export function perChannel(constant: Tensor, channelCount: number): Tensor1D | undefined {
  const last = constant.shape.at(-1) ?? 1;
  if (sizeOf(constant.shape) !== last || (last !== channelCount && last !== 1)) return undefined;
  const flat = tf.reshape(constant, [last]) as Tensor1D;
  return last === channelCount ? flat : tf.tile(flat, [channelCount]);
}

/** Whether a constant is the same along every axis but the last: it then acts on each vector alike. */
export const isVector = (constant: Tensor | null | undefined): boolean =>
  constant == null || constant.size === (constant.shape.at(-1) ?? 1);
