import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import sharp from "sharp";
import { npyOf } from "../../src/kernel-helpers/formats/npy.js";
import type { ModelInput } from "../../src/kernel-helpers/models/input.js";
import { modelInput } from "../../src/kernel-helpers/models/input.js";
import { iterableSource } from "../../src/runs/sources/iterable.js";
import { openSource } from "../../src/runs/sources/open.js";
import type { DataSource } from "../../src/runs/sources/source.js";
import { metadataOf } from "../../src/runs/store/arrays.js";
import { encodedChunk } from "../../src/runs/store/encode.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("run-sources");
const file = (name: string, bytes: Uint8Array | string) => {
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
};
const taking = (input: ModelInput, classNames?: string[]) => ({
  name: "net",
  input,
  ...(classNames && { classNames }),
});
const rowsOf4 = taking(modelInput([4]));
const digits = taking(modelInput([28, 28, 1]));

async function valuesOf(source: DataSource, start: number, end: number): Promise<number[][]> {
  return (await source.read(start, end)).map((sample) => {
    if (sample instanceof Error) throw sample;
    return [...sample.values];
  });
}

const numbers = Float32Array.from({ length: 40 }, (_, at) => at / 2);
const third = [4, 4.5, 5, 5.5];

test("rows of .npy, .npz, .csv, .json, .zarr and .parquet are the same rows", async () => {
  const npy = npyOf({ shape: [10, 4], values: numbers });
  const y = npyOf({ shape: [10], values: Int32Array.from({ length: 10 }, (_, at) => at % 3) });
  const rows = Array.from({ length: 10 }, (_, at) => [...numbers.subarray(4 * at, 4 * at + 4)]);
  const column = (at: number) => ({ name: `x${at}`, type: "DOUBLE" as const, data: rows.map((row) => row[at]!) });
  const label = { name: "label", type: "INT32" as const, data: rows.map((_, at) => at % 3) };
  const parquet = parquetWriteBuffer({ columnData: [column(0), column(1), column(2), column(3), label] });
  const zarr = join(scratch, "rows.zarr");
  mkdirSync(zarr);
  const plan = {
    ...{ name: "output" as const, type: "float32" as const, shape: [10, 4], dimensions: ["sample", "feature"] },
    ...{ chunk: [8, 4], inner: [2, 4], fill: Number.NaN },
  };
  writeFileSync(join(zarr, "zarr.json"), JSON.stringify(metadataOf(plan)));
  for (const [at, [from, to]] of [
    [0, 32],
    [32, 40],
  ].entries())
    writeFileSync(join(zarr, `c.${at}.0`), await encodedChunk(plan, numbers.slice(from, to)));
  const places = {
    npy: file("rows.npy", npy),
    npz: file("rows.npz", zipSync({ "x.npy": npy, "y.npy": y })),
    csv: file("rows.csv", `a,b,c,d\n${rows.join("\n")}\n`),
    json: file("rows.json", JSON.stringify(rows)),
    parquet: file("rows.parquet", new Uint8Array(parquet)),
    zarr,
  };
  for (const [kind, place] of Object.entries(places)) {
    const source = await openSource(place, rowsOf4);
    assert.deepEqual([source.count, source.shape], [10, [4]], kind);
    assert.deepEqual((await valuesOf(source, 2, 3))[0], third, kind);
    assert.deepEqual((await valuesOf(source, 7, 10)).flat(), [...numbers.subarray(28)], kind);
    assert.equal(source.id(3), "3");
    const hasLabels = kind === "npz" || kind === "parquet";
    assert.deepEqual(source.labels && [...Array.from(source.labels)].slice(0, 4), hasLabels ? [0, 1, 2, 0] : undefined);
    await source.close?.();
  }
});

