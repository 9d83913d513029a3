import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assembled } from "../../../../src/explainers/evaluation/grid/assembled.js";
import type { EvaluatedMeasure, TrialRow } from "../../../../src/explainers/evaluation/grid/evaluation.js";
import {
  type Evaluation,
  type EvaluationRow,
  evaluationFromJson,
  evaluationToJson,
} from "../../../../src/explainers/index.js";
import { seededRandom } from "../../../../src/explainers/numerics/random.js";

/** Scores by measure and method, one for each sample; null where there is none. */
type Scores = Readonly<Record<string, Readonly<Record<string, readonly (number | null)[]>>>>;

function evaluationOf(
  scores: Scores,
  better: EvaluatedMeasure["better"] = "higher",
  trials: TrialRow[] = [],
): Evaluation {
  const methods = Object.keys(Object.values(scores)[0]!);
  const samples = Object.values(Object.values(scores)[0]!)[0]!.length;
  const rows = Object.entries(scores).flatMap(([measure, byMethod]) =>
    Object.entries(byMethod).flatMap(([method, values]) =>
      values.map(
        (value, sample): EvaluationRow => ({ method, measure, sample, value, reason: value === null ? "no" : null }),
      ),
    ),
  );
  return assembled({
    model: "m",
    seed: 0,
    batch: 4,
    data: "0",
    complete: true,
    level: 0.95,
    methods: methods.map((label) => ({ label, id: null, name: label, parameters: {} })),
    measures: Object.keys(scores).map((label) => ({
      label,
      id: null,
      name: label,
      question: "",
      reference: "",
      category: null,
      co12: [],
      better,
      range: [null, null] as const,
      unit: "",
      parameters: {},
    })),
    samples: Array.from({ length: samples }, (_, at) => ({ name: String(at), target: 0, output: 1, predicted: 0 })),
    rows,
    trials,
  });
}

const random = seededRandom(1);
const noisy = (mean: number, count = 20) => Array.from({ length: count }, () => mean + 0.1 * random.gaussian());

test("who is better beyond chance by all measures wins; the other side of a measure turns it", () => {
  const scores = { m1: { a: noisy(1), b: noisy(0), c: noisy(-1) }, m2: { a: noisy(5), b: noisy(4), c: noisy(1) } };
  const { verdict, ranks } = evaluationOf(scores);
  assert.equal(verdict.winner, "a");
  assert.match(verdict.text, /^a wins: it is best beyond chance by m1 and m2/);
  assert.equal(ranks.concordance, 1);
  assert.ok(
    ranks.cells.filter(({ method }) => method === "a").every(({ rank, stability }) => rank === 1 && stability === 1),
  );
  const turned = evaluationOf(scores, "lower");
  assert.equal(turned.verdict.winner, "c");
  assert.equal(turned.ranks.cells.find(({ method, measure }) => method === "c" && measure === "m1")!.rank, 1);
  const none = evaluationOf(scores, "none");
  assert.equal(none.verdict.winner, null);
  assert.ok(none.ranks.cells.every(({ rank }) => rank === null));
});

test("nobody wins where measures contradict each other, and it is said which", () => {
  const { verdict, ranks } = evaluationOf({ m1: { a: noisy(1), b: noisy(0) }, m2: { a: noisy(0), b: noisy(1) } });
  assert.equal(verdict.winner, null);
  assert.equal(
    verdict.text.split(". The measures")[0],
    "No winner: a is best by m1, but worse than another by m2; b is best by m2, but worse than another by m1",
  );
  assert.equal(ranks.pairs[0]!.tau, -1);
  assert.equal(ranks.concordance, 0);
  assert.deepEqual(
    ranks.methods.map(({ mean, disagreement }) => [mean, disagreement!.toFixed(3)]),
    [
      [1.5, "0.707"],
      [1.5, "0.707"],
    ],
  );
});

