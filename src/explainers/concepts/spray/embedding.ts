import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { kMeans } from "../../numerics/k-means.js";
import { largestEigen } from "../../numerics/sparse-eigen.js";
import { featuresOf, type MapFeature, type RelevanceMaps } from "./features.js";
import { type Neighbors, nearestNeighbors, normalizedAffinity } from "./neighbors.js";

/** Maps as points: what groups of any number and any layout in the plane are made of. */
export interface Embedding {
  /** Each map as compared, `[maps][features]`. */
  readonly rows: number[][];
  readonly neighbors: Neighbors;
  /** The smallest eigenvalues of the graph's Laplacian, rising. */
  readonly eigenvalues: Float64Array;
  /** `[maps, eigenvalues]` */
  readonly vectors: Float64Array;
  readonly suggested: number;
  readonly gapRatio: number;
}

/** Maps in groups. */
export interface Grouped {
  /** The group of each map, from 0, the largest first. */
  readonly clusters: Int32Array;
  /** How many maps are in each. */
  readonly sizes: readonly number[];
  /** The mean map of each group, `[groups, …map]`, in the maps' own units. */
  readonly means: Float32Array;
}

interface EmbeddingSettings {
  readonly feature: MapFeature;
  readonly side: number;
  readonly neighbors: number;
  readonly mostClusters: number;
  readonly seed: number;
}

/** Below it the suggested number of groups is hardly better than the next. */
const CLEAR_GAP = 1.3;
/** Groups of which fewer than one link in a hundred leads elsewhere are apart, whether it is one in a thousand or none. */
const APART = 0.01;

/**
 * Maps joined with their nearest, and the first eigenvectors of that graph.
 *
 * @param wanted how many eigenvectors
 * @throws ParameterError where there are fewer than 3 maps, fewer than neighbors, or a map holds nothing
 */
export function embed(maps: RelevanceMaps, settings: EmbeddingSettings, wanted: number): Embedding {
  const { feature, side, neighbors: count, mostClusters, seed } = settings;
  const all = maps.shape[0]!;
  if (all < 3) throw new ParameterError("maps", all, "at least 3 maps");
  if (all <= count) throw new ParameterError("neighbors", count, `less than the number of maps, ${all}`);
  const features = featuresOf(maps, feature, side);
  try {
    const neighbors = nearestNeighbors(features, count);
    const found = largestEigen(normalizedAffinity(neighbors), wanted, { seed });
    // Of the Laplacian 1 − A; what rounding takes below 0 is 0.
    const eigenvalues = found.values.map((value) => Math.max(0, 1 - value));
    return {
      rows: features.arraySync(),
      neighbors,
      eigenvalues,
      vectors: found.vectors,
      ...gapOf(eigenvalues, mostClusters),
    };
  } finally {
    tf.dispose(features);
  }
}

/** The maps in so many groups, by the first eigenvectors. */
export function grouping(
  maps: RelevanceMaps,
  { vectors, eigenvalues }: Embedding,
  groups: number,
  seed: number,
): Grouped {
  const clusters = kMeans(directions(vectors, eigenvalues.length, groups), groups, groups, { seed }).groups;
  const sizes = Array.from({ length: groups }, (_, group) => clusters.filter((own) => own === group).length);
  return { clusters, sizes, means: meansOf(maps, clusters, sizes) };
}

/**
 * The number of eigenvalues below the largest gap, as a ratio: eigenvalues of a graph whose groups are wide grow ever faster, so that
 * the largest difference is seldom where groups end.
 */
function gapOf(eigenvalues: Float64Array, most: number): { suggested: number; gapRatio: number } {
  const ratios = Array.from(
    { length: Math.min(most, eigenvalues.length - 1) },
    (_, k) => (eigenvalues[k + 1]! + APART) / (eigenvalues[k]! + APART),
  );
  const largest = ratios.reduce((best, ratio, k) => (ratio > ratios[best]! ? k : best), 0);
  return {
    suggested: largest + 1,
    gapRatio: ratios[largest]! / Math.max(1, ...ratios.filter((_, k) => k !== largest)),
  };
}

/** What is to be said of the suggested number of groups. */
export function warningsOf({ suggested, gapRatio }: Pick<Embedding, "suggested" | "gapRatio">): string[] {
  if (suggested === 1)
    return ["The maps do not fall into groups: all are one. State clusters to part them all the same."];
  if (gapRatio >= CLEAR_GAP) return [];
  const found = `the largest is ${gapRatio.toFixed(2)} times the next`;
  return [
    `No gap between eigenvalues stands out (${found}), so the number of groups is a guess. Look at the plane, or state clusters.`,
  ];
}

/** The first eigenvectors as rows of length 1 (Ng, Jordan & Weiss 2001), `[maps, groups]`. */
function directions(vectors: Float64Array, columns: number, groups: number): Float64Array {
  const count = vectors.length / columns;
  const rows = new Float64Array(count * groups);
  for (let i = 0; i < count; i++) {
    const own = vectors.subarray(i * columns, i * columns + groups);
    const length = Math.hypot(...own) || 1;
    for (let k = 0; k < groups; k++) rows[i * groups + k] = own[k]! / length;
  }
  return rows;
}

function meansOf({ relevance, shape }: RelevanceMaps, clusters: Int32Array, sizes: readonly number[]): Float32Array {
  const size = relevance.length / shape[0]!;
  const sums = new Float32Array(sizes.length * size);
  clusters.forEach((group, map) => {
    const share = 1 / sizes[group]!;
    for (let at = 0; at < size; at++) sums[group * size + at]! += share * relevance[map * size + at]!;
  });
  return sums;
}
