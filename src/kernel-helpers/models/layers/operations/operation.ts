import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../define-layer.js";
import { type Operation, operations } from "./table.js";
import type { Arguments } from "./values.js";

interface Settings {
  operation: string;
  /** The settings of Keras' operation, as text, so that TensorFlow.js leaves its words as they are. */
  options: string;
}

/** A call's arguments by their names; a parameter "*operands" takes all that are left. */
function named({ parameters }: Operation, positional: unknown[]): Arguments {
  return Object.fromEntries(
    parameters.map((parameter, index) =>
      parameter.startsWith("*") ? [parameter.slice(1), positional.slice(index)] : [parameter, positional[index]],
    ),
  );
}

/** An operation that stands in a model beside its layers: one of `keras.ops`, or a function of TensorFlow. */
export const operationLayer = defineLayer<Settings>({
  className: "KerasOperation",
  call(_x, { operation, options }, _weights, _inputs, { call }) {
    const known = operations[operation]!;
    const { positional, named: byName } = call!;
    const given = Object.entries(named(known, positional)).filter(([, value]) => value !== undefined);
    const result = known.compute({ ...JSON.parse(options), ...Object.fromEntries(given), ...byName });
    return Array.isArray(result) ? result : tf.cast(result, result.dtype);
  },
  outputShape: "computed",
});
