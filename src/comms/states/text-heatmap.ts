import { rgb } from "d3-color";
import { interpolatePurples } from "d3-scale-chromatic";
import { formatFixed, formatNumber, formatSigned } from "../format.js";
import { floats } from "./array.js";
import { clipLimit, colorOf } from "./colors.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** What is colored as one: the tokens of the model, words, or sentences. */
export type TextLevel = "tokens" | "words" | "sentences";

/** One explanation of the text, a row of `relevance`. */
export interface TextReading {
  /** Who explains: a model or a method; empty where there is one only. */
  label: string;
  /** The explained output. */
  output: number | null;
  /** The sum of its relevance, where that means something. */
  total: number | null;
  /** The output without what is struck out; null while nothing is. */
  without: number | null;
}

/** A text colored by the relevance of its tokens, by one or several models or methods. */
export const textHeatmapState = {
  title: text(),
  subtitle: text(),
  /** The text as it is written. */
  text: text(),
  /** Where tokens begin in it and end, two numbers a token, in order and apart from each other. */
  spans: list(integer()),
  /** The word of each token, and its sentence, counted from 0. */
  words: list(integer()),
  sentences: list(integer()),
  readings: data<TextReading[]>([]),
  /** `[readings, tokens]`. */
  relevance: floats(),
  /** Whether the sign of a value has a meaning. */
  signed: flag(true),
  level: viewed(choice<TextLevel>("tokens", "words", "sentences")),
  /** Each reading's largest value at the end of the colors, or the largest of all. */
  scale: viewed(choice<"own" | "shared">("own", "shared")),
  /** The value of the end colors, of all readings; null takes it from `scale`. */
  limit: viewed(nullable(number())),
  /** Whether each value is written below its words. */
  numbers: viewed(flag()),
  /** The token that is pointed at; −1 for none. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...integer(-1), echoed: false }),
  /** Whether words can be struck out, and the output be computed without them. */
  deletable: flag(),
  /** The tokens that are struck out. */
  deleted: list(integer()),
  running: flag(),
  error: text(),
};

export interface TextHeatmapState extends StateOf<typeof textHeatmapState> {}

/** The share of the scale's colors that is used: on stronger ones letters could not be read. */
const TEXT_REACH = 0.6;

/** The color behind words, light enough for dark letters: blue to red where the sign has a meaning, else white to purple. */
export function textColor(value: number, signed: boolean): [red: number, green: number, blue: number] {
  if (signed) return colorOf(TEXT_REACH * Math.min(Math.max(value, -1), 1), true);
  const { r, g, b } = rgb(interpolatePurples(0.9 * TEXT_REACH * Math.min(Math.max(value, 0), 1)));
  return [r, g, b];
}

/** Tokens that are colored as one, and where they stand. */
export interface TextUnit {
  readonly tokens: readonly number[];
  readonly start: number;
  readonly end: number;
}

type Placed = Pick<TextHeatmapState, "spans" | "words" | "sentences" | "level">;

/** The parts of the text at that level, each with tokens that follow each other. */
export function textUnits({ spans, words, sentences, level }: Placed): TextUnit[] {
  const units: { tokens: number[]; start: number; end: number }[] = [];
  const group = level === "words" ? words : level === "sentences" ? sentences : null;
  let last = -1;
  for (let token = 0; token < spans.length / 2; token++) {
    const own = group?.[token] ?? token;
    const [start, end] = [spans[2 * token]!, spans[2 * token + 1]!];
    if (units.length > 0 && own === last) {
      const unit = units.at(-1)!;
      unit.tokens.push(token);
      unit.end = end;
    } else units.push({ tokens: [token], start, end });
    last = own;
  }
  return units;
}

/** The relevance of each unit by that reading: the sum over its tokens, whose sum over the text is the same at every level. */
export function unitRelevance(units: readonly TextUnit[], values: Float32Array, reading: number): Float32Array {
  const count = units.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return Float32Array.from(units, ({ tokens }) =>
    tokens.reduce((sum, token) => sum + values[reading * count + token]!, 0),
  );
}

/** The value of the end colors of each reading. */
export function textLimits(
  relevance: readonly Float32Array[],
  { scale, limit }: Pick<TextHeatmapState, "scale" | "limit">,
): number[] {
  const own = relevance.map((values) => limit ?? clipLimit(values, 100));
  return scale === "shared" ? own.map(() => Math.max(...own)) : own;
}

/** The levels at which this text looks different. */
export function textLevels({ spans, words, sentences }: Omit<Placed, "level">): { level: TextLevel; label: string }[] {
  const tokens = spans.length / 2;
  const wordCount = new Set(words).size;
  const levels: { level: TextLevel; label: string }[] = [
    { level: "tokens", label: wordCount === tokens ? "Words" : "Tokens" },
  ];
  if (wordCount < tokens) levels.push({ level: "words", label: "Words" });
  if (new Set(sentences).size > 1) levels.push({ level: "sentences", label: "Sentences" });
  return levels;
}

/** The numbers of a reading, in words. */
export function readingWords({ output, total, without }: TextReading, signed: boolean): string {
  return [
    output === null ? "" : `output ${formatNumber(output)}`,
    total === null ? "" : `${signed ? "relevance" : "sum"} ${formatNumber(total)}`,
    without === null ? "" : `without what is struck out ${formatNumber(without)}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

/** The value of a unit, with as many decimals as those beside it. */
export function unitNumber(value: number, limit: number, signed: boolean): string {
  const exponent = limit > 0 ? Math.floor(Math.log10(limit)) : 0;
  if (exponent < -4 || exponent > 5) return signed ? formatSigned(value, 2) : formatNumber(value, 2);
  const size = formatFixed(Math.abs(value), exponent < 0 ? 1 - exponent : Math.max(0, 2 - exponent));
  return Number(size) === 0 ? "0" : `${value < 0 ? "−" : signed ? "+" : ""}${size}`;
}
