import { defineLayer } from "../define-layer.js";
import { type ActivationSettings, functions } from "./functions.js";

/** `ReLU` with all that Keras gives it: an upper bound, a slope below the threshold, the threshold. */
export const reLU = defineLayer<ActivationSettings>({
  className: "ReLU",
  call: (x, settings) =>
    functions["boundedRelu"]!(x, {
      maxValue: settings.maxValue ?? null,
      negativeSlope: settings.negativeSlope ?? 0,
      threshold: settings.threshold ?? 0,
    }),
});
