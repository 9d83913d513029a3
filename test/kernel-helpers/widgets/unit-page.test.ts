import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { provideHost } from "../../../src/comms/host.js";
import type { Bytes } from "../../../src/comms/states/array.js";
import {
  attributionGraph,
  conceptRelevance,
  type DataPass,
  dissect,
  receptiveField,
  topSamples,
} from "../../../src/explainers/index.js";
import { loadDigits } from "../../../src/kernel-helpers/data/digits.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { loadImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { DrawDigit } from "../../../src/kernel-helpers/widgets/draw-digit/draw-digit.js";
import { UnitPage } from "../../../src/kernel-helpers/widgets/unit-page/unit-page.js";
import { FrontEnd } from "../../comms/front-end.js";

const COUNT = 50;
const how = { composite: "epsilon-plus" } as const;
let model: LoadedModel;
let x: tf.Tensor4D;
let data: { count: number; take: (start: number, count: number) => tf.Tensor; labels: Uint8Array };
let pass: DataPass;

before(async () => {
  model = await loadModel("mnist-cnn");
  const { pixels, labels } = await loadDigits({ count: COUNT });
  x = tf.tensor4d(
    Float32Array.from(pixels, (ink) => ink / 255),
    [COUNT, 28, 28, 1],
  );
  data = { count: COUNT, take: (start, count) => tf.slice(x, start, count), labels };
  const page = new UnitPage(model, { data, steps: 0 });
  await page.settled();
  pass = page.dataPass!;
  page.close();
});

