/** Cells of recurrent networks and inverted layers: words and pictures agree with the settings that made them, after any sequence of what a reader can do. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { BRUSHED } from "../../../src/comms/states/cell-text.js";
import type { CellLayer, TextRuleId } from "../../../src/explainers/concepts/index.js";
import {
  CellText,
  cellStates,
  characterIds,
  Inversion,
  type LoadedModel,
  loadModel,
  phraseRule,
  rankCells,
  textRule,
} from "../../../src/kernel-helpers/index.js";
import { turn } from "../../comms/front-end.js";
import {
  type Action,
  bytesOf,
  change,
  close,
  event,
  floatsOf,
  SEQUENCES,
  type State,
  seen,
  sequence,
} from "./reader.js";

const ALPHABET = [..."ab(){}\"' \n", "\ufffd"];
const TEXT = "ab (a{b}) 'ba' \"a b\"\nb(a)a{ab}a 'b'\naab b{a(b)}";
let characters: LoadedModel;
let pictures: LoadedModel;

before(async () => {
  const initial = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ stddev: 1, seed }),
    recurrentInitializer: tf.initializers.randomNormal({ stddev: 0.6, seed: seed + 1 }),
  });
  const net = tf.sequential({
    layers: [
      tf.layers.embedding({
        ...{ inputDim: ALPHABET.length, outputDim: 4, batchInputShape: [null, null] },
        embeddingsInitializer: tf.initializers.randomNormal({ stddev: 1, seed: 9 }),
      }),
      tf.layers.lstm({ name: "lower", units: 4, returnSequences: true, ...initial(1) }),
      tf.layers.simpleRNN({ name: "upper", units: 3, returnSequences: true, ...initial(5) }),
      tf.layers.dense({ units: ALPHABET.length }),
    ],
  });
  characters = { name: "made", net, classNames: ALPHABET } as unknown as LoadedModel;
  const weights = (seed: number) => ({ kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.3 }) });
  const convolutions = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "edges", inputShape: [8, 8, 1], filters: 3, kernelSize: 3, ...weights(1) }),
      tf.layers.reLU({ name: "on" }),
      tf.layers.flatten(),
      tf.layers.dense({ name: "scores", units: 3, ...weights(2) }),
    ],
  });
  const plain = await loadModel((x) => convolutions.predict(x) as tf.Tensor, { input: { shape: [8, 8, 1] } });
  pictures = { ...plain, net: convolutions };
  // To load a model is to start the native backend, which costs small networks more for each operation than it saves.
  await tf.setBackend("cpu");
});

test("cells of a text: colors are the cell's, the list, the verdict and the marks are of one rule", async () => {
  const ids = characterIds(characters, [...TEXT]);
  const { layers } = await cellStates(characters)(ids);
  ids.dispose();
  const ruleOf = ({ rule, from, to }: State) =>
    rule === BRUSHED
      ? from < 0
        ? undefined
        : phraseRule([...TEXT].slice(from, to).join(""), [...TEXT])
      : textRule(rule as TextRuleId, [...TEXT]);
  const known = new Map<string, ReturnType<typeof rankCells>>();
  const ranked = (state: State) => {
    const rule = ruleOf(state)!;
    const found = known.get(rule.name) ?? rankCells(layers, rule, { shifts: 19 });
    known.set(rule.name, found);
    return found;
  };
  const probe = new CellText(characters, TEXT, { shifts: 19 });
  const rules = probe.rules.map(({ value }) => value);
  probe.close();
  await probe.settled();
  const actions = sequence(
    change({ rule: fc.constantFrom(...rules, BRUSHED), cell: fc.nat(2), layer: fc.constantFrom("lower", "upper") }),
    fc
      .tuple(fc.nat(40), fc.integer({ min: 1, max: 3 }))
      .map(([from, length]): Action => ({ set: { rule: BRUSHED, from, to: from + length } })),
    event("stop", "again"),
    fc.constant({ interrupt: true } as Action),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(() => new CellText(characters, TEXT, { shifts: 19 }));
      const { widget, state } = self;
      const agree = () => {
        const { values, layer, cell, best, verdict } = state() ?? {};
        if (values) {
          const { kind, cells, states } = layers.find((one) => one.layer === layer) as CellLayer;
          floatsOf(values).forEach((value, step) => {
            const held = states[step * cells + cell]!;
            close(value, kind === "LSTM" ? Math.tanh(held) : held, 1e-5, `cell ${cell} of ${layer} at ${step}`);
          });
        }
        if (best?.length) assert.ok(verdict.startsWith(`Cell ${best[0].cell} of ${best[0].layer} follows`), verdict);
      };
      try {
        await turn();
        for (const action of list) {
          // A reader chooses among the layers that are there.
          const chooses = "set" in action && ("layer" in action.set || "cell" in action.set);
          if (!chooses || state()?.["layers"].length) await self.act(action, agree);
        }
        await widget.settled();
        await turn();
        agree();
        const now = state()!;
        const { best, holds, running, error, stopped, verdict } = now;
        assert.deepEqual([running, error], [false, ""]);
        const rule = ruleOf(now);
        if (stopped === null && rule !== undefined) assert.ok(best.length > 0, "what was not stopped is ranked");
        // What was stopped is that of the rule before, and says so.
        if (best.length === 0 || stopped !== null) return;
        const { ranking, chance, measure } = await ranked(now);
        assert.deepEqual(
          best.map((one: (typeof ranking)[0]) => [one.layer, one.cell, one.score]),
          ranking.map((one) => [one.layer, one.cell, one.score]),
          `${now["rule"]}: ${verdict}`,
        );
        assert.deepEqual([now["measure"], now["chance"]], [measure, [chance.low, chance.high]]);
        const most = rule!.kind === "binary" ? 1 : Math.max(...rule!.values);
        bytesOf(holds).forEach((byte, at) => {
          assert.equal(byte, Math.round((255 * Math.max(0, rule!.values[at]!)) / most), `mark at ${at}`);
        });
      } finally {
        widget.close();
        await widget.settled();
      }
    }),
    { numRuns: SEQUENCES },
  );
});

test("an inversion: caption, words, errors and difference are of the pictures that are shown", async () => {
  const photo = tf.randomUniform([1, 8, 8, 1], 0, 1, "float32", 4) as tf.Tensor4D;
  const actions = sequence(
    change({ layer: fc.nat(2), start: fc.nat(1) }),
    change({ way: fc.constantFrom("optimization", "optimization", "network"), measure: fc.constantFrom("pixels") }),
    event("stop", "again", "all"),
    fc.constant({ interrupt: true } as Action),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const layers = ["edges", "on", "scores"];
      const self = seen(() => new Inversion(pictures, photo, { layers, starts: 2, steps: 2 }));
      const { widget, state } = self;
      const agree = () => {
        const now = state();
        if (!now) return;
        const { pictures: shown, start, difference, pixelErrors, caption, words, original } = now;
        if (!shown) return void assert.deepEqual([caption, words, difference], ["", "", null]);
        const bytes = bytesOf(shown).subarray(start * 64, (start + 1) * 64);
        const off = [...bytes].map((byte, at) => Math.abs(byte - bytesOf(original)[at]!));
        // Pictures cross the wire in whole gray levels, and within those that there are.
        floatsOf(difference).forEach((value, at) => {
          if (bytes[at]! > 0 && bytes[at]! < 255) assert.ok(Math.abs(value - off[at]!) <= 1.01, `difference at ${at}`);
        });
        const rms = Math.sqrt(floatsOf(difference).reduce((sum, value) => sum + value * value, 0) / 64);
        close(pixelErrors[start], rms, 1e-3, caption);
        const said = Number(/pixels differ by ([\d.]+) of 255/.exec(words)![1]);
        assert.ok(Math.abs(said - rms) <= 0.51, `${words}, not ${rms}`);
        assert.ok(words.startsWith(`${caption.split(",")[0]} makes values`), `${caption}: ${words}`);
      };
      try {
        await turn();
        for (const action of list) await self.act(action, agree);
        await widget.settled();
        await turn();
        agree();
        const { way, layer, caption, error, errors, stopped, running, progress, pixelErrors } = state()!;
        assert.deepEqual([running, progress], [false, null]);
        if (stopped !== null) return;
        assert.equal(error === "", way === "optimization", "there are no networks for this model");
        assert.equal(caption, error === "" ? `${layers[layer]}, optimization, 2 steps` : "");
        const mean = (pixelErrors as number[]).reduce((sum, value) => sum + value, 0) / 2;
        if (error === "") close(errors[0].pixels[layer], mean, 1e-6, "the chart");
      } finally {
        widget.close();
        await widget.settled();
      }
    }),
    // Each is an optimization or more: fewer than of what costs nothing.
    { numRuns: Math.ceil(SEQUENCES / 5) },
  );
  photo.dispose();
});
