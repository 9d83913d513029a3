import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { type Layer, type LayerClass, layerClass } from "../layer-class.js";

/** What TensorFlow.js' DepthwiseConv2D keeps; its types do not say so. */
interface Depthwise extends Layer {
  kernelSize: [number, number];
  strides: [number, number];
  dilationRate: [number, number];
  padding: "valid" | "same";
  dataFormat: "channelsFirst" | "channelsLast";
  depthwiseKernel: { read(): tf.Tensor4D };
  bias: { read(): tf.Tensor1D } | null;
  activation: { apply(x: tf.Tensor): tf.Tensor };
}

export type DepthwiseConv2DArgs = Parameters<typeof layers.depthwiseConv2d>[0];

/** A DepthwiseConv2D that heeds its `dilationRate`, which TensorFlow.js' own takes and ignores. */
export function dilatedDepthwiseConv2D(): LayerClass<DepthwiseConv2DArgs> {
  const Base = layerClass<DepthwiseConv2DArgs, Depthwise>("DepthwiseConv2D");
  return class DepthwiseConv2D extends Base {
    static className = "DepthwiseConv2D";

    override call(inputs: tf.Tensor | tf.Tensor[], options: object): tf.Tensor | tf.Tensor[] {
      if (this.dilationRate.every((rate) => rate === 1)) return super.call(inputs, options);
      return tf.tidy(() => {
        const [given] = [inputs].flat() as [tf.Tensor4D];
        const channelsFirst = this.dataFormat === "channelsFirst";
        const x = channelsFirst ? tf.transpose(given, [0, 2, 3, 1]) : given;
        const kernel = this.depthwiseKernel.read();
        const strided = this.strides.some((stride) => stride !== 1);
        // TensorFlow.js does not take strides and dilations at once: then the kernel is spread, which is the same.
        let y = strided
          ? tf.depthwiseConv2d(x, spread(kernel, this.dilationRate), this.strides, this.padding)
          : tf.depthwiseConv2d(x, kernel, this.strides, this.padding, "NHWC", this.dilationRate);
        if (this.bias) y = tf.add(y, this.bias.read());
        return this.activation.apply(channelsFirst ? tf.transpose(y, [0, 3, 1, 2]) : y);
      });
    }

    override computeOutputShape(inputShape: Parameters<Layer["computeOutputShape"]>[0]) {
      // As large as with a kernel that has zeros between its rows and columns.
      const kernelSize = this.kernelSize.map((size, axis) => (size - 1) * this.dilationRate[axis]! + 1);
      return super.computeOutputShape.call(Object.create(this, { kernelSize: { value: kernelSize } }), inputShape);
    }
  };
}

/** `[height, width, channels, multiplier]` with zeros between the rows and columns, as many as the dilation leaves out. */
function spread(kernel: tf.Tensor4D, [rows, columns]: [number, number]): tf.Tensor4D {
  const [height, width, channels, multiplier] = kernel.shape;
  const wide = tf.pad(tf.reshape(kernel, [height, 1, width, 1, channels * multiplier]), [
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
  ]);
  const all = tf.reshape(wide, [height * rows, width * columns, channels, multiplier]);
  return tf.slice(all as tf.Tensor4D, [0, 0, 0, 0], [(height - 1) * rows + 1, (width - 1) * columns + 1, -1, -1]);
}
