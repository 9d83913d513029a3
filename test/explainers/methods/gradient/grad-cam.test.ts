import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  gradCam,
  gradCamPlusPlus,
  guidedBackprop,
  guidedGradCam,
} from "../../../../src/explainers/methods/gradient/index.js";
import { close } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

const images = normals(51)(2, 6, 6, 2);

/** Two convolutions, a global mean and a dense layer: the setting of class activation maps. */
const pooled = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, padding: "same", activation: "relu" }),
    tf.layers.conv2d({ name: "maps", filters: 3, kernelSize: 2, strides: 2, activation: "relu" }),
    tf.layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
    tf.layers.dense({ units: 2 }),
  ],
});

/** A_k of the last convolution, `[batch, 3, 3, 3]`, and the dense weights of a class. */
function partsOf(target: number): { maps: number[][][][]; weights: number[] } {
  const upTo = tf.model({ inputs: pooled.inputs, outputs: pooled.getLayer("maps").output as tf.SymbolicTensor });
  const maps = tf.tidy(() => (upTo.predict(images) as tf.Tensor).arraySync() as number[][][][]);
  const weights = (pooled.getWeights().at(-2)!.arraySync() as number[][]).map((row) => row[target]!);
  return { maps, weights };
}

test("Grad-CAM before a global mean is the class activation map: α_k = w_k / places", async () => {
  const { maps, weights } = partsOf(1);
  const sums = maps.flat(2).map((values) => values.reduce((sum, value, k) => sum + (weights[k]! * value) / 9, 0));
  const bare = await gradCam(pooled, { upsampling: "none", relu: false })(images, { target: 1 });
  assert.deepEqual(bare.shape, [2, 3, 3, 1]);
  assert.equal(bare.layer, "maps");
  close(bare.relevance, sums, 1e-5);
  const positive = await gradCam(pooled, { layer: "maps", upsampling: "none" })(images, { target: 1 });
  close(
    positive.relevance,
    sums.map((value) => Math.max(0, value)),
    1e-5,
  );
  const nearest = await gradCam(pooled, { upsampling: "nearest", relu: false })(images, { target: 1 });
  assert.deepEqual(nearest.shape, [2, 6, 6, 1]);
  close(
    nearest.relevance,
    Array.from(
      { length: 72 },
      (_, i) => sums[9 * Math.floor(i / 36) + 3 * Math.floor((i % 36) / 12) + Math.floor((i % 6) / 2)]!,
    ),
    1e-5,
  );
});

test("Grad-CAM of a map of one place: ReLU of gradient × activation, everywhere alike", async () => {
  const one = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "point", inputShape: [6, 6, 2], filters: 3, kernelSize: 6, activation: "relu" }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    ],
  });
  const { relevance, output } = await gradCam(one, { layer: "point", relu: false })(images, { target: 0 });
  const bias = one.getWeights().at(-1)!.dataSync()[0]!;
  for (let i = 0; i < relevance.length; i++) {
    const expected = output[Math.floor(i / 36)]! - bias;
    assert.ok(Math.abs(relevance[i]! - expected) < 1e-5);
  }
});

test("Grad-CAM++ in closed form: g = w_k / 9 at every place", async () => {
  const { maps, weights } = partsOf(0);
  const expected = maps.flatMap((map) => {
    const places = map.flat();
    const alpha = weights.map((w, k) => {
      const g = w / 9;
      const mass = places.reduce((sum, values) => sum + values[k]!, 0);
      const denominator = 2 * g * g + g ** 3 * mass;
      return denominator === 0 ? 0 : 9 * ((g * g) / denominator) * Math.max(0, g);
    });
    return places.map((values) =>
      Math.max(
        0,
        values.reduce((sum, value, k) => sum + alpha[k]! * value, 0),
      ),
    );
  });
  const { relevance } = await gradCamPlusPlus(pooled, { upsampling: "none" })(images, { target: 0 });
  close(relevance, expected, 1e-4);
});

test("guided Grad-CAM is guided backpropagation times the map", async () => {
  const guided = await guidedBackprop(pooled)(images, { target: 1 });
  const map = await gradCam(pooled)(images, { target: 1 });
  const both = await guidedGradCam(pooled)(images, { target: 1 });
  close(
    both.relevance,
    guided.relevance.map((value, i) => value * map.relevance[Math.floor(i / 2)]!),
    1e-4,
  );
});
