import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Random } from "../numerics/random.js";

/** How far the net's view of a picture may move at each step: what survives all views is no noise. */
export interface ViewRange {
  /** Up to so many pixels along each axis. */
  jitter: number;
  /** Up to so many degrees either way. */
  rotation: number;
  /** By a factor between `1 − scale` and `1 + scale`. */
  scale: number;
}

/** One view of a picture `[batch, height, width, channel]`: a linear map, drawn at random. */
export interface View {
  apply(x: Tensor4D): Tensor4D;
  /** The transposed map: takes gradients back to the picture. */
  adjoint(gradient: Tensor4D): Tensor4D;
  dispose(): void;
}

const identity: View = { apply: (x) => tf.clone(x), adjoint: (x) => tf.clone(x), dispose: () => undefined };

/** Draws a view. Beyond its edges the picture is continued periodically, so no pixel is seen less often than another. */
export function drawView(range: ViewRange, height: number, width: number, random: Random): View {
  const symmetric = () => 2 * random.uniform() - 1;
  // All numbers are drawn whatever the range, so that changing one setting does not change the others' randomness.
  const [down, right, turn, zoom] = [symmetric(), symmetric(), symmetric(), symmetric()] as const;
  const shift = [Math.round(down * range.jitter), Math.round(right * range.jitter)] as const;
  if (range.rotation === 0 && range.scale === 0) {
    return shift[0] === 0 && shift[1] === 0 ? identity : rolled(shift, height, width);
  }
  const angle = (turn * range.rotation * Math.PI) / 180;
  return resampled({ shift, angle, zoom: 1 + zoom * range.scale }, height, width);
}

function rolled(shift: readonly [number, number], height: number, width: number): View {
  const roll = (x: Tensor4D, sign: 1 | -1): Tensor4D =>
    tf.tidy(() => rollAxis(rollAxis(x, sign * shift[0], 1, height), sign * shift[1], 2, width));
  return { apply: (x) => roll(x, 1), adjoint: (x) => roll(x, -1), dispose: () => undefined };
}

function rollAxis(x: Tensor4D, shift: number, axis: 1 | 2, size: number): Tensor4D {
  const first = ((shift % size) + size) % size;
  if (first === 0) return x;
  const [front, back] = tf.split(x, [size - first, first], axis) as [Tensor4D, Tensor4D];
  return tf.concat([back, front], axis);
}

/** Rotation and zoom about the center, then the shift, by bilinear interpolation. */
function resampled(
  { shift, angle, zoom }: { shift: readonly [number, number]; angle: number; zoom: number },
  height: number,
  width: number,
): View {
  const count = height * width;
  const corners = new Int32Array(4 * count);
  const shares = new Float32Array(4 * count);
  const [cosine, sine] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const [middleY, middleX] = [(height - 1) / 2, (width - 1) / 2];
  const wrap = (index: number, size: number) => ((index % size) + size) % size;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [y, x] = [row - middleY, column - middleX];
      const fromY = middleY + cosine * y - sine * x - shift[0];
      const fromX = middleX + sine * y + cosine * x - shift[1];
      const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
      const [belowShare, rightShare] = [fromY - top, fromX - left];
      for (let corner = 0; corner < 4; corner++) {
        const [below, right] = [corner >> 1, corner & 1];
        const place = corner * count + row * width + column;
        corners[place] = wrap(top + below, height) * width + wrap(left + right, width);
        shares[place] = (below ? belowShare : 1 - belowShare) * (right ? rightShare : 1 - rightShare);
      }
    }
  }
  const indices = tf.keep(tf.tensor1d(corners, "int32"));
  const weights = tf.keep(tf.tensor3d(shares, [4, count, 1]));
  return {
    apply: (x) =>
      tf.tidy(() => {
        const gathered = tf.reshape(tf.gather(toRows(x), indices), [4, count, -1]);
        return fromRows(tf.sum(tf.mul(gathered, weights), 0) as Tensor2D, x.shape);
      }),
    adjoint: (gradient) =>
      tf.tidy(() => {
        const rows = toRows(gradient);
        const spread = tf.reshape(tf.mul(tf.reshape(rows, [1, count, -1]), weights), [4 * count, -1]);
        return fromRows(tf.unsortedSegmentSum(spread, indices, count) as Tensor2D, gradient.shape);
      }),
    dispose: () => tf.dispose([indices, weights]),
  };
}

/** `[batch, height, width, channel]` as `[height·width, batch·channel]`, and back. */
function toRows(x: Tensor4D): Tensor2D {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [height * width, batch * channels]);
}

function fromRows(rows: Tensor2D, [batch, height, width, channels]: Tensor4D["shape"]): Tensor4D {
  return tf.transpose(tf.reshape(rows, [height, width, batch, channels]), [2, 0, 1, 3]);
}
