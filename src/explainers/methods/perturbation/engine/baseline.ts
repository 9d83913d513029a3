import { clone, dispose, Tensor } from "@tensorflow/tfjs-core";
import type { Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import { sizeOf } from "../../../network/shapes.js";
import { type Reference, type References, referenceAt, referenceOf } from "../../reference.js";
import type { FeatureMap } from "../features/features.js";
import type { Part } from "./by-perturbation.js";
import { sideBySide } from "./joined.js";

/**
 * What stands in the place of entries that are taken away: a number, or a tensor that broadcasts to a sample `[…sample]`
 * (e.g. one color `[channel]`), to the batch from one `[1, …sample]`, or is given for each sample `[batch, …sample]`.
 */
export type Baseline = number | Tensor;

/**
 * The baseline's values for every sample, each `[…sample]`.
 *
 * @throws ParameterError where the baseline is not finite or its shape fits neither a sample nor the batch.
 */
export function baselines(baseline: Baseline, batch: number, shape: readonly number[]): Float32Array[] {
  const size = sizeOf(shape);
  if (typeof baseline === "number") {
    const filled = new Float32Array(size).fill(baseline);
    return Array.from({ length: batch }, () => filled);
  }
  const values = Float32Array.from(baseline.dataSync());
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw new ParameterError("baseline", bad, "finite everywhere");
  const given = baseline.shape;
  const full = given.length === shape.length + 1;
  const tail = full ? given.slice(1) : given;
  if (tail.length > shape.length || (full && given[0] !== 1 && given[0] !== batch) || !broadcasts(tail, shape)) {
    throw new ParameterError(
      "baseline",
      `[${given}]`,
      `a number or of a shape that fits a sample [${shape}] or the batch [${batch},${shape}]`,
    );
  }
  const per = sizeOf(tail);
  return Array.from({ length: batch }, (_, i) => {
    const at = full && given[0] !== 1 ? i * per : 0;
    return expand(values.subarray(at, at + per), tail, shape);
  });
}

/**
 * What shows in the place of what is taken away, for every sample, each `[…sample]`; of several inputs one after the other. The
 * bounds of `context` are those of the first.
 *
 * @throws ParameterError for a baseline that does not fit, or a list of another length
 */
export function hiddenValues(
  baseline: References,
  initial: Reference,
  parts: readonly Part[],
  context: Context,
): Float32Array[] {
  const all = parts.map((_, index) => hiddenIn(parts, index, baseline, initial, context));
  return all[0]!.map((_, sample) => sideBySide(all.map((part) => part[sample]!)));
}

/** The same of one of the inputs. */
export function hiddenIn(
  parts: readonly Part[],
  index: number,
  baseline: References,
  initial: Reference,
  context: Context,
): Float32Array[] {
  const { x, shape, isWords } = parts[index]!;
  const own = referenceAt<Reference>("baseline", baseline, index, parts.length);
  if (own instanceof Tensor && parts.length > 1 && !Array.isArray(baseline)) {
    throw new ParameterError(
      "baseline",
      `[${own.shape}]`,
      `a list, one for each of the model's ${parts.length} inputs`,
    );
  }
  const value = isWords ? wordOf(own, initial) : referenceOf("baseline", own, initial, index === 0 ? context : {}, x);
  try {
    const found = baselines(value, x.shape[0]!, shape);
    const stray = isWords ? found.flatMap((row) => [...row]).find((number) => !Number.isInteger(number)) : undefined;
    if (stray !== undefined) throw new ParameterError("baseline", stray, "whole: it stands in the place of words");
    return found;
  } finally {
    dispose(value);
  }
}

/** What stands for words that are taken away: a word's number, by default that of the padding, 0. */
function wordOf(reference: Reference, initial: Reference): Tensor | number {
  if (reference instanceof Tensor) return clone(reference);
  if (typeof reference === "number") return reference;
  if (reference === "zero" || reference === "padding" || reference === initial) return 0;
  throw new ParameterError("baseline", reference, "the number of a word, or padding: words have no colors and no mean");
}

/** The mean color (or value) of each feature: the authors' way to hide superpixels. */
export function featureMeans(values: Float32Array, map: FeatureMap, channels: number): Float32Array {
  const sums = new Float64Array(map.count * channels);
  const counts = new Int32Array(map.count * channels);
  const slot = (i: number) => map.ids[i]! * channels + (i % channels);
  for (let i = 0; i < values.length; i++) {
    sums[slot(i)]! += values[i]!;
    counts[slot(i)]!++;
  }
  const means = sums.map((sum, i) => sum / counts[i]!);
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = means[slot(i)]!;
  return result;
}

function broadcasts(from: readonly number[], to: readonly number[]): boolean {
  return from.every((dimension, i) => dimension === 1 || dimension === to[to.length - from.length + i]);
}

function expand(values: Float32Array, from: readonly number[], to: readonly number[]): Float32Array {
  if (values.length === sizeOf(to)) return values;
  const padded = [...new Array<number>(to.length - from.length).fill(1), ...from];
  return Float32Array.from({ length: sizeOf(to) }, (_, entry) => {
    let index = 0;
    let rest = entry;
    let stride = 1;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const position = rest % to[axis]!;
      rest = Math.floor(rest / to[axis]!);
      if (padded[axis] !== 1) index += position * stride;
      stride *= padded[axis]!;
    }
    return values[index]!;
  });
}
