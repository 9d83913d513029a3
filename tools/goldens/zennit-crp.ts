import { type Condition, conceptRelevance, conditionalRelevance } from "../../src/explainers/index.js";
import type { Adapters } from "./adapter.js";
import { expectIn } from "./parameters.js";

/** Concept-conditional relevance. */
export const zennitCrp: Adapters = {
  CondAttribution: async ({ golden, model, input }) => {
    expectIn(golden.params, "composite", "EpsilonPlus");
    // Prose.
    void golden.params["note"];
    const condition = golden.params["conditions"] as Condition;
    const options = { composite: "epsilon-plus" } as const;
    const target = golden.target!;
    const [map] = await conditionalRelevance(model(), { ...options, conditions: [condition] })(input(), { target });
    const roles: Record<string, Float32Array> = { relevance: map!.relevance };
    for (const role of Object.keys(golden.tensors)) {
      const layer = role.match(/^concepts (.*)$/)?.[1];
      if (layer === undefined) continue;
      const ask = conceptRelevance(model(), { ...options, layer, within: condition });
      roles[role] = (await ask(input(), { target })).relevance;
    }
    return { roles };
  },
};
