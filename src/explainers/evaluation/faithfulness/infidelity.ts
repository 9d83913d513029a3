import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../../context.js";
import { InputShapeError, ParameterError } from "../../errors.js";
import type { Attribution } from "../../explanation.js";
import { memoryBudget } from "../../methods/perturbation/engine/parameters.js";
import { type Extent, sizedWindow, windowSize } from "../../methods/perturbation/windows/windows.js";
import { sameShape, sizeOf } from "../../network/shapes.js";
import { seededRandom } from "../../numerics/random.js";
import { choice, everyKind, real, seed, tensorOf, toggle, whole } from "../../parameters.js";
import { follow, type ProgressOptions } from "../../progress.js";
import { measure } from "../measure.js";
import { perSample } from "../perturbing/features.js";
import { opened } from "../perturbing/opened.js";
import { scoreCopies } from "../perturbing/removals.js";
import { rangeOf, replacementOf } from "../perturbing/replacement.js";
import { outputScale, type Scoring } from "../perturbing/scoring.js";

/**
 * Infidelity (Yeh et al. 2019): E over perturbations I of (Iᵀ Φ − (f(x) − f(x − I)))², in the output's unit squared: lower is better.
 * I is noise, or takes away a random square. Φ is understood as the paper does, as what a unit of input is worth; of a method whose
 * values are shares of the output they are divided by x − x₀, x₀ what stands for nothing, and an entry that is x₀ counts nothing.
 * `normalize` scales Φ first by the β that fits best, as captum does.
 *
 * @throws InputShapeError for an attribution of other entries than the input's or a model of several inputs; MissingEvidenceError
 *   where nothing says what was explained; ParameterError for perturbations or a replacement that do not fit
 * @example
 * const { values } = await infidelity(model, { perturbation: "square", draws: 50 })({ x, attribution });
 */
