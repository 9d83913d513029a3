import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, lrp } from "../../src/explainers/index.js";
import { loadDigits } from "../../src/kernel-helpers/data/digits.js";
import { loadModel } from "../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../src/kernel-helpers/tensorflow/backend.js";
import {
  ChangedDataError,
  explainDataset,
  OtherRunError,
  openRelevanceStore,
  type StoredExplanation,
  verifyRun,
} from "../../src/runs/index.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("runs");
await tensorflow();
const model = await loadModel("mnist-mlp");
after(() => model.dispose());
const method = { method: "lrp", parameters: { composite: "epsilon-plus" } };

/** All files of a store but its root, which knows the day. */
const filesOf = (store: string): [string, string][] =>
  readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, string] => [
      join(entry.parentPath.slice(store.length), entry.name),
      join(entry.parentPath, entry.name),
    ])
    .filter(([name]) => name !== "zarr.json")
    .sort()
    .map(([name, file]) => [name, readFileSync(file).toString("base64")]);

const whole = join(scratch, "whole.zarr");

test("worker processes explain as a call does; the store says what it was made by", async () => {
  const seen: number[] = [];
  const summary = await explainDataset("mnist-mlp", "mnist", {
    ...method,
    ...{ store: whole, samples: 50, shard: 16, workers: 2, target: "label" },
    onProgress: ({ done }) => seen.push(done),
  });
  assert.deepEqual([summary.done, summary.computed, summary.failed.length], [50, 50, 0]);
  assert.deepEqual([seen[0], seen.at(-1), seen.length], [0, 50, 5]);
  const store = await openRelevanceStore(whole);
  assert.deepEqual([store.run.method.id, store.run.method.parameters["composite"]], ["lrp", "epsilon-plus"]);
  assert.equal(store.run.made.threads, 1);
  const { pixels, labels } = await loadDigits({ count: 50 });
  const x = tf.tensor(
    Float32Array.from(pixels, (ink) => ink / 255),
    [50, ...model.input.shape] as number[],
  );
  const result = await lrp(model, { composite: "epsilon-plus" })(x, { target: Array.from(labels) });
  x.dispose();
  const found = await store.read(0, 50);
  for (const [at, { relevance, output, target, label, id }] of found.entries()) {
    assert.deepEqual([target, label, id], [labels[at], labels[at], String(at)]);
    assert.ok(Math.abs(output - result.output[at]!) < 1e-4);
    const size = relevance.length;
    const largest = Math.max(...relevance.map(Math.abs));
    for (const [place, value] of relevance.entries())
      assert.ok(Math.abs(value - result.relevance[at * size + place]!) < 1e-4 * largest);
  }
  const sums = await store.layerSums(0, 50);
  const layers = result.layers.filter(({ kind }) => kind !== "activation" && kind !== "rearrange");
  assert.deepEqual(
    store.layers,
    layers.map(({ name }) => name),
  );
  for (const [at, { samples }] of layers.entries())
    assert.ok(Math.abs(sums[7 * layers.length + at]! - samples[7]!.sum) < 1e-3 * Math.abs(samples[7]!.sum) + 1e-4);
});

