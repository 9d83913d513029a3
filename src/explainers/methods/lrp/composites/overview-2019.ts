import { epsilon, gamma, wSquare, zBox, zero } from "../rules/index.js";
import { anyInput, bias, box, boxOf, epsilonOf, gammaOf, OVERVIEW, published } from "./published.js";

/**
 * The stack of the 2019 overview: LRP-0 for the upper third of the layers, ε for the middle, γ for the lower, zᴮ (or w²)
 * for the first. Montavon et al. 2019.
 */
export const overview2019 = published({
  id: "overview-2019",
  name: "LRP-0/ε/γ",
  rules: "LRP-0, ε, γ by depth (2019 overview)",
  description: "LRP-0 near the output, ε in the middle, γ near the pixels, zᴮ for them (w² where they have no bounds)",
  reference: OVERVIEW,
  inputs: anyInput,
  parameters: {
    epsilon: epsilonOf(0.25, "the middle layers, in units of the root mean square of z"),
    gamma: gammaOf("the convolutions"),
  },
  settings: { bias, ...box },
  make({ epsilon: ε, gamma: γ, bias, ...sides }) {
    const bounds = boxOf(sides);
    const lower = gamma({ gamma: γ, bias });
    const middle = epsilon({ epsilon: ε, stabilizer: "rms", bias });
    const upper = zero({ bias });
    return {
      bias,
      first: bounds === undefined ? wSquare({ bias }) : zBox({ ...bounds, bias }),
      byPlace: (_, { index, count }) => (index < count / 3 ? lower : index < (2 * count) / 3 ? middle : upper),
    };
  },
});
