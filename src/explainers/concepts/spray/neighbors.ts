import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "../../network/tensors.js";
import type { SparseMatrix } from "../../numerics/sparse-eigen.js";

/** The nearest others of each row, in order. */
export interface Neighbors {
  readonly count: number;
  /** `[rows, count]` */
  readonly indices: Int32Array;
  /** Euclidean distances, `[rows, count]`. */
  readonly distances: Float32Array;
}

/** How many rows are compared with all at once. */
const ROWS_AT_ONCE = 512;

/** Exact nearest neighbors of rows `[n, dimensions]`. */
export function nearestNeighbors(rows: Tensor2D, count: number): Neighbors {
  const [n] = rows.shape;
  const indices = new Int32Array(n * count);
  const distances = new Float32Array(n * count);
  for (let start = 0; start < n; start += ROWS_AT_ONCE) {
    scoped(() => {
      const some = Math.min(ROWS_AT_ONCE, n - start);
      const own = tf.slice(rows, start, some) as Tensor2D;
      const squares = tf.sum(tf.square(rows), 1);
      const all = tf.sub(
        tf.add(tf.sum(tf.square(own), 1, true), squares),
        tf.mul(2, tf.matMul(own, rows, false, true)),
      );
      // A row is no neighbor of its own.
      const self = tf.oneHot(tf.range(start, start + some, 1, "int32"), n);
      const apart = tf.where(tf.cast(self, "bool"), tf.fill([some, n], Number.MAX_VALUE), tf.maximum(all, 0));
      const { values, indices: found } = tf.topk(tf.neg(apart), count);
      indices.set(found.dataSync<"int32">(), start * count);
      distances.set(tf.sqrt(tf.neg(values)).dataSync<"float32">(), start * count);
    });
  }
  return { count, indices, distances };
}

/** `D^(−1/2) A D^(−1/2)` of the neighborhood graph, where two are joined by ½ for each of the two that has the other among its nearest. */
export function normalizedAffinity({ count, indices }: Neighbors): SparseMatrix {
  const size = indices.length / count;
  const rows = Array.from({ length: size }, () => new Map<number, number>());
  indices.forEach((to, at) => {
    const from = Math.floor(at / count);
    rows[from]!.set(to, (rows[from]!.get(to) ?? 0) + 0.5);
    rows[to]!.set(from, (rows[to]!.get(from) ?? 0) + 0.5);
  });
  const degrees = rows.map((row) => [...row.values()].reduce((sum, weight) => sum + weight, 0));
  const starts = new Int32Array(size + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i]! + row.size;
  });
  const columns = new Int32Array(starts[size]!);
  const values = new Float64Array(starts[size]!);
  rows.forEach((row, i) => {
    let at = starts[i]!;
    for (const [j, weight] of [...row].sort(([a], [b]) => a - b)) {
      columns[at] = j;
      values[at++] = weight / Math.sqrt(degrees[i]! * degrees[j]!);
    }
  });
  return { size, starts, columns, values };
}
