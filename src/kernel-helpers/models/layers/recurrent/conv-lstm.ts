import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../activation/class.js";
import { dilated } from "../convolution/grouped.js";
import { convolved, defineLayer, perAxis, type Shape } from "../define-layer.js";

interface Settings {
  filters: number;
  kernelSize: number | number[];
  strides?: number | number[];
  padding?: "valid" | "same";
  dilationRate?: number | number[];
  activation?: unknown;
  recurrentActivation?: unknown;
  useBias?: boolean;
  returnSequences?: boolean;
  returnState?: boolean;
  goBackwards?: boolean;
}

/** A convolution over `axes` axes, the last of which are the convolution's. */
function convolution(x: tf.Tensor, kernel: tf.Tensor, axes: number, window: Window): tf.Tensor {
  const { strides, padding, dilations } = window;
  if (axes === 3) {
    const spread = dilated(kernel, dilations) as tf.Tensor5D;
    return tf.conv3d(x as tf.Tensor5D, spread, strides as [number, number, number], padding);
  }
  const lift = (value: tf.Tensor, at: number) => (axes === 1 ? tf.expandDims(value, at) : value) as tf.Tensor4D;
  const two = (sizes: number[]) => (axes === 1 ? [1, ...sizes] : sizes) as [number, number];
  const y = tf.conv2d(lift(x, 1), lift(kernel, 0), two(strides), padding, "NHWC", two(dilations));
  return axes === 1 ? tf.squeeze(y, [1]) : y;
}

interface Window {
  strides: number[];
  padding: "valid" | "same";
  dilations: number[];
}

/** `ConvLSTM1D` to `3D`: an LSTM whose products are convolutions. Shi et al. 2015, equation 3, without peepholes. */
const convLstm = (axes: number) =>
  defineLayer<Settings>({
    className: `KerasConvLSTM${axes}D`,
    weights(input, { filters, kernelSize, useBias = true }) {
      const sizes = perAxis(kernelSize, axes);
      return {
        kernel: [...sizes, input.at(-1)!, 4 * filters],
        recurrent_kernel: [...sizes, filters, 4 * filters],
        ...(useBias && { bias: [4 * filters] }),
      };
    },
    call(x, settings, { kernel, recurrent_kernel: recurrent, bias }) {
      const { strides, padding = "valid", dilationRate, activation, recurrentActivation } = settings;
      const ones = perAxis(1, axes);
      const ofInput = { strides: perAxis(strides, axes), padding, dilations: perAxis(dilationRate, axes) };
      const steps = tf.unstack(x, 1);
      if (settings.goBackwards) steps.reverse();
      let [h, c]: [tf.Tensor | undefined, tf.Tensor | undefined] = [undefined, undefined];
      const outputs: tf.Tensor[] = [];
      for (const step of steps) {
        let z = convolution(step, kernel!, axes, ofInput);
        if (bias) z = tf.add(z, bias);
        // The first state is zero, and so is what it would add.
        if (h) z = tf.add(z, convolution(h, recurrent!, axes, { strides: ones, padding: "same", dilations: ones }));
        const [i, f, candidate, o] = tf.split(z, 4, z.rank - 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const gate = (of: tf.Tensor) => activate(recurrentActivation, of);
        const news = tf.mul(gate(i), activate(activation, candidate));
        c = c ? tf.add(tf.mul(gate(f), c), news) : news;
        h = tf.mul(gate(o), activate(activation, c));
        outputs.push(h);
      }
      const y = settings.returnSequences ? tf.stack(outputs, 1) : h!;
      return settings.returnState ? [y, h!, c!] : y;
    },
    outputShape(input, settings): Shape | Shape[] {
      const { filters, kernelSize, strides, padding = "valid", dilationRate } = settings;
      const [sizes, moves, rates] = [kernelSize, strides, dilationRate].map((value) => perAxis(value, axes));
      const space = sizes!.map((size, axis) =>
        convolved(input[axis + 2]!, size, { padding, stride: moves![axis]!, dilation: rates![axis]! }),
      );
      const state = [input[0]!, ...space, filters];
      const output = settings.returnSequences ? [input[0]!, input[1]!, ...space, filters] : state;
      return settings.returnState ? [output, state, state] : output;
    },
  });

export const convLstms = [1, 2, 3].map((axes) => convLstm(axes));