test("what does not fit, is cut short or is no number is told by name", async () => {
  const bytes = npyOf({ shape: [10, 4], values: numbers });
  const opened = (name: string, content: Uint8Array | string) => openSource(file(name, content), rowsOf4);
  await assert.rejects(opened("short.npy", bytes.slice(0, -8)), /short\.npy is cut short: its header says 10 rows/);
  await assert.rejects(opened("no.npy", "no"), /is no \.npy file/);
  const fortran = Buffer.from(bytes).toString("latin1").replace("False", "True ");
  await assert.rejects(opened("f.npy", Buffer.from(fortran, "latin1")), /Fortran's order/);
  await assert.rejects(
    openSource(join(scratch, "short.npy"), taking(modelInput([5]))),
    /holds samples of \[4\], and the model takes \[5\]/,
  );
  await assert.rejects(openSource(join(scratch, "gone"), rowsOf4), /is not there: give a folder of pictures/);
  const holed = numbers.slice();
  holed[5] = Number.NaN;
  const source = await opened("nan.npy", npyOf({ shape: [10, 4], values: holed }));
  const [, second, other] = await source.read(0, 3);
  assert.match((second as Error).message, /nan\.npy holds NaN in sample 1/);
  assert.deepEqual([...(other as { values: Float32Array }).values], third);
  await source.close!();
});

test("digits: those of Limpid, and MNIST's format with the labels beside it, packed or not", async () => {
  const own = await openSource("mnist", digits);
  assert.deepEqual([own.count, own.shape, own.labels![7]], [1000, [28, 28, 1], 7]);
  const [digit] = await valuesOf(own, 7, 8);
  assert.ok(Math.max(...digit!) <= 1 && Math.max(...digit!) > 0.9);
  const pixels = Uint8Array.from({ length: 3 * 784 }, (_, at) => at % 256);
  const idx = (magic: number, sizes: number[], values: Uint8Array) => {
    const head = Buffer.alloc(4 + 4 * sizes.length);
    head.writeUInt32BE(magic);
    for (const [axis, size] of sizes.entries()) head.writeUInt32BE(size, 4 + 4 * axis);
    return Buffer.concat([head, values]);
  };
  const images = idx(0x803, [3, 28, 28], pixels);
  file("own-labels-idx1-ubyte", idx(0x801, [3], Uint8Array.of(4, 5, 6)));
  for (const [name, bytes] of [
    ["own-images-idx3-ubyte", images],
    ["zip-images-idx3-ubyte.gz", gzipSync(images)],
  ] as const) {
    const source = await openSource(file(name, bytes), taking(modelInput([784], { mean: 0, scale: 255 })));
    assert.deepEqual([source.count, source.shape], [3, [784]]);
    assert.deepEqual(source.labels && Array.from(source.labels), name.startsWith("own") ? [4, 5, 6] : undefined);
    assert.deepEqual(
      (await valuesOf(source, 2, 3))[0],
      Array.from(pixels.subarray(1568), (p) => Math.fround(p / 255)),
    );
  }
  await assert.rejects(
    openSource(file("bad-images-idx3-ubyte", images.subarray(0, 90)), digits),
    /its header says \[3, 28, 28\]/,
  );
});

test("pictures in folders are labeled by their folders; one that is damaged is an error of its own", async () => {
  const folder = join(scratch, "pictures");
  const png = await sharp({ create: { width: 9, height: 7, channels: 3, background: { r: 255, g: 0, b: 51 } } })
    .png()
    .toBuffer();
  for (const [name, bytes] of [
    ["cat/b.png", png],
    ["cat/a.png", png.subarray(0, 60)],
    ["Dog/c.png", png],
    ["d.png", png],
  ] as const) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  writeFileSync(join(folder, "notes.txt"), "");
  const source = await openSource(folder, taking(modelInput([4, 4, 3]), ["cat, tabby", "dog"]));
  assert.deepEqual(
    Array.from({ length: source.count }, (_, at) => source.id(at)),
    ["Dog/c.png", "cat/a.png", "cat/b.png", "d.png"],
  );
  assert.deepEqual(Array.from(source.labels!), [1, 0, 0, -1]);
  const [first, damaged, ...others] = await source.read(0, 4);
  assert.deepEqual([...(first as { values: Float32Array }).values.slice(0, 3)], [1, 0, Math.fround(51 / 255)]);
  assert.match((damaged as Error).message, /a\.png cannot be read as a picture/);
  assert.ok(others.every((sample) => !(sample instanceof Error)));
  await assert.rejects(openSource(folder, rowsOf4), /holds pictures, and the model takes no pictures/);
});

test("pictures in Parquet, as Hugging Face stores them", async () => {
  const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: "white" } })
    .png()
    .toBuffer();
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: "image", type: "BYTE_ARRAY", data: [new Uint8Array(png), Uint8Array.of(1, 2)] },
      { name: "label", type: "INT32", data: [3, 1] },
    ],
  });
  const source = await openSource(file("pictures.parquet", new Uint8Array(bytes)), taking(modelInput([4, 4, 3])));
  const [white, broken] = await source.read(0, 2);
  assert.ok((white as { values: Float32Array }).values.every((value) => value === 1));
  assert.match((broken as Error).message, /row 1 cannot be read as a picture/);
  assert.deepEqual(Array.from(source.labels!), [3, 1]);
});

test("an iterable is read forwards, keeps what was read ahead, and says where it ended early", async () => {
  let given = 0;
  async function* samples() {
    for (; given < 5; given++) yield { values: [given, 1], id: `n${given}` };
  }
  const source = iterableSource(samples(), { name: "numbers", count: 7, shape: [2] });
  assert.deepEqual(await valuesOf(source, 0, 1), [[0, 1]]);
  assert.deepEqual(await valuesOf(source, 0, 2), [
    [0, 1],
    [1, 1],
  ]);
  assert.deepEqual(await valuesOf(source, 3, 4), [[3, 1]]);
  assert.equal(source.id(3), "n3");
  await assert.rejects(source.read(1, 2), /Sample 1 of numbers has passed/);
  const [last, missing] = await source.read(4, 6);
  assert.deepEqual([...(last as { values: Float32Array }).values], [4, 1]);
  assert.match((missing as Error).message, /The samples end after 5, and 7 were promised/);
});
