import { ParameterError } from "../errors.js";
import { shareByContribution } from "./local-features.js";
import type { SupportVectorMachine } from "./svm.js";
import { explainSvm, type SvmOptions } from "./svm-relevance.js";

/** How a text becomes a vector of word counts. */
export interface BagOfWords {
  /** The dimension of each word. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** A factor for each dimension, e.g. inverse document frequencies; default 1. */
  readonly weights?: ArrayLike<number>;
  /** `"count"` (default), or `"binary"`: whether a word occurs. */
  readonly counting?: "count" | "binary";
  /** What the weighted vector is divided by: its Euclidean (`"l2"`) or absolute (`"l1"`) length, or nothing (default). */
  readonly normalize?: "none" | "l1" | "l2";
}

export interface BagOfWordsAttribution {
  /** Of each token, `[tokens]`; Σ relevance = output. Tokens outside the vocabulary only get their share of the bias. */
  readonly relevance: Float64Array;
  /** The decision value. */
  readonly output: number;
  /** Of each dimension of the vocabulary. */
  readonly dimensions: Float64Array;
}

/**
 * The words of a text in lower case, with their places in it.
 *
 * @example
 * tokenize("It's good.");   // [{ token: "it's", start: 0, end: 4 }, { token: "good", start: 5, end: 9 }]
 */
export function tokenize(text: string): { readonly token: string; readonly start: number; readonly end: number }[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu), ({ 0: word, index }) => ({
    token: word.toLowerCase(),
    start: index,
    end: index + word.length,
  }));
}

/** Gives each word that occurs in at least `minimum` of the texts (default 1) a dimension, in alphabetical order. */
export function vocabularyOf(texts: readonly (readonly string[])[], minimum = 1): Map<string, number> {
  const counts = new Map<string, number>();
  for (const tokens of texts) for (const token of new Set(tokens)) counts.set(token, (counts.get(token) ?? 0) + 1);
  const words = [...counts].filter(([, count]) => count >= minimum).map(([word]) => word);
  return new Map(words.sort().map((word, dimension) => [word, dimension]));
}

/** The vector of a text, `[dimensions]`. */
export function bagVector(bag: BagOfWords, tokens: readonly string[]): Float64Array {
  const contributions = tokenContributions(bag, tokens);
  const vector = new Float64Array(dimensionsOf(bag));
  for (const { dimension, amount } of contributions) if (dimension !== undefined) vector[dimension]! += amount;
  return vector;
}

/**
 * Explains a classifier on bags of words, down to the tokens (Bach et al. 2015; Arras et al. 2016): the machine's relevance
 * by dimension, then R_token = Σ_d R_d m_token,d / Σ m_d, with m what each token put into its dimension.
 *
 * @param bag How texts become vectors.
 * @param svm The classifier; any of `parseLibsvm`, `fromScikitLearn`, `trainSvm`.
 * @throws ParameterError where vocabulary and machine have different dimensions, or there are no tokens.
 * @example
 * const { relevance } = explainBagOfWords(bag, svm, tokenize(text).map(({ token }) => token));
 */
export function explainBagOfWords(
  bag: BagOfWords,
  svm: SupportVectorMachine,
  tokens: readonly string[],
  options: SvmOptions = {},
): BagOfWordsAttribution {
  if (tokens.length === 0) throw new ParameterError("tokens.length", 0, "at least 1");
  const { relevance: dimensions, output } = explainSvm(svm, bagVector(bag, tokens), options);
  const relevance = shareByToken(dimensions, tokenContributions(bag, tokens));
  return { relevance, output, dimensions };
}

/** `shareByContribution` for tokens, each of which contributes to one dimension at most. */
function shareByToken(dimensions: Float64Array, contributions: readonly Contribution[]): Float64Array {
  const used = [...new Set(contributions.flatMap(({ dimension }) => dimension ?? []))];
  const places = new Map(used.map((dimension, place) => [dimension, place]));
  // Dimensions that no token reaches are joined to one: it is shared by all alike.
  let unreached = 0;
  dimensions.forEach((value, dimension) => {
    if (!places.has(dimension)) unreached += value;
  });
  const compact = [...used.map((dimension) => dimensions[dimension]!), unreached];
  const rows = contributions.map(({ dimension, amount }) => {
    const row = new Float64Array(compact.length);
    if (dimension !== undefined) row[places.get(dimension)!] = amount;
    return row;
  });
  return shareByContribution(compact, rows);
}

interface Contribution {
  readonly dimension: number | undefined;
  readonly amount: number;
}

function dimensionsOf(bag: BagOfWords): number {
  let largest = -1;
  for (const dimension of bag.vocabulary.values()) largest = Math.max(largest, dimension);
  return largest + 1;
}

/** What each token puts into the vector. */
function tokenContributions(bag: BagOfWords, tokens: readonly string[]): Contribution[] {
  const { vocabulary, weights, counting = "count", normalize = "none" } = bag;
  if (weights !== undefined && weights.length !== dimensionsOf(bag)) {
    throw new ParameterError(
      "weights.length",
      weights.length,
      `${dimensionsOf(bag)}, one for each dimension of the vocabulary`,
    );
  }
  const counts = new Map<number, number>();
  const found = tokens.map((token) => vocabulary.get(token));
  for (const dimension of found) if (dimension !== undefined) counts.set(dimension, (counts.get(dimension) ?? 0) + 1);
  const value = (dimension: number) =>
    (weights?.[dimension] ?? 1) * (counting === "binary" ? 1 : counts.get(dimension)!);
  let length = 0;
  for (const dimension of counts.keys()) {
    length += normalize === "l2" ? value(dimension) ** 2 : normalize === "l1" ? Math.abs(value(dimension)) : 0;
  }
  const divisor = length === 0 ? 1 : normalize === "l2" ? Math.sqrt(length) : length;
  return found.map((dimension) => ({
    dimension,
    amount: dimension === undefined ? 0 : value(dimension) / counts.get(dimension)! / divisor,
  }));
}
