/** What a reader does in an explorer beside its form: any class, photos, crops, activations, files. */
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { formatNumber } from "../../../src/comms/format.js";
import type { ClassScore, ExplorerReply } from "../../../src/comms/states/explorer.js";
import { lrp, release } from "../../../src/explainers/index.js";
import { parseCsv } from "../../../src/kernel-helpers/formats/csv.js";
import { parseNpy } from "../../../src/kernel-helpers/formats/npy.js";
import { rankedClasses } from "../../../src/kernel-helpers/models/class-scores.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { type LoadedImage, loadImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { until } from "../../helpers/until.js";

const SIZE = 8;
const NAMES = ["ant", "bee, bumblebee", "cat", "dog", "elk", "fox", "gnu, wildebeest"];
let model: LoadedModel;
let lone: LoadedModel;
let net: tf.LayersModel;
let photo: LoadedImage;
let frontEnd: FrontEnd;

const random = (seed: number) => tf.initializers.randomNormal({ seed, stddev: 0.4 });
const weights = (seed: number) => ({ kernelInitializer: random(seed), biasInitializer: random(seed + 100) });

function network(units: number, activation?: "sigmoid"): tf.LayersModel {
  const input = tf.input({ shape: [SIZE, SIZE, 3] });
  const conv = tf.layers.conv2d({ name: "edges", filters: 30, kernelSize: 3, activation: "relu", ...weights(1) });
  const flat = tf.layers.globalAveragePooling2d({ name: "pool" }).apply(conv.apply(input)) as tf.SymbolicTensor;
  const out = tf.layers.dense({ name: "out", units, ...(activation && { activation }), ...weights(3) });
  return tf.model({ inputs: input, outputs: out.apply(flat) as tf.SymbolicTensor });
}

async function loaded(layers: tf.LayersModel, classNames: string[]): Promise<LoadedModel> {
  const predict = (x: tf.Tensor) => layers.predict(x) as tf.Tensor;
  return { ...(await loadModel(predict, { input: { shape: [SIZE, SIZE, 3] }, classNames })), net: layers };
}

/** A picture of four colors, each a quarter, twice as wide as high. */
async function picture(): Promise<Buffer> {
  const pixels = Buffer.alloc(3 * 40 * 20);
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 40; x++) pixels.set([x < 20 ? 250 : 10, y < 10 ? 250 : 10, 90], 3 * (40 * y + x));
  }
  return sharp(pixels, { raw: { width: 40, height: 20, channels: 3 } })
    .png()
    .toBuffer();
}

before(async () => {
  await tf.setBackend("cpu");
  net = network(NAMES.length);
  model = await loaded(net, NAMES);
  lone = await loaded(network(1, "sigmoid"), ["cat", "dog"]);
  photo = await loadImage(await picture(), model.input, { name: "four.png" });
});
beforeEach(() => {
  frontEnd = new FrontEnd().attach();
});

const wire = (explorer: Explorer) => frontEnd.models.get(explorer.id) as { [trait: string]: never };
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5) => {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= tolerance * (1 + Math.abs(expected[i]!)),
      `${i}: ${actual[i]} ${expected[i]}`,
    );
  }
};
const shownMap = (explorer: Explorer) => (explorer.relevance as { values: Float32Array }).values;

/** Sends a view's event, waits for its end, and returns what the kernel answers by events of its own. */
async function tell(explorer: Explorer, event: object, ...files: Uint8Array[]) {
  await turn();
  const before = frontEnd.sent.length;
  const id = frontEnd.custom(explorer.id, event as never, files);
  await until(() => frontEnd.sent.some(({ type, parent }) => type === "idle" && parent === id), "no idle came");
  assert.deepEqual(frontEnd.reported, []);
  const answers = frontEnd.sent.slice(before).flatMap(({ content, buffers }) => {
    const data = content["data"] as { method?: string; content: ExplorerReply } | undefined;
    return data?.method === "custom" ? [{ ...data.content, bytes: buffers[0]! }] : [];
  });
  return answers[0];
}

