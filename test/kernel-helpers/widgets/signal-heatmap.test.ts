/** Signals over their relevance: what is drawn and summed, whatever layout relevance comes in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Floats } from "../../../src/comms/states/array.js";
import {
  brushWords,
  channelSums,
  rowOrder,
  rowRanges,
  strongest,
  timeSums,
  timeWords,
  traceLines,
} from "../../../src/comms/states/signal-rows.js";
import { ParameterError, SignalHeatmap, type Signals, TraitError } from "../../../src/kernel-helpers/index.js";
import {
  SignalRelevanceError,
  signalRelevance,
} from "../../../src/kernel-helpers/widgets/signal-heatmap/signal-relevance.js";

const two: Signals = {
  name: "two",
  rate: 100,
  start: -0.02,
  event: "key press",
  classNames: ["left", "right"],
  annotations: [],
  channels: [
    { name: "C3", unit: "µV" },
    { name: "C4", unit: "µV" },
  ],
  series: [
    { values: Float32Array.of(0, 4, 8, 100, 100, 101), samples: 3 },
    { values: Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2), samples: 4 },
  ],
};
/** Of the first series as a model has it, [samples, channels]. */
const given = { shape: [1, 3, 2], relevance: Float32Array.of(1, -1, 2, -2, 3, 0), output: Float32Array.of(3) };
const rows = (widget: SignalHeatmap) => Array.from((widget.relevance as unknown as Floats).data as Float32Array);

test("relevance comes as models take signals, or as channels of samples, and is refused in any other shape", () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const turned = [1, 3, 5, 2, 4, 6];
  const of = (relevance: Parameters<typeof signalRelevance>[0]) => [...signalRelevance(relevance, 2, 3).data];
  assert.deepEqual(of({ shape: [3, 2], values }), turned);
  assert.deepEqual(of({ shape: [1, 3, 2], values }), turned);
  assert.deepEqual(of({ shape: [1, 3, 2, 1], values }), turned);
  assert.deepEqual(of({ shape: [2, 3], values }), [...values]);
  assert.deepEqual(of(values), turned);
  assert.deepEqual(of({ shape: [3, 2], dataSync: () => values }), turned);
  // As many channels as samples: as models have it.
  assert.deepEqual([...signalRelevance({ shape: [2, 2], values: values.subarray(0, 4) }, 2, 2).data], [1, 3, 2, 4]);
  // What a method says of a time, for all channels at once, is shared among them.
  assert.deepEqual(
    of({ shape: [1, 3, 2], relevance: Float32Array.of(2, 2, 4, 4, 6, 6), channels: "repeated" }),
    [1, 2, 3, 1, 2, 3],
  );
  for (const shape of [
    [2, 3, 2],
    [6, 1],
    [3, 3],
    [1, 4, 2],
  ]) {
    assert.throws(
      () => signalRelevance({ shape, values }, 2, 3),
      (error) => error instanceof SignalRelevanceError && error.message.includes(`not [${shape.join(", ")}]`),
    );
  }
});

test("what is shown: channels, times, relevance in rows, its sum and the output", () => {
  const widget = new SignalHeatmap({ signals: two, relevance: given, title: "Why *left*?" });
  assert.deepEqual(
    [widget.channels, widget.units, widget.rate, widget.start],
    [["C3", "C4"], ["µV", "µV"], 100, -0.02],
  );
  assert.deepEqual([rows(widget), widget.total, widget.output], [[1, 2, 3, -1, -2, 0], 3, 3]);
  assert.equal(
    String(widget),
    "SignalHeatmap: Why left? · 2 channels, 3 samples · output 3 · relevance 3\n  C3: 6\n  C4: -3".replace("-", "−"),
  );
  widget.brush = [1, 3];
  assert.match(String(widget), /Brushed: −0\.01 to 0\.01 s \(2 samples\) · relevance \+3\.00, 78\s% of the magnitude/);
  widget.show(1, { title: "Next" });
  assert.deepEqual([widget.relevance, widget.total, widget.signal?.shape, widget.title], [null, null, [2, 4], "Next"]);
  assert.deepEqual(widget.brush, [1, 3]);
  widget.brush = [3, 4];
  // The first series has no fourth sample.
  widget.show(0);
  assert.deepEqual(widget.brush, []);
  // Relevance that is no parts of an output has no sum.
  widget.relevance = { ...given, additive: false } as typeof given;
  assert.equal(widget.total, null);
});

test("what does not fit is refused by name", () => {
  const widget = new SignalHeatmap({ signals: two });
  assert.throws(() => (widget.brush = [2, 2]), TraitError);
  assert.throws(() => (widget.brush = [2]), TraitError);
  assert.throws(() => (widget.sight = [2, 1]), TraitError);
  assert.throws(() => (widget.relevance = { shape: [1, 4, 2], values: new Float32Array(8) }), SignalRelevanceError);
  assert.throws(() => new SignalHeatmap({ relevance: given }), /signal/);
  assert.throws(
    () => widget.show(2),
    (error) => error instanceof ParameterError && /from 0 to 1/.test(error.message),
  );
  assert.throws(() => new SignalHeatmap().show(0), ParameterError);
  assert.throws(
    () => new SignalHeatmap({ signals: two, series: { values: new Float32Array(5), samples: 3 } }),
    ParameterError,
  );
});