test("nobody wins where chance would do, and too few samples are called so", () => {
  const same = noisy(0, 20);
  const alike = evaluationOf({ m: { a: same, b: same.map((value, at) => value + (at % 2 ? 0.01 : -0.01)) } });
  assert.equal(alike.verdict.winner, null);
  assert.equal(alike.comparisons[0]!.better, null);
  const few = evaluationOf({ m: { a: [1, 2, 3], b: [0, 1, 2] } });
  assert.match(
    few.verdict.measures[0]!.text,
    /3 samples cannot tell methods apart beyond chance \(the least p there can be is 0\.25\)/,
  );
  const one = evaluationOf({ m: { a: [1] } });
  assert.match(one.verdict.text, /nothing to compare/);
});

test("comparisons are paired, sample by sample, and corrected over the pairs of a measure", () => {
  // b is a little above a everywhere, far less than either spreads: only a paired test sees it.
  const a = noisy(0).map((value, at) => value + 10 * at);
  const b = a.map((value, at) => value + 0.001 * (at + 1));
  const c = noisy(100);
  const { comparisons } = evaluationOf({ m: { a, b, c } });
  const [ab] = comparisons;
  assert.equal(ab!.better, "b");
  assert.ok(Math.abs(ab!.p! - 2 / 2 ** 20) < 1e-12);
  assert.ok(Math.abs(ab!.corrected! - (3 * 2) / 2 ** 20) < 1e-12);
  assert.ok(Math.abs(ab!.difference! + 0.0105) < 1e-9 && ab!.low! < ab!.difference! && ab!.difference! < ab!.high!);
});

test("what has no value is compared and ranked on the rest, and not ranked where it mostly fails", () => {
  const holes = noisy(2).map((value, at) => (at < 3 ? null : value));
  const { means, comparisons, ranks, verdict } = evaluationOf({
    m: { a: noisy(1), b: holes, c: noisy(1).map((value, at) => (at < 15 ? null : value)) },
  });
  assert.deepEqual(
    means.map(({ count, missing }) => [count, missing]),
    [
      [20, 0],
      [17, 3],
      [5, 15],
    ],
  );
  assert.equal(comparisons[0]!.count, 17);
  assert.deepEqual(
    ranks.cells.map(({ rank }) => rank),
    [2, 1, null],
  );
  assert.equal(verdict.measures[0]!.best, "b");
});

test("equal means share ranks, and the bootstrap says how firm a rank is", () => {
  const { ranks } = evaluationOf({ m: { a: [0, 1, 0, 1], b: [1, 0, 1, 0], c: [5, 5, 5, 5] } });
  assert.deepEqual(
    ranks.cells.map(({ rank }) => rank),
    [2.5, 2.5, 1],
  );
  assert.equal(ranks.cells[2]!.stability, 1);
  // Half of the resamples of four put one of two above the other; they tie in 6/16.
  assert.ok(Math.abs(ranks.cells[0]!.stability! - 6 / 16) < 0.05, `${ranks.cells[0]!.stability}`);
  assert.deepEqual([ranks.cells[0]!.low, ranks.cells[0]!.high], [2, 3]);
});

const trialsOf = (
  test: "noise" | "adversary",
  of: (method: string, sample: number) => number,
  counts = true,
): TrialRow[] =>
  ["a", "b"].flatMap((method) =>
    Array.from(
      { length: 8 },
      (_, sample): TrialRow => ({
        test,
        trial: 0,
        method,
        measure: "m",
        sample,
        value: of(method, sample),
        counts,
      }),
    ),
  );

test("a measure that stays under noise and falls for every destroyed input is trusted fully, to what 8 samples show", () => {
  const scores = { m: { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [2, 3, 4, 5, 6, 7, 8, 9] } };
  const at = (method: string, sample: number) => scores.m[method as "a" | "b"][sample]!;
  const best = evaluationOf(scores, "higher", [
    ...trialsOf("noise", at),
    ...trialsOf("adversary", (method, sample) => at(method, sample) - 1 - sample),
  ]);
  const [row] = best.trust;
  assert.deepEqual([row!.noiseConsistency, row!.noiseRanking, row!.adversaryRanking], [1, 1, 1]);
  assert.ok(Math.abs(row!.adversaryConsistency! - (1 - 2 / 2 ** 8)) < 1e-12);
  assert.ok(Math.abs(row!.score! - (4 - 2 / 2 ** 8) / 4) < 1e-12);
  assert.equal(row!.reason, null);

  // It does not react, and noise turns all ranks.
  const worst = evaluationOf(scores, "higher", [
    ...trialsOf("noise", (method, sample) => at(method === "a" ? "b" : "a", sample)),
    ...trialsOf("adversary", at),
  ]);
  assert.deepEqual(
    [worst.trust[0]!.noiseRanking, worst.trust[0]!.adversaryConsistency, worst.trust[0]!.adversaryRanking],
    [0, 0, 0],
  );
  assert.ok(Math.abs(worst.trust[0]!.noiseConsistency! - 2 / 2 ** 8) < 1e-12);
});

