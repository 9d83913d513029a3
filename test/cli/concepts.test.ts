import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { main } from "../../src/cli/main.js";
import { plantedPictures } from "../../src/kernel-helpers/index.js";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("concepts");
const launcher = fileURLToPath(new URL("../../../scripts/limpid.mjs", import.meta.url));

/** Planted pictures as files. */
async function write(folder: string, options: Parameters<typeof plantedPictures>[0]): Promise<string> {
  const { pixels, count, size } = plantedPictures(options);
  const path = join(scratch, folder);
  mkdirSync(path, { recursive: true });
  for (let index = 0; index < count; index++) {
    const own = pixels.subarray(index * size * size * 3, (index + 1) * size * size * 3);
    const raw = { width: size, height: size, channels: 3 } as const;
    await sharp(
      Uint8Array.from(own, (value) => Math.round(255 * value)),
      { raw },
    )
      .png()
      .toFile(join(path, `${index}.png`));
  }
  return path;
}

const fits = (text: string) => text.split("\n").every((line) => line.length <= 100 || line.includes(scratch));

test("dissect prints which units detect what beside a random rotation, and writes a figure", async () => {
  const out = join(scratch, "units.svg");
  const asked = ["concepts", "dissect", "--samples", "48", "--layers", "conv2,conv3", "--rotated", "--out", out];
  const { code, stdout, stderr } = await limpid(...asked);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^layer +units +detectors +color +texture +shape +part +concepts +rotated +its concepts\nconv2 +24 +\d+/,
  );
  assert.match(
    stdout,
    /\nlayer +unit +detects +IoU +on above\nconv\d +\d+ +\S+ \((color|texture|shape|part)\) +0\.\d+/,
  );
  assert.ok(fits(stdout), stdout);
  assert.match(readFileSync(out, "utf8"), /^<svg .*random rotation.*conv3/s);
  const json = JSON.parse((await limpid(...asked.slice(0, 6), "--json")).stdout);
  assert.equal(json.model, "planted-scenes");
  assert.deepEqual([json.layers[0].units.length, json.layers[0].overlaps.length], [24, 24 * json.concepts.length]);
});

test("tcav of folders of pictures says what moves a class, with the pictures that were given", async () => {
  await write("given/watermark", { count: 20, seed: 5, watermark: {} });
  await write("given/nothing", { count: 20, seed: 6 });
  const random = await write("random", { count: 240, seed: 7 });
  const data = await write("discs", { count: 12, seed: 8, object: "disc" });
  const out = join(scratch, "scores.png");
  const folders = ["--concepts", join(scratch, "given"), "--random", random, "--data", data];
  const asked = ["concepts", "tcav", ...folders, "--target", "disc", "--layers", "conv3"];
  const { code, stdout, stderr } = await limpid(...asked, "--out", out);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\nconv3 +nothing +\S+ .* 0\.\d+ +\d+\s%\n/);
  assert.match(stdout, /\nconv3 +watermark +1 +0\.\d+ to 1 .* yes +\d+\s%\n/);
  assert.ok(fits(stdout), stdout);
  assert.deepEqual(
    [...readFileSync(out).subarray(1, 4)],
    [..."PNG"].map((letter) => letter.charCodeAt(0)),
  );
  const json = JSON.parse((await limpid(...asked, "--json")).stdout);
  assert.deepEqual([json.class, json.randomSets, json.output.length], ["disc", 12, 12]);
});

test("Ctrl-C stops it, and what cannot be is named in one line", async (context) => {
  const child = spawn(process.execPath, [launcher, "concepts", "dissect", "--samples", "4000"]);
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (said === "") child.kill("SIGINT");
    said += String(chunk);
  });
  assert.equal(await new Promise((resolve) => child.on("exit", resolve)), 130, said);
  assert.match(said, /aborted after \d+ of 8000/);
  const { write: real } = process.stderr;
  context.after(() => {
    process.stderr.write = real;
  });
  process.stderr.write = (words: string | Uint8Array) => {
    said += String(words);
    return true;
  };
  for (const [words, message] of [
    [["dissect", "--layers", "conv9"], /no layer "conv9"/],
    [["dissect", "--out", "units.pdf"], /units\.pdf does not end in \.svg or \.png/],
    [["tcav", "--concepts", "planted:watrmark"], /watermark/],
    [["tcav", "--concepts", join(scratch, "nowhere")], /nowhere cannot be read/],
    [["tcav", "--target", "dics"], /did you mean 0 \(disc\)/],
  ] as const) {
    said = "";
    assert.equal(await main(["concepts", ...words]), 1, words.join(" "));
    assert.match(said, message);
    assert.equal(said.trim().split("\n").length, 1, said);
  }
});
