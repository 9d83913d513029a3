import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { convolved, defineLayer, perAxis, type Shape } from "../define-layer.js";

interface Settings {
  filters: number;
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: "valid" | "same" | "causal";
  dilationRate?: number | number[];
  groups?: number;
  useBias?: boolean;
  activation?: unknown;
}

/**
 * A kernel with `rate − 1` zeros between its entries along each axis: what a dilated convolution is, where kernels of volumes on a CPU
 * know no dilation.
 */
export function dilated(kernel: tf.Tensor, rates: readonly number[]): tf.Tensor {
  return rates.reduce((spread, rate, axis) => {
    if (rate === 1) return spread;
    const entries = spread.shape[axis]!;
    const apart = tf.expandDims(spread, axis + 1);
    const zeros = apart.shape.map((_, at): [number, number] => [0, at === axis + 1 ? rate - 1 : 0]);
    const filled = tf.reshape(tf.pad(apart, zeros), spread.shape.with(axis, entries * rate));
    const sizes = filled.shape.map((size, at) => (at === axis ? (entries - 1) * rate + 1 : size));
    return tf.slice(filled, Array<number>(filled.rank).fill(0), sizes);
  }, kernel);
}

/** A convolution of volumes with groups and dilation. */
const volumes = (x: tf.Tensor, kernel: tf.Tensor, groups: number, settings: Settings): tf.Tensor => {
  const spread = dilated(kernel, perAxis(settings.dilationRate, 3));
  const strides = perAxis(settings.strides, 3) as [number, number, number];
  const pad = settings.padding === "same" ? "same" : "valid";
  const parts = tf.split<tf.Tensor5D>(x as tf.Tensor5D, groups, 4);
  const kernels = tf.split<tf.Tensor5D>(spread as tf.Tensor5D, groups, 4);
  const convolved = parts.map((part, group) => tf.conv3d(part, kernels[group]!, strides, pad));
  return groups === 1 ? convolved[0]! : tf.concat(convolved, 4);
};

/**
 * Convolutions with what TensorFlow.js' own lack: `groups`, each of which reads its share of the channels and makes its share of the
 * filters, for one axis `padding="causal"`, zeros before the first step alone, and for three axes dilation.
 */
const convolution = (axes: 1 | 2 | 3) =>
  defineLayer<Settings>({
    className: `KerasConv${axes}D`,
    weights: (input, { filters, kernelSize, groups = 1, useBias = true }) => ({
      kernel: [...perAxis(kernelSize, axes), input.at(-1)! / groups, filters],
      ...(useBias && { bias: [filters] }),
    }),
    call(x, settings, { kernel, bias }) {
      const { strides, padding = "valid", dilationRate, groups = 1, activation } = settings;
      if (axes === 3) {
        const volume = volumes(x, kernel!, groups, settings);
        return activate(activation, bias ? tf.add(volume, bias) : volume);
      }
      // One axis is the second of two, the first of which has size 1.
      const lift = <R extends tf.Tensor>(value: tf.Tensor, at: number): R =>
        (axes === 1 ? tf.expandDims(value, at) : value) as R;
      const spread = perAxis(dilationRate, axes);
      const window: Window = {
        strides: perAxis(perAxis(strides, axes), 2) as [number, number],
        padding: padding === "same" ? "same" : "valid",
        dilations: [1, ...spread].slice(-2) as [number, number],
      };
      let picture = lift<tf.Tensor4D>(x, 1);
      if (padding === "causal") {
        const before = (kernel!.shape[0]! - 1) * spread[0]!;
        picture = tf.pad(picture, [
          [0, 0],
          [0, 0],
          [before, 0],
          [0, 0],
        ]);
      }
      let y: tf.Tensor = grouped(picture, lift<tf.Tensor4D>(kernel!, 0), groups, window);
      if (axes === 1) y = tf.squeeze(y, [1]);
      return activate(activation, bias ? tf.add(y, bias) : y);
    },
    outputShape(input, { filters, kernelSize, strides, padding = "valid", dilationRate }): Shape {
      const [sizes, steps, rates] = [perAxis(kernelSize, axes), perAxis(strides, axes), perAxis(dilationRate, axes)];
      const moved = sizes.map((size, axis) =>
        convolved(input[axis + 1]!, size, { padding, stride: steps[axis]!, dilation: rates[axis]! }),
      );
      return [input[0]!, ...moved, filters];
    },
  });

interface Window {
  strides: [number, number];
  padding: "valid" | "same";
  dilations: [number, number];
}

/** `[batch, height, width, in]` with a kernel `[height, width, in / groups, out]`. */
function grouped(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number, window: Window): tf.Tensor4D {
  const { strides, padding, dilations } = window;
  const parts = tf.split<tf.Tensor4D>(x, groups, 3);
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3);
  const convolved = parts.map((part, group) => tf.conv2d(part, kernels[group]!, strides, padding, "NHWC", dilations));
  return groups === 1 ? convolved[0]! : tf.concat(convolved, 3);
}

export const convolutions = [convolution(1), convolution(2), convolution(3)];
