import type { Tensor } from "@tensorflow/tfjs-core";
import {
  type Attribution,
  type Composite,
  epsilonAlpha2Beta1,
  epsilonGammaBox,
  epsilonPlus,
  type Input,
  lrp,
  type Model,
} from "../../../src/explainers/index.js";

/** The composites that zennit has under the same names; `tools/bench/peers/zennit_lrp.py` has each of them. */
export const composites: Readonly<Record<string, Composite>> = {
  "epsilon-plus": epsilonPlus(),
  "epsilon-gamma-box": epsilonGammaBox({ low: -1, high: 1 }),
  "epsilon-alpha2-beta1": epsilonAlpha2Beta1(),
};

/** Explains the largest output of each of the images, as the peer does. */
export const explainTop = (model: Model, composite: string, x: Tensor): Promise<Attribution> =>
  lrp(model, { composite: composites[composite]! })(x as Input, { target: "top1" });
