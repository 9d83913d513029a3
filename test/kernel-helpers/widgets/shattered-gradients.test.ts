import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import sharp from "sharp";
import { depthsToPlay } from "../../../src/comms/states/shattered-gradients.js";
import { autocorrelation, randomNet, scanNet } from "../../../src/explainers/shattering/index.js";
import { loadDigits, loadModel, ShatteredGradients, TraitError } from "../../../src/kernel-helpers/index.js";
import {
  keptShare,
  shatteringWords,
} from "../../../src/kernel-helpers/widgets/shattered-gradients/shattering-words.js";
import { until } from "../../helpers/until.js";
import { storedForms } from "./stored.js";

const rows = (widget: ShatteredGradients, name: "curves" | "correlations") => {
  const { shape, data } = widget[name]!;
  const columns = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) =>
    (data as Float32Array).subarray(row * columns, (row + 1) * columns),
  );
};

test("curves and correlations are those of the net that the settings name", async () => {
  const widget = new ShatteredGradients({
    architecture: "residual",
    depth: 6,
    width: 30,
    beta: 0.5,
    seed: 7,
    gamma: 1,
  });
  await widget.settled();
  const scan = scanNet(randomNet({ architecture: "residual", depth: 6, width: 30, beta: 0.5, seed: 7 }), { gamma: 1 });
  const [x, output, gradient, sensitivity, relevance] = rows(widget, "curves");
  assert.deepEqual(x, scan.x);
  assert.deepEqual([output, gradient], [scan.output, scan.gradient]);
  assert.deepEqual([sensitivity, relevance], [scan.sensitivity, scan.relevance]);
  const correlations = rows(widget, "correlations");
  assert.deepEqual(correlations[1], Float32Array.from(autocorrelation(scan.gradient, 15)));
  assert.ok(correlations[3]![1]! > 0.9 && Math.abs(correlations[4]![1]!) < 0.05);
  widget.interval = "unit";
  await widget.settled();
  assert.deepEqual([rows(widget, "curves")[0]![0], rows(widget, "curves")[0]!.at(-1)], [0, 1]);
  widget.close();
});

test("counts linear pieces when left alone, and again for the next net", async () => {
  const widget = new ShatteredGradients({ architecture: "mean-centered", depth: 1, width: 20 });
  await until(() => widget.pieces !== null && !widget.counting, "it was not counted");
  assert.deepEqual([widget.pieces, widget.counted], [2, 1]);
  widget.depth = 3;
  await widget.settled();
  assert.equal(widget.pieces, null);
  await until(() => widget.counted === 1 && !widget.counting, "it was not counted");
  assert.ok(widget.pieces! > 2);
  // (L − 1) log₁₀ n + log₁₀ (n + 1)
  assert.ok(Math.abs(widget.bound! - Math.log10(20 * 20 * 21)) < 1e-12);
  widget.close();
});

test("playing walks through the depths in order, and stops where it is told to", async () => {
  const widget = new ShatteredGradients({ depth: 50, width: 10 });
  const seen: number[] = [];
  widget.observe(({ new: depth }) => {
    seen.push(depth);
  }, "depth");
  widget.playing = true;
  await until(() => seen.length >= 3, "no three were seen");
  widget.playing = false;
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.deepEqual(seen, depthsToPlay.slice(0, seen.length));
  assert.ok(seen.length <= 4);
  widget.close();
});

