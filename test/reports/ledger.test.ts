import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { distanceOf, rankCorrelation } from "../../src/reports/compare/arrays.js";
import { compareLedgers } from "../../src/reports/compare/ledgers.js";
import { arrayRecord } from "../../src/reports/ledger/arrays.js";
import { recordOutputs } from "../../src/reports/ledger/outputs.js";
import { decodePng } from "../../src/reports/ledger/png.js";
import { recordValue } from "../../src/reports/ledger/record.js";
import {
  type ArrayRecord,
  IN_MOTION,
  type Ledger,
  type Quantity,
  type ValueRecord,
} from "../../src/reports/ledger/records.js";
import { plainSha256 } from "../../src/reports/ledger/sha256.js";
import { piecesOf } from "../../src/reports/ledger/texts.js";

const cell = (quantities: Quantity[], more: object = {}): Ledger["cells"][number] => ({
  ...{ id: "a", name: "cell 1", volatile: false, failed: false, milliseconds: 1, quantities },
  ...more,
});
const ledger = (quantities: Quantity[], backend = "wasm", more: object = {}): Ledger => ({
  ...{ version: 1, backend, cells: [cell(quantities, more)] },
});
const variable = (value: ValueRecord, name = "x"): Quantity => ({ place: "variable", name, value });
const ofValue = async (value: unknown, backend = "wasm") => ledger([variable(await recordValue(value))], backend);
const compared = async (was: unknown, is: unknown, backend = "wasm") =>
  compareLedgers(await ofValue(was, backend), await ofValue(is, backend));
const print = async (text: string, backend = "wasm") =>
  ledger(await recordOutputs([{ output_type: "stream", name: "stdout", text }]), backend);

/** Plain values as notebooks hold them. */
const leaf = fc.oneof(
  fc.double(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
  fc.float32Array({ maxLength: 600 }),
  fc.int32Array({ maxLength: 600 }),
  fc.uint8Array({ maxLength: 600 }),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 5 }),
  ),
}));

/** A deep copy, made anew. */
function copied(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return (value as Float32Array).slice();
  if (Array.isArray(value)) return value.map(copied);
  if (value === null || typeof value !== "object") return value;
  const copy = {};
  for (const [name, part] of Object.entries(value)) {
    Object.defineProperty(copy, name, { value: copied(part), enumerable: true, writable: true, configurable: true });
  }
  return copy;
}

/** Another value in one place, chosen by `pick`; undefined where there is no place. */
function changed(value: unknown, pick: () => number): { value: unknown } | undefined {
  if (typeof value === "number")
    return { value: Number.isNaN(value) ? 0 : Number.isFinite(value) ? (value === 0 ? 1 : -value) : 0 };
  if (typeof value === "string") return { value: `${value}x` };
  if (typeof value === "boolean") return { value: !value };
  if (typeof value === "bigint") return { value: value + 1n };
  if (value === null) return { value: "null" };
  if (ArrayBuffer.isView(value)) {
    const array = (value as Float32Array).slice();
    if (array.length === 0) return { value: Float64Array.of(0) };
    const at = pick() % array.length;
    array[at] = array[at] === 1 ? 2 : 1;
    return { value: array };
  }
  const entries = Object.entries(value as object);
  if (entries.length === 0) return { value: Array.isArray(value) ? [true] : { more: 1 } };
  const [name, part] = entries[pick() % entries.length]!;
  const inner = changed(part, pick)!;
  const copy = copied(value) as Record<string, unknown>;
  Object.defineProperty(copy, name, { value: inner.value, enumerable: true, writable: true, configurable: true });
  return { value: copy };
}

test("equal values have equal records, and another run agrees with itself", async () => {
  await fc.assert(
    fc.asyncProperty(anyValue, async (value) => {
      const [was, is] = [await recordValue(value), await recordValue(copied(value))];
      assert.deepEqual(is, was);
      assert.deepEqual(JSON.parse(JSON.stringify(is)), JSON.parse(JSON.stringify(was)));
      for (const backend of ["wasm", "tensorflow"]) {
        const found = compareLedgers(ledger([variable(was)], backend), ledger([variable(is)], backend));
        assert.ok(found.reproduced, JSON.stringify(found.differences));
      }
    }),
    { numRuns: 150 },
  );
});

