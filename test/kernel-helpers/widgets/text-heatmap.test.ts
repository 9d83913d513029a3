import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  textLevels,
  textLimits,
  textUnits,
  unitNumber,
  unitRelevance,
} from "../../../src/comms/states/text-heatmap.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  explainBagOfWords,
  lrp,
  ParameterError,
  TextHeatmap,
  TraitError,
  tokenize,
  vocabularyOf,
} from "../../../src/kernel-helpers/index.js";
import { near, sum } from "../../helpers/numbers.js";
import { storedForms } from "./stored.js";

const parts = (widget: TextHeatmap, level: "tokens" | "words" | "sentences") =>
  textUnits({ spans: widget.spans, words: widget.words, sentences: widget.sentences, level }).map(({ start, end }) =>
    widget.text.slice(start, end),
  );

test("tokens are found in their text; words and sentences are those of Unicode", () => {
  const text = "Don't panic! It isn't over – unbelievable, really.";
  const widget = new TextHeatmap({ text, tokens: tokenize(text), relevance: tokenize(text).map(() => 1) });
  assert.deepEqual(parts(widget, "tokens"), ["Don't", "panic", "It", "isn't", "over", "unbelievable", "really"]);
  assert.deepEqual(parts(widget, "words"), parts(widget, "tokens"));
  assert.deepEqual(parts(widget, "sentences"), ["Don't panic", "It isn't over – unbelievable, really"]);
  const pieces = ["don", "'", "t", "panic", "!", "un", "##believ", "##able"];
  const cut = new TextHeatmap({ text, tokens: pieces, relevance: pieces.map(() => 1) });
  assert.deepEqual(parts(cut, "tokens"), ["Don", "'", "t", "panic", "!", "un", "believ", "able"]);
  assert.deepEqual(parts(cut, "words"), ["Don't", "panic", "!", "unbelievable"]);
  assert.deepEqual(
    textLevels(cut).map(({ label }) => label),
    ["Tokens", "Words", "Sentences"],
  );
});

test("without a text, tokens are joined as their tokenizer cut them", () => {
  const joined = (tokens: string[]) => new TextHeatmap({ tokens, relevance: tokens.map(() => 0) }).text;
  assert.equal(joined(["It", "'s", "n't", "un", "##likely", ",", "(", "no", ")", "."]), "It'sn't unlikely, ( no).");
  assert.equal(joined(["▁A", "▁good", "ness"]), "A goodness");
  assert.equal(joined(["A", "Ġgood", "ness"]), "A goodness");
  assert.equal(joined([..."a b"]), "a b");
});

test("random texts: every level sums to the same, and its units follow each other", () => {
  const random = seededRandom(4);
  for (let turn = 0; turn < 200; turn++) {
    const letters = [..."ab .!?'é😀\n—"];
    const text = Array.from({ length: 60 }, () => letters[random.integer(letters.length)]!).join("");
    const spans: { start: number; end: number }[] = [];
    for (let at = random.integer(3); at < text.length; ) {
      const end = Math.min(text.length, at + 1 + random.integer(5));
      spans.push({ start: at, end });
      at = end + random.integer(3);
    }
    const relevance = spans.map(() => random.gaussian());
    const widget = new TextHeatmap({ text, tokens: spans, relevance: { a: relevance, b: relevance.map((r) => -r) } });
    for (const level of ["tokens", "words", "sentences"] as const) {
      const units = textUnits({ spans: widget.spans, words: widget.words, sentences: widget.sentences, level });
      const values = [0, 1].map((row) => unitRelevance(units, widget.relevance!.data as Float32Array, row));
      near(sum(values[0]!), sum(relevance), 1e-4, level);
      near(sum(values[1]!), -sum(relevance), 1e-4, level);
      assert.deepEqual(
        units.flatMap(({ tokens }) => tokens),
        spans.map((_, at) => at),
      );
      for (let at = 1; at < units.length; at++) assert.ok(units[at]!.start >= units[at - 1]!.end);
    }
  }
});

test("what explainers return: entries of embeddings are summed, outputs and sums taken over", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.conv1d({
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        inputShape: [null, 5] as never,
      }),
      tf.layers.globalMaxPooling1d({}),
      tf.layers.dense({ units: 2 }),
    ],
  });
  const x = tf.randomNormal([1, 4, 5], 0, 1, "float32", 3);
  const result = await lrp(net, { composite: "epsilon-plus" })(x, { target: 1 });
  const widget = new TextHeatmap({ tokens: ["a", "very", "odd", "film"], relevance: { CNN: result } });
  const values = widget.relevance!.data as Float32Array;
  for (let token = 0; token < 4; token++)
    near(values[token]!, sum(result.relevance.subarray(5 * token, 5 * token + 5)), 1e-6);
  assert.equal(widget.readings[0]!.output, result.output[0]);
  near(widget.readings[0]!.total!, sum(result.relevance), 1e-5);
  const words = ["a", "very", "odd", "film"];
  const bag = explainBagOfWords({ vocabulary: vocabularyOf([words]) }, linear([1, 2, -3, 0.5], 0.25), words);
  const other = new TextHeatmap({ tokens: words, relevance: bag });
  near(other.readings[0]!.output!, 0.75, 1e-12);
  near(other.readings[0]!.total!, 0.75, 1e-12);
  assert.match(other.toString(), /output 0\.75 · relevance 0\.75 · “odd”/);
});

