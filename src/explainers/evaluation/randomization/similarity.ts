import { ParameterError } from "../../errors.js";
import type { Attribution } from "../../explanation.js";
import { pearson, ranks } from "../../numerics/correlation.js";
import { hog } from "../../numerics/hog.js";
import { structuralSimilarity } from "../../numerics/ssim.js";
import { choice, toggle, words } from "../../parameters.js";
import type { ScoreWarning } from "../measure.js";
import {
  channelsCompared,
  joined,
  type Maps,
  mapsOf,
  type Normalization,
  normalizationOfMaps,
  normalized,
  type Sign,
} from "./maps.js";

const names = ["spearman", "ssim", "hog"] as const;

/** How two maps are compared: by rank correlation, structural similarity, or the correlation of oriented gradients. */
export type Similarity = (typeof names)[number];

/** One number for each sample by similarity; NaN where a map is constant. What does not exist (HOG of a table) is left out. */
export type Similarities = Readonly<Partial<Record<Similarity, Float64Array>>>;

/** How alike explanations are, with and without the sign of their values. */
export type SignedSimilarities = Readonly<Record<Sign, Similarities>>;

/** What is said of samples that have no similarity. */
export const nothingAlike = (values: Float64Array): ScoreWarning[] =>
  [...values].flatMap((value, sample) =>
    Number.isNaN(value)
      ? [{ kind: "constant" as const, message: "One of the two explanations is the same everywhere.", sample }]
      : [],
  );

/** The parameters of measures that compare explanations with each other. */
export const similarityParameters = {
  similarity: choice(
    names,
    "spearman",
    "What the value is: Spearman's rank correlation, SSIM, or Pearson's correlation of HOG features",
    {
      notes: { spearman: { label: "Spearman" }, ssim: { label: "SSIM" }, hog: { label: "HOG" } },
    },
  ),
  absolute: toggle(false, "Whether the value compares sizes without signs; the other is computed, too"),
  similarities: words(names, names, "Which similarities are computed", { minor: true }),
  normalization: normalizationOfMaps,
  channels: channelsCompared,
};

export interface ComparisonOptions {
  readonly similarities: readonly string[];
  readonly similarity: Similarity;
  readonly normalization: Normalization;
  readonly channels: "summed" | "apart";
}

/** Side of a cell of Adebayo's oriented gradients; smaller pictures get smaller ones. */
const LARGEST_CELL = 16;
/** Side of a block in cells. */
const BLOCK = 3;

/** What of a sample is needed each time that it is compared. */
interface Prepared {
  readonly ranks: Float64Array;
  readonly fields: readonly Float32Array[];
  readonly hogs: readonly Float64Array[];
}

/** Explanations that others are compared with. */
export class Comparison {
  readonly #options: ComparisonOptions;
  readonly #wanted: ReadonlySet<Similarity>;
  readonly #size: readonly number[];
  readonly #window: number;
  readonly #cell: number;
  readonly #own: Readonly<Record<Sign, readonly Prepared[]>>;

  constructor(attribution: Attribution, options: ComparisonOptions) {
    this.#options = options;
    const { shape } = mapsOf(attribution, options.channels, "signed");
    this.#size = shape;
    const side = Math.min(...shape);
    // Odd, and 7 as in scikit-image where the map is large enough.
    this.#window = Math.min(7, side - 1 + (side % 2));
    this.#cell = shape.length === 2 ? Math.min(LARGEST_CELL, Math.floor(side / BLOCK)) : 0;
    const exists = { spearman: true, ssim: this.#window >= 3 && attribution.shape.length > 2, hog: this.#cell >= 2 };
    const asked = new Set([...options.similarities, options.similarity]);
    this.#wanted = new Set(names.filter((name) => asked.has(name) && exists[name]));
    const prepared = (sign: Sign): Prepared[] => {
      const maps = mapsOf(attribution, options.channels, sign);
      return maps.fields.map((_, sample) => this.#prepare(maps, sample, sign));
    };
    this.#own = { signed: prepared("signed"), absolute: prepared("absolute") };
  }

  /** @throws ParameterError where this similarity does not exist on maps like these. */
  check(similarity: Similarity): void {
    if (this.#wanted.has(similarity)) return;
    const size = this.#size.join(" × ");
    throw new ParameterError(
      "similarity",
      similarity,
      `spearman for explanations of ${size} values: ${similarity === "hog" ? "oriented gradients need pictures of at least 6 × 6" : "windows need at least 3 positions on every axis"}`,
    );
  }

  /** How alike another explanation of the same samples is. */
  with(other: Attribution): SignedSimilarities {
    const compared = (sign: Sign): Similarities => {
      const maps = mapsOf(other, this.#options.channels, sign);
      const results = new Map([...this.#wanted].map((name) => [name, new Float64Array(maps.fields.length)] as const));
      maps.fields.forEach((_, sample) => {
        const [a, b] = [this.#own[sign][sample]!, this.#prepare(maps, sample, sign)];
        for (const [name, values] of results) values[sample] = this.#compare(name, a, b, maps.shape);
      });
      return Object.fromEntries(results);
    };
    return { signed: compared("signed"), absolute: compared("absolute") };
  }

  #prepare({ shape, fields }: Maps, sample: number, sign: Sign): Prepared {
    // A scale changes no rank; a cut does.
    const isSeen = this.#wanted.size > (this.#wanted.has("spearman") ? 1 : 0);
    const how = isSeen || this.#options.normalization === "percentile" ? this.#options.normalization : "none";
    const own = normalized(fields[sample]!, how, sign);
    const [height, width] = shape as [number, number];
    return {
      ranks: this.#wanted.has("spearman") ? ranks(joined(own)) : empty,
      fields: own,
      hogs: this.#wanted.has("hog")
        ? own.map((field) => hog(field, [height, width], { cell: this.#cell, block: BLOCK }))
        : [],
    };
  }

  #compare(name: Similarity, a: Prepared, b: Prepared, shape: readonly number[]): number {
    if (name === "spearman") return pearson(a.ranks, b.ranks);
    if (name === "hog") return mean(a.hogs.map((features, index) => pearson(features, b.hogs[index]!)));
    const size = this.#window;
    return mean(a.fields.map((field, index) => structuralSimilarity(field, b.fields[index]!, shape, { size })));
  }
}

const empty = new Float64Array(0);

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
