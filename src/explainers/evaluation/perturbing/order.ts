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

/** float64 holds a float32's order and a position among so many. */
const LARGEST = 2 ** 21;

/**
 * Puts features in order of their relevance. Those of one value come in an order drawn by `seed`, the same for every sample: by their
 * place in the picture they would all be flipped from the top.
 */
export function orderer(count: number, order: Order, seed: number): (relevance: Float32Array) => Int32Array {
  const drawn = seededRandom(seed).permutation(count);
  if (order === "random") return () => drawn;
  const sign = order === "morf" ? -1 : 1;
  if (count > LARGEST) {
    return (relevance) => Int32Array.from(drawn).sort((a, b) => sign * (relevance[a]! - relevance[b]!));
  }
  // A typed array without a comparison is sorted natively: a value's bits, as a whole number of its order, before its place.
  const bits = new Int32Array(1);
  const value = new Float32Array(bits.buffer);
  const keys = new Float64Array(count);
  return (relevance) => {
    for (let place = 0; place < count; place++) {
      // −0 becomes 0.
      value[0] = sign * relevance[drawn[place]!]! + 0;
      const rank = bits[0]! < 0 ? -(bits[0]! & 0x7fffffff) : bits[0]!;
      keys[place] = rank * LARGEST + place;
    }
    keys.sort();
    return Int32Array.from(keys, (key) => drawn[key - Math.floor(key / LARGEST) * LARGEST]!);
  };
}