const bytesOf = ({ data: bytes }: Bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

test("a channel's page says what the pass, the layers and relevance say of it", async () => {
  const ink = Uint8Array.from(x.dataSync(), (value) => Number(value > 0.4));
  const dissection = await dissect(model, { layers: ["conv2"], share: 0.05 })({
    x,
    concepts: { part: { names: ["ink"], map: ink } },
  });
  const page = new UnitPage(model, { data, pass, dissection, layer: "conv2", channel: 9, steps: 8 });
  await page.settled();
  const before = tf.memory().numTensors;
  page.channel = 5;
  await page.settled();
  assert.equal(tf.memory().numTensors, before);
  assert.equal(page.title, "What does *channel 5 of conv2* look for?");
  const rows = pass.layers.find(({ layer }) => layer === "conv2")!;
  const about = page.about!;
  const [byActivation, byRelevance] = (["activation", "relevance"] as const).map((by) =>
    topSamples(rows, 5, by).slice(0, 4),
  );
  assert.deepEqual([about.layer, about.channel, about.mean], ["conv2", 5, rows.mean[5]]);
  assert.deepEqual(
    about.byActivation.map(({ sample }) => sample),
    byActivation!.map(({ sample }) => sample),
  );
  assert.equal(about.concept?.name, "ink");
  assert.equal(about.concept?.overlap, dissection.layers[0]!.units[5]!.overlap);
  const best = about.classes[0]!;
  assert.equal(best.mean, Math.max(...pass.classes.map((_, at) => rows.classMeans[at * rows.channels + 5]!)));
  // The pictures are those of the samples, in this order.
  const all = [...byActivation!, ...byRelevance!];
  const pictures = bytesOf(page.pictures!);
  all.forEach(({ sample }, at) => {
    const own = x.dataSync().subarray(sample * 784, (sample + 1) * 784);
    own.forEach((value, entry) => void assert.ok(Math.abs(pictures[at * 784 + entry]! - 255 * value) <= 1));
  });
  for (const [at, { sample, position }] of all.entries()) {
    const { top, left, height, width } = await receptiveField(model, data.take(sample, 1), "conv2", position);
    const box = page.boxes[at]!;
    const [y0, x0, rows28, columns28] = [box.top, box.left, box.height, box.width].map((share) =>
      Math.round(28 * share),
    );
    // Through the pool it may be any of four; what the largest sees lies within.
    assert.ok(y0! <= top && x0! <= left && y0! + rows28! >= top + height && x0! + columns28! >= left + width);
    assert.ok(rows28! <= height + 2 && columns28! <= width + 2, `${rows28} × ${columns28}, not ${height} × ${width}`);
    // Nothing is sent back to what the unit does not see.
    if (at >= byActivation!.length) continue;
    for (const maps of [page.deconvolutions!, page.relevances!]) {
      bytesOf(maps)
        .subarray(at * 784, (at + 1) * 784)
        .forEach((byte, entry) => {
          const [y, column] = [Math.floor(entry / 28), entry % 28];
          const isInside = y >= top && y < top + height && column >= left && column < left + width;
          if (!isInside) assert.equal(byte, 128, `sample ${sample} at ${y}, ${column}`);
        });
    }
  }
  // Neighbors are the mean over its three most relevant samples.
  const three = tf.concat(byRelevance!.slice(0, 3).map(({ sample }) => data.take(sample, 1)));
  const graph = await attributionGraph(model, { ...how, layers: ["pool2", "conv2", "pool1"], strongest: 8 })(three);
  const own = await conceptRelevance(model, { ...how, layer: "conv2" })(three);
  const mean = [0, 1, 2].reduce((sum, sample) => sum + own.relevance[sample * 32 + 5]! / 3, 0);
  assert.ok(Math.abs(page.neighbors!.relevance - mean) < 1e-4);
  const above = graph.layers.find(({ layer }) => layer === "pool2")!;
  for (const { layer, channel, relevance } of page.neighbors!.upper) {
    assert.equal(layer, "pool2");
    const passed = above.channels.find((one) => one.channel === channel)!.passed[0]!.relevance[5]!;
    assert.ok(Math.abs(relevance - passed) < 1e-4);
  }
  assert.ok(page.neighbors!.lower.length > 0 && page.neighbors!.lower.every(({ layer }) => layer === "pool1"));
  assert.match(page.preferenceWords, /^step 8 of 8/);
  assert.match(String(page), /channel 5 of conv2 look for\?.*Strongest by relevance: #\d+/s);
  page.close();
});

test("the maps are those of the picture that is shown: the photo, the stream, a drawing", async () => {
  const photo = tf.slice(x, 7, 1) as tf.Tensor4D;
  const pad = new DrawDigit(model);
  const page = new UnitPage(model, { data, pass, layer: "conv1", photo, pad, steps: 0 });
  const conv1 = tf.model({
    inputs: (model.net as tf.LayersModel).inputs,
    outputs: (model.net as tf.LayersModel).getLayer("conv1").output as tf.SymbolicTensor,
  });
  const check = (picture: tf.Tensor, what: string) => {
    const values = tf.tidy(() =>
      tf.transpose(tf.squeeze(conv1.predict(picture) as tf.Tensor4D, [0]), [2, 0, 1]).dataSync(),
    );
    const { low, high, channels } = page.mapsWords!;
    assert.equal(channels, 16);
    const bytes = bytesOf(page.maps!);
    assert.equal(bytes.length, values.length);
    values.forEach((value, at) => {
      const expected = (255 * (value - low)) / (high - low);
      assert.ok(Math.abs(bytes[at]! - expected) <= 1, `${what}: ${at}`);
    });
  };
  await page.settled();
  check(photo, "photo");
  page.source = "stream";
  page.frame = 3;
  await page.settled();
  assert.equal(page.imageName, "#3");
  check(tf.slice(x, 3, 1), "stream");
  page.source = "drawing";
  await page.settled();
  assert.deepEqual([page.image, page.maps], [null, null]);
  const digit = Uint8Array.from(x.dataSync().subarray(5 * 784, 6 * 784), (value) => Math.round(255 * value));
  await pad.draw(digit);
  await page.settled();
  check(
    tf.tensor4d(
      Float32Array.from(digit, (ink) => ink / 255),
      [1, 28, 28, 1],
    ),
    "drawing",
  );
  page.source = "stream";
  page.playing = true;
  const frames = new Set<number>();
  while (frames.size < 3) {
    await page.next("frame");
    frames.add(page.frame);
  }
  page.playing = false;
  await page.settled();
  const last = page.frame;
  await new Promise((resolve) => setTimeout(resolve, 900));
  assert.equal(page.frame, last);
  page.close();
  pad.close();
});

test("a pass that is stopped is gone on with and stored; another model's file is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "limpid-units-"));
  const file = join(folder, "units.safetensors");
  const eight = tf.tile(x, [8, 1, 1, 1]);
  const source = { count: 400, take: (start: number, count: number) => tf.slice(eight, start, count) };
  const page = new UnitPage(model, { data: source, file, layers: ["conv1", "conv2"], steps: 0 });
  page.observe(({ new: share }) => {
    if (Number(share) > 0) page.stop();
  }, "progress");
  await page.settled();
  assert.equal(page.passError, "");
  assert.ok(page.stopped! > 0 && page.stopped! < 1, `stopped at ${page.stopped}`);
  assert.deepEqual([page.passing, page.about, page.dataPass], [false, null, undefined]);
  page.close();
  const rest = new UnitPage(model, { data: source, file, layers: ["conv1", "conv2"], steps: 0 });
  let least = 1;
  rest.observe(({ new: share }) => {
    if (Number(share) > 0) least = Math.min(least, Number(share));
  }, "progress");
  await rest.settled();
  assert.ok(least > 0.05);
  assert.equal(rest.dataPass!.done, 400);
  assert.equal(rest.about!.samples, 400);
  rest.close();
  const other = new UnitPage(await loadModel("mnist-cnn"), { data, file, layers: ["conv1", "conv2"], steps: 0 });
  await other.settled();
  assert.match(other.passError, /^The stored pass is of other data \(400 samples; here are 50\)/);
  assert.equal(other.about, null);
  other.close();
  await rm(folder, { recursive: true });
});

test("what does not exist is refused, and what cannot be computed is said", async () => {
  assert.throws(() => new UnitPage(model, { data, pass, layer: "conv9" }), /layer.*conv1, pool1, conv2/s);
  assert.throws(() => new UnitPage(model, { data, pass, source: "drawing" }), /source/);
  assert.throws(() => new UnitPage(model, { data, pass, layers: ["conv9"] }), /no layer "conv9"/);
  const page = new UnitPage(model, { data, pass, layer: "conv2", channel: 99, steps: 0 });
  assert.equal(page.channel, 31);
  await page.settled();
  // The pass has no such layer.
  const less = { ...pass, layers: pass.layers.filter(({ layer }) => layer !== "conv2") };
  const without = new UnitPage(model, { data, pass: less, layer: "conv2", steps: 0 });
  await without.settled();
  assert.match(without.error, /the data set was passed for: conv1, pool1/);
  page.close();
  without.close();
});

test("the page of a channel of EfficientNet-lite0 is there at once, and its maps follow", async (t) => {
  const lite = await loadModel("efficientnet-lite0");
  const photos: tf.Tensor[] = [];
  for (const name of ["chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png"]) {
    photos.push((await loadImage(name, lite.input)).tensor);
  }
  const all = tf.concat([...photos, ...photos.map((one) => tf.reverse(one, 2))]);
  const source = { count: 8, take: (start: number, count: number) => tf.slice(all, start, count) };
  const layers = ["b3_dw_relu6", "b11_project_bn"];
  const page = new UnitPage(lite, { data: source, layers, layer: layers[1]!, steps: 0 });
  await page.settled();
  assert.deepEqual([page.error, page.passError, page.mapsError], ["", "", ""]);
  const times: Record<string, number[]> = {};
  for (let channel = 1; channel < 4; channel++) {
    const began = performance.now();
    const undo = page.observe(
      ({ name, new: value }) => {
        const isFull = value !== null && (!Array.isArray(value) || value.length > 0);
        if (isFull) times[name] = [...(times[name] ?? []), performance.now() - began];
      },
      ["about", "relevances", "boxes", "neighbors"],
    );
    page.channel = channel;
    await page.settled();
    undo();
  }
  const words = Object.entries(times).map(([name, all]) => `${name} ${Math.round(Math.min(...all))} ms`);
  t.diagnostic(`a channel's page, from the click on, best of three: ${words.join(", ")}`);
  assert.equal(page.neighbors!.lower.length, 5);
  assert.ok(page.boxes.every(({ height, width }) => height > 0.2 && width > 0.2));
  assert.ok(Math.min(...times["about"]!) < 1000);
  page.close();
});

test("with a front end every change arrives in whole parts", async () => {
  const frontEnd = new FrontEnd();
  provideHost({
    comms: frontEnd.manager,
    display: () => {},
    clearOutput: () => {},
    format: () => ({}),
    poll: () => 0,
    check: () => {},
  });
  const page = new UnitPage(model, { data, pass, layer: "conv2", steps: 0 });
  await page.settled();
  const state = frontEnd.models.get(page.id) as Record<string, unknown>;
  assert.equal(state["title"], "What does *channel 0 of conv2* look for?");
  assert.ok(state["maps"] !== null && state["pictures"] !== null);
  page.close();
});
