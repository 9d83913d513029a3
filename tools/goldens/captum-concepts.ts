import { tcav } from "../../src/explainers/index.js";
import type { Adapters } from "./adapter.js";
import { expectIn } from "./parameters.js";

/** captum's TCAV, with a direction that its case gives. */
export const captumConcepts: Adapters = {
  TCAV: async ({ golden, model, input, tensor }) => {
    const { params } = golden;
    expectIn(params, "cav", "(mean of concept activations - mean of the other)/norm, given by a custom classifier");
    expectIn(params, "order", "row 0 = concept a, row 1 = concept b");
    const layer = String(params["layer"]);
    const concepts = { a: tensor("concept_a"), b: tensor("concept_b") };
    const explain = tcav(model(), { layers: layer, concepts, separator: "means", relative: true });
    const { scores } = await explain(input(), { target: Number(params["target"]) });
    // The numbers stand in the case twice.
    void [params["sign_count"], params["magnitude"]];
    const roles = {
      sign_count: Float32Array.from(scores, ({ score }) => score),
      magnitude: Float32Array.from(scores, ({ magnitude }) => magnitude),
    };
    return { roles };
  },
};
