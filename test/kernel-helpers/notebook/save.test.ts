import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, mock, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import sharp from "sharp";
import { parseCsv } from "../../../src/kernel-helpers/formats/csv.js";
import { parseNpy } from "../../../src/kernel-helpers/formats/npy.js";
import {
  DataFileError,
  Heatmap,
  loadImage,
  loadModel,
  lrp,
  ParameterError,
  saveCsv,
  saveNpy,
  savePng,
  table,
  tensorflow,
} from "../../../src/kernel-helpers/index.js";

const folder = mkdtempSync(join(tmpdir(), "limpid-save-"));
const at = (name: string) => join(folder, name);
let printed: string[] = [];
before(async () => {
  await tensorflow();
  mock.method(console, "log", (line: string) => printed.push(line));
});
after(() => mock.restoreAll());

test("numbers come back from a .npy file as they were, of every kind and shape", async () => {
  const kinds = [Float32Array, Float64Array, Int32Array, Uint8Array, Int16Array] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...kinds),
      fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 30 }),
      async (Kind, list) => {
        const values = Kind.from(list);
        await saveNpy(at("x.npy"), { shape: [list.length, 1], values });
        const read = parseNpy("x.npy", readFileSync(at("x.npy")));
        assert.deepEqual([read.shape, Array.from(read.values)], [[list.length, 1], list]);
      },
    ),
    { numRuns: 30 },
  );
  await saveNpy(at("t.npy"), tf.tensor2d([[1, 2, 3]], [1, 3], "int32"));
  assert.match(readFileSync(at("t.npy"), "latin1"), /'descr': '<i4', 'fortran_order': False, 'shape': \(1, 3\)/);
  await saveNpy(at("d.npy"), Float64Array.of(1e-300));
  assert.match(readFileSync(at("d.npy"), "latin1"), /'<f8'.*\(1,\)/);
  await saveNpy(at("n.npy"), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(parseNpy("n.npy", readFileSync(at("n.npy"))).shape, [2, 2]);
});

test("what was written is said, and whether a file was replaced; overwrite: false keeps it", async () => {
  printed = [];
  await saveNpy(at("said.npy"), Float32Array.of(1, 2, 3));
  const { path, replaced } = await saveNpy(at("said.npy"), Float32Array.of(4, 5));
  assert.deepEqual([path, replaced], [at("said.npy"), true]);
  assert.match(printed[0]!, /^saved .*said\.npy: float32 \[3\], 140 bytes$/);
  assert.match(printed[1]!, /float32 \[2\], 136 bytes \(a file of that name was replaced\)$/);
  await assert.rejects(
    saveNpy(at("said.npy"), Float32Array.of(6), { overwrite: false }),
    (error) => error instanceof DataFileError && /exists already/.test(error.message),
  );
  assert.equal(parseNpy("", readFileSync(at("said.npy"))).values.length, 2);
  assert.ok(readdirSync(folder).every((name) => !name.endsWith(".part")));
});

test("a wrong folder, name or value is a typed error that says which, and writes nothing", async () => {
  const refused = (work: Promise<unknown>, kind: new (...given: never[]) => Error, words: RegExp) =>
    assert.rejects(work, (error) => error instanceof kind && words.test(error.message));
  await refused(saveNpy(at("nowhere/x.npy"), [1]), DataFileError, /there is no folder ".*nowhere"/);
  writeFileSync(at("file"), "");
  await refused(saveNpy(at("file/x.npy"), [1]), DataFileError, /there is no folder/);
  mkdirSync(at("dir.npy"));
  await refused(saveNpy(at("dir.npy"), [1]), DataFileError, /is a folder/);
  await refused(saveNpy(at("x.png"), [1]), DataFileError, /does not end in \.npy/);
  await refused(
    saveNpy(at("y.npy"), { shape: [2, 2], values: Float32Array.of(1) }),
    ParameterError,
    /the shape of its 1 values/,
  );
  await refused(saveNpy(at("y.npy"), [[1], [2, 3]]), DataFileError, /equal lengths/);
  await refused(saveCsv(at("y.csv"), tf.zeros([2, 2, 2])), ParameterError, /at most two axes/);
  await refused(savePng(at("y.png"), Uint8Array.of(1, 2)), ParameterError, /bytes of a PNG/);
  for (const name of ["y.npy", "y.csv", "y.png"]) assert.ok(!existsSync(at(name)));
});

test("rows are saved in full precision with their columns, tables with theirs, numbers without", async () => {
  const third = 1 / 3;
  await saveCsv(at("rows.csv"), [
    { name: 'a "b", c', value: third },
    { name: "d", other: true },
  ]);
  assert.equal(readFileSync(at("rows.csv"), "utf8"), `name,value,other\n"a ""b"", c",${third},\nd,,true\n`);
  await saveCsv(at("table.csv"), table([{ a: 1, b: 2 }], { columns: ["b"] }));
  assert.equal(readFileSync(at("table.csv"), "utf8"), "b\n2\n");
  await saveCsv(
    at("numbers.csv"),
    tf.tensor2d([
      [1, 2],
      [3, 4.5],
    ]),
  );
  assert.deepEqual(Array.from(parseCsv("", readFileSync(at("numbers.csv"), "utf8")).values), [1, 2, 3, 4.5]);
});

test("results are saved as arrays, maps and pictures that agree", async () => {
  const model = await loadModel("mnist-cnn");
  const photo = await loadImage("coffee.png", model.input);
  const result = await lrp(model)(photo.tensor, { target: 3 });
  await saveNpy(at("r.npy"), result);
  await saveCsv(at("r.csv"), result);
  const [npy, csv] = [parseNpy("", readFileSync(at("r.npy"))), parseCsv("", readFileSync(at("r.csv"), "utf8"))];
  assert.deepEqual(
    [npy.shape, csv.shape],
    [
      [1, 28, 28, 1],
      [28, 28],
    ],
  );
  assert.deepEqual(csv.values, npy.values);
  await savePng(at("r.png"), result, { photo });
  await savePng(at("h.png"), new Heatmap({ image: photo, relevance: result }));
  assert.deepEqual(readFileSync(at("r.png")), readFileSync(at("h.png")));
  await savePng(at("p.png"), photo);
  const { data } = await sharp(at("p.png")).raw().toBuffer({ resolveWithObject: true });
  assert.deepEqual(Array.from(data.subarray(0, 3)), Array.from(photo.pixels.subarray(0, 3)));
  photo.dispose();
  model.dispose();
});
