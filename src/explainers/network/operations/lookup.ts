import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import type { Kind } from "./parts/kind.js";

/** Rows of a table by the input's whole numbers: an embedding. */
export interface Lookup {
  readonly kind: "lookup";
  readonly table: Tensor;
}

export const lookup: Kind<Lookup> = {
  kind: "lookup",
  translate: {
    GatherV2(call) {
      const [table, indices] = [call.constant("x"), call.input("indices")];
      const { axis, batchDims } = call.attributes as { axis: number; batchDims: number };
      if (table === undefined || indices === undefined || axis !== 0 || batchDims) return undefined;
      return [call.make<Lookup>({ kind: "lookup", table }, [indices])];
    },
  },
  forward: ({ table }, [x]) => tf.gather(table, tf.cast(x!, "int32")),
  vjp(_operation, _dy, _values, { name }) {
    throw new UnsupportedOperationError(
      name,
      "GatherV2",
      "The gradient",
      "Numbers of words or other entries have none: use LRP or a perturbation method, or explain the model behind its embedding.",
    );
  },
  facts: () => ({}),
  relevance: () => "lookup",
};
