import { method } from "../../../method.js";
import { everyKind } from "../../../parameters.js";
import { noisy, overNoise } from "./noisy.js";

/**
 * SquareGrad: the mean squared gradient over noisy copies, `E[(∂f/∂x)²]` (Hooker et al. 2019).
 *
 * @example
 * const result = await squareGrad(model, { samples: 20, noise: 0.1 })(photo, { target: "top1" });
 */
export const squareGrad = method({
  id: "squaregrad",
  name: "SquareGrad",
  family: "gradient",
  reference: "Hooker et al. 2019, NeurIPS",
  question: "To which entries is the output sensitive around this input, whatever the direction?",
  inputs: everyKind,
  signed: false,
  additive: false,
  result: "entries",
  parameters: noisy,
  explainer: (model, values) => overNoise(model, values, ({ meanSquare }) => meanSquare),
});