test("a trained network is followed between two of its inputs", async () => {
  const model = await loadModel("mnist-cnn");
  const { pixels } = await loadDigits({ count: 10 });
  const digit = (index: number) =>
    tf.tensor4d(
      Float32Array.from(pixels.subarray(784 * index, 784 * (index + 1)), (ink) => ink / 255),
      [1, 28, 28, 1],
    );
  const [from, to] = [digit(3), digit(8)];
  const trained = { name: "MNIST, 3 to 8", model, from, to, target: 8 };
  const widget = new ShatteredGradients({ architecture: "trained", trained });
  await widget.settled();
  assert.equal(widget.error, "");
  assert.equal(widget.title, "Neighboring gradients agree");
  const output = rows(widget, "curves")[1]!;
  assert.ok(output.at(-1)! > output[0]! + 5, "its 8 is more of an 8 than its 3");
  assert.deepEqual([widget.bound, widget.progress], [null, null]);
  const known = widget.architectures.map(({ value }) => value);
  assert.deepEqual(known, ["plain", "mean-centered", "batch-norm", "residual", "trained"]);
  widget.close();

  const small = tf.zeros([1, 14, 14, 1]);
  const failing = new ShatteredGradients({ architecture: "trained", trained: { ...trained, to: small } });
  await failing.settled();
  assert.match(failing.error, /\[1,28,28,1\], but is of shape \[1,14,14,1\]/);
  assert.equal(failing.curves, null);
  failing.architecture = "plain";
  await failing.settled();
  assert.equal(failing.error, "");
  assert.ok(failing.milliseconds! > 0);
  // No time of another net stands beside one that failed.
  failing.architecture = "trained";
  await failing.settled();
  assert.deepEqual([failing.net, failing.milliseconds], [trained.name, null]);
  failing.close();
  tf.dispose([from, to, small]);
  model.dispose();
});

test("its static picture shows the first curves, as curves", async () => {
  const widget = new ShatteredGradients({ depth: 5, width: 20 });
  const bundle = (await storedForms(widget)).forms as { [mime: string]: string };
  const { data, info } = await sharp(Buffer.from(bundle["image/svg+xml"]!)).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 820);
  // The gradient is drawn in its red.
  let red = 0;
  for (let i = 0; i < data.length; i += info.channels)
    if (data[i]! > 150 && data[i + 1]! < 60 && data[i + 2]! < 80) red++;
  assert.ok(red > 100, `${red} pixels`);
  assert.match(bundle["text/plain"]!, /^ShatteredGradients: random ReLU net, width 20/);
  widget.close();
});

test("settings out of range are refused by name", () => {
  assert.throws(() => new ShatteredGradients({ depth: 0 }), TraitError);
  assert.throws(() => new ShatteredGradients({ architecture: "trained" }), { trait: "architecture" });
  const widget = new ShatteredGradients();
  assert.throws(() => {
    widget.cursor = 256;
  }, TraitError);
  widget.close();
});

test("two hundred redraws leave no tensor behind, and the process as large as it was", async () => {
  const widget = new ShatteredGradients({ depth: 4, width: 20, playing: false });
  await widget.settled();
  const before = tf.memory().numTensors;
  const redraw = async (from: number, to: number) => {
    for (let seed = from; seed <= to; seed++) {
      widget.seed = seed;
      await widget.settled();
    }
  };
  await redraw(2, 51);
  const size = process.memoryUsage().rss;
  await redraw(52, 251);
  assert.equal(tf.memory().numTensors, before);
  assert.ok(process.memoryUsage().rss - size < 60e6);
  widget.close();
});

test("the words say what the numbers show", () => {
  const curve = (near: number, far: number) => [1, near, (near + far) / 2, far, far];
  const say = (gradient: number[], output: number[], relevance: number[], kept = 1) =>
    shatteringWords({ gradient, output, relevance, kept });
  assert.match(say(curve(0.97, 0.9), curve(0.99, 0.95), curve(0.98, 0.9)), /agree, as in brown noise.*about as much/);
  assert.match(say(curve(0.7, 0.2), curve(0.98, 0.9), curve(0.96, 0.8)), /still agree.*LRP follows the function/);
  assert.match(
    say(curve(0.01, 0), curve(0.8, 0.4), curve(0.85, 0.5)),
    /nothing about the next.*runs smoothly.*follows/,
  );
  assert.match(say(curve(-0.03, 0), curve(0.2, 0), curve(0.1, 0)), /function itself is close to noise.*about as much/);
  assert.match(say(curve(0, 0), curve(0.1, 0), curve(0.5, 0)), /more slowly than either/);
  assert.match(say(curve(0, 0), curve(0.8, 0), curve(0.8, 0), 0.02), /2 % is left/);
  const none = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  assert.match(say(none, curve(0.98, 0.9), curve(0.98, 0.9)), /one straight line/);
  assert.equal(keptShare([1, -2, 0.5], [4, 4, 0]), 0.5);
});
