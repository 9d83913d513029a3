import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../define-layer.js";

/** `x` with axes of size 1 behind the batch's, up to `rank`, as Keras' merging layers do it. */
function ofRank(x: tf.Tensor, rank: number): tf.Tensor {
  const missing = Array<number>(rank - x.rank).fill(1);
  return missing.length === 0 ? x : tf.reshape(x, [x.shape[0]!, ...missing, ...x.shape.slice(1)]);
}

/** `Subtract`: the first input minus the second. */
export const subtract = defineLayer<object>({
  className: "Subtract",
  call(_x, _settings, _weights, [a, b]) {
    const rank = Math.max(a!.rank, b!.rank);
    return tf.sub(ofRank(a!, rank), ofRank(b!, rank));
  },
  outputShape: "computed",
  keepsMask: true,
});
