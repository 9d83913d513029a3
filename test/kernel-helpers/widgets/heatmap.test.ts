import assert from "node:assert/strict";
import test from "node:test";
import * as tf from "@tensorflow/tfjs";
import sharp from "sharp";
import { provideHost } from "../../../src/comms/host.js";
import { CommManager } from "../../../src/comms/manager.js";
import { RelevanceShapeError } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { TraitError } from "../../../src/kernel-helpers/widgets/base/trait-error.js";
import { Heatmap } from "../../../src/kernel-helpers/widgets/heatmap/heatmap.js";

import { storedForms, storedPng } from "./stored.js";

const DISPLAY = Symbol.for("Jupyter.display");
const photo = { pixels: new Uint8ClampedArray(4 * 6).fill(200), width: 3, height: 2, name: "gray.png" };
const values = Float32Array.from({ length: 18 }, (_, i) => i - 4);

/** What opening comms sends: content and binary frames. */
const sent: { data: { state: { [trait: string]: unknown }; buffer_paths: unknown[] }; buffers: ArrayBufferView[] }[] =
  [];
const comms = new CommManager({
  send: (_type, content, _metadata, buffers) => sent.push({ data: content["data"] as never, buffers }),
});
provideHost({ comms, display: () => {}, clearOutput: () => {}, format: () => ({}), poll: () => 0, check: () => {} });

test("relevance goes out by position, as one binary frame, with its sum beside it", async () => {
  const map = new Heatmap({ image: photo, relevance: { shape: [1, 2, 3, 3], values } });
  (map as unknown as { [DISPLAY](): unknown })[DISPLAY]();
  const opened = sent.find(({ data }) => data.state["_model_name"] === "HeatmapModel");
  assert.ok(opened);
  const { state, buffer_paths } = opened.data;
  assert.deepEqual(buffer_paths, [
    ["image", "data"],
    ["relevance", "data"],
  ]);
  assert.deepEqual(state["image"], { shape: [2, 3, 4], dtype: "uint8" });
  assert.deepEqual(state["relevance"], { shape: [2, 3], dtype: "float32" });
  assert.equal(state["total"], 81);
  const [pixels, relevance] = opened.buffers.map(({ buffer, byteOffset, byteLength }) =>
    buffer.slice(byteOffset, byteOffset + byteLength),
  );
  assert.deepEqual([...new Uint8Array(pixels!)], [...photo.pixels]);
  assert.deepEqual([...new Float32Array(relevance!)], [-9, 0, 9, 18, 27, 36]);
  map.close();
});

test("a tensor, and later relevance, are taken; the sum follows", () => {
  const tensor = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const map = new Heatmap({ relevance: tensor });
  assert.equal(map.total, 10);
  const seen: unknown[] = [];
  map.observe(({ name }) => seen.push(name), ["relevance", "total"]);
  map.relevance = { shape: [1, 2], data: Float32Array.of(1, 1) };
  assert.equal(map.total, 2);
  assert.deepEqual(seen.sort(), ["relevance", "total"]);
  tensor.dispose();
});

test("an attribution brings its output, a bare array gets the photo's shape", () => {
  const map = new Heatmap({
    image: photo,
    relevance: { relevance: values, shape: [1, 2, 3, 3], output: [7] } as never,
  });
  assert.deepEqual([map.output, map.total], [7, 81]);
  map.relevance = values.map((value) => 2 * value);
  assert.deepEqual([map.output, map.total], [7, 162]);
});

test("what is no picture is refused, and the map stays as it was", () => {
  const map = new Heatmap({ relevance: { shape: [2, 3], values: values.subarray(0, 6) } });
  const wrong = (change: () => void, error: new (...parts: never[]) => Error) => assert.throws(change, error);
  wrong(() => Object.assign(map, { opacity: 2 }), TraitError);
  wrong(() => Object.assign(map, { image: { pixels: new Uint8Array(5), width: 1, height: 1 } }), TraitError);
  wrong(() => Object.assign(map, { relevance: "much" }), TraitError);
  wrong(() => Object.assign(map, { relevance: { shape: [5, 2, 3, 3], values } }), RelevanceShapeError);
  assert.equal(map.opacity, 0.85);
  assert.equal(map.total, -4 - 3 - 2 - 1 + 0 + 1);
});

test("readers without the extension get a picture and a line of text", async () => {
  const map = new Heatmap({ image: photo, relevance: { shape: [2, 3, 3], values }, title: "Why *gray*?", output: 81 });
  const shown = map as unknown as { [DISPLAY](): { [mime: string]: string } };
  assert.ok(shown[DISPLAY]()["application/vnd.jupyter.widget-view+json"]);
  const { forms, metadata } = await storedForms(map);
  assert.equal(forms["text/plain"], "Heatmap: Why gray? · output 81 · relevance 81");
  const { width = 0, height = 0 } = await sharp(await storedPng(map)).metadata();
  const size = metadata["image/png"] as { width: number; height: number };
  assert.deepEqual([width, height], [2 * size.width, 2 * size.height]);
  assert.ok(size.width >= 448 && size.height > (size.width * 2) / 3);
  assert.equal(forms["image/svg+xml"], undefined, "a map is pixels");
  // The photo alone is shown as it is: around its middle there is nothing but its gray.
  const alone = sharp(await storedPng(new Heatmap({ image: photo })));
  const { width: wide = 0, height: high = 0 } = await alone.metadata();
  const middle = await alone
    .extract({ left: wide >> 2, top: high >> 2, width: wide >> 1, height: high >> 1 })
    .raw()
    .toBuffer();
  assert.ok(middle.every((value) => value === 200));
  // Where there is nothing yet, viewers without widgets show that there is one.
  const empty = (await storedForms(new Heatmap())).forms;
  assert.equal(empty["text/plain"], "Heatmap");
  assert.match(String(empty["image/svg+xml"]), /Heatmap.*Nothing to show yet/s);
});

test("a row of a few units is a low strip, not one huge square each; longer rows and photos keep their proportions", () => {
  const heightOf = (columns: number, image: typeof photo | null = null) =>
    new Heatmap({
      image,
      relevance: { shape: [1, columns], values: new Float32Array(columns).fill(1) },
    }).staticPicture()!.height;
  const strip = heightOf(1);
  assert.equal(heightOf(7), strip);
  // From eight on squares of the same width, the height of which the number tells.
  assert.equal(heightOf(8), strip);
  assert.equal(strip - heightOf(16), 448 / 8 - 448 / 16);
  assert.equal(heightOf(1, photo) - strip, 448 - 448 / 8);
});
