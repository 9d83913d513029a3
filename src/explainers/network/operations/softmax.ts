import * as tf from "@tensorflow/tfjs-core";
import type { Kind } from "./parts/kind.js";

/** Over the last axis. */
export interface Softmax {
  readonly kind: "softmax";
}

export const softmax: Kind<Softmax> = {
  kind: "softmax",
  translate: { Softmax: (call) => [call.make<Softmax>({ kind: "softmax" })] },
  forward: (_, [x]) => tf.softmax(x!),
  vjp(_, dy, { output }) {
    const weighted = tf.mul(dy, output);
    return [tf.sub(weighted, tf.mul(output, tf.sum(weighted, -1, true)))];
  },
  facts: () => ({ nonNegative: "always", alongLastAxis: true }),
  relevance: () => "softmax",
};
