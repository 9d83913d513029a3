import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import sharp from "sharp";
import { type FlippingRun, READER, ranksOf, readerAt, summaryOf } from "../../../src/comms/states/flipping-curve.js";
import {
  FlippingCurve,
  gradientTimesInput,
  type LoadedModel,
  loadDigits,
  loadModel,
  lrp,
  ParameterError,
  pixelFlipping,
  regionPerturbation,
  sensitivity,
  TargetError,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { until } from "../../helpers/until.js";
import { storedForms } from "./stored.js";

let model: LoadedModel;
let digit: tf.Tensor4D;
before(async () => {
  model = await loadModel("mnist-cnn");
  const { pixels } = await loadDigits();
  const bytes = pixels.subarray(4 * 784, 5 * 784);
  digit = tf.tensor4d(
    Float32Array.from(bytes, (byte) => byte / 255),
    [1, 28, 28, 1],
  );
});
after(() => {
  digit.dispose();
  model.dispose();
});

const runOf = (widget: FlippingCurve): FlippingRun => widget.runs[widget.drawn]!;
const near = (values: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4) => {
  assert.equal(values.length, expected.length);
  Array.from(values).forEach((value, at) => {
    assert.ok(Math.abs(value - expected[at]!) <= tolerance, `at ${at}: ${value}, not ${expected[at]}`);
  });
};

test("with pixels as regions, curves and AOPC are those of the measure", async () => {
  const widget = new FlippingCurve({
    ...{ model, image: digit, methods: ["gradient-times-input", "sensitivity"], target: 4 },
    ...{ region: 1, steps: 28, seed: 3, orders: 0 },
  });
  await widget.settled();
  assert.equal(widget.error, "");
  for (const settings of [
    { replacement: "mean", order: "morf", followed: "probability" },
    { replacement: "black", order: "lerf", followed: "logit" },
  ] as const) {
    widget.set(settings);
    await widget.settled();
    for (const [index, method] of [gradientTimesInput, sensitivity].entries()) {
      const attribution = await method(model)(digit, { target: 4 });
      const { replacement, order, followed: output } = settings;
      const flips = pixelFlipping(model, { steps: 28, replacement, order, output, seed: 3 });
      const { curves, values } = await flips({ x: digit, attribution });
      const curve = runOf(widget).curves[index]!;
      near(curve, curves[0]!.y, 1e-4 * (1 + Math.abs(curve[0]!)));
      const summary = summaryOf(curve, widget.shares, "aopc");
      assert.ok(Math.abs(summary - values[0]!) < 1e-4 * (1 + Math.abs(summary)), `${summary}, not ${values[0]}`);
    }
  }
  widget.close();
});

test("with regions that divide the picture, curves and AOPC are those of region perturbation, under every replacement", async () => {
  const widget = new FlippingCurve({
    ...{ model, image: digit, methods: ["lrp"], target: 4, region: 4, steps: 49, seed: 2, orders: 3 },
  });
  await widget.settled();
  await widget.measureAll();
  const attribution = await lrp(model)(digit, { target: 4 });
  assert.equal(widget.runs.length, 7);
  for (const { replacement, curves } of widget.runs) {
    const options = {
      patch: 4,
      regions: 49,
      replacement: replacement as "mean",
      output: "probability",
      seed: 2,
    } as const;
    const score = await regionPerturbation(model, options)({ x: digit, attribution });
    near(curves[0]!, score.curves[0]!.y);
    assert.ok(Math.abs(summaryOf(curves[0]!, widget.shares, "aopc") - score.values[0]!) < 1e-4, replacement);
  }
  widget.close();
});

test("a reader who flips in a method's order gets that method's curve, and its pictures", async () => {
  const widget = new FlippingCurve({ model, image: digit, methods: ["lrp"], region: 4, steps: 49, orders: 1 });
  await widget.settled();
  const { curves, steps } = runOf(widget);
  const at = [...(steps!.data as Float32Array)];
  const order = at.map((_, region) => region).sort((a, b) => at[a]! - at[b]!);
  widget.picks = order.slice(0, 12);
  await widget.settled();
  near(widget.reader!.values, curves[0]!.slice(0, 13));
  near(readerAt(widget.reader!, widget.shares, 49).slice(0, 13) as number[], curves[0]!.slice(0, 13));
  widget.set({ cursor: 7, watched: 0 });
  await widget.settled();
  const byMethod = Buffer.from(widget.frame!.data as Uint8Array);
  widget.watched = READER;
  await widget.settled();
  assert.equal(widget.frameOf!.curve, READER);
  assert.deepEqual(Buffer.from(widget.frame!.data as Uint8Array), byMethod);
  // Taken back, and replaced by something else: asked again from the beginning.
  widget.set({ picks: order.slice(0, 2), replacement: "black" });
  await widget.settled();
  assert.deepEqual([widget.reader!.picks, widget.reader!.replacement], [order.slice(0, 2), "black"]);
  near(widget.reader!.values, runOf(widget).curves[0]!.slice(0, 3));
  widget.close();
});

test("the picture at a step is what the network sees: regions by their steps, replaced by the picture's mean", async () => {
  const widget = new FlippingCurve({ model, image: digit, methods: ["lrp"], region: 7, orders: 0, cursor: 5 });
  await widget.settled();
  const steps = runOf(widget).steps!.data as Float32Array;
  const values = digit.dataSync<"float32">();
  const mean = values.reduce((sum, value) => sum + value, 0) / 784;
  const bytes = widget.frame!.data as Uint8Array;
  values.forEach((value, place) => {
    const region = 4 * Math.floor(place / 28 / 7) + Math.floor((place % 28) / 7);
    const expected = 255 * (steps[region]! <= 5 ? mean : value);
    assert.ok(Math.abs(bytes[place]! - expected) <= 0.5 + 1e-3, `at ${place}: ${bytes[place]}, not ${expected}`);
  });
  const { x, y } = {
    x: tf.tensor4d(
      Float32Array.from(bytes, (byte) => byte / 255),
      [1, 28, 28, 1],
    ),
    y: runOf(widget),
  };
  const logits = model.predict(x) as tf.Tensor;
  const probability = tf.softmax(logits).dataSync()[4]!;
  assert.ok(Math.abs(probability - y.curves[0]![5]!) < 0.02, `${probability}, not ${y.curves[0]![5]}`);
  tf.dispose([x, logits]);
  widget.close();
});

test("a summary is the mean fall or the mean height over any range, and ranks turn with order and kind", () => {
  const curve = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(curve, fc.nat(11), fc.nat(11), (values, a, b) => {
      const [from, to] = [Math.min(a, b, values.length - 1), Math.min(Math.max(a, b), values.length - 1)];
      const shares = values.map((_, step) => step / (values.length - 1));
      const part = values.slice(from, to + 1);
      const fall = values[0]! - part.reduce((sum, value) => sum + value, 0) / part.length;
      assert.ok(Math.abs(summaryOf(values, shares, "aopc", [from, to]) - fall) < 1e-9);
      // The mean height of a curve made of straight lines is that of its middles.
      const middles = part.slice(1).map((value, i) => (value + part[i]!) / 2);
      const height = middles.length === 0 ? part[0]! : middles.reduce((sum, value) => sum + value, 0) / middles.length;
      assert.ok(Math.abs(summaryOf(values, shares, "auc", [from, to]) - height) < 1e-9);
    }),
  );
  assert.deepEqual(ranksOf([0.1, null, 0.3, 0.3], "aopc", "morf"), [3, null, 1, 1]);
  assert.deepEqual(ranksOf([0.1, null, 0.3, 0.3], "aopc", "lerf"), [1, null, 2, 2]);
  assert.deepEqual(ranksOf([0.1, 0.2], "auc", "morf"), [1, 2]);
  assert.deepEqual(ranksOf([0.1, 0.2], "auc", "lerf"), [2, 1]);
  assert.deepEqual(readerAt({ values: [1, 0.5, 0.25] }, [0, 0.25, 0.5, 0.75], 4), [1, 0.5, 0.25, null]);
  assert.deepEqual(readerAt({ values: [1, 0.5] }, [0, 1 / 6, 1 / 3], 3), [1, 0.75, 0.5]);
});

