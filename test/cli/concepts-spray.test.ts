import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratchFolder } from "../helpers/scratch.js";
import { limpid } from "./limpid.js";

const scratch = scratchFolder("concepts-spray");

test("spray prints the clusters of a class and what the model loses without their regions, and writes a figure", async () => {
  const out = join(scratch, "strategies.svg");
  const asked = ["concepts", "spray", "--samples", "150", "--neighbors", "6", "--out", out];
  const { code, stdout, stderr } = await limpid(...asked);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^\d+ pictures of disc, explained by LRP \(ε-plus\): 2 clusters of \d+, \d+; the eigenvalues say 2\./,
  );
  assert.match(stdout, /\nclass +pictures +accuracy +without +change, points +95% interval/);
  assert.match(stdout, /\ndisc +\d+ +\d+.% +\S+.% +−\d/);
  assert.ok(
    stdout.split("\n").every((line) => line.length <= 100 || line.includes(scratch)),
    stdout,
  );
  assert.ok(/^<svg .*Eigenvalues: the largest gap says 2 clusters/.test(readFileSync(out, "utf8")));

  const json = await limpid(...asked.slice(0, -2), "--clusters", "1", "--json");
  assert.equal(json.code, 0, json.stderr);
  const found = JSON.parse(json.stdout);
  assert.equal(found.clusters.length, 1);
  assert.equal(found.suggested, 2);
  assert.equal(found.clusters[0].members.length, found.pictures);
});

test("spray takes the maps of a store, which give what new ones do", async () => {
  const store = join(scratch, "digits.zarr");
  const asked = ["--model", "mnist-cnn", "--data", "mnist", "--samples", "80"];
  const made = await limpid("batch", ...asked, "--param", "composite=epsilon-plus", "--target", "label", "-o", store);
  assert.equal(made.code, 0, made.stderr);
  const spray = ["concepts", "spray", ...asked, "--target", "7", "--neighbors", "3", "--json"];
  const [fresh, stored] = await Promise.all([limpid(...spray), limpid(...spray, "--store", store)]);
  assert.equal(stored.code, 0, stored.stderr);
  const { method, store: from, ...found } = JSON.parse(stored.stdout);
  assert.deepEqual([method.id, from], ["lrp", store]);
  const of = ({ pictures, clusters }: { pictures: number; clusters: { members: string[] }[] }) => [
    pictures,
    clusters.map(({ members }) => members),
  ];
  assert.deepEqual(of(found), of(JSON.parse(fresh.stdout)));
  // Of another number of samples, and of other pictures.
  const more = await limpid(...spray, "--samples", "90", "--store", store);
  assert.match(more.stderr, /is of another run: its count of samples is 80, and 90 is asked for/);
});

test("what spray cannot do is said in one line", async () => {
  for (const [words, said] of [
    [["--target", "discc"], /No class is called "discc"/],
    [["--region", "2"], /It must be a share between 0 and 1/],
    [["--fill", "gold", "--samples", "150"], /replacement must be .*gold/],
    [["--neighbors", "400", "--samples", "150"], /neighbors must be/],
    [["--out", "strategies.gif"], /does not end in \.svg or \.png/],
  ] as const) {
    const { code, stderr } = await limpid("concepts", "spray", ...words);
    assert.ok(code !== 0, words.join(" "));
    assert.match(stderr, said);
  }
});
