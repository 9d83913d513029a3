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

  test("letterboxed, all of a picture stands between margins of the color that enters as 0", async () => {
    // 6 × 2 pixels: left half red, right half blue.
    const raw = Uint8Array.from({ length: 36 }, (_, i) => [i % 18 < 9 ? 255 : 0, 0, i % 18 < 9 ? 0 : 255][i % 3]!);
    const file = await sharp(raw, { raw: { width: 6, height: 2, channels: 3 } })
      .png()
      .toBuffer();
    const mean = [100, 50, 200];
    const wide = await loadImage(file, { shape: [6, 6, 3], mean, scale: 2, crop: 0.5 }, { fit: "letterbox" });
    const rows = Array.from({ length: 6 }, (_, y) => [...wide.pixels.subarray(24 * y, 24 * y + 24)]);
    const margin = Array.from({ length: 6 }, () => [...mean, 255]).flat();
    const colors = [...Array(3).fill([255, 0, 0, 255]), ...Array(3).fill([0, 0, 255, 255])].flat();
    assert.deepEqual(rows, [margin, margin, colors, colors, margin, margin]);
    const values = (await wide.tensor.data()).slice(0, 18);
    assert.ok(values.every((value) => value === 0));
    assert.deepEqual([wide.fit, wide.share, wide.region], ["letterbox", 1, { left: 0, top: 0, width: 1, height: 1 }]);
    wide.dispose();

    // Of a region: its proportion, and the crop of the same region where that fits exactly.
    const region = { left: 0.5, top: 0, width: 1 / 3, height: 1 };
    const square = { shape: [4, 4, 3], mean: 0, scale: 255, crop: 1 };
    const [boxed, cropped] = await Promise.all([
      loadImage(file, square, { region, fit: "letterbox" }),
      loadImage(file, square, { region, fit: "crop" }),
    ]);
    assert.deepEqual(boxed.pixels, cropped.pixels);
    boxed.dispose();
    cropped.dispose();

    // One row of a thousand pixels stays one row; of gray models and gray files the margin is the mean, too.
    const strip = await sharp({ create: { width: 1000, height: 1, channels: 3, background: "white" } })
      .toColorspace("b-w")
      .png()
      .toBuffer();
    const gray = await loadImage(strip, { shape: [5, 5, 1], mean: 51, scale: 255, crop: 1 }, { fit: "letterbox" });
    const expected = Array.from({ length: 25 }, (_, at) => (at >= 10 && at < 15 ? 204 / 255 : 0));
    const found = await gray.tensor.data();
    assert.ok(
      expected.every((value, at) => Math.abs(value - found[at]!) < 1e-6),
      String(found),
    );
    gray.dispose();

    // Without a size there is nothing to fit.
    const free = await loadImage(file, undefined, { fit: "letterbox" });
    assert.deepEqual([free.width, free.height], [6, 2]);
    free.dispose();
    await assert.rejects(loadImage(file, square, { fit: "stretch" as never }), /fit.*crop, letterbox/);
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