test("without samples that count there is no trust, and it says why", () => {
  const scores = { m: { a: [1, 2, 3, 4, 5, 6, 7, 8], b: [2, 3, 4, 5, 6, 7, 8, 9] } };
  const [row] = evaluationOf(scores, "higher", [
    ...trialsOf("noise", () => 1),
    ...trialsOf("adversary", () => 1, false),
  ]).trust;
  assert.equal(row!.score, null);
  assert.match(row!.reason!, /No sample changed its class/);
});

test("JSON gives back the same evaluation, and what is none is refused by name", () => {
  const evaluation = evaluationOf({
    m1: { a: noisy(1), b: noisy(0) },
    m2: { a: [...noisy(0, 19), null], b: noisy(1) },
  });
  const text = evaluationToJson(evaluation);
  assert.deepEqual(evaluationFromJson(text), evaluation);
  assert.equal(evaluationToJson(evaluationFromJson(text)), text);
  const refused = (change: (given: Record<string, unknown>) => void, message: RegExp) => {
    const given = JSON.parse(text) as Record<string, unknown>;
    change(given);
    assert.throws(() => evaluationFromJson(JSON.stringify(given)), message);
  };
  refused((given) => {
    given["format"] = "limpid-evaluation-9";
  }, /format, must be "limpid-evaluation-1"/);
  refused((given) => {
    given["rows"] = {};
  }, /rows, must be a list/);
  refused((given) => {
    (given["rows"] as { method: string }[])[3]!.method = "z";
  }, /rows\[3\]/);
  refused((given) => {
    (given["rows"] as { value: string }[])[0]!.value = "1";
  }, /rows\[0\]/);
  refused((given) => {
    (given["rows"] as { sample: number }[])[0]!.sample = 99;
  }, /rows\[0\]/);
  refused((given) => {
    given["seed"] = "x";
  }, /seed, must be a number/);
  assert.throws(() => evaluationFromJson("{"), /must be JSON/);
  assert.throws(() => evaluationFromJson("[]"), /format/);
});

test("whatever the scores, nothing is NaN or infinite, and the rows stay", () => {
  const value = fc.option(
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((number) => number + 0),
    { nil: null },
  );
  const list = fc.array(value, { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.record({ a: list, b: list, c: list }), fc.record({ a: list, b: list, c: list }), (m1, m2) => {
      const evaluation = evaluationOf({ m1, m2 });
      assert.deepEqual(evaluationFromJson(evaluationToJson(evaluation)), evaluation);
      const holdsStrange = (one: unknown): boolean =>
        typeof one === "number"
          ? !Number.isFinite(one)
          : one !== null && typeof one === "object" && Object.values(one).some(holdsStrange);
      assert.ok(!holdsStrange(evaluation));
    }),
    { numRuns: 15 },
  );
});

test("conclusions of many samples, methods and measures take seconds, those of a part no time", () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`method ${at}`, noisy(at, 100)]));
  const scores = Object.fromEntries(Array.from({ length: 4 }, (_, at) => [`m${at}`, many]));
  const start = performance.now();
  const whole = evaluationOf(scores);
  const between = performance.now();
  const part = assembled({ ...whole, complete: false });
  const [took, partly] = [between - start, performance.now() - between];
  assert.equal(whole.comparisons.length, 4 * 66);
  assert.deepEqual([part.comparisons, part.verdict.winner], [[], null]);
  assert.ok(took < 30_000 && partly < took, `${took} and ${partly} ms`);
});
