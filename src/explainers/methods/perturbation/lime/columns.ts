import type { Random } from "../../../numerics/random.js";

/** How one column is drawn, and what the linear model sees of it. */
export interface Column {
  /** Of the sample's own value. */
  coordinate(own: number): number;
  draw(own: number, random: Random): { value: number; coordinate: number };
}

/** A quantity: normal about the training mean; the model sees it standardized. */
export function plainColumn(values: Float64Array): Column {
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
export function categoryColumn(values: Float64Array): Column {
  return {
    coordinate: () => 1,
    draw: (own, random) => {
      const value = values[random.integer(values.length)]!;
      return { value, coordinate: value === own ? 1 : 0 };
    },
  };
}

/** A quantity in bins of equal frequency; the model sees whether it is in the sample's bin. */
export function binnedColumn(values: Float64Array, bins: number): Column {
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
export function euclideanDistances(design: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: design.length / columns }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (design[row * columns + j]! - design[j]!) ** 2;
    return Math.sqrt(sum);
  });
}
