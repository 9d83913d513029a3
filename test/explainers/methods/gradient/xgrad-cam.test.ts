import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { xGradCam } from "../../../../src/explainers/methods/gradient/cam/xgrad-cam.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const images = normals(61)(2, 6, 6, 2);
const seeded = (seed: number) => tf.initializers.glorotNormal({ seed });
const net = tf.sequential({
  layers: [
    tf.layers.conv2d({
      name: "maps",
      inputShape: [6, 6, 2],
      filters: 3,
      kernelSize: 2,
      strides: 2,
      activation: "relu",
      kernelInitializer: seeded(62),
    }),
    tf.layers.flatten(),
    tf.layers.dense({ units: 5, activation: "relu", kernelInitializer: seeded(63) }),
    tf.layers.dense({ units: 2, kernelInitializer: seeded(64) }),
  ],
});

test("XGrad-CAM weights a channel by its gradient, averaged by activation", async () => {
  const explain = xGradCam(net, { layer: "maps", upsampling: "none" });
  await explain(images, { target: 1 });
  const { relevance, shape, layer } = await leavesNoTensors(() => explain(images, { target: 1 }));
  assert.deepEqual([shape, layer], [[2, 3, 3, 1], "maps"]);
  // The gradient at the layer by TensorFlow.js' own differentiation of what lies behind it.
  const [first, ...behind] = net.layers;
  const maps = first!.apply(images) as tf.Tensor;
  const head = (a: tf.Tensor) =>
    tf.sum(
      tf.slice(
        behind.reduce((value, one) => one.apply(value) as tf.Tensor, a),
        [0, 1],
        [-1, 1],
      ),
    ) as tf.Scalar;
  const g = tf.grad(head)(maps).arraySync() as number[][][][];
  const a = maps.arraySync() as number[][][][];
  const expected = a.flatMap((sample, s) => {
    const places = sample.flat();
    const slopes = g[s]!.flat();
    const weight = (_: number, k: number) => {
      const mass = places.reduce((sum, values) => sum + values[k]!, 0);
      return places.reduce((sum, values, at) => sum + (mass === 0 ? 0 : (values[k]! / mass) * slopes[at]![k]!), 0);
    };
    return places.map((values, place) =>
      Math.max(
        0,
        values.reduce((sum, value, k) => sum + weight(place, k) * value, 0),
      ),
    );
  });
  assert.ok(expected.some((value) => value > 0));
  close(relevance, expected, 1e-5);
});