test("a class is asked for by name, by index or as not this one, and is listed with its own numbers", async () => {
  const explorer = new Explorer(model, photo, { top: 3 });
  const ranked = rankedClasses(model.predict(photo.tensor).dataSync() as Float32Array, NAMES, "linear");
  const last = ranked.at(-1)!;
  explorer.target = last.name.split(",")[0]!.toUpperCase();
  assert.equal(explorer.target, last.index);
  await explorer.settled();
  assert.deepEqual(explorer.classes, [...ranked.slice(0, 3), last]);
  assert.equal(explorer.classes.at(-1)!.rank, NAMES.length);
  assert.deepEqual([explorer.title, explorer.ends], [`Why *${last.name.split(",")[0]}*?`, []]);
  explorer.target = { not: "bumblebee" };
  assert.deepEqual(explorer.target, { not: 1 });
  await explorer.settled();
  assert.deepEqual([explorer.title, explorer.ends], ["Why not *bee*?", ["for bee", "against bee"]]);
  const against = await lrp(model, { bias: "distribute" })(photo.tensor, { target: { not: 1 } });
  const towards = await lrp(model, { bias: "distribute" })(photo.tensor, { target: 1 });
  close(shownMap(explorer), relevanceMap(against).values);
  close(
    shownMap(explorer),
    relevanceMap(towards).values.map((value) => -value),
  );
  assert.deepEqual([...explorer.classNames], NAMES);
  explorer.close();
});

test("a class that does not exist is refused with what may be meant, and nothing changes", async () => {
  const explorer = new Explorer(model, photo, { target: "cat" });
  assert.throws(
    () => (explorer.target = "bumblbee"),
    /No class is called "bumblbee"; did you mean 1 \(bee, bumblebee\)\?/,
  );
  assert.throws(() => (explorer.target = 7), /the model has the outputs 0 to 6/);
  assert.throws(() => (explorer.target = { not: -2 }), /the model has the outputs 0 to 6/);
  assert.throws(
    () => explorer.set({ target: 1.5 }),
    /must be the index or name of a class, or \{ not: index or name \}/,
  );
  assert.throws(
    () => explorer.set({ activationLayer: "edgs" }),
    /activationLayer must be empty or one of edges, pool, out/,
  );
  assert.equal(explorer.target, 2);
  await turn();
  frontEnd.update(explorer.id, { target: 99, request: 7 });
  await turn();
  assert.equal(wire(explorer)["target"], 2, "the view gets back what holds");
  await explorer.settled();
  explorer.close();
});

test("of one sigmoid output both classes are shown by name, and each is explained", async () => {
  const explorer = new Explorer(lone, photo);
  const probability = lone.predict(photo.tensor).dataSync()[0]!;
  const rows = explorer.classes.map(({ name, probability: p, ...rest }: ClassScore) => {
    assert.ok(Math.abs(p! - (name === "dog" ? probability : 1 - probability)) < 1e-6, name);
    return [name, rest.not ?? false];
  });
  assert.deepEqual(rows.toSorted(), [
    ["cat", true],
    ["dog", false],
  ]);
  for (const [name, target] of [
    ["dog", 0],
    ["cat", { not: 0 }],
  ] as const) {
    explorer.target = name;
    assert.deepEqual(explorer.target, target);
    await explorer.settled();
    assert.deepEqual([explorer.title, explorer.ends], [`Why *${name}*?`, []]);
    close(shownMap(explorer), relevanceMap(await lrp(lone, { bias: "distribute" })(photo.tensor, { target })).values);
    assert.equal(explorer.classes.length, 2);
  }
  explorer.target = { not: "cat" };
  assert.equal(explorer.target, 0, "against what speaks against is for");
  explorer.close();
});

test("a lone output that is no probability shows its number, and is not called certain", () => {
  const [score] = rankedClasses(Float32Array.of(3.5), ["price"], "linear");
  assert.deepEqual(score, { index: 0, name: "price", probability: null, logit: 3.5, rank: 1 });
  const unnamed = rankedClasses(Float32Array.of(-1), undefined, "sigmoid");
  assert.deepEqual(
    unnamed.map(({ name, rank }) => [name, rank]),
    [
      ["not output 0", 1],
      ["output 0", 2],
    ],
  );
});

