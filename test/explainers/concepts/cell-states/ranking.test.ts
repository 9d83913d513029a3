import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { SortedCell } from "../../../../src/explainers/concepts/cell-states/threshold.js";
import {
  AbortedError,
  type CellLayer,
  type CellRule,
  cellStates,
  ParameterError,
  phraseRule,
  rankCells,
  type TextRuleId,
  textRule,
} from "../../../../src/explainers/index.js";
import { pearson } from "../../../../src/explainers/numerics/correlation.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";
import { leavesNoTensors } from "../../../helpers/tensors.js";

const ALPHABET = [..."abc ()"];
const UNITS = 12;

/**
 * An LSTM of random weights, two cells of which were built by hand: one is filled at "(" and emptied at ")", the other counts
 * 1 up and 1 down.
 */
function planted(seed: number): tf.LayersModel {
  const random = seededRandom(seed);
  const inputs = ALPHABET.length;
  const kernel = random.gaussians(inputs * 4 * UNITS).map((value) => 1.2 * value);
  const recurrent = random.gaussians(UNITS * 4 * UNITS).map((value) => 0.5 * value);
  const bias = random.gaussians(4 * UNITS).map((value) => 0.3 * value);
  const [open, close] = [ALPHABET.indexOf("("), ALPHABET.indexOf(")")];
  const plant = (cell: number, weights: (character: number) => [i: number, f: number, g: number]) => {
    for (let gate = 0; gate < 4; gate++) {
      bias[gate * UNITS + cell] = 0;
      for (let from = 0; from < UNITS; from++) recurrent[from * 4 * UNITS + gate * UNITS + cell] = 0;
    }
    for (let character = 0; character < inputs; character++) {
      const [i, f, g] = weights(character);
      [i, f, g, 1].forEach((value, gate) => {
        kernel[character * 4 * UNITS + gate * UNITS + cell] = value;
      });
    }
  };
  plant(3, (character) => [character === open ? 20 : -20, character === close ? -20 : 20, 20]);
  plant(7, (character) => [
    character === open || character === close ? 20 : -20,
    20,
    character === open ? 20 : character === close ? -20 : 0,
  ]);
  const model = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [null, inputs] }),
      tf.layers.lstm({ name: "lstm", units: UNITS, returnSequences: true, recurrentActivation: "sigmoid" }),
    ],
  });
  model.setWeights([
    tf.tensor2d(kernel, [inputs, 4 * UNITS]),
    tf.tensor2d(recurrent, [UNITS, 4 * UNITS]),
    tf.tensor1d(bias),
  ]);
  return model;
}

/** Words and brackets, which close before they get deeper than `deepest`. */
function randomText(seed: number, length: number, deepest: number): string {
  const random = seededRandom(seed);
  let depth = 0;
  let text = "";
  while (text.length < length) {
    const draw = random.uniform();
    if (draw < 0.07 && depth < deepest) {
      depth++;
      text += "(";
    } else if (draw < 0.16 && depth > 0) {
      depth--;
      text += ")";
    } else text += ALPHABET[random.integer(4)];
  }
  return text;
}

async function statesOf(text: string, seed: number): Promise<readonly CellLayer[]> {
  const model = planted(seed);
  const ids = tf.tensor1d(
    [...text].map((character) => ALPHABET.indexOf(character)),
    "int32",
  );
  const x = tf.tidy(() => tf.expandDims(tf.cast(tf.oneHot(ids, ALPHABET.length), "float32"), 0));
  try {
    return (await leavesNoTensors(() => cellStates(model)(x))).layers;
  } finally {
    tf.dispose([x, ids]);
    model.dispose();
  }
}

test("a cell that was built to track a rule is ranked first, in any net and text", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const flat = randomText(seed, 900, 1);
    const inside = await rankCells(await statesOf(flat, seed), textRule("brackets", flat));
    const [first, second] = inside.ranking;
    // On a text of depth 1 the counter is on inside, too.
    assert.deepEqual(new Set([first!.cell, second!.cell]), new Set([3, 7]), `seed ${seed}`);
    assert.equal(first!.score, 1);
    assert.equal(first!.side, "above");
    assert.ok(first!.threshold! > 0 && first!.threshold! < 1);
    assert.equal(inside.measuredOn, "the second half");
    assert.equal(inside.pValue, 1 / 100);
    assert.ok(inside.chance.high < 1 && inside.chance.low <= inside.chance.median);
    assert.equal(inside.ranking.length, UNITS);

    const nested = randomText(seed, 900, 4);
    const depth = await rankCells(await statesOf(nested, seed), textRule("depth", nested));
    assert.equal(depth.measure, "correlation");
    assert.equal(depth.ranking[0]!.cell, 7);
    assert.ok(depth.ranking[0]!.correlation! > 0.999);
    assert.ok(depth.ranking[1]!.score < 0.9);
    assert.equal(depth.pValue, 1 / 100);
  }
});

