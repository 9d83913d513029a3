import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openRelevanceStore } from "../../src/kernel-helpers/relevance/relevance-store.js";
import { OtherRunError, RunError, StoreInUseError } from "../../src/runs/errors.js";
import type { Prepared } from "../../src/runs/spec.js";
import { crc32c } from "../../src/runs/store/crc32c.js";
import { removeParts } from "../../src/runs/store/files.js";
import { lockStore } from "../../src/runs/store/lock.js";
import { roundMantissas } from "../../src/runs/store/rounding.js";
import { RunStore, type ShardValues } from "../../src/runs/store/store.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("run-store");

const record: Prepared["record"] = {
  format: "limpid-run-1",
  model: { name: "net", source: "net", key: "1" },
  method: { id: "lrp", name: "LRP", reference: "", given: {}, parameters: { epsilon: 1 } },
  target: "top1",
  data: { name: "rows", source: "rows.npy", count: 7, key: "2" },
  shard: 4,
  batch: 2,
  mantissaBits: null,
  result: "entries",
  signed: true,
  additive: true,
  channels: "apart",
  made: { date: "", limpid: "", backend: "", node: "", platform: "", cpu: "", threads: 1 },
};
const shapes: Prepared["shapes"] = {
  count: 7,
  relevance: [5, 3],
  outputs: 2,
  classNames: ["æ, ø", "å"],
  layers: ["in", "out"],
  hasLabels: true,
};
const prepared = { record, shapes };

/** Values by which every place is known. */
function valuesOf(start: number, count: number, errors: readonly string[] = Array(count).fill("")): ShardValues {
  const numbers = (each: number) => Float32Array.from({ length: each * count }, (_, at) => start * each + at + 0.25);
  return {
    relevance: numbers(15),
    output: numbers(1),
    outputs: numbers(2),
    layer_sum: numbers(2),
    target: Int32Array.from({ length: count }, (_, at) => (start + at) % 2),
    label: Int32Array.from({ length: count }, () => 1),
    id: Array.from({ length: count }, (_, at) => `größe ${start + at}`),
    error: errors,
  };
}

test("CRC-32C as in RFC 3720, B.4", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
});

test("mantissas are rounded half to even, and what is no number stays", () => {
  const values = [1, -1.5, 1 + 2 ** -11, 1 + 3 * 2 ** -11, Math.PI, 3.4e38, Number.NaN, -Infinity, 0, 1e-42];
  const rounded = roundMantissas(Float32Array.from(values), 10);
  assert.deepEqual([...rounded.slice(0, 4)], [1, -1.5, 1, 1 + 2 ** -9]);
  assert.equal(rounded[4], 3.140625);
  assert.deepEqual([...rounded.slice(6, 9)], [Number.NaN, -Infinity, 0]);
  const many = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(at) * 2 ** (at % 40));
  for (const bits of [1, 8, 22]) {
    const short = roundMantissas(many.slice(), bits);
    for (const [at, value] of short.entries())
      assert.ok(Math.abs(value - many[at]!) <= Math.abs(many[at]!) * 2 ** -(bits + 1), `${many[at]} → ${value}`);
  }
  assert.deepEqual(roundMantissas(many.slice(), 23), many);
});

test("shards are read back as they were, in part while others are not there, by another library", async () => {
  const path = join(scratch, "back.zarr");
  const store = await RunStore.open(path, prepared);
  assert.deepEqual(await store.missing(), [0, 1]);
  await store.write(1, valuesOf(4, 3));
  assert.deepEqual(await store.missing(), [0]);
  const read = await openRelevanceStore(path);
  assert.deepEqual(await read.shards(), [1]);
  assert.deepEqual([read.count, read.shape, read.classNames, read.layers], [7, [5, 3], ["æ, ø", "å"], ["in", "out"]]);
  const found = await read.read(0, 7);
  assert.deepEqual(
    found.map(({ index, id, output, target, targetName, label, error }) => [
      index,
      id,
      output,
      target,
      targetName,
      label,
      error,
    ]),
    [4, 5, 6].map((at) => [at, `größe ${at}`, at + 0.25, at % 2, ["æ, ø", "å"][at % 2], 1, ""]),
  );
  assert.deepEqual(
    found[2]!.relevance,
    Float32Array.from({ length: 15 }, (_, at) => 90 + at + 0.25),
  );
  assert.ok((await read.outputs(0, 1)).every(Number.isNaN));
  assert.deepEqual([...(await read.layerSums(5, 6))], [10.25, 11.25]);
  await store.write(0, valuesOf(0, 4));
  assert.deepEqual(
    (await read.table()).map(({ id }) => id),
    Array.from({ length: 7 }, (_, at) => `größe ${at}`),
  );
  await assert.rejects(read.read(3, 8), /Samples 3 to 8 were asked for, and .* holds 0 to 7/);
});

