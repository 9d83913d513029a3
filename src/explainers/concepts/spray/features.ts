import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { scoped } from "../../network/tensors.js";

/** Relevance of many inputs. */
export interface RelevanceMaps {
  /** `[maps, …]`, row by row. */
  readonly relevance: Float32Array;
  /** The maps' number first. */
  readonly shape: readonly number[];
}

/** What of a map is compared: what it has where, coarsely, or which patterns it has, wherever they are. */
export type MapFeature = "pooled" | "fourier";

const ROWS_AT_ONCE = 256;

/**
 * Maps as rows of numbers, each of length 1: channels are summed, positions averaged to `side × side` at most; or the magnitudes of
 * that map's Fourier transform, which do not change where it is shifted (round the edge).
 *
 * @returns `[maps, features]`; the caller disposes of it
 * @throws ParameterError for a map that is 0 everywhere or not finite
 */
export function featuresOf({ relevance, shape }: RelevanceMaps, feature: MapFeature, side: number): Tensor2D {
  const count = shape[0]!;
  const size = relevance.length / count;
  const parts: Tensor[] = [];
  try {
    for (let start = 0; start < count; start += ROWS_AT_ONCE) {
      const some = Math.min(ROWS_AT_ONCE, count - start);
      parts.push(
        tf.tidy(() => {
          const own = tf.tensor(relevance.subarray(start * size, (start + some) * size), [some, ...shape.slice(1)]);
          const coarse = pooled(own, side);
          const rows = feature === "fourier" && coarse.rank === 3 ? magnitudes(coarse) : coarse;
          const flat = tf.reshape(rows, [some, -1]) as Tensor2D;
          return tf.divNoNan(flat, tf.norm(flat, 2, 1, true));
        }),
      );
    }
    const all = tf.concat(parts as Tensor2D[]);
    const lengths = scoped(() => tf.norm(all, 2, 1).dataSync<"float32">());
    const bad = lengths.findIndex((length) => !(length > 0.5));
    if (bad >= 0) {
      all.dispose();
      throw new ParameterError(`maps[${bad}]`, "0 or not finite everywhere", "a map with some relevance: leave it out");
    }
    return all;
  } finally {
    tf.dispose(parts);
  }
}

/** `[n, height, width, channels]` → `[n, side, side]` at most; rows of numbers stay as they are. */
function pooled(maps: Tensor, side: number): Tensor {
  if (maps.rank !== 4) return tf.reshape(maps, [maps.shape[0]!, -1]);
  const [n, height, width] = (maps as Tensor4D).shape;
  const summed = tf.sum(maps, 3);
  return tf.reshape(along(along(summed, 1, averaging(height, side)), 2, averaging(width, side)), [
    n,
    Math.min(height, side),
    Math.min(width, side),
  ]);
}

/** `[places, size]`: each place is the mean of an equal part of the positions, of which those at its ends may be a part only. */
function averaging(size: number, side: number): Tensor2D {
  const places = Math.min(size, side);
  const shares = tf.buffer([places, size], "float32");
  const extent = size / places;
  for (let place = 0; place < places; place++) {
    for (let at = Math.floor(place * extent); at < Math.ceil((place + 1) * extent); at++) {
      const covered = Math.min(at + 1, (place + 1) * extent) - Math.max(at, place * extent);
      shares.set(Math.max(0, covered) / extent, place, at);
    }
  }
  return shares.toTensor() as Tensor2D;
}

/** Magnitudes of the discrete Fourier transform, by products with its matrices: maps are small. */
function magnitudes(maps: Tensor): Tensor {
  const [, height, width] = maps.shape as [number, number, number];
  const [cosY, sinY] = waves(height);
  const [cosX, sinX] = waves(width);
  const [c, s] = [along(maps, 1, cosY), along(maps, 1, sinY)];
  const real = tf.sub(along(c, 2, cosX), along(s, 2, sinX));
  const imaginary = tf.add(along(c, 2, sinX), along(s, 2, cosX));
  return tf.sqrt(tf.add(tf.square(real), tf.square(imaginary)));
}

function waves(size: number): [Tensor2D, Tensor2D] {
  const table = (of: (angle: number) => number) =>
    tf.tensor2d(
      Float32Array.from({ length: size * size }, (_, at) =>
        of((2 * Math.PI * (Math.floor(at / size) * (at % size))) / size),
      ),
      [size, size],
    );
  return [table(Math.cos), table(Math.sin)];
}

/** `result[n, …, i, …] = Σ_j matrix[i, j] values[n, …, j, …]` of values of rank 3. */
function along(values: Tensor, axis: 1 | 2, matrix: Tensor2D): Tensor {
  const [n, height, width] = values.shape as [number, number, number];
  const lines = tf.reshape(axis === 2 ? values : tf.transpose(values, [0, 2, 1]), [
    -1,
    axis === 2 ? width : height,
  ]) as Tensor2D;
  const product = tf.matMul(lines, matrix, false, true);
  return axis === 2
    ? tf.reshape(product, [n, height, matrix.shape[0]])
    : tf.transpose(tf.reshape(product, [n, width, matrix.shape[0]]), [0, 2, 1]);
}
