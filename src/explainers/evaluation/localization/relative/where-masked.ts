import type { Found } from "../../measure.js";

/** Values of samples; NaN says that a sample's mask is empty. */
export const whereMasked = (values: Float64Array): Found => ({
  values,
  warnings: Array.from(values).flatMap((value, sample) =>
    Number.isNaN(value)
      ? [{ kind: "undefined" as const, message: "Its mask is empty: there is nothing to attribute to.", sample }]
      : [],
  ),
});
