import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import sharp from "sharp";
import { loadModel } from "../../../src/kernel-helpers/models/index.js";
import { loadImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { expected, goldenPixels } from "../models/golden.js";

const files: { [photo: string]: string } = {
  chelsea: "chelsea.png",
  coffee: "coffee.png",
  rocket: "rocket.jpg",
  astronaut: "astronaut.png",
};

describe("loadImage", async () => {
  const { input } = await loadModel("efficientnet-lite0");

  for (const photo of expected.images) {
    test(`crops and resizes ${photo} as the peer does, to a quarter of a gray level`, async () => {
      const image = await loadImage(files[photo]!, input);
      assert.deepEqual([image.width, image.height, image.name], [224, 224, files[photo]]);
      assert.deepEqual(image.tensor.shape, [1, 224, 224, 3]);
      const golden = goldenPixels(photo);
      const values = await image.tensor.data();
      let difference = 0;
      for (let index = 0; index < golden.length; index++) {
        const pixel = image.pixels[Math.floor(index / 3) * 4 + (index % 3)]!;
        difference += Math.abs(pixel - golden[index]!);
        assert.equal(values[index], Math.fround((pixel - 127) / 128));
      }
      assert.ok(difference / golden.length < 0.25, `mean difference ${difference / golden.length}`);
      image.dispose();
    });
  }

  test("turns a picture upright, puts it on white, makes color gray where the model wants one channel", async () => {
    // 4 × 2 pixels, left half red, right half transparent; orientation 6: to be turned right.
    const raw = Uint8Array.from({ length: 32 }, (_, i) => [255, 0, 0, i % 16 < 8 ? 255 : 0][i % 4]!);
    const file = await sharp(raw, { raw: { width: 4, height: 2, channels: 4 } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const image = await loadImage(file);
    assert.deepEqual([image.width, image.height], [2, 4]);
    assert.deepEqual([...image.pixels.subarray(0, 4)], [255, 0, 0, 255]);
    assert.deepEqual([...image.pixels.subarray(28)], [255, 255, 255, 255]);
    assert.deepEqual(image.tensor.shape, [1, 4, 2, 3]);
    image.dispose();

    const gray = await loadImage(file, { shape: [4, 2, 1], mean: 0, scale: 1, crop: 1 });
    assert.deepEqual(gray.tensor.shape, [1, 4, 2, 1]);
    assert.ok(Math.abs((await gray.tensor.data())[0]! - 0.299 * 255) < 1e-3);
    gray.dispose();
  });

  test("reads bytes, data: and file: URLs alike", async () => {
    const path = fileURLToPath(new URL("../../../../photos/rocket.jpg", import.meta.url));
    const bytes = readFileSync(path);
    const pictures = [path, bytes, Uint8Array.from(bytes).buffer, pathToFileURL(path)];
    const images = await Promise.all([
      ...pictures.map((picture) => loadImage(picture, input)),
      loadImage(`data:image/jpeg;base64,${bytes.toString("base64")}`, input),
    ]);
    for (const image of images) {
      assert.deepEqual(image.pixels, images[0]!.pixels);
      image.dispose();
    }
  });

  test("refuses by name what is no picture, and keeps nothing in memory", async () => {
    const tf = await tensorflow();
    const before = tf.memory().numTensors;
    const half = readFileSync(new URL("../../../../photos/coffee.png", import.meta.url)).subarray(0, 100_000);
    const vast = '<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>';
    const cases: [Parameters<typeof loadImage>, RegExp][] = [
      [["nowhere.png"], /no picture "nowhere\.png".*chelsea\.png/],
      [[new URL("../../../../package.json", import.meta.url)], /package\.json cannot be read as a picture/],
      [[half], /picture cannot be read as a picture/],
      [
        [Buffer.from(vast)],
        /^picture has 20000 × 20000 pixels, and at most 268 million are read: make it smaller first$/,
      ],
      [["http://127.0.0.1:9/x.png"], /127\.0\.0\.1:9\/x\.png cannot be fetched/],
      [["chelsea.png", { shape: [43844, 1], mean: 0, scale: 1, crop: 1 }], /\[43844, 1\], not pictures/],
    ];
    for (const [parameters, message] of cases) {
      await assert.rejects(loadImage(...parameters), { name: "ImageError", message });
    }
    assert.equal(tf.memory().numTensors, before);
  });
});