export const infidelity = measure({
  id: "infidelity",
  name: "Infidelity",
  category: "faithfulness",
  reference: "Yeh et al. 2019, NeurIPS, infidelity",
  question: "By how much does the explanation miss the change of the output under perturbations?",
  co12: ["correctness"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: {
    perturbation: choice(
      ["gaussian", "square"],
      "gaussian",
      "What I is: noise on every entry, or a random square less what stands for nothing",
    ),
    deviation: real(
      0.1,
      "Of the noise, in shares of the range of the input (where the model says none, of the sample)",
      {
        least: 0,
        open: true,
        span: { from: 0.02, to: 0.5, step: 0.02 },
      },
    ),
    patch: windowSize("of the square: a seventh of each side"),
    draws: whole(100, "How many perturbations", {
      least: 1,
      unit: "perturbations",
      span: { from: 20, to: 400, step: 20 },
    }),
    relevance: choice(
      ["gradient", "share"],
      undefined,
      "What the explanation's values are: what a unit of input is worth, or shares of the output; by default as the method says",
      { minor: true },
    ),
    normalize: toggle(false, "Scales the explanation by the β that makes the infidelity least", { minor: true }),
    perturbations: tensorOf(
      "I itself, [draws, …sample] or [batch, draws, …sample], in the place of drawn ones",
      "optional",
    ),
    replacement: replacementOf("zero"),
    output: outputScale("logit"),
    seed,
    memoryBudget,
  },
  measurer:
    (model, { normalize, ...values }, context) =>
    (evidence, run) =>
      opened("Infidelity", model, evidence, context, { ...values, initial: "zero" }, async (scoring, replacement) => {
        const { x } = scoring;
        const nothing = tf.tidy(() =>
          tf.keep(
            replacement.apply(
              tf.cast(x, "float32"),
              tf.onesLike(x),
              Int32Array.from({ length: x.shape[0]! }, (_, i) => i),
            ),
          ),
        );
        const drawn = perturbationsOf(x, nothing, values, context);
        const worth = tf.tidy(() => tf.keep(worthOf(x, nothing, evidence.attribution, values.relevance)));
        try {
          const pairs = await expectedAndFound(scoring, drawn, worth, values.memoryBudget, run);
          return { values: Float64Array.from(pairs, (pair) => meanSquare(pair, normalize)) };
        } finally {
          tf.dispose([nothing, drawn.bases, drawn.factors, worth]);
        }
      }),
});

interface Drawing {
  readonly perturbation: "gaussian" | "square";
  readonly deviation: number;
  readonly patch: Extent | undefined;
  readonly draws: number;
  readonly perturbations: Tensor | undefined;
  readonly seed: number;
}

/** I as products: of draw `d` and sample `s` it is `bases[d] · factors[s]`, so that a batch does not hold all of them. */
interface Perturbations {
  readonly draws: number;
  /** `[draws, …sample]`, or of every sample its own draws, `[batch · draws, …sample]`. */
  readonly bases: Tensor;
  readonly isShared: boolean;
  /** `[batch, …]`, broadcasts to a sample. */
  readonly factors: Tensor;
}

function perturbationsOf(x: Tensor, nothing: Tensor, wish: Drawing, context: Context): Perturbations {
  const [batch, ...sample] = x.shape as [number, ...number[]];
  const { draws, perturbations: given } = wish;
  const keep = (make: () => Tensor) => tf.tidy(() => tf.keep(make()));
  if (given !== undefined) {
    const { shape } = given;
    const isShared = shape.length === sample.length + 1 && sameShape(shape.slice(1), sample);
    if (!isShared && !(shape.length === sample.length + 2 && shape[0] === batch && sameShape(shape.slice(2), sample))) {
      throw new ParameterError("perturbations", `[${shape}]`, `[draws,${sample}] or [${batch},draws,${sample}]`);
    }
    return {
      draws: shape[isShared ? 0 : 1]!,
      bases: keep(() => tf.reshape(tf.cast(given, "float32"), [-1, ...sample])),
      isShared,
      factors: keep(() => tf.ones([batch, ...sample.map(() => 1)])),
    };
  }
  const random = seededRandom(wish.seed);
  if (wish.perturbation === "gaussian") {
    if (x.dtype !== "float32") {
      throw new ParameterError("perturbation", "gaussian", "square: between whole numbers there is nothing");
    }
    return {
      draws,
      bases: keep(() => tf.tensor(random.gaussians(draws * sizeOf(sample)), [draws, ...sample])),
      isShared: true,
      factors: keep(() => tf.mul(rangeOf(x, context), wish.deviation)),
    };
  }
  const window = sizedWindow(wish.patch, x, 7, 1);
  return {
    draws,
    bases: keep(() => tf.stack(Array.from({ length: draws }, () => square(sample, window, random.integer)))),
    isShared: true,
    factors: keep(() => tf.sub(x, nothing)),
  };
}

/** 1 in a window somewhere in a sample, all of its channels, else 0. */
function square(sample: readonly number[], window: Extent, integer: (below: number) => number): Tensor {
  const axes = Math.max(1, sample.length - 1);
  const paddings = sample.map((side, axis): [number, number] => {
    if (axis >= axes) return [0, 0];
    const size = Math.min(side, typeof window === "number" ? window : window[axis]!);
    const from = integer(side - size + 1);
    return [from, side - size - from];
  });
  const inside = sample.map((side, axis) => side - paddings[axis]![0] - paddings[axis]![1]);
  return tf.pad(tf.ones(inside as [number]), paddings);
}

/** What a unit of each entry is worth, `[batch, …sample]`. */
function worthOf(x: Tensor, nothing: Tensor, attribution: Attribution, kind: "gradient" | "share" | undefined): Tensor {
  const { relevance, shape, additive } = attribution;
  if (!sameShape(shape, x.shape)) {
    throw new InputShapeError(
      `[${x.shape}], as infidelity needs a value for every entry`,
      `an attribution of [${shape}]`,
    );
  }
  const values = tf.tensor(relevance, [...shape]);
  return (kind ?? (additive ? "share" : "gradient")) === "gradient" ? values : tf.divNoNan(values, tf.sub(x, nothing));
}

/** For each sample what the explanation expects of every perturbation, and what the output does. */
async function expectedAndFound(
  scoring: Scoring,
  { draws, bases, isShared, factors }: Perturbations,
  worth: Tensor,
  budget: number,
  run: ProgressOptions,
): Promise<{ expected: Float64Array; found: Float64Array }[]> {
  const [batch, ...sample] = scoring.x.shape as [number, ...number[]];
  const size = sizeOf(sample);
  const expected = tf.tidy(() => {
    const own = tf.reshape(tf.mul(worth, factors), [batch, size, 1]);
    const rows = tf.reshape(bases, [isShared ? 1 : batch, draws, size]);
    return tf.reshape(tf.matMul(rows, own), [batch * draws]).dataSync<"float32">();
  });
  // Every sample first as it is.
  const per = draws + 1;
  const scores = await scoreCopies(
    scoring,
    {
      count: batch * per,
      sampleOf: (row) => Math.floor(row / per),
      make(samples, start, indices) {
        const drawOf = (row: number) => ((start + row) % per) - 1;
        const of = Int32Array.from(indices, (index, row) => Math.max(0, drawOf(row)) + (isShared ? 0 : index * draws));
        const isMoved = Float32Array.from(indices, (_, row) => Number(drawOf(row) >= 0));
        const moved = tf.reshape(tf.tensor1d(isMoved), [indices.length, ...sample.map(() => 1)]);
        return tf.sub(samples, tf.mul(tf.gather(bases, of), tf.mul(tf.gather(factors, indices), moved)));
      },
    },
    budget,
    follow(batch * per, run),
  );
  return perSample(scores, batch).map((own, index) => ({
    expected: Float64Array.from(expected.subarray(index * draws, (index + 1) * draws)),
    found: Float64Array.from({ length: draws }, (_, draw) => own[0]! - own[draw + 1]!),
  }));
}

/** The mean square of β·expected − found, β = E[expected · found] / E[expected²] where it is asked for, else 1. */
function meanSquare({ expected, found }: { expected: Float64Array; found: Float64Array }, normalize: boolean): number {
  let [both, squares] = [0, 0];
  for (const [draw, value] of expected.entries()) {
    both += value * found[draw]!;
    squares += value * value;
  }
  const scale = !normalize ? 1 : squares === 0 ? 0 : both / squares;
  let sum = 0;
  for (const [draw, value] of expected.entries()) sum += (scale * value - found[draw]!) ** 2;
  return sum / expected.length;
}
