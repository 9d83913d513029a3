import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { type Layer, type LayerClass, layerClass } from "../layer-class.js";
import { resize } from "./resize.js";

interface UpSampling extends Layer {
  size: [number, number];
  interpolation: string;
  dataFormat: "channelsFirst" | "channelsLast";
}

type UpSampling2DArgs = Parameters<typeof layers.upSampling2d>[0];

/**
 * UpSampling2D by other ways than repeating, as Keras computes it: pixels are areas with a center, as in all of TensorFlow 2. In
 * TensorFlow.js, which knows the bilinear way alone, they are points at the upper left corner: that moves and blurs the picture.
 */
export function kerasUpSampling2D(): LayerClass<UpSampling2DArgs> {
  const Base = layerClass<UpSampling2DArgs, UpSampling>("UpSampling2D");
  return class KerasUpSampling2D extends Base {
    static className = "KerasUpSampling2D";

    constructor(given: UpSampling2DArgs) {
      super({ ...given, interpolation: "bilinear" });
      this.interpolation = (given as { interpolation?: string }).interpolation ?? "nearest";
    }

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const [given] = [inputs].flat() as [tf.Tensor4D];
      return tf.tidy(() => {
        const channelsFirst = this.dataFormat === "channelsFirst";
        const x = channelsFirst ? tf.transpose(given, [0, 2, 3, 1]) : given;
        const y = resize(x, [x.shape[1] * this.size[0], x.shape[2] * this.size[1]], this.interpolation) as tf.Tensor4D;
        return channelsFirst ? tf.transpose(y, [0, 3, 1, 2]) : y;
      });
    }
  };
}
