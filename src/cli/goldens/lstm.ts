import { byGradient, lrp, recurrent } from "../../explainers/index.js";
import type { Adapters } from "./adapter.js";

/** The reference implementation of LRP for LSTM. */
export const lrpForLstm: Adapters = {
  Gradient: async ({ model, input, golden }) => {
    const explain = byGradient(model(), "gradient", {}, (gradient) => gradient);
    return { roles: { attribution: (await explain(input(), { target: golden.target! })).relevance } };
  },
  "LRP-LSTM": async ({ model, input, golden }) => {
    const composite = recurrent({
      epsilon: golden.params["epsilon"] as number,
      biasFactor: golden.params["bias_factor"] as number,
    });
    return { roles: { relevance: (await lrp(model(), { composite })(input(), { target: golden.target! })).relevance } };
  },
};
