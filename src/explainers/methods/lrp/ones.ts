import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Affine, affineKindOf, type LinearMap, linearMap, Pool } from "../../network/index.js";

/** The map of a layer whose weights are all 1. */
export function ones(operation: Affine, own: LinearMap): LinearMap {
  const { weights } = own;
  const { channels } = affineKindOf(operation);
  const run = (shape: readonly number[], direction: (map: LinearMap) => Tensor): Tensor => {
    const pool = new Pool();
    try {
      return tf.tidy(() => direction(linearMap(operation, tf.ones([...shape]), pool)));
    } finally {
      pool.dispose();
    }
  };
  const [input, output, ...others] = [channels?.input, ...(channels?.output ?? [])];
  // Each output channel sees every input channel: of rank one, so that it runs on the channels' sum and costs next to nothing.
  if (input != null && output !== undefined && others.length === 0) {
    const one = weights.shape.map((size, axis) => (axis === input || axis === output ? 1 : size));
    return {
      weights,
      forward: (a) => run(one, (map) => spread(map.forward(tf.sum(a, -1, true)), weights.shape[output]!)),
      vjp: (s, shape) =>
        run(one, (map) => spread(map.vjp(tf.sum(s, -1, true), shape.with(-1, 1)), weights.shape[input]!)),
    };
  }
  return {
    weights,
    forward: (a) => run(weights.shape, (map) => map.forward(a)),
    vjp: (s, shape) => run(weights.shape, (map) => map.vjp(s, shape)),
  };
}

const spread = (sum: Tensor, channels: number): Tensor => tf.tile(sum, [...sum.shape.slice(1).map(() => 1), channels]);
