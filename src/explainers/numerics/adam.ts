import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** Gradient ascent by Adam (Kingma & Ba 2015) on one tensor. */
export interface Adam {
  /** `x` after a step along `gradient`; neither is disposed. */
  ascend(x: Tensor, gradient: Tensor, learningRate: number): Tensor;
  dispose(): void;
}

/** Adam with decay rates `beta1` of the mean and `beta2` of the mean square. */
export function adam(beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): Adam {
  let mean: Tensor | undefined;
  let square: Tensor | undefined;
  let steps = 0;
  const replace = (old: Tensor | undefined, next: Tensor) => {
    old?.dispose();
    return tf.keep(next);
  };
  return {
    ascend(x, gradient, learningRate) {
      steps++;
      return tf.tidy(() => {
        mean = replace(mean, blend(mean, gradient, beta1));
        square = replace(square, blend(square, tf.square(gradient), beta2));
        // Both corrections for the start at zero are folded into two numbers.
        const correction = Math.sqrt(1 - beta2 ** steps);
        const rate = (learningRate * correction) / (1 - beta1 ** steps);
        return tf.add(x, tf.mul(tf.div(mean, tf.add(tf.sqrt(square), epsilon * correction)), rate));
      });
    },
    dispose: () => tf.dispose([mean, square].filter((tensor) => tensor !== undefined)),
  };
}

const blend = (old: Tensor | undefined, next: Tensor, decay: number): Tensor =>
  old === undefined ? tf.mul(next, 1 - decay) : tf.add(tf.mul(old, decay), tf.mul(next, 1 - decay));