test("any single change of a value is found", async () => {
  await fc.assert(
    fc.asyncProperty(anyValue, fc.nat(), async (value, seed) => {
      let state = seed;
      const pick = () => {
        state = (Math.imul(state, 48271) + 11) >>> 1;
        return state;
      };
      const other = changed(value, pick)!.value;
      const found = await compared(value, other);
      assert.ok(!found.reproduced, fc.stringify(value));
      const { was, is, quantity, tolerance } = found.differences[0]!;
      assert.ok(quantity.startsWith("variable x") && tolerance === "exact", quantity);
      assert.ok(typeof was === "string" && typeof is === "string");
    }),
    { numRuns: 300 },
  );
});

test("a record stays small, however large the value", async () => {
  const size = async (value: unknown) => JSON.stringify(await recordValue(value)).length;
  assert.ok((await size(new Float32Array(1_000_000).fill(0.5))) < 3500);
  assert.ok((await size(new Float64Array(100_000))) < 5000);
  assert.ok((await size("word ".repeat(100_000))) < 25_000);
  const many = Array.from({ length: 500 }, (_, index) => ({ index, values: new Float32Array(1000) }));
  assert.ok((await size(many)) < 110_000);
  let deep: unknown = 1;
  for (let depth = 0; depth < 50; depth++) deep = { deep };
  assert.ok((await size(deep)) < 1000);
  const circle: { self?: unknown } = {};
  circle.self = circle;
  assert.match(JSON.stringify(await recordValue(circle)), /circular/);
});

test("what no record can hold of a list is counted: a longer list differs", async () => {
  const list = (length: number) => Array.from({ length }, (_, index) => `entry ${index}`);
  const found = await compared(list(100), list(101));
  assert.ok(!found.reproduced);
  assert.match(`${found.differences[0]!.was} ${found.differences[0]!.is}`, /100 parts 101 parts/);
});

test("the sketch of a long array finds one element, and how far it moved, wherever it is", async () => {
  const values = Float32Array.from({ length: 50_000 }, (_, index) => Math.sin(index));
  const norm = Math.hypot(...Array.from({ length: 50_000 }, (_, index) => Math.sin(index)).slice(0, 50_000));
  const was = await arrayRecord(values).hashed;
  fc.assert(
    fc.property(fc.nat(49_999), fc.double({ min: 0.5, max: 100, noNaN: true }), (at, step) => {
      const moved = values.slice();
      moved[at]! += step;
      const { record } = arrayRecord(moved);
      const { relativeL2, whole } = distanceOf(was, record);
      assert.ok(!whole);
      const wanted = Math.abs(moved[at]! - values[at]!) / norm;
      assert.ok(Math.abs(relativeL2 - wanted) < 1e-3 * wanted + 1e-6, `${relativeL2} for ${wanted}`);
    }),
    { numRuns: 60 },
  );
});

test("the distance of two sketches estimates that of the arrays", async () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const a = Float32Array.from({ length: 20_000 }, random);
  for (const noise of [1e-3, 0.1, 1]) {
    const b = a.map((value) => value + noise * random());
    const exact = Math.hypot(...a.map((value, index) => value - b[index]!)) / Math.hypot(...a);
    const { relativeL2 } = distanceOf(await arrayRecord(a).hashed, await arrayRecord(b).hashed);
    // The estimate's relative standard deviation is √(2 ∕ 256) of the square.
    assert.ok(Math.abs(relativeL2 / exact - 1) < 0.2, `${relativeL2} for ${exact}`);
  }
});

test("a Buffer is recorded as the bytes that it holds, without a warning of Node.js", async (t) => {
  const heard = t.mock.method(process, "emitWarning", () => {});
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7);
  const [ofBuffer, ofBytes] = [await recordValue(Buffer.from(bytes)), await recordValue(bytes)];
  assert.deepEqual((ofBuffer as ArrayRecord).sketch, (ofBytes as ArrayRecord).sketch);
  assert.equal(heard.mock.callCount(), 0);
});

