import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Kind } from "./parts/kind.js";

/** The same numbers in another type, such as a condition as zeros and ones. */
export interface Cast {
  readonly kind: "cast";
  readonly dtype: DataType;
}

export const cast: Kind<Cast> = {
  kind: "cast",
  translate: {
    Cast(call) {
      const dtype = call.attributes["dtype"] as DataType;
      return dtype === call.inputs[0]!.value().dtype ? [call.inputs[0]!] : [call.make<Cast>({ kind: "cast", dtype })];
    },
  },
  forward: ({ dtype }, [x]): Tensor => tf.cast(x!, dtype),
  vjp: (_, dy) => [tf.clone(dy)],
  facts: () => ({}),
  relevance: () => "pass",
};
