import {
  add,
  broadcastTo,
  gather,
  mul,
  reshape,
  sub,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { FeatureMap } from "./features.js";

/** Sets of present features, row by row: `[rows, features]`, 1 present and 0 absent. */
export type Coalitions = Float32Array;

/** Beyond this, 2ⁿ coalitions are too many to evaluate one by one. */
export const MOST_ENUMERATED = 12;

/**
 * Every coalition of `features` features; row r has feature j where bit j of r is set.
 *
 * @throws ParameterError beyond 12 features.
 */
export function allCoalitions(features: number): Coalitions {
  if (features > MOST_ENUMERATED) {
    throw new ParameterError(
      "features",
      features,
      `at most ${MOST_ENUMERATED} where all coalitions are evaluated; draw coalitions instead, or group entries into fewer features`,
    );
  }
  const rows = 2 ** features;
  return Float32Array.from({ length: rows * features }, (_, i) => (Math.floor(i / features) >> (i % features)) & 1);
}

/**
 * Copies of a sample in which absent features are replaced by the baseline, `[rows, …shape]`.
 *
 * @param values The sample, `[…shape]`.
 * @param baseline What replaces it, `[…shape]`.
 * @param coalitions `[rows, map.count]`.
 */
export function coalitionCopies(
  values: Float32Array,
  baseline: Float32Array,
  shape: readonly number[],
  map: FeatureMap,
  coalitions: Coalitions,
): Tensor {
  return tidy(() => {
    const rows = coalitions.length / map.count;
    // Copying whole rows of the transposed matrix and turning the result is several times faster than picking single entries.
    const byFeature = transpose(tensor2d(coalitions, [rows, map.count]));
    const present = transpose(gather(byFeature, tensor1d(map.ids, "int32")));
    return blend(values, baseline, shape, reshape(present, [rows, ...shape]));
  });
}

/** x · present + baseline · (1 − present): exact where `present` is 0 or 1. `present` is `[rows, …shape]` or broadcasts to it. */
export function blend(values: Float32Array, baseline: Float32Array, shape: readonly number[], present: Tensor): Tensor {
  // Repeating channels once is cheaper than to broadcast over them, the innermost axis, in every operation.
  const full = broadcastTo(present, [present.shape[0]!, ...shape]);
  const kept = mul(tensor(values, shape as number[]), full);
  if (baseline.every((value) => value === 0)) return kept;
  return add(kept, mul(tensor(baseline, shape as number[]), sub(1, full)));
}
