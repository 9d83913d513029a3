import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvOf, parseCsv } from "../../../src/kernel-helpers/formats/csv.js";

const parsed = (text: string) => {
  const { shape, values, columns } = parseCsv("data.csv", text);
  return { shape, values: [...values], columns };
};

test("rows of numbers are read, with or without names, BOM, CRLF, blanks and a last line break", () => {
  const expected = { shape: [2, 2], values: [1, 2.5, -3, 40], columns: undefined };
  for (const text of ["1,2.5\n-3,4e1", "1,2.5\r\n-3,4e1\r\n", "\uFEFF1,2.5\n\n-3,4e1\n\n", " 1 , 2.5\n-3,40 \n"]) {
    assert.deepEqual(parsed(text), expected, JSON.stringify(text));
  }
  for (const text of ["a,b\n1,2.5\n-3,40", "\uFEFFa,b\r\n1,2.5\r\n-3,40\r\n", '"a","b"\n"1","2.5"\n-3,40']) {
    assert.deepEqual(parsed(text), { ...expected, columns: ["a", "b"] }, JSON.stringify(text));
  }
});

test("quoted names may hold commas, quotation marks and line breaks", () => {
  const { columns, shape } = parsed('"age, in\nyears","the ""big"" one",plain\r\n1,2,3\r\n');
  assert.deepEqual(columns, ["age, in\nyears", 'the "big" one', "plain"]);
  assert.deepEqual(shape, [1, 3]);
});

test("what is written is read again, whatever the names", () => {
  const name = fc.string({ unit: "grapheme" }).map((text) => `x${text.trim()}x`);
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 5 }),
      fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (columns, firsts, named) => {
        const width = columns.length;
        const values = Float32Array.from(firsts.flatMap((first) => columns.map((_, i) => first / (i + 1))));
        const text = csvOf({ shape: [firsts.length, width], values, ...(named && { columns }) });
        const read = parseCsv("data.csv", text);
        assert.deepEqual([...read.shape], [firsts.length, width]);
        assert.deepEqual(read.columns, named ? columns : undefined);
        // Zero has no sign in text.
        assert.deepEqual(
          [...read.values],
          Array.from(values, (value) => value + 0),
        );
      },
    ),
  );
});

test("faults are named with the row as it stands in the file", () => {
  const cases: [string, RegExp][] = [
    ["", /data\.csv has no row of numbers/],
    ["a,b\n", /has no row of numbers/],
    ["a,b,c\n1,2\n", /names 3 columns, but has 2/],
    ["1,2\n3\n", /has 1 columns in row 2, but 2 in row 1/],
    ["a,b\n1,2\n\n3,4,5\n", /has 3 columns in row 4, but 2 in row 2/],
    ["a,b\n1,x\n", /has "x" in row 2, column 2, which is no number/],
    ["a,b\n1,\n", /has an empty cell in row 2, column 2/],
    // A first row with a missing value is no row of names.
    ["1,,3\n4,5,6\n", /has an empty cell in row 1, column 2/],
    ["1,NaN\n4,5\n", /has "NaN" in row 1, column 2/],
    ["1,2\n3,inf\n", /has "inf" in row 2, column 2/],
  ];
  for (const [text, message] of cases) assert.throws(() => parsed(text), message, JSON.stringify(text));
});
