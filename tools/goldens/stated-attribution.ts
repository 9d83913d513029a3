import type { Attribution } from "../../src/explainers/index.js";
import type { CaseContext } from "./adapter.js";

/** The attribution that a case of a measure is given, of the outputs `y`. */
export function statedAttribution({ golden, stored }: CaseContext): Attribution {
  const keys = golden["inputs"] as { attribution?: string } | undefined;
  const { data, shape } = stored(keys?.attribution ?? golden.tensors["attribution"] ?? "attribution");
  const target = (golden["y"] as number[] | undefined) ?? golden.target ?? Array<null>(shape[0]!).fill(null);
  return attributionOf(data, shape, target);
}

/** A stored explanation as one of ours. */
export const attributionOf = (
  relevance: Float32Array,
  shape: readonly number[],
  target: readonly (number | null)[],
): Attribution => ({
  method: "stated",
  parameters: {},
  relevance,
  shape,
  inputs: [{ relevance, shape }],
  output: target.map(() => Number.NaN),
  target,
  additive: false,
  channels: "apart",
  warnings: [],
});
