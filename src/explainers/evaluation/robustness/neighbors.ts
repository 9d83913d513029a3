import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { boundsOf, type Context } from "../../context.js";
import { InputShapeError, ParameterError } from "../../errors.js";
import { memoryBudget } from "../../methods/gradient/engine/parameters.js";
import { pointsThatFit } from "../../methods/gradient/engine/points.js";
import { type Model, record } from "../../network/index.js";
import { sameShape } from "../../network/shapes.js";
import { seededRandom } from "../../numerics/random.js";
import { choice, real, seed, tensorOf, whole } from "../../parameters.js";
import { follow, type ProgressOptions } from "../../progress.js";
import type { Target } from "../../target.js";
import { type Evidence, inputsOf } from "../evidence.js";
import { explainAgain, explainedTarget } from "../explaining.js";
import { perSample } from "../perturbing/features.js";

/** Inputs near the ones that were explained, the same steps away from every sample. */
export interface Neighbors {
  /** How many each sample has. */
  readonly count: number;
  /** Row `r` is neighbor `numbers[r]` of sample `samples[r]`, which `rows` holds. Runs inside `tidy`. */
  readonly at: (rows: Tensor, samples: Int32Array, numbers: Int32Array) => Tensor;
  readonly dispose: () => void;
}

/** One neighbor that was explained. */
export interface Neighbor {
  readonly sample: number;
  readonly number: number;
  /** Its explanation, entry by entry. */
  readonly relevance: Float32Array;
  /** ‖x′ − x‖₂. */
  readonly distance: number;
}

/** The parameters of noise around an input. */
export const noiseParameters = {
  samples: whole(10, "How many neighbors of each input are explained", {
    least: 1,
    span: { from: 5, to: 100, step: 5 },
  }),
  radius: real(
    undefined,
    "How far each entry moves at the most, in the input's unit; by default 2 % of the input's range, 0.02 where that is not known",
    {
      least: 0,
      open: true,
    },
  ),
  draws: tensorOf(
    "The moves themselves, [samples, …sample] or [samples, batch, …sample], in place of random ones",
    "optional",
  ),
  seed,
  memoryBudget,
};

export interface NoiseValues {
  readonly samples: number;
  readonly radius: number | undefined;
  readonly draws: Tensor | undefined;
  readonly seed: number;
}

/** Of the input's range, how far noise goes. */
const SHARE_OF_RANGE = 0.02;

/** The radius that was left to the measure. */
export const radiusOf = (radius: number | undefined, context: Context): number =>
  radius ?? SHARE_OF_RANGE * rangeOf(context);

/** From the least to the greatest value of the input, over channels on average; 1 where that is not known. */
export function rangeOf(context: Context): number {
  const bounds = boundsOf(context);
  if (bounds === undefined) return 1;
  const average = (bound: number | readonly number[]) => {
    const all = [bound].flat() as number[];
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  return average(bounds.high) - average(bounds.low);
}

/**
 * Neighbors at random: uniform in the cube `‖x′ − x‖∞ ≤ radius`, or normal with that standard deviation.
 *
 * @throws ParameterError for draws of another shape
 */
export function noisyNeighbors(
  x: Tensor,
  { samples, draws, seed: first }: NoiseValues,
  radius: number,
  kind: "uniform" | "gaussian" = "uniform",
): Neighbors {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  if (draws !== undefined) {
    const fits = sameShape(draws.shape.slice(1), sample) || sameShape(draws.shape.slice(1), x.shape);
    if (!fits) throw new ParameterError("draws", `[${draws.shape}]`, `[samples, ${sample}] or [samples, ${x.shape}]`);
  }
  const count = draws?.shape[0] ?? samples;
  const isPerSample = draws !== undefined && draws.rank === x.rank + 1;
  const size = sample.reduce((product, length) => product * length, 1);
  const random = seededRandom(first);
  const drawn = (): Tensor => {
    if (kind === "gaussian")
      return tf.tensor(
        random.gaussians(count * size).map((value) => radius * value),
        [count, size],
      );
    return tf.tensor(
      random.uniforms(count * size).map((value) => radius * (2 * value - 1)),
      [count, size],
    );
  };
  const moves = draws === undefined ? drawn() : tf.reshape(draws, [-1, size]);
  return {
    count,
    at: (rows, samplesOf, numbers) => {
      const indices = isPerSample ? numbers.map((number, row) => number * batch + samplesOf[row]!) : numbers;
      return tf.add(rows, tf.reshape(tf.gather(moves, tf.tensor1d(indices, "int32")), rows.shape));
    },
    dispose: () => moves.dispose(),
  };
}

/** Every translation by up to `reach` positions along the first two axes of positions; what comes in from beyond the border is the border's. */
export function translatedNeighbors(x: Tensor, reach: number): Neighbors {
  const axes = Math.min(2, x.rank - 2);
  if (axes < 1) throw new ParameterError("neighbors", "translations", "noise: a table cannot be moved");
  const steps = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const moves = (
    axes === 1 ? steps.map((step) => [step]) : steps.flatMap((down) => steps.map((across) => [down, across]))
  ).filter((move) => move.some((step) => step !== 0));
  return {
    count: moves.length,
    at: (rows, _, numbers) => {
      const moved = Array.from(numbers, (number, row) => {
        let one = tf.slice(rows, row, 1);
        moves[number]!.forEach((step, axis) => {
          const length = rows.shape[axis + 1]!;
          const from = Int32Array.from({ length }, (_, i) => Math.min(Math.max(i - step, 0), length - 1));
          one = tf.gather(one, tf.tensor1d(from, "int32"), axis + 1);
        });
        return one;
      });
      return tf.concat(moved);
    },
    dispose: () => {},
  };
}

/** The neighbors of several kinds, all of the first kind first. */
export function oneAfterTheOther(kinds: readonly Neighbors[]): Neighbors {
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0);
  return {
    count,
    at: (rows, samples, numbers) => {
      // Rows come in the order of their numbers.
      const parts: Tensor[] = [];
      let before = 0;
      for (const kind of kinds) {
        const own = [...numbers.keys()].filter((row) => numbers[row]! >= before && numbers[row]! < before + kind.count);
        if (own.length > 0) {
          const [first, last] = [own[0]!, own.at(-1)! + 1];
          parts.push(
            kind.at(
              tf.slice(rows, first, last - first),
              samples.subarray(first, last),
              numbers.subarray(first, last).map((number) => number - before),
            ),
          );
        }
        before += kind.count;
      }
      return parts.length === 1 ? parts[0]! : tf.concat(parts);
    },
    dispose: () => {
      for (const kind of kinds) kind.dispose();
    },
  };
}

