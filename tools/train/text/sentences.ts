import { getData, loadText, tokenize } from "../../../src/kernel-helpers/index.js";

/** What stands for words that the vocabulary lacks; the first word, the empty one, is the padding. */
const OTHER = "�";

export interface Sentences {
  /** Numbers of words. */
  readonly ids: readonly (readonly number[])[];
  /** Mean ratings, −4 to 4. */
  readonly scores: readonly number[];
}

export interface RatedSentences {
  readonly words: readonly string[];
  /** All sentences of the training part. */
  readonly train: Sentences;
  /** Those of the test part that people did not rate as neither good nor bad. */
  readonly test: Sentences;
}

/** Ratings nearer to 0 leave open what the label should be: such sentences are learned from by their rating, and not tested. */
const CLEAR = 1;

/** The rated sentences, with a number for each word that occurs in at least `least` of the training part. */
export async function ratedSentences(least: number, say: (line: string) => void): Promise<RatedSentences> {
  await getData("text-movie-sentences", { say });
  const { texts, scores, splits } = await loadText("text-movie-sentences");
  const tokens = texts.map((text) => tokenize(text).map(({ token }) => token));
  const counts = new Map<string, number>();
  tokens.forEach((sentence, at) => {
    if (splits[at] === "train") for (const word of new Set(sentence)) counts.set(word, (counts.get(word) ?? 0) + 1);
  });
  const known = [...counts].filter(([, count]) => count >= least).map(([word]) => word);
  const words = ["", OTHER, ...known.sort()];
  const places = new Map(words.map((word, at) => [word, at]));
  const part = (isIn: (at: number) => boolean): Sentences => {
    const rows = texts.map((_, at) => at).filter((at) => isIn(at) && tokens[at]!.length > 0);
    return {
      ids: rows.map((at) => tokens[at]!.map((word) => places.get(word) ?? 1)),
      scores: rows.map((at) => scores![at]!),
    };
  };
  return {
    words,
    train: part((at) => splits[at] === "train"),
    test: part((at) => splits[at] === "test" && Math.abs(scores![at]!) >= CLEAR),
  };
}

/**
 * How much more often each word stands in good sentences than in bad ones: log ratios of the shares of sentences that have it, one added to each
 * count (Wang & Manning 2012, equation 2).
 */
export function logRatios(words: number, { ids, scores }: Sentences): Float64Array {
  const [good, bad] = [new Float64Array(words).fill(1), new Float64Array(words).fill(1)];
  let [goods, bads] = [2, 2];
  ids.forEach((sentence, at) => {
    const isGood = scores[at]! > 0;
    if (isGood) goods++;
    else bads++;
    for (const word of new Set(sentence)) (isGood ? good : bad)[word]! += 1;
  });
  return good.map((count, word) => (word < 2 ? 0 : Math.log(count / goods / (bad[word]! / bads))));
}
