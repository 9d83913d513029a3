import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { BRUSHED, textLines } from "../../../src/comms/states/cell-text.js";
import type { TextRuleId } from "../../../src/explainers/concepts/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import {
  CellText,
  cellStates,
  characterIds,
  gateSaturation,
  type LoadedModel,
  phraseRule,
  rankCells,
  TraitError,
  textRule,
} from "../../../src/kernel-helpers/index.js";
import { storedForms } from "./stored.js";

const ALPHABET = [..."ab(){}\"' \n", "\ufffd"];

/** A character model of two layers, without training. */
function characterModel(): LoadedModel {
  const initial = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ stddev: 1, seed }),
    recurrentInitializer: tf.initializers.randomNormal({ stddev: 0.6, seed: seed + 1 }),
  });
  const net = tf.sequential({
    layers: [
      tf.layers.embedding({
        inputDim: ALPHABET.length,
        outputDim: 6,
        batchInputShape: [null, null],
        embeddingsInitializer: tf.initializers.randomNormal({ stddev: 1, seed: 9 }),
      }),
      tf.layers.lstm({ name: "lower", units: 7, returnSequences: true, ...initial(1) }),
      tf.layers.simpleRNN({ name: "upper", units: 5, returnSequences: true, ...initial(5) }),
      tf.layers.dense({ units: ALPHABET.length }),
    ],
  });
  return { name: "made", net, classNames: ALPHABET } as unknown as LoadedModel;
}

function textOf(seed: number, length: number): string {
  const random = seededRandom(seed);
  return Array.from({ length }, () => ALPHABET[random.integer(10)]).join("");
}

const model = characterModel();
const text = textOf(3, 400);
const shifts = 19;

async function layersOf() {
  const x = characterIds(model, text);
  const { layers } = await cellStates(model)(x);
  x.dispose();
  return layers;
}

test("what it shows is what the explainers compute, after any choice", async () => {
  const layers = await layersOf();
  const tensors = tf.memory().numTensors;
  const widget = new CellText(model, text, { shifts });
  await widget.settled();
  assert.equal(widget.error, "");
  assert.equal(tf.memory().numTensors, tensors);
  assert.deepEqual(
    widget.layers.map(({ name, cells, gates }) => [name, cells, gates]),
    [
      ["lower", 7, ["input", "forget", "output"]],
      ["upper", 5, []],
    ],
  );
  const random = seededRandom(5);
  const rules = widget.rules.map(({ value }) => value);
  assert.ok(rules.includes("quotes") && rules.includes("depth"));
  const agrees = async (what: string) => {
    const layer = layers.find((one) => one.layer === widget.layer)!;
    const { cell } = widget;
    const course = Float32Array.from({ length: 400 }, (_, at) => {
      const value = layer.states[at * layer.cells + cell]!;
      return layer.kind === "LSTM" ? Math.tanh(value) : value;
    });
    assert.deepEqual(widget.values!.data, course, what);
    assert.equal(widget.quantity, layer.kind === "LSTM" ? "tanh c" : "h");
    assert.deepEqual(widget.gates!.shape, [Object.keys(layer.gates).length, 400]);
    const shares = gateSaturation([layer]);
    assert.deepEqual(widget.saturation!.shape, [shares.length, layer.cells, 2]);
    if (shares.length > 0) {
      const data = widget.saturation!.data as Float32Array;
      assert.equal(data[2 * cell], shares[0]!.left[cell]);
      assert.equal(data[2 * (layer.cells + cell) + 1], shares[1]!.right[cell]);
      assert.equal((widget.gates!.data as Float32Array)[400 + 7], layer.gates.forget![7 * layer.cells + cell]);
    }
    const rule =
      widget.rule === BRUSHED
        ? phraseRule([...text].slice(widget.from, widget.to).join(""), text)
        : textRule(widget.rule as TextRuleId, text);
    const { ranking, measure, chance, always } = await rankCells(layers, rule, { shifts });
    assert.equal(widget.measure, measure);
    assert.deepEqual(
      widget.best.map((one) => [one.layer, one.cell, one.score]),
      ranking.map((one) => [one.layer, one.cell, one.score]),
      what,
    );
    assert.deepEqual(widget.chance, [chance.low, chance.high]);
    assert.equal(widget.always, always);
    assert.ok(widget.verdict.includes(`Cell ${ranking[0]!.cell} of ${ranking[0]!.layer} follows`), widget.verdict);
    const most = rule.kind === "binary" ? 1 : Math.max(...rule.values);
    assert.deepEqual(
      [...(widget.holds!.data as Uint8Array)],
      [...rule.values].map((value) => Math.round((255 * value) / most)),
    );
  };
  await agrees("at first");
  for (let round = 0; round < 12; round++) {
    const draw = random.integer(4);
    if (draw === 0) widget.rule = rules[random.integer(rules.length)]!;
    else if (draw === 1) widget.set({ layer: random.integer(2) === 0 ? "lower" : "upper", cell: random.integer(5) });
    else if (draw === 2) widget.cell = random.integer(5);
    else {
      const from = random.integer(390);
      widget.set({ rule: BRUSHED, from, to: from + 1 + random.integer(4) });
      // While it ranks, another one.
      if (random.integer(2) === 0) widget.set({ rule: BRUSHED, from: 3, to: 5 });
    }
    await widget.settled();
    await agrees(`round ${round}`);
  }
  const before = widget.cell;
  widget.rule = "quotes";
  await widget.settled();
  assert.deepEqual(
    [widget.layer, widget.cell],
    [widget.best[0]!.layer, widget.best[0]!.cell],
    "a new rule shows its best cell",
  );
  assert.ok(before >= 0);
  widget.close();
  assert.equal(tf.memory().numTensors, tensors);
});

