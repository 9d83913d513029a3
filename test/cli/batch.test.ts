import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { openRelevanceStore } from "../../src/kernel-helpers/relevance/relevance-store.js";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("batch");
const launcher = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));

test("a folder of pictures, of which one is damaged: a plan, a store, its check, and what is asked wrongly", async () => {
  const folder = join(scratch, "photos");
  mkdirSync(folder);
  const gray = { width: 28, height: 28, channels: 3 as const };
  for (let at = 0; at < 5; at++) {
    const background = { r: 50 * at, g: 50 * at, b: 50 * at };
    const png = await sharp({ create: { ...gray, background } })
      .png()
      .toBuffer();
    writeFileSync(join(folder, `${at}.png`), at === 3 ? png.subarray(0, 50) : png);
  }
  const store = join(scratch, "photos.zarr");
  const words = ["batch", "--model", "mnist-cnn", "--data", folder, "--workers", "1", "--shard", "2", "-o", store];
  const plan = await limpid(...words, "--method", "sensitivity", "--plan");
  assert.match(
    plan.stdout,
    /^5 samples in 3 shards; 5 were measured with 1 worker\.\nimages\/s +\d.*\ntime .*\nsize +/,
  );
  assert.deepEqual(readdirSync(scratch), ["photos"]);

  const made = await limpid(...words, "--method", "occlusion", "--param", "window=14");
  assert.equal(made.code, 3, made.stderr);
  assert.match(made.stdout, /5 of 5 samples, mnist-cnn, occlusion\n5 were computed in /);
  assert.match(made.stdout, /\nfailed: 3\.png: 3\.png cannot be read as a picture/);
  const { run } = await openRelevanceStore(store);
  assert.deepEqual(run.method.given, { window: "14" });

  const [checked, none] = await Promise.all([
    limpid("batch", "--verify", store, "--json"),
    limpid("batch", "-o", store),
  ]);
  assert.equal(checked.code, 0);
  assert.deepEqual(JSON.parse(checked.stdout).differing, []);
  assert.deepEqual([none.code, none.stderr.trim()], [2, "error: required option '--data <data>' not specified"]);
});

test("Ctrl-C says how much is there, and leaves no process behind", async () => {
  const store = join(scratch, "stopped.zarr");
  const words = ["--model", "mnist-cnn", "--data", "mnist", "--method", "occlusion", "--workers", "1", "--shard", "1"];
  const child = spawn(process.execPath, [launcher, "batch", ...words, "-o", store]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += String(chunk);
  });
  const timer = setInterval(() => {
    if (!existsSync(join(store, "relevance", "c.1.0.0.0"))) return;
    clearInterval(timer);
    child.kill("SIGINT");
  }, 20);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(timer);
  assert.equal(code, 130, said);
  const [, count] = /stopped; (\d+) of 1000 samples are in .*: the same command goes on/.exec(said)!;
  const read = await openRelevanceStore(store);
  assert.equal((await read.shards()).length, Number(count));
  assert.ok(!existsSync(join(store, ".limpid-run.json")));
});