/** A linear machine on a dimension for each word, in alphabetical order. */
const linear = (weights: number[], intercept: number) => ({
  kernel: { kind: "linear" } as const,
  supportVectors: { values: Float64Array.from(weights), rows: 1, dimensions: weights.length },
  decisions: [{ positive: 1, negative: -1, coefficients: Float64Array.of(1), intercept }],
});

test("scales: each its own, the largest of all, or a stated one", () => {
  const relevance = [Float32Array.of(1, -4), Float32Array.of(0.5, 0.25)];
  assert.deepEqual(textLimits(relevance, { scale: "own", limit: null }), [4, 0.5]);
  assert.deepEqual(textLimits(relevance, { scale: "shared", limit: null }), [4, 4]);
  assert.deepEqual(textLimits(relevance, { scale: "own", limit: 2 }), [2, 2]);
  assert.deepEqual(
    [
      unitNumber(0.456, 4, true),
      unitNumber(-0.456, 0.5, true),
      unitNumber(12.3, 40, false),
      unitNumber(0.0001, 4, true),
    ],
    ["+0.46", "−0.46", "12.3", "0"],
  );
});

test("words are struck out, and the output is computed without them; the newest wins", async () => {
  const tokens = ["not", "a", "bad", "film"];
  const asked: string[] = [];
  const widget = new TextHeatmap({
    tokens,
    relevance: [1, 0, -2, 0.5],
    score: async ({ kept, words }) => {
      asked.push(words.join(" "));
      await null;
      return kept.length;
    },
  });
  widget.deleted = [2];
  await widget.settled();
  assert.equal(widget.readings[0]!.without, 3);
  widget.deleted = [2, 3];
  widget.deleted = [0];
  await widget.settled();
  assert.equal(widget.readings[0]!.without, 3);
  assert.equal(asked.at(-1), "a bad film");
  assert.equal(widget.running, false);
  widget.deleted = [];
  await widget.settled();
  assert.equal(widget.readings[0]!.without, null);
  assert.throws(() => {
    widget.deleted = [4];
  }, TraitError);
});

test("what cannot be shown is refused by name, a score that fails is told", async () => {
  const text = "never dull";
  const at = (tokens: string[]) => () => new TextHeatmap({ text, tokens, relevance: tokens.map(() => 0) });
  assert.throws(
    at(["dull", "never"]),
    /tokens\[1\] must be in the text, behind the token before it \(from 10 on\), but is "never"/,
  );
  assert.throws(at([]), ParameterError);
  assert.throws(
    () => new TextHeatmap({ text, tokens: ["never", "dull"], relevance: [1, 2, 3] }),
    /one value for each of the 2 tokens/,
  );
  const relevance = Float32Array.of(1, 2, 3, 4);
  assert.throws(
    () => new TextHeatmap({ text, tokens: ["never", "dull"], relevance: { CNN: { relevance, shape: [2, 2] } } }),
    /relevance of "CNN" must be one value for each of the 2 tokens, of one text/,
  );
  assert.throws(() => new TextHeatmap({ text, tokens: ["never"], relevance: [Number.NaN] }), /finite/);
  const widget = new TextHeatmap({ text, tokens: ["never", "dull"], relevance: [1, 2], score: () => [1, 2] });
  widget.deleted = [0];
  await widget.settled();
  assert.match(widget.error, /score.*1 finite number/s);
  assert.equal(widget.readings[0]!.without, null);
});

test("the file has a picture with every word and number, and words for it", async () => {
  const widget = new TextHeatmap({
    text: "Never <dull> & wise. ".repeat(120),
    tokens: Array.from({ length: 120 }, () => ["never", "dull", "wise"]).flat(),
    relevance: {
      SVM: Array.from({ length: 360 }, (_, at) => at / 100 - 0.9),
      LSTM: Array.from({ length: 360 }, () => 0.1),
    },
    title: "Why *positive*?",
    numbers: true,
  });
  const { forms } = await storedForms(widget);
  const svg = forms["image/svg+xml"] as string;
  for (const part of [/&lt;/, /−0\.90/, /more lines/, /LSTM/]) assert.ok(part.test(svg), String(part));
  assert.match(forms["text/plain"] as string, /Why positive\?/);
});