test("small arrays are kept whole: relative L1 and rank correlation are those of the definitions", async () => {
  const a = Float64Array.of(1, 2, 3, 4);
  const b = Float64Array.of(1, 3, 2, 4);
  const distance = distanceOf(await arrayRecord(a).hashed, await arrayRecord(b).hashed);
  assert.equal(distance.relativeL1, 2 / 10);
  // 1 − 6 Σd² ∕ n(n² − 1)
  assert.equal(distance.rankCorrelation, 1 - (6 * 2) / (4 * 15));
  assert.equal(rankCorrelation([1, 1, 1], [1, 2, 3]), undefined);
  assert.equal(rankCorrelation([1, 1, 2], [5, 5, 9]), 1);
});

test("numbers compare exactly on WebAssembly and within a ten-thousandth on the native backend", async () => {
  const isSame = async (was: unknown, is: unknown, backend: string) => (await compared(was, is, backend)).reproduced;
  assert.ok(!(await isSame(1, 1 + 2 ** -52, "wasm")));
  assert.ok(!(await isSame(0, -0, "wasm")));
  assert.ok(await isSame(1, 1.00009, "tensorflow"));
  assert.ok(!(await isSame(1, 1.00011, "tensorflow")));
  const [native, page] = [await ofValue(1, "tensorflow"), await ofValue(1.0009, "wasm")];
  assert.ok(compareLedgers(native, page).reproduced, "another backend adds up other roundings");
  assert.ok(!compareLedgers(native, page, { tolerance: 1e-4 }).reproduced);
  assert.ok(!(await isSame(Number.NaN, 0, "tensorflow")));
  assert.ok(await isSame(Number.NaN, Number.NaN, "wasm"));
  assert.ok(!(await isSame(1e-7, 2e-7, "tensorflow")));
});

test("whole numbers are the same or not on every backend, alone, in lists and arrays, and printed", async () => {
  const isSame = async (was: unknown, is: unknown) => (await compared(was, is, "tensorflow")).reproduced;
  assert.ok(!(await isSame(12_345, 12_346)));
  assert.ok(!(await isSame([100_000, 5], [100_001, 5])));
  assert.ok(!(await isSame(Int32Array.of(100_000), Int32Array.of(100_001))));
  const labels = Float32Array.from({ length: 5000 }, (_, index) => index % 100);
  const other = labels.slice();
  other[4321] = 22;
  assert.ok(!(await isSame(labels, other)), "labels in float32, too");
  const bytes = Uint8Array.from({ length: 5000 }, () => 200);
  const moved = bytes.with(77, 201);
  assert.ok(!(await isSame(bytes, moved)));
  // Pixels were rounded from something else.
  assert.ok(await isSame(new Uint8ClampedArray(bytes), new Uint8ClampedArray(moved)));
  assert.ok(
    await isSame({ shape: [50, 100], dtype: "uint8", data: bytes }, { shape: [50, 100], dtype: "uint8", data: moved }),
  );
  const printed = compareLedgers(
    await print("12345 of 20000", "tensorflow"),
    await print("12346 of 20000", "tensorflow"),
  );
  assert.equal(printed.differences[0]!.tolerance, "exact");
  assert.ok(await isSame([0.5, 1], [0.50001, 1]), "other numbers have a last bit");
});

test("a large number beside another lends it no tolerance; sums of relevance have that of their terms", async () => {
  const isSame = async (was: unknown, is: unknown) => (await compared(was, is, "tensorflow")).reproduced;
  assert.ok(!(await isSame({ parameters: 5_288_548, accuracy: 0.97 }, { parameters: 5_288_548, accuracy: 0.4 })));
  assert.ok(!(await isSame({ sum: 20, left: 1e-7 }, { sum: 20, left: 2e-7 })));
  assert.ok(
    !(await isSame(
      { at: Date.UTC(2026, 10, 28), net: { loss: 0.5 } },
      { at: Date.UTC(2026, 10, 28), net: { loss: 0.6 } },
    )),
  );
  const attribution = (lost: number, kept: number, score = 0.25) => ({
    ...{ relevanceSum: 20.5, biasRelevance: lost, score },
    layers: [
      { sum: 20.5, passedOn: 20.5, absorbedByBias: kept, samples: [{ sum: 20.5, passedOn: 20.5, masked: lost }] },
    ],
  });
  assert.ok(await isSame(attribution(1e-7, 3e-7), attribution(-2e-7, 2e-7)));
  assert.ok(!(await isSame(attribution(1e-7, 3e-7), attribution(1e-5, 3e-7))));
  assert.ok(!(await isSame(attribution(1e-7, 3e-7), attribution(1e-7, 3e-7, 0.2501))));
});

