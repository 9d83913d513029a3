import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { ParameterError, plot } from "../../../src/kernel-helpers/index.js";

const values = (array: { data: ArrayBufferView }) => Array.from(array.data as Float32Array);

test("numbers, numbers by name, and series with x, name and kind become series", () => {
  const one = plot([3, 1, 2]);
  assert.deepEqual(
    one.series.map(({ name, kind, x, y }) => [name, kind, values(x), values(y)]),
    [["", "lines", [0, 1, 2], [3, 1, 2]]],
  );
  const two = plot(
    { LRP: [1, 2], random: { x: [10, 20], y: Float32Array.of(5, 6), kind: "points" } },
    { x: "steps", y: "p", logX: true },
  );
  assert.deepEqual(
    two.series.map(({ name, kind, x }) => [name, kind, values(x)]),
    [
      ["LRP", "lines", [0, 1]],
      ["random", "points", [10, 20]],
    ],
  );
  assert.deepEqual([two.xLabel, two.yLabel, two.logX], ["steps", "p", true]);
  const bars = plot({ x: ["LRP", "IG"], y: [1, 2], kind: "bars" });
  assert.deepEqual(bars.series[0]!.labels, ["LRP", "IG"]);
  assert.equal(plot([{ y: [1] }, { y: [2], name: "b" }]).series.length, 2);
});

test("what cannot be plotted is refused by name", () => {
  const refused = (work: () => unknown, words: RegExp) =>
    assert.throws(work, (error) => error instanceof ParameterError && words.test(error.message));
  refused(() => plot([]), /numbers to plot, at least one/);
  refused(() => plot({}), /at least one list/);
  refused(() => plot({ a: { x: [1], y: [1, 2] } }), /a\.x must be as many as y has, 2/);
  refused(() => plot([-1, 0], { logY: true }), /logY must be left out: no value of y is above 0/);
  refused(() => plot([1], { kind: "pie" as never }), /kind must be one of lines, points, bars/);
  refused(() => plot({ a: ["x"] as never }), /numbers to plot/);
});

test("the static picture puts every value where the axis says, with gaps for what is not finite", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 20 }), (list) => {
      const svg = plot(list).toSvg();
      const path = /<path d="(M[^"]*)" fill="none"/.exec(svg)![1]!;
      const points = path
        .split(/[ML]/)
        .filter(Boolean)
        .map((pair) => pair.split(" ").map(Number) as [number, number]);
      assert.equal(points.length, list.length);
      const [low, high] = [Math.min(...Float32Array.from(list)), Math.max(...Float32Array.from(list))];
      const [top, bottom] = [Math.min(...points.map(([, y]) => y)), Math.max(...points.map(([, y]) => y))];
      if (high - low < 1e-3 * Math.max(1, Math.abs(high))) return;
      // Linear: the share of the range is the share of the height.
      points.forEach(([, y], i) => {
        const share = (Math.fround(list[i]!) - low) / (high - low);
        assert.ok(Math.abs((bottom - y) / (bottom - top) - share) < 2e-3);
      });
    }),
  );
  const gap = plot([1, Number.NaN, 3, 4]).toSvg();
  assert.equal(/<path d="(M[^"]*)" fill="none"/.exec(gap)![1]!.match(/M/g)!.length, 2);
  const logarithmic = plot([1, 10, 100], { logY: true }).toSvg();
  const [a, b, c] = /<path d="(M[^"]*)" fill="none"/
    .exec(logarithmic)![1]!
    .split(/[ML]/)
    .filter(Boolean)
    .map((pair) => Number(pair.split(" ")[1]));
  assert.ok(Math.abs(a! - b! - (b! - c!)) < 0.3);
});

test("words are text, and the picture is a PNG, too", async () => {
  const figure = plot({ "<b>&": [1, 2] }, { title: "a < b", x: "steps" });
  assert.ok(!figure.toSvg().includes("<b>"));
  assert.match(figure.toSvg(), /&lt;b&gt;&amp;/);
  assert.equal((await sharp(await figure.toPng({ scale: 1 })).metadata()).width, 680);
  assert.equal(String(figure), "Plot: a < b · <b>& (2 points)");
  figure.close();
});

test("a label with a character that XML does not have leaves the picture readable", () => {
  const svg = plot({ "a\u0000b": [1, 2] }, { title: "t\u0007 & <i>" }).toSvg();
  assert.ok(svg.includes("a\ufffdb") && svg.includes("t\ufffd &amp; &lt;i&gt;"));
  assert.doesNotMatch(svg, /[^\t\n\r\u{20}-\u{10ffff}]/u);
});
