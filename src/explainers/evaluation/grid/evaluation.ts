import type { Better, Category, Co12 } from "../measure.js";

/** How an evaluation is written: a file of another format is refused. */
export const FORMAT = "limpid-evaluation-1";

/**
 * What `evaluate` gives, as plain data: the tidy table `rows`, and what follows from it. Methods and measures are named by their
 * labels, samples by their index.
 */
export interface Evaluation {
  readonly format: typeof FORMAT;
  /** The model's name, or empty. */
  readonly model: string;
  readonly seed: number;
  /** How many samples were explained together. */
  readonly batch: number;
  /** Tells data apart: an evaluation is only resumed on the same. */
  readonly data: string;
  /** Whether every cell was reached. */
  readonly complete: boolean;
  /** How often intervals hold the true value. */
  readonly level: number;
  readonly methods: readonly EvaluatedMethod[];
  readonly measures: readonly EvaluatedMeasure[];
  readonly samples: readonly EvaluatedSample[];
  /** One for each method, measure and sample, in that order; of an evaluation that was stopped, those that were reached. */
  readonly rows: readonly EvaluationRow[];
  /** One for each method and measure. */
  readonly means: readonly MeanRow[];
  /** Every two methods by every measure; none of a part. */
  readonly comparisons: readonly Comparison[];
  readonly ranks: Ranks;
  /** What came out, in words. */
  readonly verdict: Verdict;
  /** How far to trust each measure here; empty where that was not asked for. */
  readonly trust: readonly TrustRow[];
  /** The scores of disturbed inputs that `trust` follows from. */
  readonly trials: readonly TrialRow[];
}

export interface EvaluatedMethod {
  readonly label: string;
  /** Of a method of the list; else null. */
  readonly id: string | null;
  /** As published. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface EvaluatedMeasure {
  readonly label: string;
  readonly id: string | null;
  readonly name: string;
  readonly question: string;
  readonly reference: string;
  readonly category: Category | null;
  readonly co12: readonly Co12[];
  readonly better: Better;
  /** The least and the greatest value there can be; null without a bound. */
  readonly range: readonly [low: number | null, high: number | null];
  readonly unit: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface EvaluatedSample {
  readonly name: string;
  /** The explained index. */
  readonly target: number | null;
  /** The explained output, a logit where the model ends in a softmax. */
  readonly output: number | null;
  /** The class that the model gives it: its largest output, or of a lone output whether it is positive. */
  readonly predicted: number | null;
}

/** One number of the grid. */
export interface EvaluationRow {
  readonly method: string;
  readonly measure: string;
  readonly sample: number;
  /** Null where `reason` says why there is none. */
  readonly value: number | null;
  /** Why there is no value, or why it does not mean what it seems to; such rows count in no statistic. */
  readonly reason: string | null;
}

/** What a method reaches by a measure over all samples; numbers are null where no sample has a value. */
export interface MeanRow {
  readonly method: string;
  readonly measure: string;
  /** Samples that have a value. */
  readonly count: number;
  /** Samples that have none. */
  readonly missing: number;
  readonly mean: number | null;
  /** The bootstrap interval of the mean (BCa); null of a single value. */
  readonly low: number | null;
  readonly high: number | null;
  readonly median: number | null;
  /** Standard deviation over samples. */
  readonly deviation: number | null;
}

/** Two methods by one measure, sample by sample. */
export interface Comparison {
  readonly measure: string;
  readonly a: string;
  readonly b: string;
  /** Samples where both have a value. */
  readonly count: number;
  /** The mean of a − b, and its bootstrap interval. */
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Wilcoxon's signed-rank test. */
  readonly p: number | null;
  /** The same after Holm's correction over the pairs of methods of this measure. */
  readonly corrected: number | null;
  /** The method that is better beyond chance, or null. */
  readonly better: string | null;
}

/** Where a method stands by a measure; 1 is the best rank, and equal means share ranks. */
export interface RankCell {
  readonly method: string;
  readonly measure: string;
  /** By the mean over the samples that all ranked methods have; null where it is not ranked. */
  readonly rank: number | null;
  /** Between these ranks it stays in the bootstrap over samples. */
  readonly low: number | null;
  readonly high: number | null;
  /** The share of resamples in which it keeps its rank. */
  readonly stability: number | null;
  /**
   * How far the mean lies on the better side of the median of all methods, in robust standard deviations of them (1.4826 MAD); null
   * where methods do not differ.
   */
  readonly standardized: number | null;
}

/** A method over all measures that have a better side. */
export interface MethodRank {
  readonly method: string;
  /** By how many measures it is ranked. */
  readonly measures: number;
  readonly mean: number | null;
  /** The standard deviation of its ranks: how much the measures disagree on it. */
  readonly disagreement: number | null;
  /** The mean of its standardized means, after LATEC (Klein et al. 2024). */
  readonly standardized: number | null;
}

/** How two measures agree on the order of the methods. */
export interface MeasurePair {
  readonly a: string;
  readonly b: string;
  /** Kendall's τ of the ranks: 1 the same order, −1 the opposite; null where one of them ranks fewer than two apart. */
  readonly tau: number | null;
}

/** Methods × measures, ranked. */
export interface Ranks {
  readonly cells: readonly RankCell[];
  readonly methods: readonly MethodRank[];
  readonly pairs: readonly MeasurePair[];
  /** Kendall's W of all measures that rank, on the methods that all of them rank: 1 full agreement; null of fewer than two. */
  readonly concordance: number | null;
}

/** Who wins, if anybody. */
export interface Verdict {
  /** The method that no measure puts below another beyond chance and that is best by at least one; else null. */
  readonly winner: string | null;
  readonly text: string;
  readonly measures: readonly MeasureVerdict[];
}

export interface MeasureVerdict {
  readonly measure: string;
  /** The method with the best mean. */
  readonly best: string | null;
  /** Methods that are not worse than the best beyond chance, the best among them. */
  readonly tied: readonly string[];
  readonly text: string;
}

/**
 * How far to trust a measure on this model and these data, after MetaQuantus (Hedström et al. 2023): whether it stays where inputs
 * are disturbed imperceptibly (resilience to noise) and reacts where they are destroyed (reactivity to adversaries). All from 0 to 1.
 */
export interface TrustRow {
  readonly measure: string;
  /** The mean p that scores with and without noise are of one distribution. */
  readonly noiseConsistency: number | null;
  /** The share of ranks that noise leaves as they are. */
  readonly noiseRanking: number | null;
  /** The mean of 1 − p for destroyed inputs. */
  readonly adversaryConsistency: number | null;
  /** The share of explanations that score worse where the input is destroyed. */
  readonly adversaryRanking: number | null;
  /** The mean of the four (MC). */
  readonly score: number | null;
  /** Why there is no score, or what it rests on. */
  readonly reason: string | null;
}

/** A score of a disturbed input. */
export interface TrialRow {
  readonly test: "noise" | "adversary";
  readonly trial: number;
  readonly method: string;
  readonly measure: string;
  readonly sample: number;
  readonly value: number | null;
  /** Whether the disturbed input belongs to the test: noise must leave the class as it is, an adversary must change it. */
  readonly counts: boolean;
}
