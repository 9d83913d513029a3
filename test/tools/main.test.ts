import assert from "node:assert/strict";
import { test } from "node:test";
import { share } from "../every.js";
import { tools } from "./tools.js";

test("what cannot be done is said in one line, with exit code 1; what is asked wrongly has exit code 2", async () => {
  for (const [words, code, message] of [
    [["bench", "nothing"], 1, /^limpid: There is no benchmark "nothing"; there are aborts, (\w+, )*steady\n$/],
    [["bench"], 2, /^error: missing required argument 'name'\n$/],
    [
      ["train", "nothing"],
      1,
      /^limpid: There is no training "nothing"; there are mnist, inverters, planted, char, mnist-cnn, .*\n$/,
    ],
    [["figures", "nothing"], 2, /^error: unknown command 'nothing'\n$/],
    [["frobnicate"], 2, /^error: unknown command 'frobnicate'\n$/],
  ] as const) {
    const result = await tools(...words);
    assert.equal(result.code, code);
    assert.match(result.stderr, message);
    assert.equal(result.stdout, "");
  }
});

test("the help of each command says how npm wants it written", async () => {
  const usages = [
    [["goldens"], "npm run goldens -- [options] [dir]"],
    [["bench"], "npm run bench -- [options] <name> [options...]"],
    [["train"], "npm run train -- [options] <name...>"],
    [["figures"], "npm run figures -- [options] [command]"],
    [["figures", "shattering"], "npm run figures -- shattering [options]"],
  ] as const;
  for (const [words, usage] of share(usages, 4)) {
    const { code, stdout } = await tools(...words, "--help");
    assert.equal(code, 0);
    assert.equal(stdout.split("\n")[0], `Usage: ${usage}`);
  }
});

test("a benchmark takes its own options", async () => {
  const { code, stdout } = await tools("bench", "shattering", "--depth", "2", "--width", "4", "--runs", "1");
  assert.equal(code, 0);
  const cases = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(cases.length, 4);
  for (const line of cases) assert.ok(line.depth === 2 && line.width === 4 && line.ms > 0 && line.newSeedMs > 0);
});
