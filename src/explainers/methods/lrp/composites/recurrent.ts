import { real } from "../../../parameters.js";
import { epsilon } from "../rules/index.js";
import { epsilonOf, published } from "./published.js";

/**
 * LRP for LSTM and GRU networks: the ε-rule for whole pre-activations, and of every product of a gate and a source all to
 * the source. Arras et al. 2017. With a bias factor of 1 the relevance of the inputs and of the initial states sums to the
 * explained output.
 */
export const recurrent = published({
  id: "recurrent",
  name: "LRP for LSTM and GRU",
  rules: "ε for pre-activations, products to their source",
  description: "Relevance through time: gates get nothing, what they let through gets all",
  reference: "Arras et al. 2017, WASSA",
  inputs: ["sequence"],
  parameters: {
    epsilon: epsilonOf(1e-3, "all layers"),
    biasFactor: real(0, "Which part of the biases' and ε's share the lower units get: 1 conserves", {
      least: 0,
      most: 1,
      span: { from: 0, to: 1, step: 0.05 },
    }),
  },
  settings: {},
  make: ({ epsilon: ε, biasFactor }) => ({
    guard: ε,
    joint: { epsilon: ε, biasFactor },
    otherwise: epsilon({ epsilon: ε }),
  }),
});