test("a phrase that is brushed finds the cells that are on there, elsewhere in the text", async () => {
  const text = randomText(8, 1200, 1).replaceAll("(", "(abba ");
  const layers = await statesOf(text, 8);
  const ranking = await rankCells(layers, phraseRule("(abba ", text));
  assert.equal(ranking.rule, "“(abba ”");
  assert.equal(ranking.measuredOn, "the second half");
  assert.ok(ranking.ranking[0]!.score > ranking.always!);
  // What stands there once only cannot be measured elsewhere, which is said.
  const once = `${"abc ".repeat(40)}(aa)${" cba".repeat(30)}`;
  const alone = await rankCells(await statesOf(once, 8), phraseRule("(aa", once));
  assert.equal(alone.measuredOn, "the same text");
  assert.match(alone.warnings.join(), /scores are too high by what choosing gains/);
  const early = await rankCells(layers, {
    ...phraseRule("(abba ", text),
    values: layers[0]!.states
      .map(() => 0)
      .slice(0, text.length)
      .fill(1, 4, 9),
  });
  assert.match(
    early.warnings.join(),
    /holds only at the beginning, where all states are near those that they start from/,
  );
  assert.equal(alone.ranking[0]!.cell === 3 || alone.ranking[0]!.cell === 7, true);
});

const layerOf = (columns: readonly Float32Array[]): CellLayer => {
  const steps = columns[0]!.length;
  const states = new Float32Array(steps * columns.length);
  columns.forEach((column, cell) => {
    column.forEach((value, row) => {
      states[row * columns.length + cell] = value;
    });
  });
  const shape = { cells: columns.length, sequences: 1, steps, reads: "forward" } as const;
  return { layer: "made", kind: "GRU", ...shape, states, gates: {} };
};

const binary = (values: ArrayLike<number>): CellRule => ({
  name: "made",
  kind: "binary",
  values: Float32Array.from(values),
});

test("scores are F1 on the second half at the best threshold of the first, by trying all of them", async () => {
  const random = seededRandom(4);
  for (let round = 0; round < 30; round++) {
    const rows = 20 + random.integer(40);
    const half = Math.floor(rows / 2);
    // Few different values: there are ties.
    const values = Float32Array.from({ length: rows }, () => random.integer(7) - 3);
    const rule = Float32Array.from({ length: rows }, (_, at) => (random.uniform() < 0.3 + 0.1 * values[at]! ? 1 : 0));
    [rule[0], rule[1], rule[half], rule[half + 1]] = [0, 1, 0, 1];
    [values[0], values[1]] = [-3, 3];
    const f1 = (says: (value: number) => boolean, from: number, to: number) => {
      let [both, one, other] = [0, 0, 0];
      for (let at = from; at < to; at++) {
        const [said, holds] = [says(values[at]!), rule[at] === 1];
        if (said && holds) both++;
        else if (said) one++;
        else if (holds) other++;
      }
      return (2 * both) / (2 * both + one + other || 1);
    };
    const candidates = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].flatMap((threshold) => [
      { threshold, side: "above", says: (value: number) => value > threshold },
      { threshold, side: "below", says: (value: number) => value <= threshold },
    ]);
    const largest = Math.max(...candidates.map(({ says }) => f1(says, 0, half)));
    const { ranking, always } = await rankCells([layerOf([values])], binary(rule), { shifts: 19 });
    const [found] = ranking;
    const says = (value: number) => value > found!.threshold! === (found!.side === "above");
    assert.ok(Math.abs(f1(says, 0, half) - largest) < 1e-12, "the threshold is the best of the first half");
    assert.ok(Math.abs(f1(says, half, rows) - found!.score) < 1e-12, "the score is that of the second half");
    assert.ok(Math.abs(f1(() => true, half, rows) - always!) < 1e-12);
  }
});

test("values in any order of bits are sorted: negative ones, zeros of both signs, the smallest and the largest", () => {
  const values = Float32Array.of(3.4e38, -0, -1e-45, 0, 1e-45, -3.4e38, -2, 1.5, -2);
  const order = [...values].sort((a, b) => a - b);
  for (let place = 1; place < order.length; place++) {
    if (order[place - 1]! === order[place]!) continue;
    const rule = values.map((value) => (value >= order[place]! ? 1 : 0));
    const fit = new SortedCell(values).best(rule)!;
    const holds = values.map((value) => (value > fit.threshold === (fit.side === "above") ? 1 : 0));
    assert.deepEqual(holds, rule, `above ${order[place - 1]}`);
  }
  assert.equal(new SortedCell(Float32Array.of(2, 2, 2)).best(Float32Array.of(0, 1, 0)), undefined);
});

