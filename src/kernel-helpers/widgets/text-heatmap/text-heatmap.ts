import { formatNumber, formatShort, formatSigned } from "../../../comms/format.js";
import type { Floats } from "../../../comms/states/array.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  type TextHeatmapState,
  type TextReading,
  textHeatmapState,
  textUnits,
  unitRelevance,
} from "../../../comms/states/text-heatmap.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { placedText, type TextToken } from "./placed-text.js";
import { textPicture } from "./text-picture.js";

/** Relevance of a text: one value a token, or what an explainer returns of it, `[1, tokens]` or `[1, tokens, entries]` (entries are summed). */
export type TextRelevance = readonly number[] | Float32Array | Float64Array | Explained;

interface Explained {
  readonly relevance: readonly number[] | Float32Array | Float64Array;
  readonly shape?: readonly number[];
  readonly output?: number | readonly number[];
  readonly additive?: boolean;
  readonly channels?: "apart" | "repeated";
}

/** Which tokens are left, by their places and their letters. */
export interface KeptTokens {
  readonly kept: readonly number[];
  readonly words: readonly string[];
}

/** What the widget shows. */
export interface TextHeatmapOptions
  extends Partial<Pick<TextHeatmapState, "title" | "subtitle" | "signed" | "level" | "scale" | "limit" | "numbers">> {
  /** The model's tokens, in order. */
  tokens: readonly TextToken[];
  /** The text that they are of; without it they are joined. */
  text?: string;
  /** One explanation, or several by the name of their model or method. */
  relevance: TextRelevance | Readonly<Record<string, TextRelevance>>;
  /** Computes the output without the tokens that the reader strikes out: one number for each explanation. */
  score?: (left: KeptTokens) => number | readonly number[] | Promise<number | readonly number[]>;
}

/**
 * A text whose words are colored by their relevance: red speaks for the output, blue against it. Tokens, words and sentences are views of the
 * same values, which are summed, so that a text's total is the same in each. Several explanations stand below each other. With `score`,
 * words that are clicked are struck out and the output is computed without them.
 *
 * @throws ParameterError for tokens that are not in the text, or relevance that is not one value a token; TraitError
 * @see Arras et al. 2017, PLoS ONE 12(8): e0181142
 * @example new TextHeatmap({ text, tokens: tokenize(text), relevance: explainBagOfWords(bag, svm, words), title: "Why *positive*?" })
 */