test("a run whose worker is killed and that is stopped goes on, and comes to the same bytes", async () => {
  const store = join(scratch, "stopped.zarr");
  const controller = new AbortController();
  const run = { ...method, store, samples: 50, shard: 16, target: "label" };
  let killed = false;
  let stopped = 0;
  let alive = 0;
  await assert.rejects(
    explainDataset("mnist-mlp", "mnist", {
      ...run,
      workers: 1,
      signal: controller.signal,
      onProgress: ({ done: samples, shards: [done] }) => {
        stopped = samples;
        if (done === 1 && !killed) {
          killed = true;
          for (const pid of workersOf()) process.kill(pid, "SIGKILL");
        }
        // Another process came in the place of the one that had two shards, and not one for each of them.
        if (done === 2) alive = workersOf().length;
        if (done === 2) controller.abort(new Error("enough"));
      },
    }),
    (error) => error instanceof AbortedError && error.done === stopped && error.total === 50,
  );
  assert.ok(killed);
  assert.ok(alive <= 1, `${alive} processes`);
  // The process held two shards when it was killed; the one that came next may have been the last, of two samples.
  assert.ok(stopped === 32 || stopped === 18, String(stopped));
  await assert.rejects(
    explainDataset(model, "mnist", { ...run, method: "sensitivity", parameters: {} }),
    OtherRunError,
  );
  // As a process leaves a file that is killed while it writes.
  writeFileSync(join(store, "relevance", "c.2.0.0.0.1-a.part"), "half");
  const { computed, done } = await explainDataset("mnist-mlp", "mnist", { ...run, workers: 1 });
  assert.deepEqual([computed, done], [50 - stopped, 50]);
  assert.deepEqual(filesOf(store), filesOf(whole));
});

test("shards of which a file was cut or lost are computed again", async () => {
  const store = join(scratch, "cut.zarr");
  cpSync(whole, store, { recursive: true });
  const [first, second] = ["c.0.0.0.0", "c.1.0.0.0"].map((name) => join(store, "relevance", name)) as [string, string];
  const bytes = readFileSync(first);
  writeFileSync(first, bytes.subarray(0, bytes.length / 2));
  rmSync(join(store, "output", "c.3"));
  const run = { ...method, store, samples: 50, shard: 16, target: "label" as const, workers: 1 };
  const { cut, computed, done } = await explainDataset("mnist-mlp", "mnist", run);
  assert.deepEqual([cut, computed, done], [[0, 3], 18, 50]);
  assert.deepEqual(filesOf(store), filesOf(whole));
  // Nothing of it is left.
  writeFileSync(second, "");
  rmSync(join(store, "id", "c.1"));
  const again = await explainDataset("mnist-mlp", "mnist", run);
  assert.deepEqual([again.cut, again.computed], [[1], 16]);
  assert.deepEqual(filesOf(store), filesOf(whole));
  assert.deepEqual((await explainDataset("mnist-mlp", "mnist", run)).cut, []);
});

test("a shard that ends its process is set aside, and the one that the process had beside it is not", async () => {
  const fatal = join(scratch, "fatal.mjs");
  // What runs out of memory is ended so by the system.
  const kill = 'process.on("message", ({ shard }) => shard === 1 && process.kill(process.pid, "SIGKILL"))';
  // Not before the process hears itself: messages that come earlier would be lost.
  writeFileSync(fatal, `process.once("newListener", () => ${kill});`);
  const store = join(scratch, "fatal.zarr");
  const run = { ...method, store, samples: 50, shard: 16, target: "label" as const, workers: 1 };
  const options = process.env["NODE_OPTIONS"];
  process.env["NODE_OPTIONS"] = `--import ${fatal}`;
  const { aside, done } = await explainDataset("mnist-mlp", "mnist", run).finally(() => {
    if (options === undefined) delete process.env["NODE_OPTIONS"];
    else process.env["NODE_OPTIONS"] = options;
  });
  assert.deepEqual([aside.map(({ shard }) => shard), done], [[1], 34]);
  assert.match(aside[0]!.message, /A worker process was ended by SIGKILL/);
  const mended = await explainDataset("mnist-mlp", "mnist", run);
  assert.deepEqual([mended.computed, mended.aside], [16, []]);
  assert.deepEqual(filesOf(store), filesOf(whole));
});

