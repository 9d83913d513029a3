import * as tf from "@tensorflow/tfjs-core";
import type { layers } from "@tensorflow/tfjs-layers";
import { fromFront } from "../define-layer.js";
import { type Layer, type LayerClass, layerClass } from "../layer-class.js";

/** What TensorFlow.js' BatchNormalization keeps; its types do not say so. */
interface Normalization extends Layer {
  axis: number;
  epsilon: number;
  gamma?: { read(): tf.Tensor };
  beta?: { read(): tf.Tensor };
  movingMean: { read(): tf.Tensor };
  movingVariance: { read(): tf.Tensor };
}

type BatchNormalizationArgs = Parameters<typeof layers.batchNormalization>[0];

/** A BatchNormalization of any rank and axis at inference; TensorFlow.js' kernels know the last axis of at most four. */
export function batchNormalization(): LayerClass<BatchNormalizationArgs> {
  const Base = layerClass<BatchNormalizationArgs, Normalization>("BatchNormalization");
  return class BatchNormalization extends Base {
    static className = "BatchNormalization";

    override call(inputs: tf.Tensor | tf.Tensor[], options: { training?: boolean }): tf.Tensor | tf.Tensor[] {
      const [x] = [inputs].flat() as [tf.Tensor];
      const axis = fromFront(this.axis, x.rank);
      if (options["training"] || (axis === x.rank - 1 && x.rank <= 4)) return super.call(inputs, options);
      return tf.tidy(() => {
        const shape = x.shape.map((size, index) => (index === axis ? size : 1));
        const inverse = tf.rsqrt(tf.add(this.movingVariance.read(), this.epsilon));
        const factor = this.gamma ? tf.mul(this.gamma.read(), inverse) : inverse;
        const shift = tf.neg(tf.mul(this.movingMean.read(), factor));
        const offset = this.beta ? tf.add(shift, this.beta.read()) : shift;
        return tf.add(tf.mul(x, tf.reshape(factor, shape)), tf.reshape(offset, shape));
      });
    }
  };
}