test("a method that fails is named, results are taken as they are, and what was measured is not measured again", async () => {
  const result = await lrp(model)(digit, { target: 4 });
  const other = await lrp(model)(digit, { target: 3 });
  let calls = 0;
  const failing = async () => {
    calls++;
    throw new Error("no such layer");
  };
  const broken = { ...result, relevance: result.relevance.map((value, at) => (at === 9 ? Number.NaN : value)) };
  const widget = new FlippingCurve({
    ...{ model, image: digit, target: 4, region: 7, orders: 2 },
    methods: { result, failing, other, broken, again: "lrp" },
  });
  await widget.settled();
  const [first, ...rest] = runOf(widget).curves;
  near(first!, rest.at(-1)!);
  assert.deepEqual(rest.slice(0, 3), [null, null, null]);
  assert.equal(widget.cells[1]!.error, "no such layer");
  assert.match(widget.cells[2]!.error, /explains the class 3, and what is followed is the class 4/);
  assert.match(runOf(widget).errors[3]!, /holds NaN/);
  assert.match(String(widget), /result: AOPC [\d.]+, rank 1\n/);
  await widget.measureAll();
  assert.deepEqual(
    widget.runs.map(({ replacement }) => replacement),
    ["mean", "blurred", "uniform", "neighbors", "noisy-linear", "gray", "black"],
  );
  assert.equal(calls, 1);
  const { runs } = widget;
  widget.replacement = "gray";
  await widget.settled();
  assert.deepEqual([widget.drawn, widget.before, widget.runs === runs], [5, 0, true]);
  assert.match(widget.subtitle, /replaced by gray/);
  widget.close();
});

