import { type Tensor, tensor2d } from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { type Random, seededRandom } from "../../../numerics/random.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { oneOf } from "../features/features.js";
import { exponentialKernel, fitSurrogate, type SurrogateOptions } from "./surrogate.js";

export interface LimeTableOptions extends PerturbationOptions, SurrogateOptions {
  /** Training rows `[rows, columns]`, from which values are drawn. */
  readonly training: Tensor;
  /** Columns that hold categories, not quantities; default none. */
  readonly categorical?: readonly number[];
  /** Whether quantities are cut into bins (`"quartile"`, default, or `"decile"`) or kept (`"none"`). */
  readonly discretize?: "quartile" | "decile" | "none";
  /** How many perturbed rows, the sample itself included, default 5000. */
  readonly samples?: number;
  /** Width of the kernel √exp(−d² / width²) on the Euclidean distance d, > 0, default ¾ √columns. */
  readonly kernelWidth?: number;
  /** Seed of the rows, default 0. */
  readonly seed?: number;
}

/**
 * LIME for tables (Ribeiro, Singh & Guestrin 2016, as in the authors' package): rows are drawn from the training data's bins
 * or categories by their frequency (bins filled by truncated normals), and a column of the linear model says whether a row is
 * in the sample's bin. With `discretize: "none"` quantities are drawn from normals, and coefficients are per standard deviation.
 *
 * @throws InputShapeError where inputs are not rows; ParameterError where the training rows or options do not fit.
 * @example
 * const { features, surrogates } = await limeTable(model, { training, categorical: [3] })(row, { target: 1 });
 */
export function limeTable(model: Model, options: LimeTableOptions): Explain<PerturbationAttribution> {
  const { training, categorical = [], discretize = "quartile", samples = 5000, seed = 0 } = options;
  if (!Number.isInteger(samples) || samples < 2)
    throw new ParameterError("samples", samples, "a whole number of at least 2");
  oneOf("discretize", discretize, ["quartile", "decile", "none"]);
  const settings = { ...options, categorical, discretize, samples, seed };
  return explainer(model, "LIME", settings, ({ shape }) => {
    if (shape.length !== 1) throw new InputShapeError("[batch, columns]", `samples of [${shape}]`);
    const count = shape[0]!;
    if (training.rank !== 2 || training.shape[1] !== count || training.shape[0]! < 2) {
      throw new ParameterError("training", `[${training.shape}]`, `two rows or more of ${count} columns`);
    }
    const { kernelWidth = 0.75 * Math.sqrt(count) } = options;
    if (!(kernelWidth > 0)) throw new ParameterError("kernelWidth", kernelWidth, "positive");
    for (const column of categorical) {
      if (!Number.isInteger(column) || column < 0 || column >= count) {
        throw new ParameterError("categorical", column, `columns from 0 to ${count - 1}`);
      }
    }
    const values = training.dataSync();
    const columns = Array.from({ length: count }, (_, j) => {
      const column = Float64Array.from({ length: training.shape[0]! }, (_, i) => values[i * count + j]!);
      if (categorical.includes(j)) return categoryColumn(column);
      return discretize === "none" ? plainColumn(column) : binnedColumn(column, discretize === "quartile" ? 4 : 10);
    });
    return ({ values: sample }) => {
      const random = seededRandom(seed);
      const rows = new Float32Array(samples * count);
      const design = new Float64Array(samples * count);
      for (let row = 0; row < samples; row++) {
        columns.forEach((column, j) => {
          const own = sample[j]!;
          const { value, coordinate } =
            row === 0 ? { value: own, coordinate: column.coordinate(own) } : column.draw(own, random);
          rows[row * count + j] = value;
          design[row * count + j] = coordinate;
        });
      }
      return {
        count: samples,
        make: (start, size) => tensor2d(rows.slice(start * count, (start + size) * count), [size, count]),
        finish: (scores) => {
          const weights = exponentialKernel(euclideanDistances(design, count), kernelWidth);
          const surrogate = fitSurrogate({ design, columns: count, outputs: scores, weights }, options);
          const relevance = Float32Array.from(surrogate.coefficients);
          const ids = Int32Array.from({ length: count }, (_, j) => j);
          return { relevance, features: { ids, values: relevance }, surrogate };
        },
      };
    };
  });
}

/** How one column is drawn, and what the linear model sees of it. */
interface Column {
  /** Of the sample's own value. */
  coordinate(own: number): number;
  draw(own: number, random: Random): { value: number; coordinate: number };
}

/** A quantity: normal about the training mean; the model sees it standardized. */
function plainColumn(values: Float64Array): Column {
  const { mean, deviation } = statistics(values);
  const scale = deviation || 1;
  return {
    coordinate: (own) => (own - mean) / scale,
    draw: (_, random) => {
      const coordinate = random.gaussian();
      return { value: mean + scale * coordinate, coordinate };
    },
  };
}

/** Categories by frequency; the model sees whether it is the sample's own. */
function categoryColumn(values: Float64Array): Column {
  return {
    coordinate: () => 1,
    draw: (own, random) => {
      const value = values[random.integer(values.length)]!;
      return { value, coordinate: value === own ? 1 : 0 };
    },
  };
}

/** A quantity in bins of equal frequency; the model sees whether it is in the sample's bin. */
function binnedColumn(values: Float64Array, bins: number): Column {
  const sorted = values.slice().sort();
  const cuts = [...new Set(Array.from({ length: bins - 1 }, (_, i) => quantile(sorted, (i + 1) / bins)))];
  const binOf = (value: number) => {
    const bin = cuts.findIndex((cut) => value <= cut);
    return bin < 0 ? cuts.length : bin;
  };
  const edges = [sorted[0]!, ...cuts, sorted[sorted.length - 1]!];
  const members = edges.slice(1).map((_, bin) => values.filter((value) => binOf(value) === bin));
  const normals = members.map((inside) => statistics(inside));
  return {
    coordinate: () => 1,
    draw: (own, random) => {
      const bin = binOf(values[random.integer(values.length)]!);
      const { mean, deviation } = normals[bin]!;
      const value = truncatedNormal(mean, deviation, edges[bin]!, edges[bin + 1]!, random);
      return { value, coordinate: bin === binOf(own) ? 1 : 0 };
    },
  };
}

function statistics(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, deviation: Math.sqrt(variance) };
}

/** By rejection: the bounds are the bin's own, so at least a fair share of draws is inside. */
function truncatedNormal(mean: number, deviation: number, low: number, high: number, random: Random): number {
  if (deviation === 0) return mean;
  for (let attempt = 0; attempt < 1000; attempt++) {
    const value = mean + deviation * random.gaussian();
    if (value >= low && value <= high) return value;
  }
  return mean;
}

/** Linear interpolation between order statistics, as numpy's percentile. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/** Distance of each row to the first one. */
function euclideanDistances(design: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: design.length / columns }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (design[row * columns + j]! - design[j]!) ** 2;
    return Math.sqrt(sum);
  });
}
