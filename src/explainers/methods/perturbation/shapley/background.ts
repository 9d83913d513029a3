import { concat, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { type Baseline, baselines } from "../engine/baseline.js";
import { type Coalitions, coalitionCopies } from "../features/coalitions.js";
import type { FeatureMap } from "../features/features.js";

/** A cooperative game: the worth of a coalition is the explained output, averaged over the background of what is absent. */
export interface Game {
  readonly map: FeatureMap;
  readonly coalitions: Coalitions;
  /** Rows `[…sample]` that stand in for absent features. */
  readonly background: readonly Float32Array[];
}

/**
 * The background of each sample: its one baseline, or the rows of `background`.
 *
 * @throws ParameterError where both are given, or a row does not fit a sample.
 */
export function backgrounds(
  options: { readonly baseline?: Baseline; readonly background?: Tensor },
  batch: number,
  shape: readonly number[],
): Float32Array[][] {
  const { baseline, background } = options;
  if (background === undefined) return baselines(baseline ?? 0, batch, shape).map((row) => [row]);
  if (baseline !== undefined) {
    throw new ParameterError("baseline", baseline, "left out where a background is given");
  }
  const fits =
    background.rank === shape.length + 1 && shape.every((dimension, axis) => background.shape[axis + 1] === dimension);
  if (!fits || background.shape[0] === 0) {
    throw new ParameterError(
      "background",
      `[${background.shape}]`,
      `at least one row of a sample's shape, [rows,${shape}]`,
    );
  }
  const values = background.dataSync<"float32">();
  const size = sizeOf(shape);
  const rows = Array.from({ length: background.shape[0]! }, (_, i) =>
    Float32Array.from(values.subarray(i * size, (i + 1) * size)),
  );
  if (rows.some((row) => row.some((value) => !Number.isFinite(value)))) {
    throw new ParameterError("background", "not finite", "finite everywhere");
  }
  return Array.from({ length: batch }, () => rows);
}

/** Copies `start` … `start + count − 1` of all pairs (background row, coalition), coalitions running fastest. */
export function backgroundCopies(
  values: Float32Array,
  shape: readonly number[],
  { map, coalitions, background }: Game,
  start: number,
  count: number,
): Tensor {
  const perRow = coalitions.length / map.count;
  return tidy(() => {
    const parts: Tensor[] = [];
    for (let at = start; at < start + count; ) {
      const first = at % perRow;
      const last = Math.min(perRow, first + start + count - at);
      const rows = coalitions.slice(first * map.count, last * map.count);
      parts.push(coalitionCopies(values, background[Math.floor(at / perRow)]!, shape, map, rows));
      at += last - first;
    }
    return parts.length === 1 ? parts[0]! : concat(parts);
  });
}

/** The worth of each coalition from the scores of all pairs. */
export function meanOverBackground(scores: Float32Array, rows: number): Float64Array {
  const coalitions = scores.length / rows;
  return Float64Array.from({ length: coalitions }, (_, coalition) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += scores[row * coalitions + coalition]!;
    return sum / rows;
  });
}