test("a photo comes as a file in parts; what is none says why, and the last picture stays", async () => {
  const tensors = tf.memory().numTensors;
  const explorer = new Explorer(model, photo);
  await explorer.settled();
  const file = await picture();
  const half = file.length >> 1;
  await tell(explorer, { event: "photo", name: "other.png", part: 0, parts: 2 }, file.subarray(0, half));
  await tell(explorer, { event: "photo", name: "other.png", part: 1, parts: 2 }, file.subarray(half));
  await explorer.settled();
  assert.equal(explorer.refusal, "");
  assert.equal((explorer.image as { name?: string }).name, "other.png");
  assert.deepEqual(explorer.region, { left: 0.25, top: 0, width: 0.5, height: 1 });
  const before = explorer.image;
  await tell(
    explorer,
    { event: "photo", name: "notes.txt", part: 0, parts: 1 },
    new TextEncoder().encode("not a picture"),
  );
  assert.match(explorer.refusal, /^notes\.txt cannot be read as a picture: /);
  assert.equal(explorer.image, before);
  await tell(explorer, { event: "photo", name: "good.png", part: 0, parts: 1 }, file);
  await explorer.settled();
  assert.equal(explorer.refusal, "");
  assert.deepEqual(frontEnd.reported, []);
  explorer.close();
  release(model);
  assert.ok(tf.memory().numTensors <= tensors, `${tf.memory().numTensors} > ${tensors}`);
});

test("another part of the photo is seen: its pixels, its probabilities", async () => {
  const explorer = new Explorer(model, photo);
  const preview = (await tell(explorer, { event: "source" }))!;
  assert.equal(preview.event, "source");
  const { width, height } = await sharp(preview.bytes as Uint8Array).metadata();
  assert.deepEqual([width, height], [40, 20]);
  // The lower right quarter is of one color.
  await tell(explorer, { event: "crop", left: 0.5, top: 0.5, width: 0.25, height: 0.5 });
  await explorer.settled();
  const { pixels } = explorer.image as { pixels: Uint8ClampedArray };
  assert.deepEqual([...pixels.subarray(0, 4), ...pixels.subarray(-4)], [10, 10, 90, 255, 10, 10, 90, 255]);
  assert.deepEqual(explorer.region, { left: 0.5, top: 0.5, width: 0.25, height: 0.5 });
  const expected = await loadImage(await picture(), model.input, {
    region: { left: 0.5, top: 0.5, width: 0.25, height: 0.5 },
  });
  const logits = model.predict(expected.tensor).dataSync() as Float32Array;
  close([explorer.classes[0]!.logit], [Math.max(...logits)]);
  // All of it, and back.
  await tell(explorer, { event: "crop", left: 0, top: 0, width: 1, height: 1, fit: "letterbox" });
  await explorer.settled();
  const boxed = (explorer.image as { pixels: Uint8ClampedArray }).pixels;
  assert.deepEqual([explorer.fit, explorer.region], ["letterbox", { left: 0, top: 0, width: 1, height: 1 }]);
  // Half as high as wide: the upper quarter is margin, and below it the upper left color begins.
  assert.deepEqual([...boxed.subarray(0, 4)], [0, 0, 0, 255]);
  close([...boxed.subarray(4 * SIZE * 2, 4 * SIZE * 2 + 3)], [250, 250, 90], 0.03);
  await tell(explorer, { event: "crop", left: 0.5, top: 0.5, width: 0.25, height: 0.5, fit: "crop" });
  await explorer.settled();
  assert.equal(explorer.fit, "crop");
  await tell(explorer, { event: "crop", left: 0.9, top: 0, width: 0.5, height: 1 });
  assert.match(explorer.refusal, /A region is left, top, width and height in shares of the picture/);
  explorer.close();
});

test("what is stopped leaves the picture and its words, says so, and goes back or runs again", async () => {
  const explorer = new Explorer(model, photo);
  await explorer.settled();
  const { relevance, subtitle, title } = explorer;
  explorer.set({ method: "rise", parameters: { masks: 20_000 } });
  await tell(explorer, { event: "stop" });
  await explorer.settled();
  assert.ok(explorer.stopped !== null && explorer.progress === null);
  assert.deepEqual([explorer.relevance, explorer.subtitle, explorer.title], [relevance, subtitle, title]);
  assert.match(String(explorer), /stopped at [<\d.\s]+%: the picture is of earlier settings/);
  await tell(explorer, { event: "back" });
  assert.deepEqual([explorer.stopped, explorer.method], [null, "lrp"]);
  explorer.method = "rise";
  await tell(explorer, { event: "stop" });
  await explorer.settled();
  assert.notEqual(explorer.stopped, null);
  explorer.parameters = { masks: 20 };
  await tell(explorer, { event: "again" });
  await explorer.settled();
  assert.equal(explorer.stopped, null);
  assert.match(explorer.subtitle, /^RISE/);
  explorer.close();
});

