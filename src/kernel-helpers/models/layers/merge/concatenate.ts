import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { fromFront } from "../define-layer.js";
import { type Layer, type LayerClass, layerClass } from "../layer-class.js";

type Settings = Parameters<typeof layers.concatenate>[0];

/** `Concatenate` along an axis that may be counted from the end; TensorFlow.js takes any such for the last one. */
export function concatenate(): LayerClass<Settings> {
  const Base = layerClass<Settings, Layer & { axis: number }>("Concatenate");
  return class Concatenate extends Base {
    static className = "Concatenate";

    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const given = [inputs].flat() as tf.Tensor[];
      return tf.tidy(() => tf.concat(given, fromFront(this.axis, given[0]!.rank)));
    }
  };
}