test("a shard that is written twice is the same bytes, and leaves nothing beside it", async () => {
  const path = join(scratch, "twice.zarr");
  const store = await RunStore.open(path, prepared);
  const bytes = () =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name)).toString("base64")]);
  await store.write(0, valuesOf(0, 4));
  const before = bytes();
  const [one, two] = await Promise.all([store.write(0, valuesOf(0, 4)), store.write(0, valuesOf(0, 4))]);
  assert.equal(one, two);
  assert.deepEqual(bytes(), before);
  writeFileSync(join(path, "relevance", "c.1.0.0.77-abc.part"), "half");
  assert.deepEqual(await store.missing(), [1]);
  await removeParts(join(path, "relevance"));
  assert.deepEqual(bytes(), before);
});

test("a shard with samples that failed is done again, until none does", async () => {
  const path = join(scratch, "damaged.zarr");
  const store = await RunStore.open(path, prepared);
  await store.write(0, valuesOf(0, 4, ["", "cannot be read", "", ""]));
  assert.deepEqual(await store.missing(), [0, 1]);
  assert.deepEqual([...(await store.damaged())], [0]);
  const read = await openRelevanceStore(path);
  assert.deepEqual(
    (await read.table()).map(({ error }) => error),
    ["", "cannot be read", "", ""],
  );
  await store.write(0, valuesOf(0, 4));
  assert.deepEqual(await store.missing(), [1]);
  assert.deepEqual(
    (await read.table()).map(({ error }) => error),
    ["", "", "", ""],
  );
});

test("a store of another run, or something else, is refused by name and not touched", async () => {
  const path = join(scratch, "other.zarr");
  await RunStore.open(path, prepared);
  const other = (change: object) => RunStore.open(path, { shapes, record: { ...record, ...change } as typeof record });
  const is = (part: string) => (error: unknown) => error instanceof OtherRunError && error.part === part;
  await assert.rejects(other({ method: { ...record.method, id: "occlusion" } }), is("method"));
  await assert.rejects(other({ method: { ...record.method, parameters: { epsilon: 2 } } }), /its parameters is/);
  await assert.rejects(other({ model: { ...record.model, key: "9" } }), is("model"));
  await assert.rejects(other({ data: { ...record.data, key: "9" } }), is("data set"));
  await assert.rejects(other({ mantissaBits: 8 }), is("mantissa"));
  await other({ made: { ...record.made, date: "another" } });
  const strange = join(scratch, "strange");
  mkdirSync(strange);
  writeFileSync(join(strange, "thesis.txt"), "years of work");
  await assert.rejects(RunStore.open(strange, prepared), /holds thesis\.txt, and no store of explanations/);
  writeFileSync(join(scratch, "file"), "");
  await assert.rejects(RunStore.open(join(scratch, "file"), prepared), RunError);
  await assert.rejects(openRelevanceStore(strange), /is no store of explanations/);
});

test("one run at a time takes a store; a holder that is gone is none, whatever the clock says", async () => {
  const path = join(scratch, "locked");
  mkdirSync(path);
  const file = join(path, ".limpid-run.json");
  const unlock = await lockStore(path);
  await assert.rejects(lockStore(path), StoreInUseError);
  await unlock();
  assert.deepEqual(readdirSync(path), []);
  const held = (holder: object) => writeFileSync(file, JSON.stringify(holder));
  held({ host: "elsewhere", pid: process.pid, begun: null });
  await assert.rejects(lockStore(path), /on elsewhere\. Where it is gone, delete/);
  // The same number, of a process that began at another time.
  if (process.platform === "linux") {
    held({ host: hostname(), pid: process.pid, begun: "1" });
    await (await lockStore(path))();
  }
  held({ host: hostname(), pid: 2 ** 22 + 1, begun: null });
  const several = await Promise.allSettled(Array.from({ length: 8 }, () => lockStore(path)));
  assert.equal(several.filter(({ status }) => status === "fulfilled").length, 1);
  assert.deepEqual(readdirSync(path), [".limpid-run.json"]);
});
