import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { convolved, defineLayer, perAxis, type Shape } from "../define-layer.js";

interface Settings {
  filters?: number;
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: "valid" | "same" | "causal";
  dilationRate?: number | number[];
  depthMultiplier?: number;
  useBias?: boolean;
  activation?: unknown;
}

const one = (value: number | number[] | undefined): number => perAxis(value, 1)[0]!;

const lengthOf = (input: Shape, { kernelSize, strides, padding = "valid", dilationRate }: Settings): number | null =>
  convolved(input[1]!, one(kernelSize), { padding, stride: one(strides), dilation: one(dilationRate) });

/** `[batch, 1, steps, channels · multiplier]` from `[batch, steps, channels]`: each channel with its own kernels. */
function depthwise(x: tf.Tensor, kernel: tf.Tensor, settings: Settings): tf.Tensor4D {
  const { padding = "valid", strides, dilationRate } = settings;
  const dilation = one(dilationRate);
  const before = padding === "causal" ? (kernel.shape[0]! - 1) * dilation : 0;
  const padded =
    before === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [before, 0],
          [0, 0],
        ]);
  const picture = tf.expandDims(padded, 1) as tf.Tensor4D;
  // Kernels want both strides alike; over one row the first has no effect.
  const stride = one(strides);
  const pad = padding === "same" ? "same" : "valid";
  return tf.depthwiseConv2d(picture, tf.expandDims(kernel, 0) as tf.Tensor4D, [stride, stride], pad, "NHWC", [
    1,
    dilation,
  ]);
}

/** `DepthwiseConv1D`: each channel with kernels of its own. */
export const depthwiseConv1D = defineLayer<Settings>({
  className: "DepthwiseConv1D",
  weights: (input, { kernelSize, depthMultiplier = 1, useBias = true }) => ({
    kernel: [one(kernelSize), input.at(-1)!, depthMultiplier],
    ...(useBias && { bias: [input.at(-1)! * depthMultiplier] }),
  }),
  call(x, settings, { kernel, bias }) {
    const y = tf.squeeze(depthwise(x, kernel!, settings), [1]);
    return activate(settings.activation, bias ? tf.add(y, bias) : y);
  },
  outputShape: (input, settings) => [
    input[0]!,
    lengthOf(input, settings),
    input.at(-1)! * (settings.depthMultiplier ?? 1),
  ],
});

/** `SeparableConv1D`: a depthwise convolution, then one of size 1 across channels. */
export const separableConv1D = defineLayer<Settings>({
  className: "SeparableConv1D",
  weights: (input, { kernelSize, depthMultiplier = 1, filters, useBias = true }) => ({
    depthwise_kernel: [one(kernelSize), input.at(-1)!, depthMultiplier],
    pointwise_kernel: [1, input.at(-1)! * depthMultiplier, filters!],
    ...(useBias && { bias: [filters!] }),
  }),
  call(x, settings, { depthwise_kernel: kernel, pointwise_kernel: pointwise, bias }) {
    const y = tf.conv2d(depthwise(x, kernel!, settings), tf.expandDims(pointwise!, 0) as tf.Tensor4D, 1, "valid");
    const steps = tf.squeeze(y, [1]);
    return activate(settings.activation, bias ? tf.add(steps, bias) : steps);
  },
  outputShape: (input, settings) => [input[0]!, lengthOf(input, settings), settings.filters!],
});