test("where elements are not finite and which they are is compared, in short arrays and long ones", async () => {
  const [nan, infinity] = [Number.NaN, Number.POSITIVE_INFINITY];
  for (const backend of ["wasm", "tensorflow"]) {
    for (const length of [3, 5000]) {
      const array = (first: number, last: number) =>
        new Float32Array(length)
          .fill(1)
          .with(0, first)
          .with(length - 2, last);
      const isSame = async (was: Float32Array, is: Float32Array) => (await compared(was, is, backend)).reproduced;
      assert.ok(await isSame(array(nan, infinity), array(nan, infinity)));
      assert.ok(!(await isSame(array(nan, 1), array(1, nan))));
      assert.ok(!(await isSame(array(infinity, 1), array(-infinity, 1))));
      assert.ok(!(await isSame(array(infinity, 1), array(nan, 1))));
    }
  }
});

test("what a record has no room for is compared all the same: rows, maps, depths, pictures", async () => {
  const rows = (changed: number, noise = 0) =>
    Array.from({ length: 200 }, (_, row) => ({
      ...{ row, name: `row ${row}`, a: 1.5 + Math.sin(row) + noise, took: `${1 + noise * 1e6} ms` },
      b: row === changed ? 0.75 : 0.5,
    }));
  const maps = (changed: number, noise = 0) =>
    Array.from({ length: 60 }, (_, map) =>
      Float32Array.from(
        { length: 1000 },
        (_, index) => Math.cos(index) + noise + (map === changed && index === 500 ? 50 : 0),
      ),
    );
  const deep = (value: unknown, depth = 20): unknown => (depth === 0 ? value : { inner: deep(value, depth - 1) });
  const circle: Record<string, unknown> = { rows: rows(-1) };
  (circle["rows"] as object[]).push(circle);
  for (const backend of ["wasm", "tensorflow"]) {
    const isSame = async (was: unknown, is: unknown) => (await compared(was, is, backend)).reproduced;
    for (const at of [50, 199]) assert.ok(!(await isSame(rows(-1), rows(at))), `row ${at} on ${backend}`);
    for (const at of [3, 28]) assert.ok(!(await isSame(maps(-1), maps(at))), `map ${at} on ${backend}`);
    assert.ok(!(await isSame(deep("one"), deep("two"))));
    assert.ok(!(await isSame(deep(1.5), deep(2.5))));
    assert.ok(await isSame(rows(-1), rows(-1)));
    assert.ok(await isSame(maps(-1), maps(-1)));
    assert.ok(await isSame(circle, circle));
    assert.equal(await isSame(rows(-1), rows(-1, 1e-6)), backend === "tensorflow");
    assert.equal(await isSame(maps(-1), maps(-1, 1e-6)), backend === "tensorflow");
  }
  const endless = await compared(
    Array.from({ length: 12_000 }, (_, part) => `${part}`),
    Array.from({ length: 12_000 }, (_, part) => `${part}`),
  );
  assert.match(endless.untold[0]!.why, /\d+ parts of it are too many to be looked at/);

  const { default: sharp } = await import("sharp");
  const png = async (level: number) =>
    (
      await sharp(new Uint8Array(12).fill(level), { raw: { width: 2, height: 2, channels: 3 } })
        .png({ palette: false })
        .toBuffer()
    ).toString("base64");
  const gallery = async (changed: number) => {
    const images = await Promise.all(Array.from({ length: 40 }, (_, index) => png(index === changed ? 250 : index)));
    const html = images.map((image) => `<img src="data:image/png;base64,${image}">`).join("");
    return ledger(await recordOutputs([{ output_type: "display_data", data: { "text/html": html } }]));
  };
  assert.ok(compareLedgers(await gallery(-1), await gallery(-1)).reproduced);
  for (const at of [2, 38]) assert.ok(!compareLedgers(await gallery(-1), await gallery(at)).reproduced);
});

