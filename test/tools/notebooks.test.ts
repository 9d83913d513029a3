import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { joined, readNotebook } from "../../src/reports/notebook.js";
import { checkedRun } from "../../tools/notebooks/checked-run.js";
import { departures, statedNumbers } from "../../tools/notebooks/conventions.js";
import { scratchFolder } from "../helpers/scratch.js";

const HEAD = "# A study\n\nWhat it shows.\n\n**You will see** a number. **Takes** 0.5 minutes. **Try** another.";
const folder = scratchFolder("studies");

type Cell = readonly [kind: "code" | "markdown", source: string, ...tags: string[]];

function study(name: string, ...cells: Cell[]): string {
  const file = join(folder, `${name}.ipynb`);
  const written = cells.map(([cell_type, source, ...tags], at) => ({
    ...{ cell_type, source, metadata: { tags }, id: `step-${"abcdefghij"[at]}` },
    ...(cell_type === "code" && { outputs: [], execution_count: null }),
  }));
  writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: written }));
  return file;
}

const waits = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}));`;

test("a notebook that holds what it states and shows its progress is found fault with in nothing", async () => {
  const file = study(
    "good",
    ["markdown", `${HEAD}\n\nSee [the other](./good.ipynb#further). The share is 25 %, published was 0.31.`],
    [
      "code",
      `import { progress } from "limpid";\n${waits(100)}\nawait progress("Waiting", async ({ report }) => {\n${waits(1400)}\nreport(1);\n});\nconst share = 1 / 4;`,
      "heavy",
    ],
    ["code", `import { expectClose } from "limpid";\nexpectClose(share, 0.25, 1e-9);`, "checks"],
  );
  // At a fifth of the time, a second and a half is long.
  const { faults, cells, seconds } = await checkedRun(file, { patience: 0.2 });
  assert.deepEqual(faults, []);
  assert.equal(cells.length, 3);
  assert.ok(seconds > 1.5);
});

test("each departure is named with its cell", async () => {
  const file = study(
    "bad",
    ["markdown", "A study, which reaches 0.93. See [nothing](nowhere.ipynb)."],
    ["code", "const quiet = 1;"],
    ["code", 'console.error("careful"); console.log(1)'],
    ["code", `${waits(2500)} console.log(2)`],
    ["code", `${waits(300)} console.log(3)`, "heavy"],
    ["code", "console.log(quiet)", "checks"],
  );
  const { faults } = await checkedRun(file, { patience: 0.4 });
  assert.deepEqual(
    faults.map((fault) => fault.replace(/takes [\d.]+ s/, "takes … s")),
    [
      "its first cell lacks a title (# …), **You will see**, **Takes**, **Try**",
      "cell 1 (step-a) links to nowhere.ipynb, which is not there",
      "cell 6 (step-f) is tagged checks and checks nothing",
      "cell 1 (step-a) states 0.93, which no cell asserts: hold it in a cell tagged checks",
      "cell 4 (step-d) takes … s, and may take 5: tag it heavy, or make it faster",
      "cell 4 (step-d) takes … s and shows no progress",
      "cell 2 (step-b) shows nothing",
      "cell 3 (step-c) warns: careful",
    ],
  );
});

test("a statement that does not hold fails the notebook by its cell, and so does a heavy cell that takes too long", async () => {
  const wrong = study(
    "wrong",
    ["markdown", HEAD],
    ["code", 'import { expectClose } from "limpid";\nexpectClose(0.3, 0.31, 0.001);', "checks"],
  );
  assert.match((await checkedRun(wrong)).faults.join(), /cell 2 \(step-b\) failed:[\s\S]*ExpectationError/);
  const late = study("late", ["markdown", HEAD], ["code", `${waits(1500)} console.log(1)`, "heavy"]);
  const { faults } = await checkedRun(late, { patience: 0.01 });
  assert.match(faults[0]!, /^cell 2 \(step-b\) takes [\d.]+ s, and may take 60$/);
});

test("numbers that a text states are decimals and percentages, and not those of others, of code, or of intervals", () => {
  const found = (text: string) => statedNumbers(text).map(({ value }) => value);
  assert.deepEqual(
    found("It reaches 0.93 [0.90, 0.95] on 50 trials, 12 % more than chance, of 1,234.5 µV."),
    [0.93, 0.9, 0.95, 12, 1234.5],
  );
  assert.deepEqual(found("A 95 % interval, by `x = 0.5`, in 3 steps.\n\n```ts\nconst y = 0.25;\n```"), []);
  assert.deepEqual(found("Published on SCP1: 0.88. Here: 0.91. They report [0.7](https://example.org)."), [0.91]);
  assert.deepEqual(found("| set | published | here |\n|---|---|---|\n| one | 0.5 | 0.6 |"), [0.6]);
  assert.deepEqual(found("Version 4.22.0 of 2026-11-28 takes part."), []);
});

test("every notebook of the package is written as agreed, and the index leads to each", async () => {
  const own = join(import.meta.dirname, "..", "..", "..", "notebooks");
  const names = readdirSync(own).filter((name) => name.endsWith(".ipynb"));
  const found = names.map(async (name) => [name, departures(await readNotebook(join(own, name)), own)] as const);
  assert.deepEqual(
    (await Promise.all(found)).filter(([, all]) => all.length > 0),
    [],
  );
  const index = (await readNotebook(join(own, "README.ipynb"))).cells.map(({ source }) => joined(source)).join("\n");
  assert.deepEqual(
    names.filter((name) => name !== "README.ipynb" && !index.includes(`](${name})`)),
    [],
  );
});
