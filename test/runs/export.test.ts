import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import h5wasm, { type Dataset } from "h5wasm";
import { parquetReadObjects } from "hyparquet";
import { main } from "../../src/cli/main.js";
import { parseNpz } from "../../src/kernel-helpers/formats/archives/npz.js";
import type { Prepared } from "../../src/runs/spec.js";
import { RunStore } from "../../src/runs/store/store.js";
import { printed } from "../helpers/printed.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("export");
const path = join(scratch, "run.zarr");
const record = {
  format: "limpid-run-1",
  model: { name: "net", source: "net", key: "1" },
  method: { id: "lrp", name: "LRP", reference: "", given: {}, parameters: {} },
  target: "top1",
  data: { name: "pictures", source: "pictures", count: 5, key: "2" },
  ...{ shard: 2, batch: 2, mantissaBits: null, result: "entries", signed: true, additive: true, channels: "apart" },
  made: { date: "", limpid: "", backend: "", node: "", platform: "", cpu: "", threads: 1 },
} as const satisfies Prepared["record"];
const shapes = {
  count: 5,
  relevance: [2, 3, 2],
  outputs: 2,
  classNames: ["cat", "dog"],
  layers: ["in"],
  hasLabels: true,
};
const store = await RunStore.open(path, { record, shapes });
// The second of five failed, and the last two are not there yet.
for (const [shard, start, errors] of [
  [0, 0, ["", "damaged"]],
  [1, 2, ["", ""]],
] as const) {
  const numbers = (each: number) => Float32Array.from({ length: 2 * each }, (_, at) => start * each + at);
  await store.write(shard, {
    ...{ relevance: numbers(12), output: numbers(1), outputs: numbers(2), layer_sum: numbers(1) },
    ...{ target: Int32Array.of(0, 1), label: Int32Array.of(-1, 1), id: [`a${start}`, `b${start}`], error: errors },
  });
}
const index = Int32Array.of(0, 2, 3);
const exported = async (name: string, ...words: string[]) => {
  const file = join(scratch, name);
  const { code, lines } = await printed(() => main(["export", path, "-o", file, ...words]));
  assert.equal(code, 0);
  return { bytes: readFileSync(file), stdout: lines.join("\n") };
};

test("arrays of NumPy, with channels first, last or summed", async () => {
  const { bytes, stdout } = await exported("last.npz");
  assert.match(stdout, /3 of 5 samples, \[3, 2, 3, 2\]/);
  const last = parseNpz("last.npz", bytes);
  assert.deepEqual(last["index"], { shape: [3], values: index });
  assert.deepEqual(last["relevance"]!.shape, [3, 2, 3, 2]);
  assert.deepEqual([...(last["relevance"]!.values as Float32Array).subarray(12, 15)], [24, 25, 26]);
  assert.deepEqual(last["outputs"], { shape: [3, 2], values: Float32Array.of(0, 1, 4, 5, 6, 7) });
  assert.deepEqual(last["label"]!.values, Int32Array.of(-1, -1, 1));
  const first = parseNpz("first.npz", (await exported("first.npz", "--layout", "nchw", "--from", "2")).bytes);
  assert.deepEqual(first["relevance"]!.shape, [2, 2, 2, 3]);
  assert.deepEqual([...(first["relevance"]!.values as Float32Array).subarray(0, 8)], [24, 26, 28, 30, 32, 34, 25, 27]);
  assert.deepEqual(first["outputs"]!.values, Float32Array.of(4, 5, 6, 7));
  const sums = parseNpz(
    "sums.npz",
    (await exported("sums.npz", "--layout", "nchw", "--sum-channels", "--to", "1")).bytes,
  );
  assert.deepEqual(sums["relevance"], { shape: [1, 1, 2, 3], values: Float32Array.of(1, 5, 9, 13, 17, 21) });
});

test("ViRelAy's attribution database, and a table as Parquet", async () => {
  const { bytes } = await exported("run.h5");
  const { FS } = await h5wasm.ready;
  FS.writeFile("back.h5", bytes);
  const file = new h5wasm.File("back.h5", "r");
  const read = (name: string) => file.get(name) as Dataset;
  assert.deepEqual([read("attribution").shape, read("attribution").dtype], [[3, 2, 2, 3], "<f"]);
  assert.deepEqual([...(read("attribution").value as Float32Array).slice(0, 7)], [0, 2, 4, 6, 8, 10, 1]);
  assert.deepEqual(
    [read("prediction").shape, [...(read("prediction").value as Float32Array)]],
    [
      [3, 2],
      [0, 1, 4, 5, 6, 7],
    ],
  );
  // Samples without a class of their own stand with what was explained.
  assert.deepEqual([read("label").dtype, [...(read("label").value as Uint16Array)]], ["<H", [0, 0, 1]]);
  assert.deepEqual([...(read("index").value as Int32Array)], [...index]);
  file.close();
  const { buffer, byteOffset, byteLength } = (await exported("run.parquet")).bytes;
  const rows = await parquetReadObjects({ file: buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer });
  assert.deepEqual(rows[2], {
    index: 3,
    id: "b2",
    output: 3,
    target: 1,
    target_name: "dog",
    label: 1,
    "layer_sum: in": 3,
  });
  assert.equal(rows.length, 3);
  assert.equal(rows[0]!["label"], null);
});

test("what cannot be exported is told before anything is written", async () => {
  const fails = async (...words: string[]) => {
    const written = mock.method(process.stderr, "write", () => true);
    try {
      assert.equal(await main(["export", ...words]), 1);
      return written.mock.calls.map(({ arguments: [text] }) => String(text)).join("");
    } finally {
      written.mock.restore();
    }
  };
  assert.match(await fails(path, "-o", join(scratch, "run.txt")), /is no file that export writes/);
  assert.match(
    await fails(path, "-o", join(scratch, "none.npz"), "--from", "1", "--to", "2"),
    /holds no sample from 1 to 2/,
  );
  assert.match(await fails(scratch, "-o", join(scratch, "none.npz")), /is no store of explanations/);
});
