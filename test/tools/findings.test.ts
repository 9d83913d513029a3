import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Comparison, Evaluation } from "../../src/explainers/index.js";
import { intervalChart } from "../../tools/figures/findings/chart.js";
import { claims } from "../../tools/figures/findings/claims.js";
import { findingsPage } from "../../tools/figures/findings/page.js";
import { scratchFolder } from "../helpers/scratch.js";
import { tools } from "./tools.js";

const compared = (found: Partial<Comparison>): Comparison => ({
  measure: "region perturbation",
  a: "lrp",
  b: "sensitivity",
  count: 9,
  difference: 1,
  low: 0.5,
  high: 1.5,
  p: 0.004,
  corrected: 0.3,
  better: "lrp",
  ...found,
});

function pageOf(comparison: Comparison): string {
  const evaluation = { level: 0.95, samples: [], rows: [], means: [], comparisons: [comparison] };
  const one = { id: "net", title: "Net", pictures: "pictures", evaluation: evaluation as unknown as Evaluation };
  return findingsPage([one], "command").markdown;
}

const rowOf = (page: string, name: string) => page.split("\n").find((line) => line.startsWith(`| ${name}`))!;

test("a finding holds, is reversed, or stays open by its interval and its corrected p, in whatever order methods stand", () => {
  const name = "LRP (ε-γ-box) − Sensitivity";
  assert.equal(rowOf(pageOf(compared({})), name), `| ${name} | 1.00 [0.500, 1.50] | 0.004 | holds |`);
  const turned = compared({ a: "sensitivity", b: "lrp", difference: -1, low: -1.5, high: -0.5 });
  assert.equal(rowOf(pageOf(turned), name), `| ${name} | 1.00 [0.500, 1.50] | 0.004 | holds |`);
  const reversed = compared({ difference: -1, low: -1.5, high: -0.5 });
  assert.equal(rowOf(pageOf(reversed), name), `| ${name} | −1.00 [−1.50, −0.500] | 0.004 | **reversed** |`);
  assert.match(rowOf(pageOf(compared({ p: 0.2 })), name), /\*\*open\*\*/);
  assert.match(rowOf(pageOf(compared({ low: -0.1 })), name), /\*\*open\*\*/);
  assert.match(rowOf(pageOf(compared({ difference: null })), name), /\*\*not measured\*\*/);
});

test("where lower speaks for a finding, a lower mean makes it hold", () => {
  const claim = claims.find(({ lower }) => lower === true)!;
  const { better, worse } = claim.pairs[0]!;
  const page = pageOf(compared({ measure: claim.measure, a: better, b: worse, difference: -1, low: -1.5, high: -0.5 }));
  assert.match(page, /− Guided backprop \| −1\.00 \[−1\.50, −0\.500\] \| 0\.004 \| holds \|/);
});

test("a chart has a row for each method, and its marks lie where its axis says", () => {
  const svg = intervalChart("Net", "AOPC", [
    { name: "A & B", mean: 2, low: 1, high: 3 },
    { name: "C", mean: -1, low: -2, high: 0 },
  ]);
  assert.match(svg, /A &amp; B/);
  const places = [...svg.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  const lines = [...svg.matchAll(/<line x1="([\d.]+)" x2="\1" y1="34" y2="86" stroke="(#\w+)"/g)];
  const zero = Number(lines.find(([, , stroke]) => stroke === "#616161")![1]);
  const step = Number(lines[1]![1]) - Number(lines[0]![1]);
  // Ticks stand a unit apart.
  assert.ok(Math.abs((places[0]! - zero) / step - 2) < 0.02);
  assert.ok(Math.abs((places[1]! - zero) / step + 1) < 0.02);
});

test("the command measures a network and writes the page with its figures", async () => {
  const folder = scratchFolder("findings");
  const keep = join(folder, "kept");
  const { code, stdout } = await tools(
    "figures",
    "findings",
    "mnist",
    "--samples",
    "3",
    "--to",
    folder,
    "--keep",
    keep,
  );
  assert.equal(code, 0);
  const page = readFileSync(join(folder, "findings.md"), "utf8");
  assert.equal(stdout.trim(), page.trim());
  for (const { id, measure } of claims) {
    const file = `pictures/findings-${id}-mnist.svg`;
    assert.ok(page.includes(`![MNIST, the built-in CNN: ${measure}](${file})`), id);
    assert.match(readFileSync(join(folder, file), "utf8"), /^<svg .*LRP \(ε-γ-box\)/);
  }
  assert.doesNotMatch(page, /not measured|NaN|undefined|null/);
  const again = await tools(
    "figures",
    "findings",
    "mnist",
    "--samples",
    "3",
    "--to",
    folder,
    "--keep",
    keep,
    "--resume",
  );
  assert.equal(again.stdout, stdout);
  const refused = await tools("figures", "findings", "cats");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /one of mnist, planted, photos/);
});