test("correlations are Pearson's, with their sign, and a cell that never changes follows nothing", async () => {
  const random = seededRandom(6);
  const rule: CellRule = { name: "numbers", kind: "numeric", values: random.gaussians(80) };
  const up = rule.values.map((value, at) => value + random.gaussian() + at / 100);
  const down = rule.values.map((value) => -3 * value);
  const { ranking, always } = await rankCells([layerOf([up, down, new Float32Array(80).fill(0.3)])], rule);
  assert.equal(always, null);
  assert.deepEqual(
    ranking.map(({ cell }) => cell),
    [1, 0, 2],
  );
  assert.ok(Math.abs(ranking[0]!.correlation! + 1) < 1e-6);
  assert.ok(Math.abs(ranking[1]!.correlation! - pearson(up, rule.values)) < 1e-6);
  assert.equal(ranking[2]!.score, 0);
});

test("among cells that follow nothing, few are found significant: p-values keep their level", async () => {
  let small = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const random = seededRandom(seed);
    // Slow courses and a rule of long runs: both resemble themselves for many steps, which plain shuffling would not respect.
    const slow = () => {
      let value = 0;
      return Float32Array.from({ length: 600 }, () => {
        value = 0.95 * value + random.gaussian();
        return value;
      });
    };
    const cells = Array.from({ length: 10 }, slow);
    const rule = binary(slow().map((value) => (value > 1 ? 1 : 0)));
    const { pValue } = await rankCells([layerOf(cells)], rule, { shifts: 39, seed });
    if (pValue <= 0.1) small++;
  }
  // Binomial(60, 0.1): more than 13 have probability 0.3 %.
  assert.ok(small <= 13, `${small} of 60`);
});

test("rules that do not fit are refused", async () => {
  const layer = layerOf([Float32Array.from({ length: 30 }, (_, at) => at)]);
  const rejects = (rule: CellRule, words: RegExp) =>
    assert.rejects(
      rankCells([layer], rule),
      (error: Error) => error instanceof ParameterError && words.test(error.message),
    );
  await rejects(
    binary(new Float32Array(29).fill(1)),
    /30 values, one for each step of layer "made", but is "29 values"/,
  );
  await rejects(
    binary(new Float32Array(30)),
    /one that changes in this text, but is "\\"made\\", which holds nowhere"/,
  );
  await rejects(binary(new Float32Array(30).fill(0.5)), /0 or 1 at every step, but is 0.5/);
  await rejects({ name: "n", kind: "numeric", values: new Float32Array(30).fill(Number.NaN) }, /finite at every step/);
  await assert.rejects(rankCells([], binary([0, 1])), ParameterError);
  await assert.rejects(rankCells([layer], binary(new Float32Array(30).fill(1, 5)), { shifts: 3 }), ParameterError);
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(
    rankCells([layer], binary(new Float32Array(30).fill(1, 5)), { signal: stop.signal }),
    AbortedError,
  );
  const few = await rankCells([layer], binary(new Float32Array(30).fill(1, 5, 20)), {});
  assert.match(few.warnings.join(), /no more than 27 shifts/);
});

/** One digit a character. */
const digits = (id: TextRuleId, text: string) => textRule(id, text).values.join("");

test("rules of a text say what has been read", () => {
  assert.equal(digits("quotes", `a "b'c" 'd`), "0011110011");
  assert.equal(digits("quotes", '"a\nb"'), "11001", "an open quote ends with its line");
  assert.equal(digits("quotes", "`a\nb`c"), "111100", "but for a template");
  assert.equal(digits("quotes", '"a\\"b"'), "111110", "an escaped quote ends nothing");
  assert.equal(digits("quotes", '/* "a" */"'), "0000000001");
  assert.equal(digits("comments", "a/*/b*/c"), "00111100");
  assert.equal(digits("comments", "a//b\nc"), "001100");
  assert.equal(digits("comments", '"/*"a'), "00000");
  assert.equal(digits("depth", "a(b[c]{d})"), "0112212210");
  assert.equal(digits("depth", ")("), "01");
  assert.equal(digits("brackets", "a(b[c])d"), "01111100");
  assert.equal(digits("parentheses", "{a(b[c])}"), "001111100");
  assert.equal(digits("indentation", "  a b\n\tc\nd"), "1222201100");
  assert.equal(digits("line-position", "ab\ncde"), "120123");
  assert.equal(digits("line-length", "ab\ncde"), "220333");
  assert.equal(digits("word-position", "ab, cde"), "1200123");
  assert.equal(digits("word-length", "ab, cde"), "2200333");
  // A character is a code point.
  assert.equal(digits("line-position", "😀a\n"), "120");
  assert.equal(phraseRule("aba", "ababa b").values.join(""), "1111100");
  assert.equal(textRule("quotes", "«a» b", { quotes: ["«"] }).values.join(""), "11111");
  assert.throws(() => textRule("quoted" as TextRuleId, "a"), /quotes/);
  assert.throws(() => phraseRule("x", "abc"), /a phrase that occurs in the text/);
  assert.throws(() => phraseRule("", "abc"), ParameterError);
});
