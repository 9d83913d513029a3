/** Small models that tests of several families explain. */
import * as tf from "@tensorflow/tfjs-node";
import { record } from "../../src/explainers/index.js";
import { normals } from "./tensors.js";

/** A convolutional net with batch norm on `[height, width, 2]`, ending in logits or a softmax. */
export function convolutionalNet(activation: "linear" | "softmax" = "linear", size = 8): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: [size, size, 2], filters: 4, kernelSize: 3, padding: "same" }),
      tf.layers.batchNormalization(),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation }),
    ],
  });
  const random = normals(11);
  model.setWeights(
    model.getWeights().map((weights) =>
      tf.tidy(() => {
        const drawn = random(...weights.shape).mul(0.4);
        return weights.rank === 1 ? drawn.abs().add(0.2) : drawn;
      }),
    ),
  );
  // Its graph is kept until it is released, from the first look on.
  tf.tidy(() => record(model, tf.zeros([1, size, size, 2])).dispose());
  return model;
}

/** Σ w_i x_i + bias as a model with two outputs, the second one 0. */
export function linearModel(weights: tf.Tensor, bias = 0): (x: tf.Tensor) => tf.Tensor {
  return (x) => {
    const rows = x.shape[0]!;
    const z = tf.matMul(x.reshape([rows, -1]), weights.reshape([-1, 1])).add(bias);
    return tf.concat([z, tf.zerosLike(z)], 1);
  };
}
