import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ParameterError } from "../../../src/explainers/errors.js";
import {
  ClassPrototype,
  type Digits,
  DrawDigit,
  type LoadedModel,
  loadDigits,
  loadModel,
  TargetNameError,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { storedPng } from "./stored.js";

let model: LoadedModel;
let decoder: LoadedModel;
let digits: Digits;
before(async () => {
  [model, decoder, digits] = await Promise.all([loadModel("mnist-cnn"), loadModel("mnist-decoder"), loadDigits()]);
});
after(() => {
  model.dispose();
  decoder.dispose();
});

test("a prototype plays to its pause, gets sure of its class, and shows a picture", async () => {
  const widget = new ClassPrototype(model, { target: "5", generator: decoder, drawnIn: "generator", pauseEvery: 60 });
  await widget.settled();
  assert.equal(widget.step, 0);
  assert.match(widget.title, /How does a \*5\* look/);
  widget.playing = true;
  await widget.next("playing");
  await widget.settled();
  assert.equal(widget.playing, false);
  assert.equal(widget.step, 60);
  assert.ok(widget.probability! > 0.9, `p ${widget.probability}`);
  assert.deepEqual(widget.image!.shape, [28, 28, 1]);
  // Step, activation, cost for every step and the start.
  assert.deepEqual(widget.curves!.shape, [61, 3]);
  const points = widget.curves!.data as Float32Array;
  assert.ok(points.at(-2)! > points[1]!, "the logit has risen");
  assert.equal((await storedPng(widget)).subarray(1, 4).toString(), "PNG");
  widget.close();
});

test("another canvas begins anew and keeps what was there; recalling brings its settings back", async () => {
  const widget = new ClassPrototype(model, { target: 2, generator: decoder, l2: 0.05, pauseEvery: 5 });
  widget.playing = true;
  await widget.next("playing");
  await widget.settled();
  const image = widget.image;
  widget.set({ drawnIn: "generator", l2: 0 });
  await widget.settled();
  assert.equal(widget.step, 0);
  assert.equal(widget.gallery.length, 1);
  assert.equal(widget.gallery[0]!.picture, image);
  assert.match(widget.gallery[0]!.caption, /^pixels, L2 0\.05/);
  widget.close();
});

test("what a prototype cannot be is an error that names it", async () => {
  assert.throws(() => new ClassPrototype(model, { target: "goose" }), TargetNameError);
  const widget = new ClassPrototype(model, { target: 1 });
  assert.throws(() => {
    widget.drawnIn = "generator";
  }, TraitError);
  assert.throws(() => {
    widget.target = 10;
  }, TraitError);
  assert.throws(() => {
    widget.jitter = -1;
  }, TraitError);
  widget.set({ kind: "channel", layer: "conv1", channel: 99 });
  assert.equal(widget.channel, 15, "channels are numbered up to the layer's last");
  await widget.settled();
  assert.equal(widget.probability, null);
  widget.close();
});

test("a drawn digit is explained: relevance sums to about the output, and rules differ", async () => {
  const widget = new DrawDigit(model, { samples: digits });
  for (const digit of [3, 7]) {
    // The second of its class: the first 3 is one that the network gets wrong.
    const place = digit + 10;
    await widget.draw(digits.pixels.subarray(place * 784, (place + 1) * 784));
    assert.equal(widget.error, "");
    assert.equal(widget.explained, digit);
    assert.equal(widget.title, `Why *${digit}*?`);
    assert.equal(widget.classes.length, 10);
  }
  const sums: number[] = [];
  for (const rule of ["gamma", "epsilon", "alphaBeta"] as const) {
    widget.rule = rule;
    await widget.settled();
    sums.push(widget.total!);
    assert.ok(widget.total! > 0 && widget.total! < 2 * widget.output!, `${rule}: ${widget.total} of ${widget.output}`);
  }
  assert.equal(new Set(sums).size, 3);
  widget.target = 1;
  await widget.settled();
  assert.equal(widget.title, "What speaks for *1*, and against?");
  await widget.draw(new Uint8Array(784));
  assert.equal(widget.explained, -1);
  assert.equal(widget.relevance, null);
  widget.close();
});

test("a prototype is sought when the pen rests, and of what is explained then", async () => {
  const widget = new DrawDigit(model, { generator: decoder });
  const [three, seven] = [13, 17].map((place) => digits.pixels.subarray(place * 784, (place + 1) * 784));
  await widget.draw(three!);
  await widget.draw(seven!);
  await widget.next("prototype");
  assert.equal(widget.explained, 7);
  await widget.draw(three!);
  assert.equal(widget.prototype, null, "the 3 was passed by");
  await widget.next("prototype");
  await widget.draw(seven!);
  assert.ok(widget.prototype, "the 7 is known");
  // The file says of which class it is, as the page does.
  assert.match(widget.staticPicture()!.svg, /A 7 it would rather see/);
  widget.close();
});

test("a pad for digits takes no other model, and no other size", async () => {
  const wide = { ...model, input: { ...model.input, shape: [32, 32, 3] } };
  assert.throws(() => new DrawDigit(wide), ParameterError);
  const widget = new DrawDigit(model);
  await widget.draw(new Uint8Array(100).fill(255));
  assert.match(widget.error, /28 × 28 bytes.*100 bytes/);
  widget.close();
});
