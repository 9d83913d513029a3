import type { ModelReference } from "./model.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text } from "./traits.js";

/** A row of the matrix: a method over all measures that have a better side. */
export interface RankedMethod {
  label: string;
  /** Tooltip: its published name and parameters. */
  hint: string;
  /** The mean of its ranks, null where no measure ranks it. */
  mean: number | null;
  /** The standard deviation of its ranks. */
  disagreement: number | null;
}

/** A column of the matrix. */
export interface RankingMeasure {
  label: string;
  /** Tooltip: the question that it answers, and who published it. */
  hint: string;
  better: "higher" | "lower" | "none";
  /** Who is best by it, if anybody is beyond chance. */
  verdict: string;
}

/** What a cell of the matrix is: not reached, ranked, with values but without rank, or without any value. */
type RankPhase = "waiting" | "ranked" | "unranked" | "failed";

/** A method by a measure. */
export interface RankedCell {
  phase: RankPhase;
  rank: number | null;
  /** The share of resamples in which it keeps its rank, 0 to 1. */
  stability: number | null;
  mean: number | null;
  /** Samples that have no value. */
  missing: number;
  /** The mean with its interval, the rank and how firm it is, or why there is none. */
  words: string;
  /** How it compares with the other methods by this measure. */
  comparisons: string[];
  /** Why values are missing, each reason once with the samples; empty where none are. */
  reasons: string[];
}

/** A sample on which two measures put the methods in other orders. */
export interface Disagreement {
  /** Index of the sample. */
  sample: number;
  name: string;
  /** Kendall's τ of the two orders: 1 the same, −1 the opposite. */
  tau: number;
  /** The methods from the best on, by each of the two measures. */
  orders: [string[], string[]];
}

export const MEAN_RANK = "mean rank";

/** Methods × measures: color is rank, size is how firm it is. */
export const rankMatrixState = {
  title: text(),
  subtitle: text(),
  methods: data<RankedMethod[]>([]),
  measures: data<RankingMeasure[]>([]),
  /** Row by row. */
  cells: data<RankedCell[]>([]),
  /** What came out, in words: who wins, or that nobody does, and how far the measures agree. */
  verdict: text(),
  /** How often intervals hold the true value. */
  level: number(0.95),
  /** What the rows are sorted by: empty as they were given, `MEAN_RANK`, or the label of a measure. */
  sort: text(),
  /** How the rows stand then: indices of `methods`. */
  order: list(integer()),
  /** Labels of the measures that are compared: none, one, or two. */
  pair: list(text()),
  /** How the two agree over all, in words. */
  pairWords: text(),
  /** The samples on which they disagree most, the worst first. */
  disagreements: data<Disagreement[]>([]),
  /** Those samples with the maps of all methods: a `MethodGrid`. */
  detail: nullable(data<ModelReference>("" as ModelReference)),
  running: flag(),
  /** Share of the cells that are computed, 0 to 1; null while none are. */
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
  /** Whether maps can be made of the samples, and if not, what is missing. */
  maps: choice<"made" | "absent">("absent", "made"),
};

export interface RankMatrixState extends StateOf<typeof rankMatrixState> {}

/** How many methods are ranked by any measure. */
export const rankedCount = (methods: readonly RankedMethod[]): number =>
  methods.filter(({ mean }) => mean !== null).length;

/** How good a rank among so many is: 1 for the best, 0 for the last. */
export const rankShare = (rank: number, count: number): number => (count < 2 ? 1 : (count - rank) / (count - 1));

/** The side of a mark by its stability, 0 to 1, in shares of the largest: its area grows with it, and never vanishes. */
export const markSide = (stability: number | null): number => Math.sqrt(0.12 + 0.88 * (stability ?? 0));
