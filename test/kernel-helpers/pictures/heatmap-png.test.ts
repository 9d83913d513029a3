import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { colorOf } from "../../../src/comms/states/colors.js";
import { heatmapPng } from "../../../src/kernel-helpers/pictures/heatmap-png.js";
import { encodePng } from "../../../src/kernel-helpers/pictures/png.js";
import { RelevanceShapeError, relevanceMap, total } from "../../../src/kernel-helpers/pictures/relevance-map.js";

test("another decoder reads back the encoded pixels", async () => {
  const pictures = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })).chain(([width, height]) =>
    fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }).map((pixels) => ({
      width,
      height,
      pixels,
    })),
  );
  await fc.assert(
    fc.asyncProperty(pictures, async ({ width, height, pixels }) => {
      const { data, info } = await sharp(encodePng(pixels, width, height))
        .raw()
        .toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [width, height, 3]);
      assert.deepEqual([...data], [...pixels]);
    }),
    { numRuns: 40 },
  );
});

test("a static map has the colors of its values, and its scale below", async () => {
  const relevance = { shape: [2, 2] as const, values: Float32Array.of(1, -1, 0, 0.5) };
  const { data, info } = await sharp(heatmapPng({ relevance, percentile: 100 }))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number) => [...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)];
  const [width, side] = [info.width, info.width / 2];
  assert.deepEqual(at(0, 0), colorOf(1, true));
  assert.deepEqual(at(width - 1, 0), colorOf(-1, true));
  assert.deepEqual(at(0, width - 1), colorOf(0, true));
  for (const [channel, value] of at(width - 1, side).entries()) {
    assert.ok(Math.abs(value - colorOf(0.5, true)[channel]!) <= 1);
  }
  assert.ok(info.height > width, "the scale is below the map");
  assert.deepEqual(at(0, width + 12), colorOf(-1, true));
  assert.deepEqual(at(width - 1, width + 12), colorOf(1, true));
});

test("an overlay of no relevance is the grayed photo, and the photo alone is the photo", async () => {
  const pixels = Uint8Array.of(200, 10, 30, 255);
  const image = { pixels, width: 1, height: 1 };
  const first = async (picture: Parameters<typeof heatmapPng>[0]) => [
    ...(await sharp(heatmapPng(picture)).raw().toBuffer()).subarray(0, 3),
  ];
  const relevance = { shape: [1, 1] as const, values: Float32Array.of(0) };
  const [red, green, blue] = await first({ image, relevance });
  assert.ok(red === green && green === blue);
  assert.deepEqual(await first({ image, relevance, mode: "image" }), [200, 10, 30]);
  assert.throws(() => heatmapPng({}), TypeError);
});

test("channels are summed, and other than one picture is refused by its shape", () => {
  const values = Float32Array.from({ length: 2 * 3 * 3 }, (_, i) => i);
  for (const shape of [
    [1, 2, 3, 3],
    [2, 3, 3],
  ]) {
    const map = relevanceMap({ shape, values });
    assert.deepEqual(map.shape, [2, 3]);
    assert.deepEqual([...map.values], [3, 12, 21, 30, 39, 48]);
    assert.equal(total(map), 153);
  }
  assert.deepEqual(relevanceMap({ shape: [1, 2, 9], data: values }).shape, [2, 9]);
  const photo = { width: 3, height: 2, pixels: new Uint8Array(24) };
  assert.deepEqual([...relevanceMap(values, photo).values], [3, 12, 21, 30, 39, 48]);
  assert.deepEqual(relevanceMap(values.subarray(0, 12)).shape, [2, 2]);
  assert.throws(
    () => relevanceMap(values.subarray(0, 17), photo),
    (error) =>
      error instanceof RelevanceShapeError &&
      /not 17 values without a shape, which do not fit a photo of/.test(error.message),
  );
  assert.throws(() => relevanceMap(values), RelevanceShapeError);
  for (const shape of [[2, 3, 3, 1], [18], [1, 2, 3, 4], []]) {
    assert.throws(() => relevanceMap({ shape, values }), RelevanceShapeError);
  }
});
