import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { scoreCam } from "../../../../src/explainers/methods/perturbation/masks/score-cam.js";
import { convolutionalNet } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

test("Score-CAM is the channels' maps, weighted by the softmax of what their masks leave of the output", async () => {
  const model = convolutionalNet();
  const x = tf.abs(normals(41)(2, 8, 8, 2));
  const layer = model.layers.find((one) => one.getClassName() === "Activation")!;
  const explain = scoreCam(model, { layer: layer.name });
  await explain(x, { target: 1 });
  const { relevance, shape } = await leavesNoTensors(() => explain(x, { target: [1, 2] }));
  assert.deepEqual(shape, [2, 8, 8, 1]);

  // The same by the model alone, channel by channel, in plain loops.
  const maps = tf.model({ inputs: model.inputs, outputs: layer.output as tf.SymbolicTensor });
  for (const [sample, target] of [1, 2].entries()) {
    const one = tf.slice(x, sample, 1) as tf.Tensor4D;
    const activation = maps.predict(one) as tf.Tensor4D;
    const count = activation.shape[3];
    const channels = Array.from({ length: count }, (_, k) => tf.slice(activation, [0, 0, 0, k], [1, -1, -1, 1]));
    const exponentials = channels.map((map) => {
      const up = tf.image.resizeBilinear(map as tf.Tensor4D, [8, 8], false, true);
      const values = Array.from(up.dataSync());
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const mask = tf.tensor4d(
        values.map((value) => (high === low ? 0 : (value - low) / (high - low))),
        [1, 8, 8, 1],
      );
      return Math.exp((model.predict(tf.mul(one, mask)) as tf.Tensor).dataSync()[target]!);
    });
    const total = exponentials.reduce((a, b) => a + b, 0);
    const sum = channels
      .map((map, k) => tf.mul(map, exponentials[k]! / total))
      .reduce((a, b) => tf.add(a, b)) as tf.Tensor4D;
    const expected = tf.image.resizeBilinear(tf.relu(sum), [8, 8], false, true).dataSync();
    close(relevance.slice(sample * 64, (sample + 1) * 64), expected, 1e-4, `sample ${sample}`);
  }
});
