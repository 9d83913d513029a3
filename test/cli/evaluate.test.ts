import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { main } from "../../src/cli/main.js";
import type { Evaluation } from "../../src/explainers/index.js";
import { npyOf } from "../../src/kernel-helpers/formats/npy.js";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("evaluate");
const launcher = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));
const small = ["--methods", "lrp,random", "--measures", "sparseness", "pixel-flipping:steps=4"];
const read = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Evaluation;

test("prints a table of 100 columns with intervals, what failed and a verdict, and writes files", async () => {
  const files = ["scores.json", "scores.csv", "scores.parquet", "scores.arrow", "scores.svg"].map((name) =>
    join(scratch, name),
  );
  const asked = ["--methods", "grad-cam", "lrp,random", ...small.slice(2), "--model", "mnist-mlp"];
  const { code, stdout } = await limpid("evaluate", "--samples", "8", ...asked, "--out", ...files);
  assert.equal(code, 0);
  assert.match(stdout, /^method +mean +95% interval +rank +samples\nsparseness: higher is better\n/);
  assert.match(stdout, /\n\s+lrp +0\.\d+ +0\.\d+ to 0\.\d+ +1 +8 of 8\n/);
  assert.match(stdout, /\ngrad-cam +sparseness, pixel-flipping:steps=4 +all +\S/);
  assert.match(stdout, /(wins:|No winner)/);
  assert.ok(
    stdout.split("\n").every((line) => line.length <= 100 || line.includes(scratch)),
    stdout,
  );
  for (const file of files) assert.ok(existsSync(file), file);
  assert.equal(read(files[0]!).rows.length, 3 * 2 * 8);
});

test("Ctrl-C leaves what was done in a file, from which --resume gives the same as a run without a stop", async () => {
  const [part, resumed, whole] = ["part.json", "resumed.json", "whole.json"].map((name) => join(scratch, name));
  const slow = ["--methods", "lrp,random", "occlusion:window=1:strides=1", ...small.slice(2)];
  const child = spawn(process.execPath, [launcher, "evaluate", "--samples", "400", ...slow, "--resume", part!]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    // It says how far it is once it takes long; the slow method is then in its first batch, or in a later one.
    if (said === "") setTimeout(() => child.kill("SIGINT"), 1000);
    said += String(chunk);
  });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  assert.equal(code, 130, said);
  assert.match(said, /stopped; \d+ cells are in .*part\.json: the same command with --resume/);
  const stopped = read(part!);
  assert.ok(!stopped.complete);
  const words = ["evaluate", "--samples", "400", ...small];
  assert.equal(await main([...words, "--resume", part!, "--out", resumed!]), 0);
  assert.equal(await main([...words, "--out", whole!]), 0);
  assert.equal(readFileSync(resumed!, "utf8"), readFileSync(whole!, "utf8"));
  assert.equal(readFileSync(part!, "utf8"), readFileSync(whole!, "utf8"));
});

test("takes pictures, and arrays of NumPy with classes and masks", async () => {
  const out = join(scratch, "given.json");
  const random = Float32Array.from({ length: 3 * 784 }, (_, at) => ((at * 7919) % 97) / 97);
  const archive = zipSync({
    "x.npy": npyOf({ shape: [3, 28, 28], values: random }),
    "y.npy": npyOf({ shape: [3], values: Int32Array.from([4, 5, 6]) }),
    "masks.npy": npyOf({ shape: [3, 28, 28], values: Uint8Array.from(random, (value) => Number(value > 0.5)) }),
  });
  writeFileSync(join(scratch, "given.npz"), archive);
  assert.equal(await main(["evaluate", "--data", join(scratch, "given.npz"), ...small, "--out", out]), 0);
  assert.deepEqual(
    read(out).samples.map(({ target }) => target),
    [4, 5, 6],
  );
  const photos = fileURLToPath(new URL("../../../photos", import.meta.url));
  assert.equal(await main(["evaluate", "--data", photos, ...small, "--samples", "2", "--out", out]), 0);
  assert.match(read(out).samples[0]!.name, /\.(png|jpg)$/);
});

test("bad input is named in one line", async () => {
  const said: string[] = [];
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = ((text: string) => said.push(String(text)) > 0) as typeof write;
  try {
    const cases: [string[], RegExp][] = [
      [["--methods", "lpr"], /method must be.*lrp/],
      [["--measures", "sparsenes"], /measure must be.*sparseness/],
      [["--methods", "lrp:composit=flat"], /composit/],
      [["--measures", "pixel-flipping:steps=0"], /steps must be/],
      [["--out", "scores.xlsx"], /scores\.xlsx does not end in one of/],
      [["--resume", "part.csv"], /no \.json file/],
      [["--data", scratch], /folder without pictures|given\.npz/],
      [["--data", "nowhere.npz"], /nowhere\.npz cannot be read/],
    ];
    for (const [words, message] of cases) {
      said.length = 0;
      assert.equal(await main(["evaluate", "--samples", "2", ...words]), 1, words.join(" "));
      assert.match(said.join(""), message);
    }
  } finally {
    process.stderr.write = write;
  }
});
