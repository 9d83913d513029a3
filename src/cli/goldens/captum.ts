import { type Composite, epsilon, gradientTimesInput, lrp, record, sensitivity } from "../../explainers/index.js";
import type { Adapters } from "./adapter.js";

/** captum's gradients, and its LRP where it is usable. */
export const captum: Adapters = {
  Saliency: async ({ model, input, golden }) => {
    const explain = sensitivity(model(), { kind: golden.params["abs"] === false ? "signed" : "absolute" });
    return { roles: { attribution: (await explain(input(), { target: golden.target! })).relevance } };
  },
  InputXGradient: async ({ model, input, golden }) => ({
    roles: { attribution: (await gradientTimesInput(model())(input(), { target: golden.target! })).relevance },
  }),
  LRP: async ({ model, input, golden }) => {
    const ε = golden.params["epsilon"];
    if (golden.params["rule"] !== "EpsilonRule" || typeof ε !== "number") return undefined;
    const linear = epsilon({ epsilon: ε });
    // captum treats batch norm as one more linear layer, with ε 1e-9 like pools and sums.
    const norm = epsilon({ epsilon: 1e-9 });
    const composite: Composite = {
      name: "captum ε",
      parameters: { epsilon: ε },
      epsilon: 1e-9,
      rule: ({ operation }) => (operation.kind === "scale" ? norm : linear),
    };
    const recording = record(model(), input(), { foldBatchNorm: false });
    try {
      return {
        roles: { attribution: (await lrp(model(), { composite })(recording, { target: golden.target! })).relevance },
      };
    } finally {
      recording.dispose();
    }
  },
};