export class TextHeatmap extends domWidgetClass<TextHeatmapState, { restore: object }>({
  ...ownWidget("TextHeatmap"),
  traits: textHeatmapState,
  events: ["restore"],
  constrain(next, names, fail) {
    const count = next.spans.length / 2;
    const isToken = (token: number) => token >= 0 && token < count;
    if (names.has("deleted") && !next.deleted.every(isToken)) fail("deleted", `tokens from 0 to ${count - 1}`);
    if (names.has("cursor") && next.cursor !== -1 && !isToken(next.cursor)) next.cursor = -1;
  },
}) {
  readonly #score: TextHeatmapOptions["score"];
  readonly #runs = new LatestWins(() => this.#compute());

  constructor({ tokens, text, relevance, score, ...looks }: TextHeatmapOptions) {
    const placed = placedText(tokens, text);
    const named = isOne(relevance) ? { "": relevance } : relevance;
    const found = Object.entries(named).map(([label, one]) => readingOf(label, one, tokens.length));
    if (found.length === 0) throw new ParameterError("relevance", "{}", "at least one explanation");
    const values = new Float32Array(found.length * tokens.length);
    found.forEach((one, at) => {
      values.set(one.values, at * tokens.length);
    });
    super({
      ...looks,
      ...placed,
      readings: found.map(({ reading }) => reading),
      relevance: { shape: [found.length, tokens.length], dtype: "float32", data: values } satisfies Floats,
      deletable: score !== undefined,
    });
    this.#score = score;
    this.watch(() => void this.#runs.start(), "deleted");
    this.on("restore", () => {
      this.deleted = [];
    });
  }

  /** Resolves when the output is that without what is struck out. */
  settled(): Promise<void> {
    return this.#runs.settled();
  }

  override close(): void {
    this.#runs.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return textPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** In plain text: each explanation's output, its sum, and the words that weigh most. */
  override toString(): string {
    const heading = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" · ");
    const lines = this.readings.map((reading, at) => {
      const books = [
        reading.output === null ? "" : `output ${formatShort(reading.output, 4)}`,
        reading.total === null ? "" : `${this.signed ? "relevance" : "sum"} ${formatShort(reading.total, 4)}`,
        reading.without === null ? "" : `without ${this.deleted.length} tokens ${formatShort(reading.without, 4)}`,
        this.#most(at),
      ];
      return `  ${[reading.label, ...books].filter((part) => part !== "").join(" · ")}`;
    });
    return [`TextHeatmap: ${heading}`, this.error, ...lines].filter((line) => line !== "").join("\n");
  }

  /** The units with the largest values, in words. */
  #most(reading: number): string {
    const units = textUnits(this);
    const values = unitRelevance(units, this.relevance!.data as Float32Array, reading);
    const order = Array.from(values.keys()).sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!));
    const write = this.signed ? formatSigned : formatNumber;
    const words = order
      .slice(0, 5)
      .map((at) => `“${shortened(this.text.slice(units[at]!.start, units[at]!.end))}” ${write(values[at]!, 2)}`);
    return words.join(", ");
  }

  async #compute(): Promise<void> {
    if (this.#score === undefined || this.deleted.length === 0) {
      this.set({ readings: this.readings.map((one) => ({ ...one, without: null })), running: false, error: "" });
      return;
    }
    this.set({ running: true, error: "" });
    try {
      const gone = new Set(this.deleted);
      const kept = Array.from({ length: this.spans.length / 2 }, (_, token) => token).filter(
        (token) => !gone.has(token),
      );
      const words = kept.map((token) => this.text.slice(this.spans[2 * token]!, this.spans[2 * token + 1]!));
      const given = await this.#score({ kept, words });
      const outputs = typeof given === "number" ? [given] : given;
      if (outputs.length !== this.readings.length || !outputs.every(Number.isFinite)) {
        const expected = `${this.readings.length} finite ${this.readings.length === 1 ? "number" : "numbers"}`;
        throw new ParameterError("score", `[${outputs.join(", ")}]`, `a function that returns ${expected}`);
      }
      if (this.closed || this.#runs.superseded) return;
      this.set({ readings: this.readings.map((one, at) => ({ ...one, without: outputs[at]! })) });
    } catch (error) {
      if (this.closed) return;
      const readings = this.readings.map((one) => ({ ...one, without: null }));
      this.set({ readings, error: (error as Error).message });
    } finally {
      if (!this.closed) this.running = false;
    }
  }
}

const shortened = (words: string): string => (words.length > 40 ? `${words.slice(0, 39)}…` : words);

function isOne(relevance: TextHeatmapOptions["relevance"]): relevance is TextRelevance {
  if (Array.isArray(relevance) || ArrayBuffer.isView(relevance)) return true;
  const { relevance: values } = relevance as Partial<Explained>;
  return Array.isArray(values) || ArrayBuffer.isView(values);
}

function readingOf(
  label: string,
  given: TextRelevance,
  tokens: number,
): { reading: TextReading; values: Float32Array } {
  const { relevance, shape, output, additive, channels }: Explained =
    "relevance" in given ? given : { relevance: given };
  const sizes = shape ?? [relevance.length];
  const [batch, length] = sizes.length > 1 ? [sizes[0]!, sizes[1]!] : [1, sizes[0]!];
  if (batch !== 1 || length !== tokens || sizes.length > 3) {
    const name = label === "" ? "relevance" : `relevance of "${label}"`;
    throw new ParameterError(name, `[${sizes.join(", ")}]`, `one value for each of the ${tokens} tokens, of one text`);
  }
  const entries = relevance.length / tokens;
  const sums = new Float64Array(tokens);
  for (let at = 0; at < relevance.length; at++) {
    sums[Math.floor(at / entries)]! += relevance[at]! / (channels === "repeated" ? entries : 1);
  }
  if (!sums.every(Number.isFinite)) throw new ParameterError("relevance", "not a number", "finite");
  const first = typeof output === "number" ? output : output?.[0];
  return {
    reading: {
      label,
      output: first !== undefined && Number.isFinite(first) ? first : null,
      total: additive === false ? null : sums.reduce((sum, value) => sum + value, 0),
      without: null,
    },
    values: Float32Array.from(sums),
  };
}
