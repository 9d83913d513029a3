import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Affine, type LinearMap, linearMap, Pool } from "../../network/index.js";

/**
 * The map of a layer whose weights are all 1. It has rank one over the channels, so it runs on their sum alone and costs
 * next to nothing.
 */
export function ones(operation: Affine, own: LinearMap): LinearMap {
  const { weights } = own;
  switch (operation.kind) {
    case "dense": {
      const [inputs, outputs] = weights.shape as [number, number];
      return {
        weights,
        forward: (a) => tf.tidy(() => spread(tf.sum(a, -1, true), outputs)),
        vjp: (s) => tf.tidy(() => spread(tf.sum(s, -1, true), inputs)),
      };
    }
    case "conv2d":
    case "conv2dTranspose": {
      const [height, width] = weights.shape as [number, number, number, number];
      const [inputs, outputs] = operation.kind === "conv2d" ? [2, 3] : [3, 2];
      const run = (x: Tensor, channels: number, direction: (map: LinearMap, sum: Tensor) => Tensor): Tensor => {
        const pool = new Pool();
        try {
          return tf.tidy(() => {
            const kernel = tf.ones([height, width, 1, 1]) as Tensor4D;
            return spread(direction(linearMap(operation, kernel, pool), tf.sum(x, -1, true)), channels);
          });
        } finally {
          pool.dispose();
        }
      };
      return {
        weights,
        forward: (a) => run(a, weights.shape[outputs]!, (map, sum) => map.forward(sum)),
        vjp: (s, shape) => run(s, weights.shape[inputs]!, (map, sum) => map.vjp(sum, [...shape.slice(0, 3), 1])),
      };
    }
    case "depthwise":
    case "scale": {
      const run = (direction: (map: LinearMap) => Tensor): Tensor => {
        const pool = new Pool();
        try {
          return tf.tidy(() => direction(linearMap(operation, tf.onesLike(weights), pool)));
        } finally {
          pool.dispose();
        }
      };
      return {
        weights,
        forward: (a) => run((map) => map.forward(a)),
        vjp: (s, shape) => run((map) => map.vjp(s, shape)),
      };
    }
  }
}

const spread = (sum: Tensor, channels: number): Tensor => tf.tile(sum, [...sum.shape.slice(1).map(() => 1), channels]);
