import { choice } from "../../../parameters.js";
import { isConvolution } from "../composite.js";
import { epsilon, gamma, zBox } from "../rules/index.js";
import {
  box,
  convolutions,
  epsilonOf,
  gammaOf,
  OVERVIEW,
  published,
  requiredBox,
  settingsOfEpsilon,
} from "./published.js";

/**
 * ε for dense layers, γ for convolutions, zᴮ for the first layer, whose inputs are bounded.
 *
 * @example
 * const explain = lrp(model, { composite: epsilonGammaBox({ low: -1, high: 1, gamma: 0.1 }) });
 */
export const epsilonGammaBox = published({
  id: "epsilon-gamma-box",
  name: "ε-γ-box",
  rules: "dense ε, convolutions γ, pixels zᴮ",
  description:
    "ε for dense layers, γ for convolutions, zᴮ for the pixels, whose bounds are known: sharp, mostly positive",
  reference: OVERVIEW,
  inputs: ["image"],
  parameters: { epsilon: epsilonOf(1e-6, "the dense layers"), gamma: gammaOf("the convolutions") },
  settings: {
    ...settingsOfEpsilon,
    ...box,
    branch: choice(["linear", "biased"], undefined, "Whose sign γ goes by: z without or with its bias"),
    boxOn: choice(
      ["any", "convolution"],
      "any",
      "zᴮ for a first layer of any kind, for which Montavon et al. 2017 derive it; or only where it is a convolution, as in zennit",
    ),
  },
  make({ epsilon: ε, gamma: γ, bias, stabilizer, guard, branch, boxOn, ...sides }) {
    const own = { bias, epsilon: guard };
    const first = zBox({ ...own, ...requiredBox("epsilon-gamma-box", sides) });
    const others = gamma({ ...own, gamma: γ, branch });
    const dense = epsilon({ epsilon: ε, bias, stabilizer });
    return {
      bias,
      guard,
      ...(boxOn === "any"
        ? { first }
        : { byPlace: (node, place) => (place.first && isConvolution(node) ? first : undefined) }),
      byKind: convolutions(others),
      otherwise: dense,
    };
  },
});
