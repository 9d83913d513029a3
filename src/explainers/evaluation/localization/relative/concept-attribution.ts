import type { Attribution } from "../../../explanation.js";
import { choice } from "../../../parameters.js";
import { pooledRelevance } from "../marked.js";

/** How maps of different methods are made comparable. */
export const normalization = choice(
  ["percentile", "none"],
  "percentile",
  "percentile moves each map to 0…1, its greatest hundredth cut off, as BAM's code does; none takes relevance as it is",
  { minor: true },
);

/**
 * What a map says of the thing on average, `g_c` of Yang & Kim 2019, for each sample: the mean over the mask of the positive relevance,
 * channels added up.
 *
 * @param input the shape of the input
 * @param inside `[batch · positions]`, 1 inside; NaN comes of a sample where nothing is
 */
export function conceptAttribution(
  attribution: Attribution,
  input: readonly number[],
  inside: Uint8Array,
  normalized: "percentile" | "none",
): Float64Array {
  const relevance = pooledRelevance(attribution, input, { pooling: "positive", values: "signed" });
  const batch = input[0]!;
  const count = inside.length / batch;
  return Float64Array.from({ length: batch }, (_, sample) => {
    const own = relevance.subarray(sample * count, (sample + 1) * count);
    const [low, high] = normalized === "percentile" ? boundsOf(own) : [0, undefined];
    let [sum, size] = [0, 0];
    for (let i = 0; i < count; i++) {
      if (inside[sample * count + i] === 0) continue;
      size++;
      if (high === undefined) sum += own[i]!;
      // A map without differences puts nothing first.
      else if (high > low) sum += Math.min(1, (own[i]! - low) / (high - low));
    }
    return size === 0 ? NaN : sum / size;
  });
}

/** The least value and the 99th percentile, between neighbors by their distance. */
function boundsOf(values: Float32Array): [number, number] {
  const sorted = Float32Array.from(values).sort();
  const place = 0.99 * (sorted.length - 1);
  const below = Math.floor(place);
  const above = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return [sorted[0]!, sorted[below]! + (place - below) * (above - sorted[below]!)];
}
