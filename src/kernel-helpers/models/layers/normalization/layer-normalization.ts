import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront } from "../define-layer.js";
import { broadcast, normalized } from "./normalized.js";

interface Settings {
  axis?: number | number[];
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
  rmsScaling?: boolean;
}

/**
 * Normalizes each sample over `axis`, one or several: Ba et al. 2016, equation 4. With `rms_scaling` Keras divides by the standard
 * deviation without subtracting the mean first, and adds no offset.
 */
export const layerNormalization = defineLayer<Settings>({
  className: "LayerNormalization",
  weights(input, { axis = -1, scale = true, center = true, rmsScaling = false }) {
    const shape = [axis].flat().map((index) => input[fromFront(index, input.length)]!);
    return { ...((scale || rmsScaling) && { gamma: shape }), ...(center && !rmsScaling && { beta: shape }) };
  },
  call(x, { axis = -1, epsilon = 1e-3, rmsScaling = false }, { gamma, beta }) {
    const axes = [axis].flat().map((index) => fromFront(index, x.rank));
    let result: tf.Tensor;
    if (rmsScaling) {
      const variance = tf.mean(tf.square(tf.sub(x, tf.mean(x, axes, true))), axes, true);
      result = tf.div(x, tf.sqrt(tf.add(variance, epsilon)));
    } else result = normalized(x, axes, epsilon);
    if (gamma) result = tf.mul(result, broadcast(gamma, x, axes));
    return beta ? tf.add(result, broadcast(beta, x, axes)) : result;
  },
});
