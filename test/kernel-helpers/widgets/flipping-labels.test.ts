/** The widget of pixel flipping: its words and pictures agree with the settings that made them, after any sequence of what a reader can do. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { FlippingCurve } from "../../../src/kernel-helpers/widgets/flipping-curve/flipping-curve.js";
import { turn } from "../../comms/front-end.js";
import { bytesOf, change, close, event, SEQUENCES, seen, sequence } from "./reader.js";

const SIZE = 8;
const SHAPE: [number, number, number, number] = [1, SIZE, SIZE, 1];
let model: LoadedModel;

before(async () => {
  const weights = (seed: number) => ({
    kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.3 }),
    biasInitializer: tf.initializers.randomNormal({ seed: seed + 100, stddev: 0.3 }),
  });
  const net = tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: SHAPE.slice(1), filters: 3, kernelSize: 4, strides: 2, ...weights(1) }),
      tf.layers.reLU(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, ...weights(2) }),
    ],
  });
  model = await loadModel((x) => net.predict(x) as tf.Tensor, {
    input: { shape: SHAPE.slice(1) },
    classNames: ["zero", "one", "two"],
  });
  // To load a model is to start the native backend, which costs small networks more for each operation than it saves.
  await tf.setBackend("cpu");
});

test("the words over flipped curves, the reader's value and the picture are of the settings that made them", async () => {
  const [SIDE, REGIONS] = [4, 4];
  const photo = tf.randomUniform(SHAPE, 0, 1, "float32", 5) as tf.Tensor4D;
  const pixels = photo.dataSync<"float32">();
  const maps = [0, 1].map((seed) => Float32Array.from(pixels, (_, at) => ((at * 7919 * (seed + 1)) % 101) - 50));
  const regionOf = (place: number) => 2 * Math.floor(place / SIZE / SIDE) + Math.floor((place % SIZE) / SIDE);
  /** Regions from the most relevant on, by their sums. */
  const orders = maps.map((map) => {
    const sums = new Float64Array(REGIONS);
    for (const [place, value] of map.entries()) sums[regionOf(place)]! += value;
    return [...sums.keys()].sort((a, b) => sums[b]! - sums[a]!);
  });
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const flipped = (regions: readonly number[], replacement: string) =>
    pixels.map((value, place) => (regions.includes(regionOf(place)) ? (replacement === "mean" ? mean : 0) : value));
  const known = new Map<string, number>();
  const output = (regions: readonly number[], replacement: string, followed: string) => {
    const key = JSON.stringify([[...regions].sort(), replacement, followed]);
    const found =
      known.get(key) ??
      tf.tidy(() => {
        const logits = model.predict(tf.tensor4d(flipped(regions, replacement), SHAPE));
        return (followed === "logit" ? logits : tf.softmax(logits)).dataSync()[2]!;
      });
    known.set(key, found);
    return found;
  };
  const attribution = (relevance: Float32Array) => async () => ({
    ...{
      method: "mine",
      parameters: {},
      relevance,
      shape: SHAPE,
      inputs: [{ relevance, shape: SHAPE }],
    },
    ...{ output: [1], target: [2], additive: false, channels: "apart" as const, warnings: [] },
  });
  const actions = sequence(
    change({
      replacement: fc.constantFrom("mean", "black"),
      order: fc.constantFrom("morf", "lerf"),
      followed: fc.constantFrom("logit", "probability"),
    }),
    change({
      picks: fc.uniqueArray(fc.nat(REGIONS - 1), { maxLength: 3 }),
      tab: fc.constantFrom("methods", "reader"),
      cursor: fc.integer({ min: -1, max: REGIONS }),
      watched: fc.integer({ min: -1, max: 1 }),
    }),
    event("stop", "again", "all"),
  );
  await fc.assert(
    fc.asyncProperty(actions, async (list) => {
      const self = seen(
        () =>
          new FlippingCurve({
            ...{ model, image: photo, methods: { one: attribution(maps[0]!), two: attribution(maps[1]!) } },
            ...{ target: "two", region: SIDE, orders: 1, replacement: "mean" },
          }),
      );
      const { widget, state } = self;
      const agree = () => {
        const { title, subtitle, runs, drawn, reader, frame, frameOf, stopped, running } = state() ?? {};
        assert.ok(stopped === null || stopped === undefined || !running, "what was stopped does not run");
        const run = runs?.[drawn];
        if (run) {
          assert.equal(title, run.order === "morf" ? "How fast does *two* fall?" : "How long does *two* hold?");
          const [, followed, by, first] =
            /^(\w+) while 2 × 2 regions are replaced by (\w+) · (most|least) relevant/.exec(subtitle)!;
          assert.deepEqual(
            [followed, by, first === "most" ? "morf" : "lerf"],
            [run.followed, run.replacement, run.order],
          );
          run.curves.forEach((curve: number[], method: number) => {
            const order = run.order === "morf" ? orders[method]! : [...orders[method]!].reverse();
            curve.forEach((value, step) => {
              close(value, output(order.slice(0, step), run.replacement, run.followed), 1e-4, `${subtitle} at ${step}`);
            });
          });
        }
        if (reader) {
          assert.equal(reader.values.length, reader.picks.length + 1);
          reader.values.forEach((value: number, count: number) => {
            close(value, output(reader.picks.slice(0, count), reader.replacement, reader.followed), 1e-4, "the reader");
          });
        }
        if (frame) {
          const { curve, step, replacement, order, picks: picked } = frameOf;
          const whole = curve < 0 ? picked : order === "morf" ? orders[curve]! : [...orders[curve]!].reverse();
          assert.equal(picked.length, curve < 0 ? step : 0);
          const regions = whole.slice(0, step);
          const expected = flipped(regions, replacement);
          bytesOf(frame).forEach((byte, place) => void assert.ok(Math.abs(byte - 255 * expected[place]!) <= 0.51));
        }
      };
      try {
        await turn();
        for (const action of list) await self.act(action, agree);
        await widget.settled();
        await turn();
        agree();
        const { runs, drawn, replacement, order, followed, stopped, reader, picks, running, error } = state()!;
        assert.deepEqual([running, error], [false, ""]);
        if (stopped === null) {
          const run = runs[drawn];
          assert.deepEqual([run.replacement, run.order, run.followed], [replacement, order, followed]);
        }
        const { tab, frameOf } = state()!;
        if (tab === "reader" && picks.length > 0) assert.deepEqual(frameOf.picks, picks, "the picture is the reader's");
        assert.deepEqual([reader.picks, reader.replacement, reader.followed], [picks, replacement, followed]);
      } finally {
        widget.close();
        await widget.settled();
      }
    }),
    { numRuns: SEQUENCES },
  );
});
