import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { readSafetensors, SafetensorsError, writeSafetensors } from "../../../src/explainers/numerics/safetensors.js";

const folder = new URL("../../../../test/explainers/numerics/safetensors/", import.meta.url);
const fixture = (name: string) => readFileSync(new URL(name, folder));

/** What NumPy says it wrote: every value as text. */
const expected = JSON.parse(fixture("expected.json").toString()) as {
  [name: string]: { shape: number[]; values: string[] };
};

/** Python's text of a number. */
function parsed(text: string): number | bigint {
  if (text === "True" || text === "False") return Number(text === "True");
  if (/^-?\d+$/.test(text)) return BigInt(text);
  return Number(text.replace("inf", "Infinity"));
}

test("every dtype of a file by the safetensors package for Python is read as NumPy wrote it", () => {
  const { tensors, metadata } = readSafetensors(fixture("numpy.safetensors"));
  assert.deepEqual({ ...metadata }, { format: "np", author: "Gödel" });
  const found = new Map([...tensors, ...readSafetensors(fixture("bfloat16.safetensors")).tensors]);
  assert.deepEqual([...found.keys()].sort(), Object.keys(expected).sort());
  for (const [name, { shape, values }] of Object.entries(expected)) {
    const tensor = found.get(name)!;
    assert.deepEqual(tensor.shape, shape, name);
    assert.equal(tensor.values.length, values.length, name);
    values.forEach((text, i) => {
      const value = parsed(text);
      const read = tensor.values[i]!;
      if (typeof value === "bigint") assert.equal(BigInt(read), value, `${name}[${i}]`);
      else assert.ok(Object.is(read, value), `${name}[${i}]: ${read} is ${value}`);
    });
  }
});

test("what is written is read again, bit by bit, with any names and metadata", () => {
  const arrays = fc.oneof(
    fc.float64Array(),
    fc.float32Array(),
    fc.bigInt64Array(),
    fc.int32Array(),
    fc.int16Array(),
    fc.int8Array(),
    fc.bigUint64Array(),
    fc.uint32Array(),
    fc.uint16Array(),
    fc.uint8Array(),
  );
  const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__" && name !== "__proto__");
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(names, arrays), { selector: ([name]) => name }),
      fc.option(fc.dictionary(names, fc.string({ unit: "grapheme" })), { nil: undefined }),
      fc.boolean(),
      (entries, given, matrix) => {
        const stored = entries.map(
          ([name, values]) => [name, { shape: matrix ? [1, values.length] : [values.length], values }] as const,
        );
        const bytes = writeSafetensors(stored, given);
        // At any place of a larger buffer.
        const moved = new Uint8Array(bytes.length + 3);
        moved.set(bytes, 3);
        const { tensors, metadata } = readSafetensors(moved.subarray(3));
        assert.deepEqual({ ...metadata }, { ...given });
        assert.equal(tensors.size, stored.length);
        for (const [name, { shape, values }] of stored) {
          const read = tensors.get(name)!;
          assert.deepEqual(read.shape, shape);
          assert.equal(read.values.constructor, values.constructor);
          const raw = (array: ArrayBufferView) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
          assert.ok(raw(read.values).equals(raw(values)));
        }
      },
    ),
  );
});

test("data begin at a multiple of 8 bytes, each tensor at a multiple of its entries", () => {
  const bytes = writeSafetensors([
    ["a", { shape: [3], values: Uint8Array.of(1, 2, 3) }],
    ["b", { shape: [], values: Float64Array.of(Math.PI) }],
    ["c", { shape: [1], values: Float32Array.of(2) }],
  ]);
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(length % 8, 0);
  assert.equal(new DataView(bytes.buffer).getFloat64(8 + length, true), Math.PI);
  assert.equal(new DataView(bytes.buffer).getFloat32(8 + length + 8, true), 2);
  assert.deepEqual([...readSafetensors(bytes).tensors.keys()], ["b", "c", "a"]);
});

/** A file with a header of one's own. */
function file(header: string | object, data = new Uint8Array(8)): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

test("damaged files are refused by name", () => {
  const whole = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [Uint8Array, RegExp][] = [
    [new Uint8Array(5), /The file has 5 bytes/],
    [file({ w: whole }).subarray(0, 20), /cut short or no safetensors file/],
    [Buffer.from("PK\x03\x04 this is a zip archive of some kind"), /cut short or no safetensors file/],
    [file("{"), /header is no JSON/],
    [file("[1]"), /header must be a JSON object/],
    [file({ __metadata__: { a: 1 }, w: whole }), /__metadata__ must map names to text/],
    [file({ w: 3 }), /entry for tensor "w" must be an object/],
    [file({ w: { ...whole, dtype: "F128" } }), /Tensor "w" is of dtype F128; read are F64, F32/],
    [file({ w: { ...whole, dtype: "toString" } }), /Tensor "w" is of dtype toString/],
    [file({ w: { ...whole, shape: [-2] } }), /Tensor "w" has the shape \[-2\]/],
    [file({ w: { ...whole, shape: 2 } }), /Tensor "w" has the shape 2/],
    [file({ w: { ...whole, data_offsets: [8, 0] } }), /Tensor "w" lies at \[8,0\]/],
    [file({ w: { ...whole, data_offsets: [0] } }), /Tensor "w" lies at \[0\]/],
    [file({ w: { ...whole, shape: [3] } }), /"w" has 8 bytes, but F32 of shape \[3\] takes 12/],
    [file({ w: whole }, new Uint8Array(4)), /cut short: tensor "w" ends at byte 8 of 4/],
    [file({ w: whole }, new Uint8Array(9)), /1 bytes follow the last tensor/],
    [file({ w: { ...whole, data_offsets: [4, 12] } }, new Uint8Array(12)), /"w" begins at byte 4, where 0 was to come/],
    [file({ v: whole, w: whole }), /"w" begins at byte 0, where 8 was to come/],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(
      () => readSafetensors(bytes),
      (error) => error instanceof SafetensorsError && message.test(error.message),
      String(message),
    );
  }
  assert.throws(() => readSafetensors(fixture("float8.safetensors")), /Tensor "w" is of dtype F8_E4M3/);
});

test("values that do not fill their shape, and a name used twice, are not written", () => {
  const w = { shape: [3], values: Float32Array.of(1, 2) };
  assert.throws(() => writeSafetensors([["w", w]]), /"w" has 2 values, but its shape \[3\] takes 3/);
  const v = { shape: [2], values: Float32Array.of(1, 2) };
  assert.throws(
    () =>
      writeSafetensors([
        ["v", v],
        ["v", v],
      ]),
    /two tensors "v"/,
  );
});
