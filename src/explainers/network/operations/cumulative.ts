import * as tf from "@tensorflow/tfjs-core";
import { axesOf } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";

/** Running sums along an axis. */
export interface Cumulative {
  readonly kind: "cumulative";
  readonly axis: number;
  /** Without the entry itself. */
  readonly exclusive: boolean;
  /** From the end. */
  readonly reverse: boolean;
}

export const cumulative: Kind<Cumulative> = {
  kind: "cumulative",
  translate: {
    Cumsum(call) {
      const { exclusive, reverse } = call.attributes;
      const axis = axesOf(call.attributes["axis"], call.outputs[0]!.rank)[0]!;
      return [
        call.make<Cumulative>({ kind: "cumulative", axis, exclusive: exclusive === true, reverse: reverse === true }),
      ];
    },
  },
  forward: ({ axis, exclusive, reverse }, [x]) => tf.cumsum(x!, axis, exclusive, reverse),
  // The other way round; the gradient that TensorFlow.js registers exchanges axes.
  vjp: ({ axis, exclusive, reverse }, dy) => [tf.cumsum(dy, axis, exclusive, !reverse)],
  facts: () => ({ linear: true, nonNegative: "kept" }),
  relevance: () => "proportional",
};