test("what is stopped leaves the curves that were there, and runs again; nothing of the model is kept after the end", async () => {
  const frontEnd = new FrontEnd().attach();
  const options = { model, image: digit, methods: ["gradient-times-input"], region: 4, orders: 3 } as const;
  const first = new FlippingCurve(options);
  await first.settled();
  first.close();
  await until(() => first.closed, "it did not close");
  await turn();
  const { numTensors } = tf.memory();
  const widget = new FlippingCurve({ ...options, steps: 49, orders: 100 });
  await widget.settled();
  frontEnd.update(widget.id, { replacement: "uniform" });
  await until(() => (widget.progress ?? 0) > 0, "it did not begin");
  frontEnd.custom(widget.id, { event: "stop" });
  await widget.settled();
  assert.ok(widget.stopped !== null && widget.stopped < 1);
  assert.deepEqual([runOf(widget).replacement, widget.replacement, widget.running], ["mean", "uniform", false]);
  assert.match(widget.subtitle, /replaced by mean/);
  frontEnd.custom(widget.id, { event: "again" });
  await turn();
  await widget.settled();
  assert.deepEqual([runOf(widget).replacement, widget.stopped], ["uniform", null]);
  widget.close();
  await widget.settled();
  await turn();
  assert.equal(tf.memory().numTensors, numTensors);
});

test("what cannot be flipped is refused by name", () => {
  const make = (options: object) => () => new FlippingCurve({ model, image: digit, methods: ["lrp"], ...options });
  assert.throws(make({ methods: [] }), ParameterError);
  assert.throws(make({ methods: ["lrpp"] }), /lrp/);
  assert.throws(make({ region: 0 }), /region/);
  assert.throws(make({ steps: 1.5 }), /steps/);
  assert.throws(make({ target: 12 }), TargetError);
  assert.throws(make({ replacement: "purple" }), TraitError);
  assert.throws(make({ image: tf.zeros([1, 784]) }), ParameterError);
  const widget = make({ region: 14 })();
  for (const wrong of [{ picks: [4] }, { picks: [1, 1] }, { range: [3, 1] }, { watched: 1 }, { cursor: 99 }]) {
    assert.throws(() => widget.set(wrong), TraitError, JSON.stringify(wrong));
  }
  widget.close();
});

test("the file gets curves and numbers, and while the reader flips nothing of the methods", async () => {
  const widget = new FlippingCurve({ model, image: digit, methods: ["lrp", "sensitivity"], region: 4, tab: "reader" });
  await widget.settled();
  assert.equal(widget.staticPicture(), null);
  assert.doesNotMatch(String(widget), /LRP|Sensitivity/);
  widget.picks = [30, 31];
  await widget.settled();
  assert.doesNotMatch(widget.staticPicture()!.svg, /LRP|Sensitivity/);
  widget.set({ tab: "methods", range: [0, 4] });
  await widget.settled();
  const { svg } = widget.staticPicture()!;
  assert.match(svg, /LRP.*Sensitivity|Sensitivity.*LRP/s);
  assert.match(svg, /0 to|0 % to|AOPC, 0/);
  const { forms } = await storedForms(widget);
  const { width, height } = await sharp(Buffer.from(forms["image/png"] as string, "base64")).metadata();
  assert.ok(width > 700 && height > 350, `${width} × ${height}`);
  widget.close();
});
