import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { bootstrapInterval } from "../../../src/explainers/numerics/bootstrap.js";
import { kendallTau, kendallW } from "../../../src/explainers/numerics/concordance.js";
import { pearson, ranks as ranksOf } from "../../../src/explainers/numerics/correlation.js";
import { normalCdf, normalQuantile } from "../../../src/explainers/numerics/normal.js";
import { holm, wilcoxonSignedRank } from "../../../src/explainers/numerics/paired-tests.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { mean, median, quantile, standardDeviation } from "../../../src/explainers/numerics/summary.js";

const path = join(import.meta.dirname, "../../../../test/explainers/numerics/statistics.json");
const scipy = JSON.parse(readFileSync(path, "utf8")) as {
  wilcoxon: { d: number[]; zeros: "drop" | "split"; p: number; w: number }[];
  large: { d: number[]; p: number };
  normal: [number, number][];
  quantile: [number, number][];
  tau: [number[], number[], number];
  ranks: [number[], number[]];
  bootstrap: { x: number[]; bca: number[]; percentile: number[]; medianBca: number[] };
};

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} ≠ ${expected}`);

test("the normal distribution and its inverse are SciPy's, to the last tails", () => {
  for (const [z, p] of scipy.normal) near(normalCdf(z), p, 1e-12);
  for (const [p, z] of scipy.quantile) near(normalQuantile(p), z, 1e-10);
  assert.equal(normalQuantile(0), -Infinity);
  assert.equal(normalQuantile(1), Infinity);
  assert.ok(Number.isNaN(normalQuantile(1.1)));
});

test("ranks share ties and are SciPy's", () => {
  const [values, ranks] = scipy.ranks;
  assert.deepEqual(Array.from(ranksOf(values)), ranks);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 30 }), (list) => {
      // A rank is one more than how many are smaller, and half of how many others are equal.
      const expected = list.map(
        (x) => 1 + list.filter((y) => y < x).length + (list.filter((y) => y === x).length - 1) / 2,
      );
      assert.deepEqual(Array.from(ranksOf(list)), expected);
    }),
  );
});

test("Kendall's τ is SciPy's, and W is 1 where all agree and (1 + (m − 1) ρ̄) / m else", () => {
  const [a, b, tau] = scipy.tau;
  near(kendallTau(a, b), tau, 1e-12);
  assert.equal(kendallW([a, a, a]), 1);
  assert.ok(Number.isNaN(kendallW([[1, 1, 1]])));
  assert.ok(Number.isNaN(kendallW([[1], [2]])));
  assert.ok(Number.isNaN(kendallW([])));
  // W and the mean rank correlation of all pairs of judges say the same, where there are no ties.
  const random = seededRandom(3);
  const judges = Array.from({ length: 4 }, () => Array.from(random.permutation(7)));
  const correlations = judges.flatMap((first, i) => judges.slice(0, i).map((second) => pearson(first, second)));
  near(kendallW(judges), (1 + 3 * mean(correlations)) / 4, 1e-12);
});

test("Wilcoxon's test is SciPy's over all sign choices, with ties and zeros", () => {
  for (const { d, zeros, p, w } of scipy.wilcoxon) {
    const found = wilcoxonSignedRank(d, zeros);
    assert.ok(found.exact);
    assert.equal(Math.min(found.positive, found.negative), w);
    near(found.p, p, 1e-9);
  }
  const large = wilcoxonSignedRank(scipy.large.d);
  assert.ok(!large.exact);
  near(large.p, scipy.large.p, 1e-9);
});

test("Wilcoxon's test of differences of one sign is 2 / 2ⁿ, of none is 1, and does not ask for the side", () => {
  for (const n of [1, 2, 5, 20]) {
    const differences = Array.from({ length: n }, (_, at) => at + 1);
    near(wilcoxonSignedRank(differences).p, n === 1 ? 1 : 2 / 2 ** n, 1e-12);
  }
  assert.equal(wilcoxonSignedRank([0, 0, 0]).p, 1);
  assert.equal(wilcoxonSignedRank([0, 0, 0], "split").p, 1);
  assert.equal(wilcoxonSignedRank([]).p, 1);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 40 }), (list) => {
      const { p } = wilcoxonSignedRank(list);
      assert.ok(p > 0 && p <= 1);
      near(wilcoxonSignedRank(list.map((value) => -value)).p, p, 1e-12);
    }),
  );
});

test("the exact test and its approximation meet", () => {
  const random = seededRandom(8);
  const differences = Array.from({ length: 50 }, () => random.gaussian() + 0.2);
  const exact = wilcoxonSignedRank(differences);
  const beyond = wilcoxonSignedRank([...differences, 1e-9]);
  assert.ok(exact.exact && !beyond.exact);
  assert.ok(Math.abs(exact.p - beyond.p) < 0.01);
});

test("Holm's correction is the step-down rule, in the order given, and passes NaN by", () => {
  // 0.01 · 4, 0.02 · 3, then never less than the one before.
  const corrected = Array.from(holm([0.04, 0.01, 0.03, 0.02]), (p) => Math.round(1e9 * p) / 1e9);
  assert.deepEqual(corrected, [0.06, 0.04, 0.06, 0.06]);
  assert.deepEqual(Array.from(holm([Number.NaN, 0.5, 0.9])), [Number.NaN, 1, 1]);
  assert.deepEqual(Array.from(holm([])), []);
});

test("bootstrap intervals come near SciPy's of a hundred times as many resamples", () => {
  const { x, bca, percentile, medianBca } = scipy.bootstrap;
  const width = bca[1]! - bca[0]!;
  const compare = (found: { low: number; high: number }, [low, high]: number[]) => {
    assert.ok(Math.abs(found.low - low!) < 0.04 * width, `${found.low} ≠ ${low}`);
    assert.ok(Math.abs(found.high - high!) < 0.04 * width, `${found.high} ≠ ${high}`);
  };
  compare(bootstrapInterval(x, { resamples: 20_000 }), bca);
  compare(bootstrapInterval(x, { resamples: 20_000, kind: "percentile" }), percentile);
  compare(bootstrapInterval(x, { resamples: 20_000, statistic: median }), medianBca);
});

test("bootstrap intervals hold the mean as often as they say", () => {
  let held = 0;
  for (let run = 0; run < 200; run++) {
    const random = seededRandom(1000 + run);
    const { low, high } = bootstrapInterval(
      Array.from({ length: 25 }, () => random.gaussian()),
      { resamples: 400, seed: run },
    );
    if (low <= 0 && high >= 0) held++;
  }
  // Four standard errors below 95 %, and what so few values lose.
  assert.ok(held > 175 && held < 200, `${held} of 200`);
});

test("bootstrap intervals: the same seed the same, equal values a point, one value none", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  assert.deepEqual(bootstrapInterval(values, { seed: 4 }), bootstrapInterval(values, { seed: 4 }));
  assert.notDeepEqual(bootstrapInterval(values, { seed: 4 }), bootstrapInterval(values, { seed: 5 }));
  assert.deepEqual(bootstrapInterval([0.1, 0.1, 0.1]), { low: mean([0.1, 0.1, 0.1]), high: mean([0.1, 0.1, 0.1]) });
  assert.deepEqual(bootstrapInterval([2]), { low: Number.NaN, high: Number.NaN });
});

test("quantiles lie between values in proportion", () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
  assert.equal(quantile([1, 2], 0.25), 1.25);
  assert.equal(quantile([1, 2], 7), 2);
  assert.ok(Number.isNaN(median([])));
  near(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7), 1e-12);
  assert.equal(standardDeviation([7]), 0);
});