test("a long text ends at the same place however long its times and numbers are written; minutes are durations", async () => {
  const rest = "all is well, ".repeat(3000);
  const same = async (was: string, is: string) => compareLedgers(await print(was), await print(is)).reproduced;
  assert.ok(await same(`took 9 ms\n${rest}`, `took 12345 ms\n${rest}`));
  assert.ok(await same(`took 58 s\n${rest}`, `took 1 min 12 s\n${rest}`));
  assert.ok(await same("took 58 s", "took 1 h 2 min 12.5 s"));
  assert.ok(!(await same(`took 9 ms\n${rest}1.5`, `took 12345 ms\n${rest}1.6`)));
  assert.ok(!(await same("5 min 12", "6 min 12")));
  const table = Array.from({ length: 5000 }, (_, row) => `${row / 7}`).join("\n");
  const size = JSON.stringify(await recordOutputs([{ output_type: "stream", name: "stdout", text: table }])).length;
  assert.ok(size < 60_000, `${size}`);
});

test("the hash of pages that came by plain HTTP is SHA-256", () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 31);
    assert.equal(Buffer.from(plainSha256(bytes)).toString("hex"), createHash("sha256").update(bytes).digest("hex"));
  }
});

test("a difference says cell, quantity, was, is and how far", async () => {
  const found = await compared({ map: Float32Array.of(1, 2, 3) }, { map: Float32Array.of(1, 2.5, 3) });
  const [difference] = found.differences;
  assert.equal(difference!.quantity, "variable x.map");
  assert.equal(difference!.name, "cell 1");
  assert.match(difference!.distance, /relative L1 0\.0833.*rank correlation 1\.0000.*\[1\] was 2, is 2\.5/);
  assert.match(difference!.was, /float32 3, mean 2, from 1 to 3, SHA-256 [0-9a-f]{8}…/);
});

test("a value that a cell states with expectClose has its tolerance everywhere, also where it is printed", async () => {
  const run = async (accuracy: number, printed: string) => {
    const value = await recordValue(accuracy);
    const number = (n: number) => ({ kind: "number", value: String(n) }) as const;
    const outputs = await recordOutputs([{ output_type: "stream", name: "stdout", text: `accuracy ${printed}\n` }]);
    const expectation = {
      kind: "expectation",
      value: number(accuracy),
      expected: number(0.97),
      tolerance: number(0.01),
    } as const;
    return ledger([
      variable(value, "accuracy"),
      ...outputs,
      { place: "expectation", name: "expectation 1", value: expectation },
    ]);
  };
  assert.ok(compareLedgers(await run(0.972, "0.97"), await run(0.966, "0.97")).reproduced);
  assert.ok(compareLedgers(await run(0.972, "0.972"), await run(0.966, "0.966")).reproduced);
  const far = compareLedgers(await run(0.972, "0.972"), await run(0.95, "0.950"));
  assert.deepEqual(
    far.differences.map(({ quantity }) => quantity),
    ["variable accuracy", "output 1", "expectation 1"],
  );
  assert.match(far.differences[2]!.tolerance, /±0\.01/);
});

test("an expectation of a value lends nothing to whole numbers that are printed", async () => {
  const number = (n: number) => ({ kind: "number", value: String(n) }) as const;
  const expectation = {
    kind: "expectation",
    value: number(0.97),
    expected: number(1),
    tolerance: number(0.5),
  } as const;
  const run = async (text: string): Promise<Ledger> => {
    const outputs = await recordOutputs([{ output_type: "stream", name: "stdout", text }]);
    return ledger([...outputs, { place: "expectation", name: "expectation 1", value: expectation }]);
  };
  assert.ok(!compareLedgers(await run("1 wrong"), await run("2 wrong")).reproduced);
  assert.ok(compareLedgers(await run("0.97 right"), await run("0.95 right")).reproduced);
});

