import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import type { Scalar } from "../../network/index.js";

/** How denominators are kept away from 0. */
export type Stabilizer =
  /** `z + ε·sign(z)`, with `sign(0) = 1`. */
  | "add"
  /** `sign(z)·max(|z|, ε)` */
  | "clip"
  /** `z + ε·rms(z)·sign(z)`, the root mean square over all but the batch axis. */
  | "rms";

/** What is to be added to `z` to keep it away from 0. */
export function stabilizerOf(z: Tensor, epsilon: Scalar, stabilizer: Stabilizer = "add"): Tensor {
  const sign = signOf(z);
  switch (stabilizer) {
    case "add":
      return tf.mul(sign, epsilon);
    case "clip":
      return tf.mul(sign, tf.relu(tf.sub(epsilon, tf.abs(z))));
    case "rms": {
      const axes = z.shape.slice(1).map((_, axis) => axis + 1);
      // Also where all of a sample is 0 the denominator must not be.
      return tf.mul(sign, tf.add(tf.mul(tf.sqrt(tf.mean(tf.square(z), axes, true)), epsilon), 1e-12));
    }
    default:
      throw new ParameterError("stabilizer", stabilizer, '"add", "clip" or "rms"');
  }
}

/** `+1` where `z ≥ 0`, `−1` elsewhere. Adding 1e-30 changes no float32 that matters and gives 0 its sign. */
export function signOf(z: Tensor): Tensor {
  const nudged = tf.add(z, 1e-30);
  // WebAssembly's Sign gives 0 below 1e-7; on the native backend it is the faster of the two.
  return tf.getBackend() === "wasm" ? tf.step(nudged, -1) : tf.sign(nudged);
}
