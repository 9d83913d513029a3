/** The CSV file of a widget: what it shows, in numbers that are read back as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvOf } from "../../src/page/figure-data.js";

type Model = Parameters<typeof csvOf>[0];
let made = 0;
const model = (attributes: Record<string, unknown>): Model =>
  ({ model_id: `m${made++}`, attributes, get: (name: string) => attributes[name] }) as unknown as Model;
const grid = (shape: number[], values: ArrayLike<number>) => ({ shape, values: Float32Array.from(values) });

test("a map is a table of its rows, whose numbers are read back bit for bit", () => {
  const sized = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));
  fc.assert(
    fc.property(
      sized.chain(([rows, columns]) =>
        fc.tuple(
          fc.constant([rows, columns]),
          fc.float32Array({
            minLength: rows * columns,
            maxLength: rows * columns,
            noNaN: true,
            noDefaultInfinity: true,
          }),
        ),
      ),
      ([size, values]) => {
        const shape = [...size];
        const text = csvOf(model({ relevance: grid(shape, values), title: "map" }))!;
        const rows = text
          .trimEnd()
          .split("\r\n")
          .map((row) => row.split(","));
        assert.deepEqual([rows.length, rows[0]!.length], shape);
        const back = Float32Array.from(rows.flat(), Number);
        for (const [at, value] of values.entries()) assert.ok(back[at] === value, `${value} became ${back[at]}`);
      },
    ),
  );
});

test("all else is a list: series by their names, parts by their places, and what counts or looks left out", () => {
  const series = [
    { name: "LRP", y: grid([2], [0.4, 1e-7]) },
    { name: 'a "b", c', y: grid([1], [3]) },
  ];
  const inner = model({ total: 2, opacity: 0.85, relevance: grid([1, 2], [5, 6]) });
  const text = csvOf(model({ series, children: [inner, inner], request: 7, _view_count: 1, height: 320 }));
  assert.equal(
    text,
    [
      "quantity,value",
      "series[LRP].y[0],0.4",
      "series[LRP].y[1],1e-7",
      '"series[a ""b"", c].y[0]",3',
      "children[0].total,2",
      "children[0].relevance[0][0],5",
      "children[0].relevance[0][1],6",
      "",
    ].join("\r\n"),
  );
  assert.equal(csvOf(model({ title: "words only" })), null);
});
