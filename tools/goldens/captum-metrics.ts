import * as tf from "@tensorflow/tfjs-core";
import { infidelity } from "../../src/explainers/index.js";
import type { Adapters } from "./adapter.js";
import { numberIn } from "./parameters.js";
import { storedAttribution } from "./quantus-faithfulness.js";

/** captum's measures of explanations. */
export const captumMetrics: Adapters = {
  "metrics.infidelity": async (context) => {
    const { model, golden, input, tensor } = context;
    const x = input();
    const draws = numberIn(golden.params, "n_perturb_samples", 10);
    const perturbations = tf.reshape(tensor("I"), [x.shape[0]!, draws, ...x.shape.slice(1)]);
    try {
      const evidence = { x, attribution: storedAttribution(context) };
      const options = { perturbations, relevance: "gradient" } as const;
      const { values } = await infidelity(model(), options)(evidence);
      const normalized = await infidelity(model(), { ...options, normalize: true })(evidence);
      return {
        roles: { score: Float32Array.from(values), score_normalized: Float32Array.from(normalized.values) },
      };
    } finally {
      perturbations.dispose();
    }
  },
};