/**
 * Explains all neighbors of all samples, as many at once as the memory budget lets, and hands each over.
 *
 * @throws InputShapeError for a model of several inputs; ParameterError for words, which have no neighbors
 */
export async function explainNeighbors(
  measure: string,
  model: Model,
  evidence: Evidence,
  { memoryBudget: budget, ...run }: ProgressOptions & { readonly memoryBudget: number },
  neighbors: Neighbors,
  visit: (neighbor: Neighbor) => void,
  inspect?: (inputs: Tensor, samples: Int32Array, numbers: Int32Array) => void,
): Promise<void> {
  const x = continuousInput(measure, evidence);
  const batch = x.shape[0]!;
  const target = explainedTarget(measure, evidence);
  const explain = explainAgain(measure, model, evidence, run);
  const total = batch * neighbors.count;
  const rows = rowsAtOnce(model, x, budget, total);
  const progress = follow(total, run);
  for (let start = 0; start < total; start += rows) {
    const used = Math.min(rows, total - start);
    // The last batch is filled up: programs are made for one shape.
    const places = Int32Array.from({ length: rows }, (_, row) => Math.min(start + row, total - 1));
    const samples = places.map((place) => place % batch);
    const numbers = places.map((place) => Math.floor(place / batch));
    const [inputs, distances] = tf.tidy(() => {
      const own = tf.gather(x, tf.tensor1d(samples, "int32"));
      const moved = neighbors.at(own, samples, numbers);
      const away = tf.norm(tf.reshape(tf.sub(moved, own), [rows, -1]), "euclidean", 1);
      return [moved, away.dataSync<"float32">()];
    });
    const own = targetOfRows(target, samples);
    try {
      const found = await explain(inputs, own);
      const maps = perSample(found.relevance, rows);
      inspect?.(inputs, samples, numbers);
      for (let row = 0; row < used; row++) {
        visit({ sample: samples[row]!, number: numbers[row]!, relevance: maps[row]!, distance: distances[row]! });
      }
    } finally {
      inputs.dispose();
      if (own instanceof tf.Tensor) own.dispose();
    }
    await progress.step(used);
  }
}

/** The one input, which has values between its values. */
export function continuousInput(measure: string, { x }: Evidence): Tensor {
  const [input, ...others] = inputsOf(x) as [Tensor, ...Tensor[]];
  if (others.length > 0) throw new InputShapeError(`one tensor for ${measure}`, `${others.length + 1}`);
  if (input.dtype !== "float32") {
    throw new ParameterError("x", `of ${input.dtype}`, `of float32 for ${measure}: between words there is nothing`);
  }
  return input;
}

/** As many rows as fit and, over all rounds, are about the same number. */
function rowsAtOnce(model: Model, x: Tensor, budget: number, total: number): number {
  const recording = record(model, x);
  try {
    const most = Math.min(pointsThatFit(recording, budget), total);
    const even = Math.ceil(total / Math.ceil(total / most));
    // A graph of a fixed batch size takes as many as there are samples.
    return recording.serves(even) ? even : x.shape[0]!;
  } finally {
    recording.dispose();
  }
}

/** What is explained of the sample that each row is a neighbor of. */
function targetOfRows(target: Target, samples: Int32Array): Target {
  if (Array.isArray(target)) return Array.from(samples, (sample) => (target as readonly (number | string)[])[sample]!);
  if (target instanceof tf.Tensor) return tf.tidy(() => tf.gather(target, tf.tensor1d(samples, "int32")));
  return target;
}

/** Where neighbors are, as a parameter. */
export const neighborKinds = choice(
  ["both", "noise", "translations"],
  undefined,
  "Which inputs are near: noise, the input moved by up to shift positions, or both; by default both, of a table noise",
);