test("a layer's activations are those of the layer, strongest channels first, on one scale", async () => {
  const tensors = tf.memory().numTensors;
  const explorer = new Explorer(model, photo, { target: 0 });
  await explorer.settled();
  assert.deepEqual([...explorer.activationLayers], ["edges", "pool", "out"]);
  explorer.activationLayer = "edges";
  const { channels, means, low, high, shape, error } = explorer.activationWords!;
  assert.deepEqual([error, shape, low], ["", [6, 6, 30], 0]);
  const inner = tf.model({ inputs: net.inputs, outputs: net.getLayer("edges").output });
  const values = tf.tidy(() => (inner.predict(photo.tensor) as tf.Tensor4D).arraySync()[0]!);
  const meanOf = (channel: number) => values.flat().reduce((sum, position) => sum + position[channel]!, 0) / 36;
  const order = Array.from({ length: 30 }, (_, channel) => channel).toSorted((a, b) => meanOf(b) - meanOf(a));
  assert.deepEqual(channels.length, 24);
  close(means, order.slice(0, 24).map(meanOf));
  const wired = explorer.activations!;
  assert.deepEqual(wired.shape, [24, 6, 6, 1]);
  const bytes = wired.data as Uint8Array;
  channels.forEach((channel, place) => {
    values.flat().forEach((position, at) => {
      const value = low + ((high - low) * bytes[36 * place + at]!) / 255;
      assert.ok(Math.abs(value - position[channel]!) <= (high - low) / 500, `${channel} ${at}`);
    });
  });
  // What has no positions is one row, and has both signs.
  explorer.activationLayer = "out";
  const logits = explorer.activationWords!;
  assert.deepEqual([explorer.activations!.shape, logits.shape, logits.low], [[1, 1, 7, 1], [7], -logits.high]);
  // Of another photo they are others.
  explorer.activationLayer = "edges";
  const first = [...(explorer.activations!.data as Uint8Array)];
  const noise = tf.randomUniform([1, SIZE, SIZE, 3], 0, 1, "float32", 9) as tf.Tensor4D;
  void explorer.show({ tensor: noise, pixels: photo.pixels, width: SIZE, height: SIZE, name: "noise", dispose() {} });
  assert.notDeepEqual([...(explorer.activations!.data as Uint8Array)], first);
  assert.equal(explorer.region, null, "of a photo without a file no other part can be seen");
  explorer.activationLayer = "";
  assert.deepEqual([explorer.activations, explorer.activationWords], [null, null]);
  await explorer.settled();
  explorer.close();
  release(model);
  noise.dispose();
  assert.ok(tf.memory().numTensors <= tensors, `${tf.memory().numTensors} > ${tensors}`);
});

test("what is shown is kept as files: the map's numbers, and a figure with its words", async () => {
  const explorer = new Explorer(model, photo, { target: { not: "bee" } });
  await explorer.settled();
  const ask = async (format: string) => {
    const reply = (await tell(explorer, { event: "file", format }))!;
    assert.equal(reply.event, "file");
    return reply as Extract<ExplorerReply, { event: "file" }> & { bytes: Uint8Array };
  };
  const npy = await ask("npy");
  assert.equal(npy.name, "four-why-not-bee-lrp-epsilon-gamma-box.npy");
  const stored = parseNpy(npy.name, npy.bytes);
  assert.deepEqual([stored.shape, [...stored.values]], [[SIZE, SIZE], [...shownMap(explorer)]]);
  const csv = await ask("csv");
  const rows = parseCsv(csv.name, new TextDecoder().decode(csv.bytes));
  assert.deepEqual(rows.shape, [SIZE, SIZE]);
  close(rows.values, shownMap(explorer), 1e-6);
  const svg = await ask("svg");
  const text = new TextDecoder().decode(svg.bytes);
  for (const words of [
    "Why not <tspan",
    ">bee<",
    "LRP, ε-γ-box",
    ">for bee<",
    ">against bee<",
    `output ${formatNumber(explorer.output!)}`,
  ])
    assert.ok(text.includes(words), words);
  const drawn = await sharp(svg.bytes).metadata();
  assert.deepEqual([drawn.width, drawn.height], [svg.width, svg.height]);
  const png = await ask("png");
  assert.deepEqual([png.type, png.name], ["image/svg+xml", npy.name.replace(".npy", ".png")]);
  explorer.close();
});
