import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amongRandom,
  betweenRuns,
  corrected,
  furtherDraw,
} from "../../../src/explainers/concepts/tcav/significance.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { quantile, twoSided } from "../../../src/explainers/numerics/student-t.js";

const close = (a: number, b: number, tolerance = 1e-6) => assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

test("Welch's test gives what scipy.stats.ttest_ind(equal_var=False) gives", () => {
  const { t, pValue, degrees } = betweenRuns([0.9, 0.8, 0.95, 0.7, 0.85], [0.4, 0.6, 0.5, 0.55], 0.05);
  // scipy 1.17.1
  close(t, 5.403880876824844, 1e-12);
  close(pValue, 0.0010676571454820752, 1e-9);
  close(degrees, 6.87124556777, 1e-6);
});

test("Student's t keeps its precision far out", () => {
  close(twoSided(12, 29) / 9.060708333137183e-13, 1, 1e-6);
  close(quantile(0.975, 7), 2.364624251592784, 1e-6);
});

test("of random effects the test among random sets finds as many as its level says", () => {
  const random = seededRandom(5);
  let found = 0;
  const trials = 4000;
  for (let trial = 0; trial < trials; trial++) {
    const sets = 6;
    const effects = Array.from({ length: sets }, () => random.gaussian());
    const concept = random.gaussian();
    const among = effects.map((a) => effects.map((b) => a - b));
    if (
      amongRandom(
        effects.map((b) => concept - b),
        among,
        0,
        0.05,
      ).pValue < 0.05
    )
      found++;
  }
  // The standard error of a share of 0.05 is 0.0034.
  close(found / trials, 0.05, 0.011);
});

test("a further draw of random numbers is found as often as the level says, its interval holds their mean as often", () => {
  const random = seededRandom(8);
  let found = 0;
  let held = 0;
  const trials = 4000;
  for (let trial = 0; trial < trials; trial++) {
    const seen = Array.from({ length: 8 }, () => 3 + random.gaussian());
    const { pValue, interval } = furtherDraw(3 + random.gaussian(), seen, 0.1);
    if (pValue < 0.1) found++;
    const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
    if (interval[0] <= mean && mean <= interval[1]) held++;
  }
  close(found / trials, 0.1, 0.015);
  assert.equal(held, trials - found);
});

test("corrections give what R's p.adjust gives", () => {
  const p = [0.01, 0.04, 0.03, 0.005];
  corrected(p, "holm").forEach((value, i) => {
    close(value, [0.03, 0.06, 0.06, 0.02][i]!);
  });
  corrected(p, "bonferroni").forEach((value, i) => {
    close(value, [0.04, 0.16, 0.12, 0.02][i]!);
  });
  corrected(p, "benjamini-hochberg").forEach((value, i) => {
    close(value, [0.02, 0.04, 0.04, 0.02][i]!);
  });
  assert.deepEqual(corrected(p, "none"), p);
});

test("effects without any spread are certain where they differ and nothing where they do not", () => {
  const among = Array.from({ length: 4 }, () => Array(4).fill(0.5));
  assert.equal(amongRandom([0.5, 0.5, 0.5, 0.5], among, 0.5, 0.05).pValue, 1);
  assert.equal(amongRandom([1, 1, 1, 1], among, 0.5, 0.05).pValue, 0);
});
