import type { Attribution } from "../../src/explainers/index.js";
import type { CaseContext } from "./adapter.js";

/** The attribution that a case of a measure is given, of the outputs `y`. */
export function statedAttribution({ golden, stored }: CaseContext): Attribution {
  const keys = golden["inputs"] as { attribution?: string } | undefined;
  const { data: relevance, shape } = stored(keys?.attribution ?? golden.tensors["attribution"] ?? "attribution");
  return {
    method: "stated",
    parameters: {},
    relevance,
    shape,
    inputs: [{ relevance, shape }],
    output: [],
    target: (golden["y"] as number[] | undefined) ?? golden.target ?? Array<null>(shape[0]!).fill(null),
    additive: false,
    channels: "apart",
    warnings: [],
  };
}
