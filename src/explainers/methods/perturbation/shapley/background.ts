import { concat, Tensor, tidy } from "@tensorflow/tfjs-core";
import type { Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { orTensors, tensorOf, type ValuesOf } from "../../../parameters.js";
import type { References } from "../../reference.js";
import { hiddenValues } from "../engine/baseline.js";
import type { Batch, FeatureAttribution, FeatureResults, SampleResult } from "../engine/by-perturbation.js";
import { sideBySide } from "../engine/joined.js";
import { hidden } from "../engine/parameters.js";
import { type Coalitions, coalitionCopies } from "../features/coalitions.js";
import type { FeatureMap } from "../features/features.js";

/** A cooperative game: the worth of a coalition is the explained output, averaged over the background of what is absent. */
export interface Game {
  readonly map: FeatureMap;
  readonly coalitions: Coalitions;
  /** Rows `[…sample]` that stand in for absent features. */
  readonly background: readonly Float32Array[];
}

/** What stands in for absent features: a reference, or the rows of a background over which they are averaged. */
export const absent = {
  baseline: {
    ...hidden("zero"),
    default: undefined as References | undefined,
    description: `${hidden("zero").description}; by default zero`,
  },
  background: orTensors(
    tensorOf(
      "Inputs [rows, …sample] over which absent features are averaged, instead of a baseline; of several inputs, a list",
      "optional",
    ),
  ),
};

/** What the result says of each sample beyond its relevance. */
export interface ShapleyResults extends FeatureResults {
  /** The mean output without any feature, v(∅), of each sample. */
  readonly expected: readonly number[];
}

interface ShapleySample extends SampleResult {
  readonly features: FeatureAttribution;
  readonly expected: number;
}

export const shapleyResults = (results: readonly ShapleySample[]): ShapleyResults => ({
  features: results.map(({ features }) => features),
  expected: results.map(({ expected }) => expected),
});

/**
 * The background of each sample: its one baseline, or the rows of `background`.
 *
 * @throws ParameterError where both are given, or a row does not fit a sample.
 */
export function backgroundsOf(
  { baseline, background }: ValuesOf<typeof absent>,
  { parts, batch }: Batch,
  context: Context,
): Float32Array[][] {
  if (background === undefined) return hiddenValues(baseline ?? "zero", "zero", parts, context).map((row) => [row]);
  if (baseline !== undefined) {
    throw new ParameterError("baseline", baseline, "left out where a background is given");
  }
  const list = background instanceof Tensor ? [background] : background;
  if (list.length !== parts.length) {
    const expected = `one tensor for each of the model's ${parts.length} inputs`;
    throw new ParameterError("background", list.length === 1 ? "one tensor" : `${list.length} tensors`, expected);
  }
  const own = list.map((tensor, index) => backgroundRows(tensor, parts[index]!.shape));
  if (own.some((rows) => rows.length !== own[0]!.length)) {
    throw new ParameterError("background", `${own.map((rows) => rows.length)} rows`, "of as many rows for every input");
  }
  const rows = own[0]!.map((_, row) => sideBySide(own.map((part) => part[row]!)));
  return Array.from({ length: batch }, () => rows);
}

/** @throws ParameterError where a row does not fit a sample, or is not finite */
export function backgroundRows(background: Tensor, shape: readonly number[]): Float32Array[] {
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
  return rows;
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
