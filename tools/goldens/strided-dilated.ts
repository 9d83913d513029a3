import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";

type Pair = [number, number];

const exceedsOne = (steps: number | Pair): boolean => [steps].flat().some((step) => step > 1);

/**
 * Lets a convolution layer, 1-d or 2-d and without padding, have strides and dilations at once, as PyTorch's can: the
 * functions of TensorFlow.js refuse both together, while its kernel knows both and is called directly.
 */
export function allowStridedAndDilated(layer: layers.Layer, strides: number | Pair, dilations: number | Pair): void {
  if (!exceedsOne(strides) || !exceedsOne(dilations)) return;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const x = [inputs].flat()[0]!;
      const [kernel, bias] = layer.getWeights();
      const isFlat = x.rank === 3;
      // A sequence is a picture of one row.
      const y = tf.engine().runKernel(
        "Conv2D",
        {
          x: isFlat ? tf.expandDims(x, 1) : x,
          filter: isFlat ? tf.expandDims(kernel!, 0) : kernel!,
        } as tf.NamedTensorMap,
        { strides: pairOf(strides), dilations: pairOf(dilations), pad: "valid", dataFormat: "NHWC" },
      ) as tf.Tensor4D;
      const line = isFlat ? tf.squeeze(y, [1]) : y;
      return bias === undefined ? line : tf.add(line, bias);
    });
}

const pairOf = (steps: number | Pair): Pair => (typeof steps === "number" ? [1, steps] : steps);
