import { ParameterError } from "../../errors.js";
import { checked, choice, type OptionsOf, seed, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { embed, type Grouped, grouping, warningsOf } from "./embedding.js";
import type { RelevanceMaps } from "./features.js";
import { EPOCHS, Layout } from "./layout.js";

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
export interface Strategies extends Grouped {
  readonly method: "SpRAy";
  readonly parameters: Readonly<Record<string, unknown>>;
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
      const wanted = Math.min(count, Math.max(values.clusters ?? 0, values.mostClusters) + 1);
      if (values.clusters !== undefined && values.clusters > count) {
        throw new ParameterError("clusters", values.clusters, `at most the number of maps, ${count}`);
      }
      const progress = follow(2 + (values.projection === "umap" ? EPOCHS : 0), asked);
      const embedding = embed(maps, values, wanted);
      await progress.step(1);
      const groups = values.clusters ?? embedding.suggested;
      const grouped = grouping(maps, embedding, groups, values.seed);
      await progress.step(1);
      let plane: Float32Array | null = null;
      if (values.projection === "umap") {
        const layout = new Layout(embedding, values.seed);
        while (layout.step()) await progress.step(EPOCHS / layout.epochs);
        plane = layout.plane();
      }
      const { eigenvalues, suggested, gapRatio } = embedding;
      return {
        method: "SpRAy",
        parameters: { ...values, clusters: groups },
        ...grouped,
        mapShape: maps.shape.slice(1),
        eigenvalues,
        suggested,
        gapRatio,
        spectral: embedding.vectors,
        plane,
        warnings: values.clusters === undefined ? warningsOf(embedding) : [],
      };
    });
}

spray.id = "spray";
spray.parameters = parameters;
spray.reference = "Lapuschkin et al. 2019, Nature Communications 10, 1096";
spray.question = "Does the model reach one decision in several ways?";
