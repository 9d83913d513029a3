import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { convolved, defineLayer, perAxis, type Shape } from "../define-layer.js";

interface Settings {
  filters: number;
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: "valid" | "same";
  implementation?: 1 | 2;
  useBias?: boolean;
  activation?: unknown;
}

const size = (shape: readonly (number | null)[]): number => shape.reduce((all: number, one) => all * one!, 1);

const windows = (input: Shape, { kernelSize, strides, padding = "valid" }: Settings, axes: number): number[] =>
  perAxis(kernelSize, axes).map(
    (kernel, axis) => convolved(input[axis + 1]!, kernel, { padding, stride: perAxis(strides, axes)[axis]! })!,
  );

/** All places of a grid, the last axis fastest. */
const places = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (all, length) => all.flatMap((place) => Array.from({ length }, (_, index) => [...place, index])),
    [[]],
  );

/** Which inputs an output is connected with, for implementation 2: `[…input, channels, …output, filters]` of 0 and 1. */
function connections(input: number[], output: number[], settings: Settings): tf.Tensor {
  const axes = output.length;
  const [kernel, strides] = [perAxis(settings.kernelSize, axes), perAxis(settings.strides, axes)];
  const space = input.slice(0, -1);
  const before = kernel.map((length) => (settings.padding === "same" ? Math.floor(length / 2) : 0));
  const ends = places(output);
  const rows = places(space).map((from) =>
    ends.map((to) =>
      Number(
        from.every((place, axis) => {
          const distance = place - (to[axis]! * strides[axis]! - before[axis]!);
          return distance >= 0 && distance < kernel[axis]!;
        }),
      ),
    ),
  );
  return tf.reshape(tf.tensor2d(rows), [...space, 1, ...output, 1]);
}

/** `LocallyConnected1D` and `2D` of Keras 2: convolutions whose every place has a kernel of its own. */
const locallyConnected = (axes: 1 | 2) =>
  defineLayer<Settings>({
    className: `LocallyConnected${axes}D`,
    weights(input, settings) {
      const { filters, kernelSize, implementation = 1, useBias = true } = settings;
      const output = windows(input, settings, axes);
      const channels = input.at(-1)!;
      const kernel =
        implementation === 1
          ? [size(output), size(perAxis(kernelSize, axes)) * channels, filters]
          : [...input.slice(1, -1), channels, ...output, filters];
      return { kernel, ...(useBias && { bias: [...output, filters] }) };
    },
    call(x, settings, { kernel, bias }) {
      const { filters, kernelSize, strides, implementation = 1, activation } = settings;
      const output = windows(x.shape, settings, axes);
      const batch = x.shape[0]!;
      let y: tf.Tensor;
      if (implementation === 1) {
        const steps = perAxis(strides, axes);
        const patches = places(output).map((place) => {
          const begin = [0, ...place.map((index, axis) => index * steps[axis]!), 0];
          const patch = tf.slice(x, begin, [-1, ...perAxis(kernelSize, axes), -1]);
          return tf.reshape(patch, [batch, kernel!.shape[1]!]);
        });
        const products = tf.matMul(tf.stack(patches), kernel!);
        y = tf.reshape(tf.transpose(products, [1, 0, 2]), [batch, ...output, filters]);
      } else {
        const input = x.shape.slice(1);
        const dense = tf.mul(kernel!, connections(input, output, settings));
        const matrix = tf.reshape(dense, [size(input), size(output) * filters]) as tf.Tensor2D;
        const rows = tf.reshape(x, [batch, size(input)]) as tf.Tensor2D;
        y = tf.reshape(tf.matMul(rows, matrix), [batch, ...output, filters]);
      }
      return activate(activation, bias ? tf.add(y, bias) : y);
    },
    outputShape: (input, settings) => [input[0]!, ...windows(input, settings, axes), settings.filters],
  });

export const locallyConnecteds = [locallyConnected(1), locallyConnected(2)];