test("texts compare number by number; durations, moments and random ids are no values, and are told", async () => {
  const compareText = async (was: string, is: string, backend = "wasm") =>
    compareLedgers(await print(was, backend), await print(is, backend));
  assert.ok((await compareText("loss 0.125 after 3 epochs", "loss 0.125 after 3 epochs")).reproduced);
  const number = await compareText("a\nloss 0.125 after 3 epochs\nb", "a\nloss 0.135 after 3 epochs\nb");
  assert.deepEqual(
    number.differences.map(({ was, is, distance }) => [was, is, distance]),
    [['"loss 0.125 after 3 epochs"', '"loss 0.135 after 3 epochs"', "0.125 became 0.135"]],
  );
  assert.ok(!(await compareText("loss 0.125", "lost 0.125")).reproduced);
  const time = await compareText("took 12 ms at 2026-11-28T04:00:00Z", "took 340 ms at 2026-11-29T10:00:00Z");
  assert.ok(time.reproduced);
  assert.deepEqual(
    time.untold.map(({ why }) => why.replace(/ \(.*/, "")),
    ["duration", "moment"],
  );
  assert.match(time.untold[0]!.why, /was 12 ms, is 340 ms/);
  const id = await compareText(`model ${crypto.randomUUID()}`, `model ${crypto.randomUUID()}`);
  assert.ok(id.reproduced && id.untold.length === 1);
  // The last printed digit may have been rounded the other way where the last bits are not the same.
  assert.ok((await compareText("0.1234", "0.1235", "tensorflow")).reproduced);
  assert.ok(!(await compareText("0.1234", "0.1236", "tensorflow")).reproduced);
  assert.ok(!(await compareText("3 of 10", "4 of 10", "tensorflow")).reproduced);
  // Behind what is kept, too.
  const long = "all is well\n".repeat(3000);
  assert.ok((await compareText(`${long}12.5`, `${long}12.5`)).reproduced);
  assert.ok(!(await compareText(`${long}12.5`, `${long}12.6`)).reproduced);
  assert.ok(!(await compareText(`${long}well`, `${long}ill`)).reproduced);
});

test("the pieces of a text are the text", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.double().map(String),
          fc.constantFrom("12 ms", "−3.5e−4", "1,234,567", "10x", "v1.2", "min 0.2"),
        ),
        { maxLength: 8 },
      ),
      (parts) => {
        const text = parts.join(" ");
        assert.equal(
          piecesOf(text)
            .map((piece) => piece.text)
            .join(""),
          text,
        );
      },
    ),
  );
  const numbers = (text: string) => piecesOf(text).flatMap((piece) => (piece.kind === "number" ? [piece.value] : []));
  assert.deepEqual(numbers("γ = 0.25, −3.5e−4 of 1,234,567; max 0.5 min 0.2"), [0.25, -3.5e-4, 1_234_567, 0.5, 0.2]);
  assert.deepEqual(numbers("conv2d_1, 10x, 12 ms, 0.35 s"), []);
});

test("a picture is its pixels, however they are compressed, alone and inside HTML", async () => {
  const { default: sharp } = await import("sharp");
  const raw = { width: 7, height: 5, channels: 3 } as const;
  const pixels = Uint8Array.from({ length: 105 }, (_, index) => (index * 37) % 256);
  const encode = async (bytes: Uint8Array, level: number, filter: boolean) =>
    sharp(bytes, { raw }).png({ compressionLevel: level, adaptiveFiltering: filter, palette: false }).toBuffer();
  const [small, large, filtered] = await Promise.all([
    encode(pixels, 9, false),
    encode(pixels, 0, false),
    encode(pixels, 6, true),
  ]);
  assert.notDeepEqual(small, large);
  for (const file of [small, large, filtered]) assert.deepEqual(decodePng(file)!.bytes, pixels);
  const show = (file: Uint8Array) => [
    { output_type: "display_data", data: { "image/png": Buffer.from(file).toString("base64") } },
  ];
  assert.deepEqual(await recordOutputs(show(small)), await recordOutputs(show(large)));
  const html = (file: Uint8Array) => [
    {
      output_type: "execute_result",
      data: { "text/html": `<img src="data:image/png;base64,${Buffer.from(file).toString("base64")}">` },
    },
  ];
  assert.deepEqual(await recordOutputs(html(small)), await recordOutputs(html(filtered)));
  const other = pixels.slice();
  other[50]! += 9;
  const moved = compareLedgers(
    ledger(await recordOutputs(html(small))),
    ledger(await recordOutputs(html(await encode(other, 9, false)))),
  );
  assert.match(moved.differences[0]!.quantity, /output 1.*picture 1/);
});

