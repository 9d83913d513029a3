import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import type { Explanation } from "../../src/cli/explain/explanation.js";
import { main } from "../../src/cli/main.js";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("explain");

async function json(...words: string[]): Promise<Explanation> {
  const { code, stdout, stderr } = await limpid("explain", ...words, "--json");
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Explanation;
}

test("explains the cat by ε-γ-box: the peer's numbers, balanced books, a heatmap", async () => {
  const out = join(scratch, "heatmap.png");
  const words = ["--model", "efficientnet-lite0", "--method", "lrp", "--composite", "epsilon-gamma-box", "--out", out];
  const result = await json("chelsea.png", ...words);
  assert.equal(result.model, "efficientnet-lite0");
  assert.deepEqual([result.input, result.method], ["chelsea.png", "lrp"]);
  assert.equal(result.parameters["composite"], "epsilon-gamma-box");
  assert.deepEqual(result.target, { index: 282, name: "tiger cat" });
  assert.deepEqual(
    result.top5.map(({ index }) => index),
    [282, 285, 281, 287, 904],
  );
  assert.deepEqual(result.shape, [1, 224, 224, 3]);
  // zennit on Pillow's pixels: logit 9.257, relevance of the pixels 0.11975. Ours differ from Pillow's by a quarter of a gray level.
  assert.ok(Math.abs(result.output - 9.257) < 0.05, `${result.output}`);
  assert.ok(Math.abs(result.relevanceSum - 0.11975) < 0.003, `${result.relevanceSum}`);
  const accounted = result.relevanceSum + result.biasRelevance! + result.emptyRelevance!;
  assert.ok(Math.abs(accounted - result.output) < 1e-3 * result.output);
  assert.equal(result.layers[0]?.name, "input");
  assert.deepEqual(result.layers.at(-1)?.shape, [1, 1000]);
  assert.equal(result.layers.at(-1)?.sum, result.output);
  assert.ok(result.milliseconds > 0);

  // Red where relevance is: the cat's eyes, not the corners.
  const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.width, 448);
  const redness = (left: number, top: number, size: number) => {
    let sum = 0;
    for (let y = top; y < top + size; y++) {
      for (let x = left; x < left + size; x++) {
        const at = info.channels * (y * info.width + x);
        sum += data[at]! - data[at + 2]!;
      }
    }
    return sum / size ** 2;
  };
  assert.ok(redness(70, 115, 110) > 5 + redness(300, 20, 110), `${redness(70, 115, 110)} ${redness(300, 20, 110)}`);
});

test("takes targets by index and by name; a number given one way is the number given the other", async () => {
  const byName = await json("chelsea.png", "--target", "tabby", "--composite", "epsilon-plus", "--bias", "distribute");
  const byIndex = await json("chelsea.png", "--target", "281", "--composite", "epsilon-plus", "--bias", "distribute");
  assert.deepEqual(byName.target, { index: 281, name: "tabby, tabby cat" });
  assert.deepEqual({ ...byName, milliseconds: 0 }, { ...byIndex, milliseconds: 0 });
  assert.ok(Math.abs(byName.relevanceSum - byName.output) < 1e-3 * byName.output);
});

test("sensitivity has no layers to show; without --json the same is said in words", async () => {
  const { relevanceSum, layers, biasRelevance } = await json("coffee.png", "--method", "sensitivity");
  assert.ok(relevanceSum > 0);
  assert.deepEqual([layers, biasRelevance], [[], null]);
  const out = join(scratch, "coffee.png");
  const { stdout } = await limpid(
    "explain",
    "coffee.png",
    "--method",
    "gradient-times-input",
    "--layers",
    "--out",
    out,
  );
  assert.match(stdout, /^coffee\.png: espresso \(class 967\), output 11\.\d+\n/);
  assert.match(stdout, /\n +967 +espresso +11\.\d+ +9\d\.\d%\n/);
  assert.match(stdout, /\nexplained in \d+ ms, written to .*coffee\.png\n/);
});