test("a run does not go on with another baseline of the same shape", async () => {
  const store = join(scratch, "baseline.zarr");
  const sides = model.input.shape as number[];
  const baseline = (value: number) => {
    const file = join(scratch, `baseline-${value}.json`);
    const nested = sides.reduceRight<unknown>((inner, side) => new Array(side).fill(inner), value);
    writeFileSync(file, JSON.stringify([nested]));
    return { baseline: file, steps: 4 };
  };
  const run = { method: "integrated-gradients", store, samples: 8, shard: 4 };
  await explainDataset(model, "mnist", { ...run, parameters: baseline(0) });
  const again = await explainDataset(model, "mnist", { ...run, parameters: baseline(0) });
  assert.equal(again.computed, 0);
  await assert.rejects(
    explainDataset(model, "mnist", { ...run, parameters: baseline(0.5) }),
    (error) => error instanceof OtherRunError && /baseline/.test(error.message),
  );
});

/** Processes that this one started to explain. */
function workersOf(): number[] {
  const list = execFileSync("ps", ["-o", "pid=,ppid=,args=", "-A"], { encoding: "utf8" });
  return list
    .split("\n")
    .filter((line) => line.includes("shard-worker") && Number(line.trim().split(/\s+/)[1]) === process.pid)
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}

test("one that is explained again is the same; one that was changed is found", async () => {
  const same = await verifyRun(whole);
  assert.deepEqual([same.checked, same.identical, same.differing], [16, 16, []]);
  const changed = join(scratch, "changed.zarr");
  cpSync(whole, changed, { recursive: true });
  // The relevance of other samples in the place of its own.
  const names = readdirSync(join(changed, "relevance")).filter((name) => name.startsWith("c."));
  assert.equal(names.length, 4, names.join());
  const bytes = readFileSync(join(changed, "relevance", names[1]!));
  for (const name of [names[0]!, names[2]!]) writeFileSync(join(changed, "relevance", name), bytes);
  const other = await verifyRun(changed);
  assert.equal(other.differing.length, 16);
  assert.ok(other.largest > 0.1);
});

test("a damaged picture is recorded, the rest goes on, and it is explained once it is mended", async () => {
  const folder = join(scratch, "photos");
  mkdirSync(folder);
  const { default: sharp } = await import("sharp");
  const { pixels } = await loadDigits({ count: 6 });
  const png = (at: number) =>
    sharp(Buffer.from(pixels.slice(784 * at, 784 * at + 784)), { raw: { width: 28, height: 28, channels: 1 } })
      .png()
      .toBuffer();
  for (let at = 0; at < 6; at++) writeFileSync(join(folder, `${at}.png`), at === 2 ? "no picture" : await png(at));
  const cnn = await loadModel("mnist-cnn");
  const store = join(scratch, "photos.zarr");
  const run = { ...method, store, shard: 4, batch: 2 };
  const first = await explainDataset(cnn, folder, run);
  assert.equal(first.done, 6);
  assert.deepEqual(
    first.failed.map(({ id }) => id),
    ["2.png"],
  );
  assert.match(first.failed[0]!.message, /2\.png cannot be read as a picture/);
  const read = await openRelevanceStore(store);
  const before = await read.read(0, 6);
  assert.ok(before[2]!.relevance.every(Number.isNaN) && Number.isNaN(before[2]!.output) && before[2]!.target === -1);
  assert.match(before[2]!.error, /cannot be read/);
  assert.ok(before[3]!.relevance.some((value) => value !== 0));
  writeFileSync(join(folder, "2.png"), await png(2));
  const second = await explainDataset(cnn, folder, run);
  assert.deepEqual([second.computed, second.failed.length], [4, 0]);
  assert.equal((await read.read(2, 3))[0]!.error, "");
  const third = await explainDataset(cnn, folder, run);
  assert.equal(third.computed, 0);
  // Another picture under the same name: the run is refused, and goes on once it is back, or its shard is taken away.
  writeFileSync(join(folder, "4.png"), await png(5));
  const kept = filesOf(store);
  await assert.rejects(
    explainDataset(cnn, folder, run),
    (error) =>
      error instanceof ChangedDataError &&
      error.sample === "4.png" &&
      /holds the relevance of 4\.png/.test(error.message),
  );
  assert.deepEqual(filesOf(store), kept);
  writeFileSync(join(folder, "4.png"), await png(4));
  assert.equal((await explainDataset(cnn, folder, run)).computed, 0);
  writeFileSync(join(folder, "4.png"), await png(5));
  rmSync(join(store, "relevance", "c.1.0.0.0"));
  assert.equal((await explainDataset(cnn, folder, run)).computed, 2);
  const [four, five] = (await read.read(4, 6)) as [StoredExplanation, StoredExplanation];
  // Of another place in the batch, the last bits may be others.
  const largest = Math.max(...five.relevance.map(Math.abs));
  for (const [at, value] of four.relevance.entries())
    assert.ok(Math.abs(value - five.relevance[at]!) < 1e-5 * largest, String(at));
  assert.ok(Math.abs(four.total - four.relevance.reduce((sum, value) => sum + value, 0)) < 1e-3);
  cnn.dispose();
});

