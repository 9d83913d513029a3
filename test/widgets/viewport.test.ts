import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { panBy, reveal, toFrame, toPicture, WHOLE, zoomAt } from "../../src/widgets/heatmap/viewport.js";
import { near } from "../helpers/numbers.js";

const share = fc.double({ min: 0, max: 1, noNaN: true });
const views = fc
  .tuple(fc.double({ min: 1, max: 30, noNaN: true }), share, share)
  .map(([factor, u, v]) => zoomAt(WHOLE, factor, u, v));

test("frame and picture are each other's inverse", () => {
  fc.assert(
    fc.property(views, share, share, (view, u, v) => {
      const [back, down] = toFrame(view, ...toPicture(view, u, v));
      near(back, u, 1e-9);
      near(down, v, 1e-9);
    }),
  );
});

test("what is under the pointer stays there while zooming in", () => {
  fc.assert(
    fc.property(views, share, share, fc.double({ min: 1, max: 1.3, noNaN: true }), (view, u, v, factor) => {
      const [x, y] = toPicture(view, u, v);
      const [xAfter, yAfter] = toPicture(zoomAt(view, factor, u, v), u, v);
      near(xAfter, x, 1e-9);
      near(yAfter, y, 1e-9);
    }),
  );
});

test("the picture always fills the frame", () => {
  const far = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(
    fc.property(views, far, far, share, (view, du, dv, u) => {
      for (const after of [panBy(view, du, dv), zoomAt(view, 0.3, u, u), reveal(view, u, 1 - u)]) {
        for (const corner of [0, 1]) {
          for (const edge of toPicture(after, corner, corner)) assert.ok(edge > -1e-9 && edge < 1 + 1e-9);
        }
      }
    }),
  );
});

test("revealing brings a point into sight and leaves a view alone that has it", () => {
  fc.assert(
    fc.property(views, share, share, (view, x, y) => {
      const after = reveal(view, x, y);
      for (const place of toFrame(after, x, y)) assert.ok(place > -1e-9 && place < 1 + 1e-9);
      const again = reveal(after, x, y);
      near(again.x, after.x, 1e-9);
      near(again.y, after.y, 1e-9);
    }),
  );
});
