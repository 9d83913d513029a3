import * as tf from "@tensorflow/tfjs-core";
import { UMAP } from "umap-js";
import { ParameterError } from "../../errors.js";
import { kMeans } from "../../numerics/k-means.js";
import { seededRandom } from "../../numerics/random.js";
import { largestEigen } from "../../numerics/sparse-eigen.js";
import { checked, choice, type OptionsOf, seed, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { featuresOf, type RelevanceMaps } from "./features.js";
import { type Neighbors, nearestNeighbors, normalizedAffinity } from "./neighbors.js";

const parameters = {
  feature: choice(["pooled", "fourier"], "pooled", "What of a map is compared", {
    notes: {
      pooled: { description: "Where relevance lies, coarsely" },
      fourier: { label: "Fourier magnitude", description: "Which patterns it makes, wherever they lie" },
    },
  }),
  side: whole(20, "Places a side that a map is averaged to", { least: 2, unit: "places" }),
  neighbors: whole(10, "How many nearest maps each is joined with", { least: 1 }),
  clusters: whole(undefined, "Groups; by default as many as the largest gap between eigenvalues says", { least: 1 }),
  mostClusters: whole(12, "Most groups that the gap may say", { least: 2, label: "Most clusters", minor: true }),
  projection: choice(["umap", "none"], "umap", "How maps are laid out in a plane"),
  seed,
};

export type SprayOptions = OptionsOf<typeof parameters>;

/** Groups of relevance maps, and what they were found by. */
export interface Strategies {
  readonly method: "SpRAy";
  readonly parameters: Readonly<Record<string, unknown>>;
  /** The group of each map, from 0, the largest first. */
  readonly clusters: Int32Array;
  /** How many maps are in each. */
  readonly sizes: readonly number[];
  /** The mean map of each group, `[groups, …map]`, in the maps' own units. */
  readonly means: Float32Array;
  /** The shape of one map. */
  readonly mapShape: readonly number[];
  /** The smallest eigenvalues of the graph's Laplacian, rising; as many near 0 as there are groups apart. */
  readonly eigenvalues: Float64Array;
  /** The number of groups, that of the eigenvalues below the largest gap; 1 where the maps do not fall into groups. */
  readonly suggested: number;
  /** How many times that gap exceeds the next one: near 1 it says little. */
  readonly gapRatio: number;
  /** Of each map, its places in the eigenvectors, `[maps, eigenvalues]`. */
  readonly spectral: Float64Array;
  /** Of each map, its place in the plane, `[maps, 2]`; `null` without a projection. */
  readonly plane: Float32Array | null;
  readonly warnings: readonly string[];
}

/** Below it the suggested number of groups is hardly better than the next. */
const CLEAR_GAP = 1.3;
/** Groups of which fewer than one link in a hundred leads elsewhere are apart, whether it is one in a thousand or none. */
const APART = 0.01;
const EPOCHS = 400;

/**
 * Spectral relevance analysis (Lapuschkin et al. 2019, Nature Communications 10, 1096): whether a model uses several strategies, such as a
 * watermark for some pictures of a class. Relevance maps are joined with their nearest; eigenvectors of that graph's Laplacian part
 * it into groups, and the largest gap between its eigenvalues says how many.
 *
 * @returns a function of relevance maps, `[maps, …]`, as a rule of one class, that gives plain data
 * @throws ParameterError where there are fewer maps than neighbors, or a map holds nothing; AbortedError
 * @example
 * const { clusters, means } = await spray({ neighbors: 10 })(await lrp(model)(photos, { target: "horse" }));
 */
export function spray(options: SprayOptions = {}) {
  const values = checked("spray", parameters, options);
  return (maps: RelevanceMaps, run: ProgressOptions = {}): Promise<Strategies> =>
    followed("SpRAy", run, async (asked) => {
      const count = maps.shape[0]!;
      if (count <= values.neighbors) {
        throw new ParameterError("neighbors", values.neighbors, `less than the number of maps, ${count}`);
      }
      const wanted = Math.min(count, Math.max(values.clusters ?? 0, values.mostClusters) + 1);
      if (values.clusters !== undefined && values.clusters > count) {
        throw new ParameterError("clusters", values.clusters, `at most the number of maps, ${count}`);
      }
      const progress = follow(2 + (values.projection === "umap" ? EPOCHS : 0), asked);
      const rows = featuresOf(maps, values.feature, values.side);
      let near: Neighbors;
      let plain: number[][];
      try {
        near = nearestNeighbors(rows, values.neighbors);
        plain = values.projection === "umap" ? await rows.array() : [];
      } finally {
        tf.dispose(rows);
      }
      await progress.step(1);
      const found = largestEigen(normalizedAffinity(near), wanted, { seed: values.seed });
      // Of the Laplacian 1 − A; what rounding takes below 0 is 0.
      const eigenvalues = found.values.map((value) => Math.max(0, 1 - value));
      const { suggested, gapRatio } = gapOf(eigenvalues, values.mostClusters);
      const groups = values.clusters ?? suggested;
      const spectral = directions(found.vectors, wanted, groups);
      const clusters = kMeans(spectral, groups, groups, { seed: values.seed }).groups;
      await progress.step(1);
      const plane = values.projection === "umap" ? await laidOut(plain, near, values.seed, progress) : null;
      const sizes = Array.from({ length: groups }, (_, group) => clusters.filter((own) => own === group).length);
      return {
        method: "SpRAy",
        parameters: { ...values, clusters: groups },
        clusters,
        sizes,
        means: meansOf(maps, clusters, sizes),
        mapShape: maps.shape.slice(1),
        eigenvalues,
        suggested,
        gapRatio,
        spectral: found.vectors,
        plane,
        warnings: values.clusters === undefined ? warningsOf(suggested, gapRatio) : [],
      };
    });
}

spray.id = "spray";
spray.parameters = parameters;
spray.reference = "Lapuschkin et al. 2019, Nature Communications 10, 1096";
spray.question = "Does the model reach one decision in several ways?";

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

function warningsOf(suggested: number, gapRatio: number): string[] {
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

async function laidOut(
  rows: number[][],
  { count, indices, distances }: Neighbors,
  first: number,
  progress: ReturnType<typeof follow>,
): Promise<Float32Array> {
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: count + 1,
    nEpochs: EPOCHS,
    random: seededRandom(first).uniform,
  });
  // The library counts a row among its own neighbors.
  const withItself = <T>(of: (at: number) => T, own: (row: number) => T) =>
    rows.map((_, row) => [own(row), ...Array.from({ length: count }, (_, k) => of(row * count + k))]);
  umap.setPrecomputedKNN(
    withItself(
      (at) => indices[at]!,
      (row) => row,
    ),
    withItself(
      (at) => distances[at]!,
      () => 0,
    ),
  );
  const epochs = umap.initializeFit(rows);
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    await progress.step(EPOCHS / epochs);
  }
  return Float32Array.from(umap.getEmbedding().flat());
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