test("the file keeps the text, colored, with the verdict and the best cells", async () => {
  const widget = new CellText(model, text, { shifts, layer: "lower", cell: 2 });
  await widget.settled();
  assert.equal(widget.cell, 2, "a cell that was asked for stays");
  const { forms } = await storedForms(widget);
  assert.match(String(forms["image/svg+xml"]), /Cell 2 of lower: tanh c after each step/);
  assert.match(widget.toString(), /^CellText: made · 400 characters\nCell \d/);
  widget.close();
});

test("words and sequences of numbers take rules of their own, and a stop keeps what is there", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [null, 3] }),
      tf.layers.gru({ name: "gru", units: 4, returnSequences: true }),
    ],
  });
  const words = Array.from({ length: 60 }, (_, at) => ["not", "good", "film"][at % 3]!);
  const x = tf.randomNormal([1, 60, 3], 0, 1, "float32", 4);
  const own = {
    name: "after not",
    kind: "binary",
    values: Float32Array.from(words, (_, at) => (at % 3 === 1 ? 1 : 0)),
  } as const;
  const widget = new CellText({ name: "words", net } as unknown as LoadedModel, words, { x, rules: [own], shifts });
  await widget.settled();
  assert.equal(widget.error, "");
  assert.deepEqual(
    widget.rules.map(({ label }) => label),
    ["after not"],
  );
  widget.set({ rule: BRUSHED, from: 3, to: 6 });
  await widget.settled();
  assert.match(widget.verdict, /follows “the brushed steps” best: F1 .* on the same text/);
  const { best } = widget;
  widget.rule = "after not";
  await null;
  await null;
  widget.stop();
  await widget.settled();
  if (widget.stopped !== null) assert.deepEqual(widget.best, best);
  widget.close();
  x.dispose();
});

test("what cannot be shown is refused at once, and wrong traits are", async () => {
  assert.throws(() => new CellText(model, "a"), /at least two steps long/);
  const unknown = { ...model, classNames: ALPHABET.slice(0, -1) } as LoadedModel;
  assert.throws(() => new CellText(unknown, "aζ"), /text must be of the 10 characters that made knows, but is "ζ"/);
  assert.throws(
    () => new CellText({ ...model, classNames: undefined } as LoadedModel, "ab"),
    /classNames are single characters/,
  );
  assert.throws(() => new CellText(model, "abc", { x: tf.zeros([1, 2]) }), /\[1, 3, …\], one step for each/);
  assert.throws(
    () => new CellText(model, "abc", { rules: [{ name: "r", kind: "binary", values: new Float32Array(2) }] }),
    /of 3 values, one for each step, but is "\\"r\\" with 2 values"/,
  );
  const widget = new CellText(model, text, { shifts });
  await widget.settled();
  assert.throws(() => (widget.layer = "middle"), TraitError);
  assert.throws(() => (widget.rule = "rhyme"), TraitError);
  assert.throws(() => widget.set({ from: 5, to: 5 }), TraitError);
  assert.throws(() => widget.set({ layer: "upper", cell: 5 }), TraitError);
  widget.close();
  const wrong = new CellText(model, text, { layer: "middle" });
  await wrong.settled();
  assert.match(wrong.error, /layer must be one of lower, upper, but is "middle"/);
  wrong.close();
});

test("lines break at line feeds and where there is no more room, and lose no step", () => {
  for (const [tokens, width] of [
    [[...text], 40],
    [[..."日本語abc\n\n\tx😀"], 5],
    [["not", "a", "good", "film", "\n", "or"], 9],
  ] as const) {
    const lines = textLines(tokens, width);
    assert.equal(lines[0]!.from, 0);
    assert.equal(lines.at(-1)!.to, tokens.length);
    lines.forEach(({ from, to, columns }, at) => {
      assert.ok(to > from);
      assert.equal(columns.length, to - from);
      if (at > 0) assert.equal(from, lines[at - 1]!.to);
      assert.equal(tokens.slice(from, to - 1).includes("\n"), false);
      assert.ok(columns.every((column) => column < width + 1));
    });
  }
  assert.deepEqual(textLines([..."日本a"], 4), [
    { from: 0, to: 2, columns: [0, 2] },
    { from: 2, to: 3, columns: [0] },
  ]);
});

test("a ranking that is stopped leaves that of the rule before, which says so; then the chosen one comes", async () => {
  const widget = new CellText(model, text, { shifts: 200 });
  await widget.settled();
  const { best, verdict } = widget;
  const [first, second] = widget.rules.map(({ value }) => value);
  assert.ok(widget.rule === first && best.length > 0);
  widget.rule = second!;
  while (!widget.progress) await widget.next("progress");
  widget.stop();
  await widget.settled();
  assert.notEqual(widget.stopped, null);
  assert.deepEqual([widget.best, widget.verdict], [best, verdict]);
  widget.rule = first!;
  await widget.settled();
  widget.rule = second!;
  await widget.settled();
  assert.equal(widget.stopped, null);
  assert.notEqual(widget.verdict, verdict);
  widget.close();
});
