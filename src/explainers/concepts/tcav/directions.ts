import type { Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { scoped } from "../../network/tensors.js";
import { type Random, seededRandom } from "../../numerics/random.js";
import { type Separator, type SeparatorKind, separate } from "../separator.js";

/**
 * All that directions at one layer can be asked for, as inner products: every direction is a sum of the examples' own values, so
 * that derivatives along it, its length and its order of pictures cost no look at the layer.
 */
export interface Products {
  /** `[examples, examples]` */
  readonly gram: Float64Array;
  readonly examples: number;
  /** Gradients by examples, `[inputs, examples]`. */
  readonly gradients: Float64Array;
  /** Values of the inputs by examples, `[inputs, examples]`. */
  readonly inputs: Float64Array;
  readonly count: number;
}

/** Inner products of rows that the caller keeps. */
export function productsOf(examples: Tensor2D, gradients: Tensor2D, inputs: Tensor2D): Products {
  return scoped(() => {
    // About the examples' mean, which no separator with an intercept sees, and single precision keeps more of what differs.
    const mean = tf.mean(examples, 0, true);
    const centered = tf.sub(examples, mean) as Tensor2D;
    const by = (rows: Tensor2D) => Float64Array.from(tf.matMul(rows, centered, false, true).dataSync());
    return {
      gram: by(centered),
      examples: examples.shape[0],
      gradients: by(gradients),
      inputs: by(tf.sub(inputs, mean)),
      count: inputs.shape[0],
    };
  });
}

/** A concept activation vector: the normal of a separator, of length 1, that points to the concept. */
export interface Direction {
  /** Derivatives of the explained output along it, one an input, in units of the output by unit of the layer's values. */
  readonly derivatives: Float64Array;
  /** Where the inputs lie along it, from the middle between the two sets. */
  readonly positions: () => Float64Array;
}

/** The direction from the examples `against` to those of the concept. */
export function directionOf(
  products: Products,
  concept: readonly number[],
  against: readonly number[],
  { separator: kind, regularization }: { readonly separator: SeparatorKind; readonly regularization: number },
): Direction {
  const { gram, examples, gradients, inputs, count } = products;
  const rows = [...concept, ...against];
  const found = fitted(products, concept, against, kind, regularization);
  let square = 0;
  rows.forEach((i, row) => {
    rows.forEach((j, column) => {
      square += found.coefficients[row]! * found.coefficients[column]! * gram[i * examples + j]!;
    });
  });
  const length = Math.sqrt(Math.max(square, 0));
  const along = (values: Float64Array, shift: number) =>
    Float64Array.from({ length: count }, (_, input) => {
      let sum = shift;
      rows.forEach((i, row) => {
        sum += found.coefficients[row]! * values[input * examples + i]!;
      });
      // Two sets with one mean have no direction between them.
      return length === 0 ? 0 : sum / length;
    });
  return { derivatives: along(gradients, 0), positions: () => along(inputs, found.intercept) };
}

/** Of examples that were left out of the fit, the share that is on its own side; each is left out once. */
export function accuracyOf(
  products: Products,
  concept: readonly number[],
  against: readonly number[],
  {
    separator: kind,
    regularization,
    folds,
    seed,
  }: {
    readonly separator: SeparatorKind;
    readonly regularization: number;
    readonly folds: number;
    readonly seed: number;
  },
): number {
  const random = seededRandom(seed);
  const [a, b] = [foldsOf(concept, folds, random), foldsOf(against, folds, random)];
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const others = (parts: number[][]) => parts.flatMap((part, index) => (index === fold ? [] : part));
    const [own, rest] = [others(a), others(b)];
    const found = fitted(products, own, rest, kind, regularization);
    const rows = [...own, ...rest];
    const valueAt = (example: number) =>
      rows.reduce(
        (sum, i, row) => sum + found.coefficients[row]! * products.gram[example * products.examples + i]!,
        found.intercept,
      );
    for (const example of a[fold]!) right += valueAt(example) > 0 ? 1 : 0;
    for (const example of b[fold]!) right += valueAt(example) < 0 ? 1 : 0;
  }
  return right / (concept.length + against.length);
}

function fitted(
  { gram, examples }: Products,
  concept: readonly number[],
  against: readonly number[],
  kind: SeparatorKind,
  regularization: number,
): Separator {
  const rows = [...concept, ...against];
  const n = rows.length;
  const part = new Float64Array(n * n);
  rows.forEach((i, row) => {
    rows.forEach((j, column) => {
      part[row * n + column] = gram[i * examples + j]!;
    });
  });
  const signs = Float64Array.from(rows, (_, row) => (row < concept.length ? 1 : -1));
  return separate(kind, part, signs, regularization);
}

function foldsOf(examples: readonly number[], folds: number, random: Random): number[][] {
  const order = random.permutation(examples.length);
  return Array.from({ length: folds }, (_, fold) =>
    [...order].flatMap((place, rank) => (rank % folds === fold ? [examples[place]!] : [])),
  );
}
