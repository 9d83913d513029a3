import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PhotoRegion } from "../../src/comms/states/explorer.js";
import { largest, moved, proportionOf, scaled } from "../../src/widgets/explorer/photo/crop-box.js";

const share = fc.double({ min: -2, max: 2, noNaN: true });
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const actions = fc.array(
  fc.oneof(
    fc.tuple(share, share).map(
      ([x, y]) =>
        (region: PhotoRegion) =>
          moved(region, x, y),
    ),
    fc.tuple(fc.double({ min: -1, max: 4, noNaN: true }), unit, unit).map(
      ([factor, x, y]) =>
        (region: PhotoRegion) =>
          scaled(region, factor, { x, y }),
    ),
  ),
  { maxLength: 12 },
);

test("whatever is done with a crop, it stays in the picture, keeps its proportion and is not empty", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.05, max: 20, noNaN: true }), actions, (proportion, list) => {
      let region = largest(proportion);
      for (const act of list) {
        region = act(region);
        const { left, top, width, height } = region;
        assert.ok(
          left >= 0 && top >= 0 && left + width <= 1 + 1e-9 && top + height <= 1 + 1e-9,
          JSON.stringify(region),
        );
        assert.ok(Math.abs(width / height / proportion - 1) < 1e-9, `${width / height}, not ${proportion}`);
        assert.ok(width > 0.0009 && height > 0.0009);
      }
    }),
  );
});

test("the largest crop of a wide picture for a square network is as high as the picture", () => {
  const proportion = proportionOf({ width: 224, height: 224 }, { width: 600, height: 300 });
  assert.deepEqual(largest(proportion), { left: 0.25, top: 0, width: 0.5, height: 1 });
});

test("sized from a corner, the opposite one stays", () => {
  const region = { left: 0.2, top: 0.2, width: 0.4, height: 0.4 };
  const { left, top, width } = scaled(region, 0.5, { x: 1, y: 1 });
  assert.ok(Math.abs(left + width - 0.6) < 1e-12 && Math.abs(top + width - 0.6) < 1e-12);
});
