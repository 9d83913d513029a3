import { epsilon } from "../rules/index.js";
import { bias, epsilonOf, published } from "./published.js";

/**
 * AttnLRP for transformers: ε for linear layers, the Taylor rule for softmax, products by halves, normalizations with their
 * denominators held constant. Achtibat et al. 2024.
 */
export const attention = published({
  id: "attention",
  name: "AttnLRP",
  rules: "ε, softmax by Taylor, products by halves",
  description: "Relevance through attention, layer norms and products",
  reference: "Achtibat et al. 2024, ICML",
  inputs: ["sequence", "image"],
  parameters: { epsilon: epsilonOf(1e-6, "all layers") },
  settings: { bias },
  make({ epsilon: ε, bias }) {
    const rule = epsilon({ epsilon: ε, bias });
    // Also for the gain and shift of a layer norm, whose shift is a bias like another.
    return { bias, guard: ε, byKind: { scale: rule }, otherwise: rule };
  },
});
