import * as tf from "@tensorflow/tfjs-node";
import { batches } from "./batches.js";
import { type Digits, readMnist } from "./mnist.js";

/** Two convolutions, two poolings, two dense layers; 28 × 28 pixels in 0…1 to ten logits. */
export function convolutionalNet(seed: number): tf.LayersModel {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  return tf.sequential({
    name: "mnist-cnn",
    layers: [
      tf.layers.conv2d({
        name: "conv1",
        inputShape: [28, 28, 1],
        filters: 16,
        kernelSize: 5,
        activation: "relu",
        kernelInitializer: kernelInitializer(1),
      }),
      tf.layers.maxPooling2d({ name: "pool1", poolSize: 2 }),
      tf.layers.conv2d({
        name: "conv2",
        filters: 32,
        kernelSize: 5,
        activation: "relu",
        kernelInitializer: kernelInitializer(2),
      }),
      tf.layers.maxPooling2d({ name: "pool2", poolSize: 2 }),
      tf.layers.flatten({ name: "flatten" }),
      tf.layers.dense({ name: "dense", units: 128, activation: "relu", kernelInitializer: kernelInitializer(3) }),
      tf.layers.dense({ name: "logits", units: 10, kernelInitializer: kernelInitializer(4) }),
    ],
  });
}

/** Two hidden layers of 300 and 100 units; 28 × 28 pixels in 0…1 to ten logits. */
export function multilayerPerceptron(seed: number): tf.LayersModel {
  const kernelInitializer = (offset: number) => tf.initializers.heNormal({ seed: seed + offset });
  return tf.sequential({
    name: "mnist-mlp",
    layers: [
      tf.layers.flatten({ name: "flatten", inputShape: [28, 28, 1] }),
      tf.layers.dense({ name: "hidden1", units: 300, activation: "relu", kernelInitializer: kernelInitializer(1) }),
      tf.layers.dense({ name: "hidden2", units: 100, activation: "relu", kernelInitializer: kernelInitializer(2) }),
      tf.layers.dense({ name: "logits", units: 10, kernelInitializer: kernelInitializer(3) }),
    ],
  });
}

/** Minimizes the cross-entropy by Adam, the learning rate falling to zero along a cosine. Logs the accuracy by epoch. */
export async function trainClassifier(
  model: tf.LayersModel,
  { epochs, seed, shift }: { epochs: number; seed: number; shift: number },
  log: (line: string) => void,
): Promise<{ accuracy: number }> {
  const [training, test] = await Promise.all([readMnist("train"), readMnist("test")]);
  const optimizer = tf.train.adam(0);
  let epoch = 0;
  for (const batch of batches(training, { size: 100, epochs, seed, shift })) {
    if (batch.epoch > epoch) {
      log(`${model.name}: epoch ${batch.epoch} of ${epochs}, test accuracy ${accuracyOn(model, test).toFixed(4)}`);
      epoch = batch.epoch;
    }
    Object.assign(optimizer, { learningRate: 1e-3 * (1 + Math.cos(Math.PI * batch.progress)) });
    tf.tidy(() => {
      const pixels = tf.tensor4d(batch.pixels, [batch.count, 28, 28, 1]);
      const targets = tf.oneHot(tf.tensor1d(batch.labels, "int32"), 10);
      optimizer.minimize(() =>
        tf.losses.softmaxCrossEntropy(targets, model.apply(pixels, { training: true }) as tf.Tensor),
      );
    });
  }
  optimizer.dispose();
  const accuracy = accuracyOn(model, test);
  log(`${model.name}: test accuracy ${accuracy.toFixed(4)}`);
  return { accuracy };
}

/** Share of the digits that the model gives their own class. */
export function accuracyOn(model: tf.LayersModel, digits: Digits): number {
  return tf.tidy(() => {
    const pixels = tf.tensor4d(digits.pixels, [digits.count, 28, 28, 1], "int32").toFloat().div(255);
    const predicted = (model.predict(pixels, { batchSize: 1000 }) as tf.Tensor).argMax(1).dataSync<"int32">();
    return predicted.reduce((hits, label, index) => hits + (label === digits.labels[index] ? 1 : 0), 0) / digits.count;
  });
}
