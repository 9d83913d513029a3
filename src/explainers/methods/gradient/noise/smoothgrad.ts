import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { noisy, overNoise } from "./noisy.js";

/**
 * SmoothGrad: the mean gradient over noisy copies of the input, `E[∂f/∂x(x + n)]` (Smilkov et al. 2017).
 *
 * @example
 * const result = await smoothGrad(model, { samples: 20, noise: 0.1 })(photo, { target: "top1" });
 */
export const smoothGrad = method({
  id: "smoothgrad",
  name: "SmoothGrad",
  family: "gradient",
  reference: "Smilkov et al. 2017, arXiv:1706.03825",
  question: "Which small changes move the output, once the gradient's noise is averaged out?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "entries",
  parameters: noisy,
  explainer: (model, values) => overNoise(model, values, ({ mean }) => mean),
});
