import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("cells");

test("cells prints which cells follow rules and a phrase beside chance, and writes a figure", async () => {
  const file = join(scratch, "sides.ts");
  const line = (at: number) => `/** The side ${at}. */\ntype Side${at} = "left" | "right";\n\n`;
  writeFileSync(file, Array.from({ length: 12 }, (_, at) => line(at)).join(""));
  const out = join(scratch, "cell.svg");
  const asked = [
    "concepts",
    "cells",
    "--text",
    file,
    "--rules",
    "quotes,comments",
    "depth",
    "--shifts",
    "19",
    "--best",
    "2",
  ];
  const { code, stderr } = await limpid(...asked.slice(0, -1), "2", "--phrase", "right", "--out", out);
  assert.equal(code, 1, "brackets are none in this text");
  assert.match(
    stderr.split("\n").at(-2)!,
    /^limpid: rule must be one that changes in this text, but is "\\"depth of brackets\\", which is 0 everywhere"/,
  );
  const rules = [...asked.slice(0, 6), ...asked.slice(7)];
  const found = await limpid(...rules, "--phrase", "right", "--out", out);
  assert.equal(found.code, 0, found.stderr);
  assert.match(
    found.stdout,
    /^rule +measure +layer +cell +score +always +best by chance +p\n“right” +F1 +lstm +\d+ +0\.\d{3} +0\.\d{3} +0\.\d\d to \d\.\d\d +0\.\d\d\n +F1 +lstm/,
  );
  assert.match(found.stdout, /\ninside quotes +F1 +lstm .*\n.*\ninside comments/);
  assert.match(found.stdout, /\nlstm, forget gate: shut at \d+ % of the steps, open at \d+ %\n/);
  assert.ok(found.stdout.split("\n").every((row) => row.length <= 100 || row.includes(scratch)));
  assert.match(readFileSync(out, "utf8"), /^<svg .*Cell \d+ of lstm follows “right”/);
  const json = JSON.parse((await limpid(...rules, "--characters", "300", "--json")).stdout);
  assert.equal(json.characters, 300);
  assert.deepEqual([json.layers[0].cells, json.rankings.length, json.rankings[0].ranking.length], [160, 2, 2]);
  assert.equal(json.saturation[0].left.length, 160);
  assert.ok(json.difference < 1e-4);
});

test("what is asked wrongly is said in one line", async () => {
  for (const [words, message] of [
    [["--text", join(scratch, "none.ts")], /^limpid: .*none\.ts cannot be read: ENOENT/],
    [["--rules", "rhymes"], /^limpid: rule must be one of quotes, comments/],
    [
      ["--phrase", "zebra crossing"],
      /^limpid: phrase must be a phrase that occurs in the text, but is "zebra crossing"/,
    ],
    [["--model", "mnist-cnn"], /^limpid: /],
  ] as const) {
    const { code, stderr, stdout } = await limpid("concepts", "cells", ...words);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(stdout, "");
  }
});