test("no value is lost between the columns of a picture, and sums agree however they are taken", () => {
  const block = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 60 })).chain(([channels, samples]) =>
    fc.tuple(
      fc.constant(channels),
      fc.array(fc.float({ min: -1e3, max: 1e3, noNaN: true }), {
        minLength: channels * samples,
        maxLength: channels * samples,
      }),
      fc.integer({ min: 1, max: samples }),
    ),
  );
  fc.assert(
    fc.property(block, ([channels, list, columns]) => {
      const values = Float32Array.from(list);
      const samples = values.length / channels;
      const found = strongest(values, channels, [0, samples], columns);
      for (let channel = 0; channel < channels; channel++) {
        const own = [...values.subarray(channel * samples, (channel + 1) * samples)];
        const drawn = [...found.subarray(channel * columns, (channel + 1) * columns)];
        assert.equal(Math.max(...drawn.map(Math.abs)), Math.max(...own.map(Math.abs)));
        if (columns === samples) assert.deepEqual(drawn, own);
        // The trace goes as high and as low as the signal does.
        const heights = traceLines(values, channel * samples, [0, samples], columns).flatMap((line) =>
          line.map(([, value]) => value),
        );
        assert.equal(Math.max(...heights), Math.max(...own));
        assert.equal(Math.min(...heights), Math.min(...own));
      }
      const all = values.reduce((sum, value) => sum + value, 0);
      const bound =
        1e-3 *
        Math.max(
          1,
          values.reduce((sum, value) => sum + Math.abs(value), 0),
        );
      const byChannel = channelSums(values, channels, 0, samples).reduce((sum, value) => sum + value, 0);
      const byTime = timeSums(values, channels).reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(byChannel - all) < bound && Math.abs(byTime - all) < bound);
    }),
  );
});

test("gaps stay gaps, and times are told as they are", () => {
  const lines = traceLines(Float32Array.of(1, Number.NaN, 2, 3), 0, [0, 4], 100);
  assert.deepEqual(
    lines.map((line) => line.map(([x, value]) => [x, value])),
    [
      [[0.125, 1]],
      [
        [0.625, 2],
        [0.875, 3],
      ],
    ],
  );
  assert.equal(timeWords({ rate: 100, start: -0.63, timeUnit: "s" }, 60), "−0.03 s");
  assert.equal(timeWords({ rate: null, start: 0, timeUnit: "s" }, 4), "sample 5");
  assert.equal(timeWords({ rate: 1, start: 0, timeUnit: "% of the cycle" }, 40), "40 % of the cycle");
  assert.equal(
    brushWords({ rate: null, start: 0, timeUnit: "s", channels: ["a"], signed: false }, null, [0, 2]),
    "Brushed: samples 1 to 2",
  );
});

test("channels of one unit share a gain, those without a unit do not, and rows go by relevance", () => {
  const signal = Float32Array.of(0, 4, 100, 101, -1, 1);
  const half = (units: string[], gain: "shared" | "each") => rowRanges(signal, 3, units, gain).map((one) => one.half);
  assert.deepEqual(half(["µV", "µV", "mV"], "shared"), [2, 2, 1]);
  assert.deepEqual(half(["", "", ""], "shared"), [2, 0.5, 1]);
  assert.deepEqual(half(["µV", "µV", "µV"], "each"), [2, 0.5, 1]);
  assert.deepEqual(
    rowRanges(signal, 3, [], "each").map(({ middle }) => middle),
    [2, 100.5, 0],
  );
  assert.deepEqual(rowOrder("relevance", 3, Float32Array.of(1, 1, -4, 0, 0, 0)), [1, 0, 2]);
  assert.deepEqual(rowOrder("relevance", 3, null), [0, 1, 2]);
});

test("the file has a drawing of it: names, axis, scale, what is brushed", () => {
  const widget = new SignalHeatmap({ signals: two, relevance: given, brush: [0, 2], title: "Why *left*?" });
  const { svg, pixels } = widget.staticPicture()!;
  for (const words of [">C3<", ">C4<", "time (s); 0: key press", "speaks for", "Brushed:"]) {
    assert.ok(svg.includes(words), words);
  }
  assert.ok(pixels);
  assert.equal((svg.match(/<image/g) ?? []).length, 2);
  assert.equal(new SignalHeatmap().staticPicture(), null);
  assert.match(new SignalHeatmap({ error: "no layer conv9" }).staticPicture()!.svg, /could not be explained/);
});
