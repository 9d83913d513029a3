import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../define-layer.js";

/** `Subtract`: the first input minus the second. */
export const subtract = defineLayer<object>({
  className: "Subtract",
  call: (_x, _settings, _weights, inputs) => tf.sub(inputs[0]!, inputs[1]!),
  keepsMask: true,
});