test("bad input is named in one line, with exit code 1, or 2 for what is no command line", async (context) => {
  const damaged = join(scratch, "damaged.png");
  writeFileSync(damaged, "no picture");
  const model = join(scratch, "model.json");
  writeFileSync(model, "{}");
  const cases: [string[], number, RegExp][] = [
    [["nowhere.png"], 1, /^limpid: There is no picture "nowhere\.png"/],
    [[damaged], 1, /^limpid: damaged\.png cannot be read as a picture/],
    [["chelsea.png", "--model", "resnet"], 1, /no model "resnet"; built in: efficientnet-lite0/],
    [["chelsea.png", "--model", model], 1, /model\.json is no TensorFlow\.js model/],
    [["chelsea.png", "--target", "1000"], 1, /1000 is out of range.*0 to 999/],
    [["chelsea.png", "--target", "cat"], 1, /"cat" fits \d+ classes: 281 \(tabby, tabby cat\), 282 \(tiger cat\)/],
    [["chelsea.png", "--target", "unicorn"], 1, /No class is called "unicorn"/],
    [["chelsea.png", "--method", "magic"], 1, /method must be one of lrp, deep-taylor.*"magic"/],
    [["chelsea.png", "--composite", "magic"], 1, /composite must be one of epsilon-gamma-box.*"magic"/],
    [["chelsea.png", "--composite", "epsilon-plus", "--gamma", "1"], 1, /gamma must be left out with epsilon-plus/],
    [["chelsea.png", "--bias", "keep"], 1, /bias must be .*"keep"/],
    [["chelsea.png", "--gamma", "-1"], 1, /gamma must be .*-1/],
    [["chelsea.png", "--out", join(scratch, "no", "folder.png")], 1, /folder\.png cannot be written/],
    [["chelsea.png", "--gamma", "much"], 2, /option '--gamma <number>' argument 'much' is invalid/],
    [["chelsea.png", "--colour"], 2, /unknown option '--colour'/],
    [[], 2, /missing required argument 'input'/],
  ];
  // Within this process, which starts TensorFlow once; what is printed is caught.
  let stderr = "";
  context.mock.method(process.stderr, "write", (text: string) => {
    stderr += text;
    return true;
  });
  const log = context.mock.method(console, "log", () => {});
  for (const [words, code, message] of cases) {
    stderr = "";
    const exit = await main(["explain", ...words]);
    assert.match(stderr, message);
    assert.deepEqual([exit, log.mock.callCount(), stderr.trim().split("\n").length], [code, 0, 1], words.join(" "));
  }
  context.mock.restoreAll();
  const { code, stdout, stderr: said } = await limpid("explain", "nowhere.png");
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(said, /^limpid: There is no picture "nowhere\.png".*\n$/);
});

test("a photo is explained in five lines of at most 100 columns, with the picture beside it; --layers adds the table", async () => {
  const photo = join(scratch, "cat.png");
  writeFileSync(photo, readFileSync(fileURLToPath(new URL("../../../photos/chelsea.png", import.meta.url))));
  const before = readFileSync(photo);
  const { code, stdout, stderr } = await limpid("explain", photo);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 5, stdout);
  for (const line of lines.slice(0, 4)) assert.ok(line.length <= 100, line);
  assert.match(lines[0]!, /^cat\.png: tiger cat \(class 282\), output 9\.\d+$/);
  const beside = join(scratch, "cat.lrp.png");
  assert.ok(lines[4]!.endsWith(`, written to ${beside}`), lines[4]);
  assert.equal((await sharp(beside).metadata()).width, 448);
  assert.deepEqual(readFileSync(photo), before);
  const { stdout: long } = await limpid("explain", photo, "--layers");
  assert.match(long, /\nlayer +shape +rule +relevance +kept by biases +kept by empty parts\n/);
  for (const line of long.split("\n").slice(0, -2)) assert.ok(line.length <= 100, line);
  const refused = await limpid("explain", photo, "--out", photo);
  assert.deepEqual([refused.code, refused.stdout], [1, ""]);
  assert.match(refused.stderr, /cat\.png is the input, which is not written over/);
});

test("a folder and a picture of extreme shape are handled as a person would", async () => {
  const folder = await limpid("explain", scratch);
  assert.equal(folder.code, 1);
  assert.match(folder.stderr, /is a folder with \d+ pictures in it: give one of them, such as .*\.png\n$/);
  const strip = join(scratch, "strip.png");
  await sharp({ create: { width: 4000, height: 40, channels: 3, background: "teal" } }).toFile(strip);
  const { code, stderr } = await limpid("explain", strip);
  assert.deepEqual(
    [code, stderr],
    [0, "limpid: only the middle of strip.png was looked at, 1% of it: crop it first, or give --fit letterbox\n"],
  );
});
