import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, contextOf } from "../../context.js";
import { InputShapeError } from "../../errors.js";
import type { Model } from "../../network/index.js";
import { ranks } from "../../numerics/correlation.js";
import { wilcoxonSignedRank } from "../../numerics/paired-tests.js";
import { seededRandom } from "../../numerics/random.js";
import { mean } from "../../numerics/summary.js";
import type { CheckedData, Slice } from "./data.js";
import type { EvaluatedMeasure, EvaluationRow, TrialRow, TrustRow } from "./evaluation.js";
import { finite, sideOf, valuesOf } from "./table.js";

/** The two tests of a measure, and by which share of the input's range uniform noise moves the values: MetaQuantus' input tests. */
export const tests = { noise: 0.001, adversary: 5 } as const;

export type Test = keyof typeof tests;

/**
 * Some samples with noise on them, inside the input's bounds. A sample's noise depends on its number and on the trial, not on its batch.
 *
 * @throws InputShapeError for numbers of words, which cannot be moved
 */
export function disturbed(
  { slice, extent }: CheckedData,
  model: Model,
  samples: readonly number[],
  { test, trial, seed }: { readonly test: Test; readonly trial: number; readonly seed: number },
): Slice {
  const part = slice(samples);
  const { x } = part;
  const inputs: readonly Tensor[] = Array.isArray(x) ? x : [x as Tensor];
  if (inputs.length > 1 || inputs[0]!.dtype !== "float32") {
    part.dispose();
    throw new InputShapeError("one input of real numbers for its noise", "several, or numbers of words");
  }
  const [input] = inputs as [Tensor];
  const known = boundsOf(contextOf(model));
  const { low, high } = known ?? extent();
  const size = input.size / samples.length;
  const draws = new Float32Array(input.size);
  samples.forEach((sample, at) => {
    const random = seededRandom(seed * 1_000_003 + sample * 8191 + trial * 2 + Number(test === "adversary"));
    for (let i = 0; i < size; i++) draws[at * size + i] = 2 * random.uniform() - 1;
  });
  const moved = tf.tidy(() => {
    const range = tf.sub(tf.tensor(high), tf.tensor(low));
    const noise = tf.mul(tf.mul(tf.tensor(draws, input.shape), range), tests[test]);
    return tf.minimum(tf.maximum(tf.add(input, noise), tf.tensor(low)), tf.tensor(high));
  });
  return {
    samples,
    x: moved,
    masks: part.masks,
    dispose: () => {
      moved.dispose();
      part.dispose();
    },
  };
}

/** How far to trust each measure that has a better side, from the scores of data and of disturbed data. */
export function trustOf(
  rows: readonly EvaluationRow[],
  trials: readonly TrialRow[],
  methods: readonly string[],
  measures: readonly EvaluatedMeasure[],
  samples: number,
): TrustRow[] {
  const original = valuesOf(rows, methods, measures, samples);
  return measures
    .filter((measure) => sideOf(measure) !== 0)
    .map((measure) => {
      const { label } = measure;
      const own = trials.filter((row) => row.measure === label);
      // A method that has no value by this measure says nothing of it.
      const able = methods.filter((method) => original.of(method, label).some((value) => !Number.isNaN(value)));
      const before = able.map((method) => original.of(method, label));
      const noise = testOf(own, "noise", able, before, sideOf(measure));
      const adversary = testOf(own, "adversary", able, before, sideOf(measure));
      const four = [noise?.consistency, noise?.ranking, adversary?.consistency, adversary?.ranking];
      const known = four.filter((value): value is number => value != null && !Number.isNaN(value));
      const least = Math.min(noise?.samples ?? 0, adversary?.samples ?? 0);
      return {
        measure: label,
        noiseConsistency: noise?.consistency ?? null,
        noiseRanking: finite(noise?.ranking ?? Number.NaN),
        adversaryConsistency: adversary?.consistency ?? null,
        adversaryRanking: adversary?.ranking ?? null,
        score: known.length === 4 ? mean(known) : null,
        reason: reasonOf(noise, adversary, least, able.length),
      };
    });
}

interface Tested {
  readonly consistency: number;
  readonly ranking: number;
  /** Of the trial with fewest. */
  readonly samples: number;
}

function testOf(
  trials: readonly TrialRow[],
  test: Test,
  methods: readonly string[],
  before: readonly Float64Array[],
  side: number,
): Tested | undefined {
  const [consistencies, rankings, sizes]: [number[], number[], number[]] = [[], [], []];
  const mine = trials.filter((row) => row.test === test && row.counts && row.value !== null);
  for (const trial of new Set(mine.map((row) => row.trial))) {
    const after = methods.map((method) => {
      const values = new Float64Array(before[0]!.length).fill(Number.NaN);
      for (const row of mine) if (row.trial === trial && row.method === method) values[row.sample] = row.value!;
      return values;
    });
    const isThere = (at: number, method: number) =>
      !Number.isNaN(after[method]![at]!) && !Number.isNaN(before[method]![at]!);
    const everywhere = Array.from({ length: before[0]!.length }, (_, at) => at);
    methods.forEach((_, method) => {
      const places = everywhere.filter((at) => isThere(at, method));
      if (places.length === 0) return;
      sizes.push(places.length);
      const { p } = wilcoxonSignedRank(
        places.map((at) => before[method]![at]! - after[method]![at]!),
        "split",
      );
      consistencies.push(test === "noise" ? p : 1 - p);
      if (test === "adversary") {
        for (const at of places) rankings.push(Number(side * (before[method]![at]! - after[method]![at]!) > 0));
      }
    });
    if (test === "noise" && methods.length > 1) {
      for (const at of everywhere.filter((place) => methods.every((_, method) => isThere(place, method)))) {
        const [was, is] = [before, after].map((scores) => ranks(scores.map((row) => row[at]!)));
        was!.forEach((rank, method) => {
          rankings.push(Number(rank === is![method]));
        });
      }
    }
  }
  if (consistencies.length === 0) return undefined;
  return { consistency: mean(consistencies), ranking: mean(rankings), samples: Math.min(...sizes) };
}

/** So many differences of one sign have p = 2/2⁶ ≈ 0.03; fewer cannot show a reaction. */
const FEW = 6;

function reasonOf(
  noise: Tested | undefined,
  adversary: Tested | undefined,
  least: number,
  methods: number,
): string | null {
  if (noise === undefined) return "No sample kept its class under noise, or none has a value there.";
  if (adversary === undefined) return "No sample changed its class when it was destroyed, or none has a value there.";
  if (methods < 2) return "One method has no order that could change: there is no score.";
  if (least < FEW)
    return `It rests on ${least} sample${least === 1 ? "" : "s"} in some trials: ${FEW} or more can show a reaction.`;
  return null;
}
