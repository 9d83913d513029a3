import { orderedKeys, placesByKey } from "../../numerics/radix.js";
import { seededRandom } from "../../numerics/random.js";
import { choice } from "../../parameters.js";

/** Most relevant first, least relevant first, or in an order that no explanation gave. */
export type Order = "morf" | "lerf" | "random";

/** The parameter that says in which order features are flipped. */
export const flippingOrder = choice(["morf", "lerf", "random"], "morf", "What is flipped first", {
  notes: {
    morf: { label: "most relevant first" },
    lerf: { label: "least relevant first" },
    random: { label: "random", description: "an order that no explanation gave, to compare with" },
  },
});

/** Which area over the curve is better: flipped early, what is relevant should make the output fall early. */
export const betterByOrder = ({ order }: { readonly order: Order }): "higher" | "lower" | "none" =>
  order === "morf" ? "higher" : order === "lerf" ? "lower" : "none";

/**
 * Puts features in order of their relevance. Those of one value come in an order drawn by `seed`, the same for every sample: by their
 * place in the picture they would all be flipped from the top.
 */
export function orderer(count: number, order: Order, seed: number): (relevance: Float32Array) => Int32Array {
  const drawn = seededRandom(seed).permutation(count);
  if (order === "random") return () => drawn;
  const sign = order === "morf" ? -1 : 1;
  const places = Uint32Array.from(drawn);
  return (relevance) => Int32Array.from(placesByKey(orderedKeys(relevance, sign), places));
}
