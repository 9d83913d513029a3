import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { defineLayer, perAxis } from "../define-layer.js";

interface Settings {
  filters: number;
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: "valid" | "same";
  useBias?: boolean;
  activation?: unknown;
}

const lengthOf = (steps: number, { kernelSize, strides, padding = "valid" }: Settings): number => {
  const stride = perAxis(strides, 1)[0]!;
  const beyond = Math.max(perAxis(kernelSize, 1)[0]! - stride, 0);
  return steps * stride + (padding === "valid" ? beyond : 0);
};

/** `Conv1DTranspose`: the transpose of a convolution over steps. */
export const conv1DTranspose = defineLayer<Settings>({
  className: "Conv1DTranspose",
  weights: (input, { filters, kernelSize, useBias = true }) => ({
    kernel: [...perAxis(kernelSize, 1), filters, input.at(-1)!],
    ...(useBias && { bias: [filters] }),
  }),
  call(x, settings, { kernel, bias }) {
    const { filters, strides, padding = "valid", activation } = settings;
    const shape: [number, number, number, number] = [x.shape[0]!, 1, lengthOf(x.shape[1]!, settings), filters];
    const picture = tf.expandDims(x, 1) as tf.Tensor4D;
    const row = tf.expandDims(kernel!, 0) as tf.Tensor4D;
    const y = tf.squeeze(tf.conv2dTranspose(picture, row, shape, [1, perAxis(strides, 1)[0]!], padding), [1]);
    return activate(activation, bias ? tf.add(y, bias) : y);
  },
  outputShape: (input, settings) => [
    input[0]!,
    input[1] === null ? null : lengthOf(input[1]!, settings),
    settings.filters,
  ],
});