test("a model and samples of a program are explained here; rounded relevance takes less room", async () => {
  const { pixels } = await loadDigits({ count: 20 });
  function* samples() {
    for (let at = 0; at < 20; at++)
      yield { values: Float32Array.from(pixels.subarray(784 * at, 784 * at + 784), (ink) => ink / 255), id: `d${at}` };
  }
  const tensors = tf.memory().numTensors;
  const sizes = [];
  for (const mantissaBits of [23, 8]) {
    const store = join(scratch, `rounded-${mantissaBits}.zarr`);
    const { bytes } = await explainDataset(model, samples(), { ...method, store, count: 20, shard: 8, mantissaBits });
    sizes.push(bytes);
  }
  assert.ok(sizes[1]! < 0.8 * sizes[0]!, sizes.join());
  const [exact, rounded] = await Promise.all(
    [23, 8].map((bits) => openRelevanceStore(join(scratch, `rounded-${bits}.zarr`))),
  );
  assert.deepEqual([exact!.run.mantissaBits, rounded!.run.mantissaBits], [null, 8]);
  const [a, b] = await Promise.all([exact!.read(13, 14), rounded!.read(13, 14)]);
  assert.equal(a[0]!.id, "d13");
  for (const [at, value] of a[0]!.relevance.entries())
    assert.ok(Math.abs(b[0]!.relevance[at]! - value) <= Math.abs(value) * 2 ** -9);
  await assert.rejects(
    explainDataset(model, samples(), { ...method, store: join(scratch, "none.zarr") }),
    /count .*must be a whole number/,
  );
  assert.throws(() => readdirSync(join(scratch, "none.zarr")), /ENOENT/);
  // What the network keeps to explain again ends with it.
  assert.ok(tf.memory().numTensors - tensors < 40);
  rmSync(join(scratch, "rounded-8.zarr"), { recursive: true });
});

test("a full disk is told, loses nothing, and the run goes on once there is room", async (context) => {
  const disk = join(scratch, "disk");
  mkdirSync(disk);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", disk]);
  if (status !== 0) return context.skip("only an administrator of Linux can make the small disk that this fills");
  try {
    const store = join(disk, "full.zarr");
    const run = { ...method, store, samples: 50, shard: 16, target: "label", workers: 1 };
    await assert.rejects(
      explainDataset("mnist-mlp", "mnist", run),
      /cannot be written: the disk is full: free some space\. What was written before is whole/,
    );
    const before = filesOf(store);
    assert.ok(before.some(([name]) => /relevance.c\./.test(name)) && before.length < filesOf(whole).length);
    assert.ok(before.every(([name]) => !name.endsWith(".part")));
    execFileSync("mount", ["-o", "remount,size=4m", disk]);
    await explainDataset("mnist-mlp", "mnist", run);
    assert.deepEqual(filesOf(store), filesOf(whole));
  } finally {
    execFileSync("umount", [disk]);
  }
});
