import { wSquare, zBox, zPlus } from "../rules/index.js";
import { anyInput, bias, box, boxOf, published } from "./published.js";

/**
 * Deep Taylor decomposition: z⁺ for hidden layers; for the first layer zᴮ where the input is bounded (`low` and `high`
 * given), else w². Montavon et al. 2017.
 */
export const deepTaylor = published({
  id: "deep-taylor",
  name: "deep Taylor",
  rules: "z⁺, pixels zᴮ",
  description:
    "Deep Taylor decomposition: z⁺ for hidden layers, zᴮ for the pixels (w² where they have no bounds); positive by construction",
  reference: "Montavon et al. 2017, Pattern Recognition",
  inputs: anyInput,
  parameters: {},
  settings: { bias, ...box },
  make({ bias, ...sides }) {
    const bounds = boxOf(sides);
    const first = bounds === undefined ? wSquare({ bias }) : zBox({ ...bounds, bias });
    return { bias, first, otherwise: zPlus({ bias }) };
  },
});
