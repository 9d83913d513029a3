import { ParameterError } from "../../errors.js";
import type { RelevanceMaps } from "./features.js";

/** The mean map of some maps, and of the others; `[…map]`, channels summed. */
export function contrastOf({ relevance, shape }: RelevanceMaps, members: Iterable<number>): Float32Array {
  const count = shape[0]!;
  const channels = shape.length === 4 ? shape[3]! : 1;
  const size = relevance.length / count / channels;
  const inside = new Uint8Array(count);
  for (const member of members) {
    if (!(Number.isInteger(member) && member >= 0 && member < count)) {
      throw new ParameterError("members", member, `numbers of maps, 0 to ${count - 1}`);
    }
    inside[member] = 1;
  }
  const own = inside.reduce((sum, flag) => sum + flag, 0);
  if (own === 0) throw new ParameterError("members", "none", "at least one map");
  const found = new Float64Array(size);
  inside.forEach((isOwn, map) => {
    const weight = isOwn ? 1 / own : -1 / (count - own);
    for (let at = 0; at < size * channels; at++) {
      found[Math.floor(at / channels)]! += weight * relevance[map * size * channels + at]!;
    }
  });
  return Float32Array.from(found);
}

/**
 * Where a group of maps has more relevance than the others: the positions with the largest difference between the two means.
 *
 * @param maps `[maps, height, width]` or `[maps, height, width, channels]`
 * @param members numbers of the maps in the group; where it is all of them, their mean counts
 * @param share how much of the picture the region is, 0 to 1
 * @returns `[height, width]`, 1 where the region is
 */
export function strategyRegion(maps: RelevanceMaps, members: Iterable<number>, share = 0.05): Uint8Array {
  if (!(share > 0 && share < 1)) throw new ParameterError("share", share, "a share of the picture, between 0 and 1");
  const contrast = contrastOf(maps, members);
  const wanted = Math.max(1, Math.round(share * contrast.length));
  const order = Array.from(contrast.keys()).sort((a, b) => contrast[b]! - contrast[a]! || a - b);
  const region = new Uint8Array(contrast.length);
  for (const at of order.slice(0, wanted)) region[at] = 1;
  return region;
}