test("tensors and networks are recorded by their numbers, and none is left behind", async () => {
  await import("@tensorflow/tfjs");
  const before = tf.memory().numTensors;
  const tensor = tf.tensor2d([
    [1, 2],
    [3, 4],
  ]);
  const record = (await recordValue(tensor)) as ArrayRecord;
  assert.deepEqual([record.dtype, record.shape, record.statistics!.mean], ["float32", [2, 2], 2.5]);
  const weights = [tf.variable(tf.ones([3])), tf.variable(tf.zeros([2]))];
  const net = { weights, predict() {}, inputs: [], outputs: [] };
  const first = await recordValue(net);
  assert.deepEqual(await recordValue(net), first);
  weights[0]!.assign(tf.tensor1d([1, 1, 2]));
  assert.notDeepEqual(await recordValue(net), first);
  tensor.dispose();
  assert.deepEqual(await recordValue(tensor), { kind: "opaque", type: "disposed tensor" });
  tf.dispose(weights);
  assert.ok(tf.memory().numTensors <= before + 3);
});

test("a widget that computes on when its cell has ended is told and not compared, wherever it stands", async () => {
  const moving = { step: 5 };
  const known = { widget: (value: object) => (value === moving ? IN_MOTION : undefined) } as const;
  const was = ledger([variable(await recordValue([moving, "beside it"], known))]);
  const is = ledger([variable(await recordValue([{ step: 9 }, "beside it"]))]);
  const found = compareLedgers(was, is);
  assert.ok(found.reproduced, JSON.stringify(found.differences));
  assert.match(found.untold[0]!.why, /still computing when the cell ended/);
  const only = ledger([variable(await recordValue(moving, known))]);
  const { verdict, reproduced, compared, agreed } = compareLedgers(only, only);
  assert.deepEqual([verdict, reproduced, compared, agreed], ["nothing", false, 0, 0]);
  const other = ledger([variable(await recordValue([moving, "beside"], known))]);
  assert.deepEqual(
    compareLedgers(was, other).differences.map(({ quantity }) => quantity),
    ["variable x.1"],
  );
});

test("a volatile cell is told and not compared; a variable that a cell leaves as it was is the earlier one", async () => {
  const [one, two] = [variable(await recordValue(1)), variable(await recordValue(2))];
  const volatile = compareLedgers(ledger([one], "wasm", { volatile: true }), ledger([two], "wasm", { volatile: true }));
  assert.equal(volatile.verdict, "nothing");
  assert.match(volatile.untold[0]!.why, /other values each time/);
  const cells = (second: Quantity[]): Ledger => ({
    version: 1,
    backend: "wasm",
    cells: [cell([one]), cell(second, { id: "b", name: "cell 2" })],
  });
  assert.ok(compareLedgers(cells([]), cells([one])).reproduced);
  const found = compareLedgers(cells([]), cells([two]));
  assert.deepEqual(
    found.differences.map(({ cell: id, was, is }) => [id, was, is]),
    [["b", "1", "2"]],
  );
});

test("a cell that is gone or fails otherwise is a value that does not agree", async () => {
  const quantities = [variable(await recordValue(1))];
  const both = ledger(quantities);
  const failed = compareLedgers(both, ledger(quantities, "wasm", { failed: true }));
  assert.deepEqual([failed.verdict, failed.compared, failed.agreed], ["differs", 2, 1]);
  const gone = compareLedgers(both, { ...both, cells: [] });
  assert.deepEqual([gone.verdict, gone.compared, gone.agreed], ["differs", 1, 0]);
});
