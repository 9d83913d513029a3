import { lrp, recurrent, sensitivity } from "../../src/explainers/index.js";
import type { Adapters } from "./adapter.js";
import { expectIn, numberIn } from "./parameters.js";

/** The reference implementation of LRP for LSTM. */
export const lrpForLstm: Adapters = {
  Gradient: async ({ model, input, golden }) => {
    const explain = sensitivity(model(), { kind: "signed" });
    return { roles: { attribution: (await explain(input(), { target: golden.target! })).relevance } };
  },
  "LRP-LSTM": async ({ model, input, golden }) => {
    const { params } = golden;
    expectIn(params, "gate_rule", "gate 0, source all");
    const composite = recurrent({
      epsilon: numberIn(params, "epsilon"),
      biasFactor: numberIn(params, "bias_factor"),
    });
    return { roles: { relevance: (await lrp(model(), { composite })(input(), { target: golden.target! })).relevance } };
  },
};
