import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../define-layer.js";
import { type ActivationSettings, functions } from "./functions.js";

/** `ELU` with any `alpha`; TensorFlow.js refuses others than 1. */
export const elu = defineLayer<ActivationSettings>({
  className: "ELU",
  call: (x, { alpha }) => ((alpha ?? 1) === 1 ? tf.elu(x) : functions["scaledElu"]!(x, { alpha: alpha! })),
});
