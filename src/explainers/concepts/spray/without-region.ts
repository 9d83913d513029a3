import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { contextOf } from "../../context.js";
import { describe, ParameterError } from "../../errors.js";
import { openReplacement, type ReplacementKind, replacementOf } from "../../evaluation/perturbing/replacement.js";
import { openBlackBox } from "../../methods/perturbation/engine/black-box.js";
import type { Model } from "../../network/index.js";
import { scoped } from "../../network/tensors.js";
import { bootstrapInterval } from "../../numerics/bootstrap.js";
import { type Estimate, pairedDifference, wilsonInterval } from "../../numerics/proportions.js";
import { mean } from "../../numerics/summary.js";
import { checked, type OptionsOf, real, seed, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { type PictureSource, sourceOf } from "../picture-source.js";

const parameters = {
  replacement: replacementOf("neighbors"),
  level: real(0.95, "How often intervals hold the true value", { least: 0, most: 1, open: true }),
  batch: whole(64, "Pictures that pass through the model at once", { least: 1, minor: true }),
  seed,
};

export type WithoutRegionOptions = OptionsOf<typeof parameters>;

/** Pictures, and the class of each. */
export interface ClassedPictures {
  /** `[pictures, height, width, channels]`, or what gives a part of them, which is disposed of after use. */
  readonly x: Tensor | PictureSource;
  /** The index of each picture's class. */
  readonly classes: ArrayLike<number>;
}

/** A number with the region, without it, and how much it changes; ends of intervals are NaN where there are too few pictures. */
export interface MeasuredChange {
  readonly before: Estimate;
  readonly after: Estimate;
  readonly difference: Estimate;
}

export interface ClassChange {
  /** The index of the class; null of all pictures. */
  readonly class: number | null;
  readonly count: number;
  /** The share of pictures that are called what they are. */
  readonly accuracy: MeasuredChange;
  /** The probability of the picture's own class, in the mean. */
  readonly probability: MeasuredChange;
}

/** What a model loses when a part of all pictures is filled in. */
export interface WithoutRegion {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Share of the picture that is filled in. */
  readonly share: number;
  readonly all: ClassChange;
  /** Of each class that there are pictures of. */
  readonly classes: readonly ClassChange[];
  /** Of each picture, whether it is called what it is, before and after: 0 or 1. */
  readonly right: { readonly before: Uint8Array; readonly after: Uint8Array };
  /** Of each picture, the probability of its class, before and after. */
  readonly probabilities: { readonly before: Float32Array; readonly after: Float32Array };
}

/**
 * Measures a model again with one region filled in on every picture: what a group of relevance maps points at (a watermark, a border) matters for a
 * class where its accuracy falls with it (after Lapuschkin et al. 2019; Anders et al. 2022, “Clever Hans” by class artifacts).
 *
 * Accuracies have Wilson's intervals, their difference that of Agresti & Min (2005) for matched pairs, probabilities the bootstrap's.
 *
 * @param options what fills the region (by default in-painting from what is around it), and the level of the intervals
 * @returns a function of pictures with their classes and of a region `[height, width]`, not 0 where it is
 * @throws ParameterError for a region that does not fit, is empty, or is the whole picture; AbortedError
 * @example
 * const measured = await withoutRegion(model, { replacement: "mean" })({ x, classes }, corner);
 * measured.classes[0]!.accuracy.difference; // { value: −0.61, low: −0.7, high: −0.5 }
 */
export function withoutRegion(model: Model, options: WithoutRegionOptions = {}) {
  const values = checked("withoutRegion", parameters, options);
  return (
    { x, classes }: ClassedPictures,
    region: ArrayLike<number>,
    run: ProgressOptions = {},
  ): Promise<WithoutRegion> =>
    followed("Without the region", run, async (asked) => {
      const source = sourceOf(x);
      const { count } = source;
      if (count < 1) throw new ParameterError("x", "no pictures", "at least one");
      if (classes.length !== count)
        throw new ParameterError("classes", `${classes.length} entries`, `one for each of ${count} pictures`);
      const right = { before: new Uint8Array(count), after: new Uint8Array(count) };
      const probabilities = { before: new Float32Array(count), after: new Float32Array(count) };
      let share = 0;
      const progress = follow(count, asked);
      for (let start = 0; start < count; start += values.batch) {
        const some = Math.min(values.batch, count - start);
        const part = source.take(start, some);
        try {
          const mask = maskOf(region, part.shape);
          share = mask.share;
          for (const when of ["before", "after"] as const) {
            const scores = scored(model, part, classes, start, when === "after" ? mask.values : null, values);
            right[when].set(scores.right, start);
            probabilities[when].set(scores.probabilities, start);
          }
        } finally {
          part.dispose();
        }
        await progress.step(some);
      }
      const { level, seed: first } = values;
      const change = (own: number | null): ClassChange => {
        const at = Array.from({ length: count }, (_, i) => i).filter((i) => own === null || classes[i] === own);
        const of = (all: ArrayLike<number>) => at.map((i) => all[i]!);
        return {
          class: own,
          count: at.length,
          accuracy: accuracyChange(of(right.before), of(right.after), level),
          probability: meanChange(of(probabilities.before), of(probabilities.after), level, first),
        };
      };
      const known = [...new Set(Array.from(classes))].sort((a, b) => a - b);
      return {
        parameters: { ...values },
        share,
        all: change(null),
        classes: known.map(change),
        right,
        probabilities,
      };
    });
}

withoutRegion.parameters = parameters;

const filling = { replacement: parameters.replacement, seed: parameters.seed };

/**
 * Pictures as `withoutRegion` measures them, with one region filled in, for a model to learn from what is left.
 *
 * @param options what fills the region (by default in-painting from what is around it), and the seed of what is drawn
 * @returns a function of pictures `[pictures, height, width, channels]` and of a region `[height, width]`, not 0 where it is, that gives
 *   pictures of the same shape, which the caller disposes of
 * @throws ParameterError for a region that does not fit, is empty, or is the whole picture
 * @example const learned = fillRegion(model)(pictures, region);
 */
export function fillRegion(model: Model, options: OptionsOf<typeof filling> = {}) {
  const values = checked("fillRegion", filling, options);
  return (x: Tensor4D, region: ArrayLike<number>): Tensor4D => {
    const mask = maskOf(region, x.shape);
    return tf.tidy(() => filled(model, x, mask.values, values.replacement, values.seed) as Tensor4D);
  };
}

function maskOf(region: ArrayLike<number>, [, height = 0, width = 0, channels]: readonly number[]) {
  if (channels === undefined) throw new ParameterError("x", "no pictures", "[pictures, height, width, channels]");
  if (region.length !== height * width) {
    throw new ParameterError(
      "region",
      `${describe(region.length)} entries`,
      `${height} × ${width} of them, as the pictures have pixels`,
    );
  }
  const values = Float32Array.from(region, (value) => Number(value !== 0));
  const covered = values.reduce((sum, value) => sum + value, 0);
  if (covered === 0) throw new ParameterError("region", "empty", "a part of the picture");
  if (covered === values.length)
    throw new ParameterError("region", "the whole picture", "a part of it: something must be left");
  return { values, share: covered / values.length };
}

function scored(
  model: Model,
  x: Tensor,
  classes: ArrayLike<number>,
  start: number,
  region: Float32Array | null,
  { replacement: kind, seed: first }: { readonly replacement: ReplacementKind; readonly seed: number },
): { right: number[]; probabilities: number[] } {
  return scoped(() => {
    let pictures = x;
    if (region !== null) pictures = filled(model, x, region, kind, first);
    const box = openBlackBox(model, pictures);
    try {
      const outputs = tf.tidy(() => box.run(pictures));
      const linked = tf.tidy(() => {
        if (box.tail === "logSoftmax") return tf.exp(box.link(outputs));
        if (box.tail !== "linear") return box.link(outputs);
        return outputs.shape.at(-1) === 1 ? tf.sigmoid(outputs) : tf.softmax(outputs);
      });
      const rows = tf.reshape(linked, [x.shape[0]!, -1]);
      const all = rows.dataSync<"float32">();
      const width = rows.shape[1]!;
      const [right, probabilities]: [number[], number[]] = [[], []];
      for (let i = 0; i < x.shape[0]!; i++) {
        const own = classes[start + i]!;
        // A lone sigmoid tells two classes apart.
        const scores = width === 1 ? [1 - all[i]!, all[i]!] : Array.from(all.subarray(i * width, (i + 1) * width));
        if (!(Number.isInteger(own) && own >= 0 && own < scores.length)) {
          throw new ParameterError(`classes[${start + i}]`, own, `a class of the model, 0 to ${scores.length - 1}`);
        }
        right.push(Number(scores.indexOf(Math.max(...scores)) === own));
        probabilities.push(scores[own]!);
      }
      return { right, probabilities };
    } finally {
      box.dispose();
    }
  });
}

/** The pictures with the region, `[height, width]` of zeros and ones, filled in. */
function filled(model: Model, x: Tensor, region: Float32Array, kind: ReplacementKind, first: number): Tensor {
  const replacement = openReplacement(kind, "mean", x, contextOf(model), first);
  try {
    const [count, height, width] = x.shape as [number, number, number];
    const removed = tf.tensor4d(region, [1, height, width, 1]);
    const samples = Int32Array.from({ length: count }, (_, i) => i);
    return tf.tidy(() => replacement.apply(x, removed, samples));
  } finally {
    replacement.dispose();
  }
}

const none = { low: Number.NaN, high: Number.NaN };

function accuracyChange(before: readonly number[], after: readonly number[], level: number): MeasuredChange {
  const of = (right: readonly number[]) =>
    wilsonInterval(
      right.reduce((sum, one) => sum + one, 0),
      right.length,
      level,
    );
  return { before: of(before), after: of(after), difference: pairedDifference(before, after, level) };
}

function meanChange(before: readonly number[], after: readonly number[], level: number, first: number): MeasuredChange {
  const of = (values: readonly number[]): Estimate => ({
    value: mean(values),
    ...(values.length > 1 ? bootstrapInterval(values, { level, seed: first }) : none),
  });
  return { before: of(before), after: of(after), difference: of(after.map((value, i) => value - before[i]!)) };
}
