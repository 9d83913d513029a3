import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli/main.js";
import { methods } from "../../src/explainers/index.js";

test("limpid methods lists the registry, one method's parameters, and the known names for an unknown one", async (context) => {
  let stdout = "";
  let stderr = "";
  context.mock.method(console, "log", (line: string) => {
    stdout += `${line}\n`;
  });
  context.mock.method(process.stderr, "write", (text: string) => {
    stderr += text;
    return true;
  });
  const run = async (...words: string[]) => {
    [stdout, stderr] = ["", ""];
    return main(words);
  };
  assert.equal(await run("methods"), 0);
  const rows = stdout.trim().split("\n");
  assert.deepEqual(
    rows.slice(1).flatMap((line) => line.split(" ")[0] || []),
    methods.map(({ id }) => id),
  );
  assert.equal(await run("methods", "integrated-gradients"), 0);
  assert.match(stdout, /Source: Sundararajan, Taly & Yan 2017/);
  assert.match(stdout, /\nsteps +50 +a whole number of at least 1 +Points on the path\n/);
  assert.equal(await run("methods", "lime-table"), 0);
  assert.match(stdout, /\nCommand: limpid explain NUMBERS\.npy\|\.json\|\.csv .*--method lime-table --data FILE\n/);
  assert.match(stdout, /\n--data gives training: /);
  assert.equal(await run("methods", "shapley-values"), 0);
  assert.match(stdout, /\n--param NAME=FILE gives ids or baseline by a file\.\n/);
  assert.equal(await run("methods", "--json"), 0);
  assert.equal(stdout.trim().split("\n").length, methods.length);
  assert.equal((JSON.parse(stdout.split("\n")[0]!) as { id: string }).id, methods[0]!.id);
  const others = [
    ["methods"],
    ["models"],
    ["--help"],
    ["explain", "--help"],
    ["methods", "--help"],
    ["models", "--help"],
  ];
  for (const words of [...others, ...methods.map(({ id }) => ["methods", id])]) {
    assert.equal(await run(...words), 0);
    for (const line of stdout.split("\n")) assert.ok(line.length <= 100, `${words.join(" ")}: ${line}`);
  }
  assert.equal(await run("methods", "lrq"), 1);
  assert.match(stderr, /Did you mean "lrp"\?\n$/);
  assert.equal(await run("methods", "magic"), 1);
  assert.match(stderr, /method must be one of lrp, .*, rise, but is "magic"/);

  // Parameters are refused before anything runs.
  const cases: [string[], RegExp][] = [
    [
      ["--method", "integrated-gradients", "--param", "steps=0"],
      /steps must be a whole number of at least 1, but is 0/,
    ],
    [["--method", "integrated-gradients", "--param", "step=5"], /step must be left out .* baseline, steps, rule/],
    [["--method", "occlusion", "--param", "baseline=pink"], /baseline must be zero, padding, black, gray, .*"pink"/],
    [["--method", "lime", "--param", "ids=3"], /ids must be a \.npy, \.json or \.csv file, but is "3"/],
    [["--method", "lime-table"], /method must be one that explains pictures, but is "lime-table"/],
    [["--method", "lrp-recurrent"], /method must be one that explains pictures/],
  ];
  for (const [words, message] of cases) {
    assert.equal(await run("explain", "chelsea.png", ...words), 1, words.join(" "));
    assert.match(stderr, message);
  }
  assert.equal(await run("explain", "chelsea.png", "--param", "steps"), 2);
  assert.match(stderr, /not of the form name=value/);
  context.mock.restoreAll();
});
