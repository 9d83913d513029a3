import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { MEAN_RANK, markSide, rankShare } from "../../../src/comms/states/rank-matrix.js";
import type { Evaluation, Evidence, Score } from "../../../src/explainers/evaluation/index.js";
import { kendallTau } from "../../../src/explainers/numerics/concordance.js";
import {
  type EvaluationTask,
  evaluate,
  type LoadedModel,
  loadDigits,
  loadModel,
  type MethodGrid,
  RankMatrix,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { disagreements } from "../../../src/kernel-helpers/widgets/rank-matrix/disagreement.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { storedPng } from "./stored.js";

let model: LoadedModel;
let x: tf.Tensor4D;
let evaluation: Evaluation;
const methods: EvaluationTask["methods"] = [
  "lrp",
  "gradient-times-input",
  "random",
  {
    name: "broken",
    explain: () => async () => {
      throw new Error("The model has no layer conv9");
    },
  },
];
const measures: EvaluationTask["measures"] = [
  { measure: "pixel-flipping", parameters: { steps: 7 } },
  "selectivity",
  {
    name: "size",
    better: "none",
    measure: async ({ attribution: { shape } }: Evidence): Promise<Score> => ({
      measure: "size",
      parameters: {},
      better: "none",
      values: new Float64Array(shape[0]!).fill(shape[1]!),
      warnings: [],
    }),
  },
];

before(async () => {
  model = await loadModel("mnist-cnn");
  const { pixels } = await loadDigits({ count: 5 });
  x = tf.tensor4d(
    Float32Array.from(pixels, (ink) => ink / 255),
    [5, 28, 28, 1],
  );
  evaluation = await evaluate(model, { x }, methods, measures, { seed: 1 });
});
after(() => {
  x.dispose();
  model.dispose();
});

const cell = (matrix: RankMatrix, method: string, measure: string) => {
  const row = matrix.methods.findIndex(({ label }) => label === method);
  return matrix.cells[row * matrix.measures.length + matrix.measures.findIndex(({ label }) => label === measure)]!;
};

test("every cell says the rank, mean, interval and comparisons of the evaluation; what failed is named in it", () => {
  const matrix = new RankMatrix(evaluation);
  for (const { method, measure, rank, stability } of evaluation.ranks.cells) {
    const shown = cell(matrix, method, measure);
    assert.deepEqual([shown.rank, shown.stability], [rank, stability]);
    const mean = evaluation.means.find((one) => one.method === method && one.measure === measure)!;
    assert.equal(shown.mean, mean.mean);
    assert.equal(shown.phase, rank !== null ? "ranked" : mean.mean === null ? "failed" : "unranked");
    if (rank === null) continue;
    assert.match(shown.words, /^mean [\d.−e]+ \(95.% ?: [\d.−e]+ to [\d.−e]+\), 5 samples · rank \d/);
    assert.equal(shown.comparisons.length, methods.length - 1);
  }
  const failed = cell(matrix, "broken", "pixel-flipping");
  assert.equal(failed.words, "no value on 5 of 5 samples");
  assert.deepEqual(failed.reasons, ["all samples: The model has no layer conv9"]);
  assert.match(failed.comparisons.join(), /not compared with lrp: 0 common samples/);
  assert.equal(cell(matrix, "lrp", "size").phase, "unranked");
  assert.match(cell(matrix, "lrp", "size").words, /this measure has no better side/);
  assert.equal(matrix.verdict, evaluation.verdict.text);
  assert.equal(matrix.title, evaluation.verdict.winner === null ? "No winner" : `*${evaluation.verdict.winner}* wins`);
  // Five samples cannot tell methods apart beyond chance after the correction: nobody wins, and that is said.
  assert.match(matrix.verdict, /^No winner: /);
  matrix.close();
});

test("rows are sorted by mean rank or one measure, those without a rank last; what does not exist is refused", () => {
  const matrix = new RankMatrix(evaluation, { sort: MEAN_RANK });
  const labels = () => matrix.order.map((row) => matrix.methods[row]!.label);
  const ranks = (of: (label: string) => number | null) =>
    labels().map((label) => of(label) ?? Number.POSITIVE_INFINITY);
  const rising = (values: number[]) => values.every((value, at) => at === 0 || values[at - 1]! <= value);
  assert.ok(rising(ranks((label) => matrix.methods.find((method) => method.label === label)!.mean)));
  for (const measure of ["pixel-flipping", "selectivity"]) {
    matrix.sort = measure;
    assert.ok(rising(ranks((label) => cell(matrix, label, measure).rank)), measure);
    assert.equal(labels().at(-1), "broken");
  }
  matrix.sort = "";
  assert.deepEqual(matrix.order, [0, 1, 2, 3]);
  assert.throws(() => {
    matrix.sort = "pixel-fliping";
  }, TraitError);
  assert.throws(() => {
    matrix.pair = ["pixel-flipping", "size"];
  }, /at most two of pixel-flipping, selectivity, which have a better side/);
  matrix.close();
});

test("the samples on which two measures disagree most come first: by τ, recomputed from the table", () => {
  const pair = ["pixel-flipping", "selectivity"] as const;
  const found = disagreements(evaluation, pair, 99);
  const side = (measure: string) =>
    evaluation.measures.find(({ label }) => label === measure)!.better === "lower" ? -1 : 1;
  const value = (method: string, measure: string, sample: number) =>
    evaluation.rows.find((row) => row.method === method && row.measure === measure && row.sample === sample)!.value!;
  const kept = ["lrp", "gradient-times-input", "random"];
  assert.equal(found.length, 5);
  for (const { sample, tau, orders } of found) {
    const [a, b] = pair.map((measure) => kept.map((method) => side(measure) * value(method, measure, sample)));
    assert.ok(Math.abs(tau - kendallTau(a!, b!)) < 1e-12);
    assert.equal(orders[0][0], kept[a!.indexOf(Math.max(...a!))]);
    assert.equal(orders[1].at(-1), kept[b!.indexOf(Math.min(...b!))]);
  }
  assert.ok(found.every(({ tau }, at) => at === 0 || found[at - 1]!.tau <= tau));
});

test("of any table: samples without two common values are left out, and a measure against its reverse is −1", () => {
  const values = fc.array(fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(values, (table) => {
      const rows = table.flatMap((scores, sample) =>
        scores.flatMap((score, method) =>
          ["up", "down"].map((measure) => ({
            ...{ method: `m${method}`, measure, sample, value: score },
            reason: score === null ? "none" : null,
          })),
        ),
      );
      const about = (label: string, better: string) => ({ label, better });
      const made = {
        methods: [0, 1, 2].map((at) => ({ label: `m${at}` })),
        measures: [about("up", "higher"), about("down", "lower")],
        samples: table.map((_, at) => ({ name: String(at) })),
        rows,
      } as unknown as Evaluation;
      const found = disagreements(made, ["up", "down"], 99);
      const counted = table.filter((scores) => new Set(scores.filter((score) => score !== null)).size > 1);
      assert.equal(found.length, counted.length);
      for (const { tau } of found) assert.ok(Math.abs(tau + 1) < 1e-12);
    }),
  );
});

test("two measures that are chosen bring the samples with the maps of all methods; no tensor is left", async () => {
  const tensors = tf.memory().numTensors;
  const frontEnd = new FrontEnd().attach();
  const matrix = new RankMatrix(evaluation, { model, data: { x }, methods, samples: 2 });
  await turn();
  frontEnd.update(matrix.id, { pair: ["selectivity"] });
  await turn();
  assert.equal(matrix.detail, null);
  frontEnd.update(matrix.id, { pair: ["selectivity", "pixel-flipping"] });
  await turn();
  await matrix.settled();
  const grid = matrix.detail as unknown as MethodGrid;
  assert.deepEqual(
    grid.rows.map(({ label }) => label),
    matrix.disagreements.map(({ name }) => `sample ${name}`),
  );
  assert.deepEqual(
    grid.cells.map(({ phase }) => phase),
    [0, 1].flatMap(() => ["done", "done", "done", "failed"]),
  );
  assert.equal(grid.cell(0, 3).error, "The model has no layer conv9");
  const { orders } = matrix.disagreements[0]!;
  assert.equal(grid.cell(0, 0).target, orders.map((order) => `#${order.indexOf("lrp") + 1}`).join(" · "));
  assert.ok(grid.rows[0]!.image, "digits are pictures");
  assert.match(matrix.pairWords, /^Kendall's τ of their ranks −?[\d.]+$/);
  frontEnd.update(matrix.id, { pair: [] });
  await turn();
  assert.deepEqual([matrix.detail, matrix.disagreements, grid.closed], [null, [], true]);
  matrix.pair = ["selectivity", "pixel-flipping"];
  await matrix.settled();
  await turn();
  assert.deepEqual(frontEnd.reported, []);
  matrix.close();
  assert.equal(tf.memory().numTensors, tensors);
});

test("an evaluation of its own shows what is there, stops, and runs on to the same table", async () => {
  const matrix = new RankMatrix({ model, data: { x }, methods, measures, seed: 1, batch: 1 });
  assert.equal(matrix.running, true);
  await matrix.next("progress");
  await matrix.next("progress");
  matrix.stop();
  await matrix.settled();
  assert.ok(matrix.stopped !== null && matrix.stopped < 1);
  assert.equal(matrix.title, "Which method is best?");
  assert.ok(matrix.cells.length === 0 || matrix.cells.some(({ phase }) => phase !== "ranked"));
  assert.match(String(matrix), /stopped at/);
  const before = matrix.evaluation!.rows.length;
  const whole = new RankMatrix({
    model,
    data: { x },
    methods,
    measures,
    seed: 1,
    batch: 1,
    resume: matrix.evaluation!,
  });
  await whole.settled();
  assert.deepEqual([whole.running, whole.stopped, whole.error], [false, null, ""]);
  assert.ok(before < whole.evaluation!.rows.length);
  const reference = await evaluate(model, { x }, methods, measures, { seed: 1, batch: 1 });
  assert.deepEqual(whole.evaluation!.rows, reference.rows);
  assert.ok((await storedPng(whole)).length > 3000);
  assert.match(String(whole), /\n {2}broken: no rank · pixel-flipping no value on 5 of 5 samples/);
  matrix.close();
  whole.close();
});

test("a wish that makes no sense is named in the widget, not thrown into the notebook", async () => {
  const matrix = new RankMatrix({ model, data: { x }, methods: ["lrpp" as never], measures });
  await matrix.settled();
  assert.match(matrix.error, /Did you mean "lrp"/);
  assert.equal(matrix.running, false);
  matrix.close();
});

test("marks: the best rank is the strongest color, the last the palest; area grows with stability", () => {
  assert.deepEqual([rankShare(1, 4), rankShare(4, 4), rankShare(2.5, 4), rankShare(1, 1)], [1, 0, 0.5, 1]);
  assert.equal(markSide(1), 1);
  assert.ok(markSide(0) > 0.3 && markSide(null) === markSide(0));
  assert.ok(Math.abs(markSide(0.5) ** 2 - (markSide(0) ** 2 + 1) / 2) < 1e-12);
});

test("maps of pictures leave no tensor, and there are none while an evaluation runs", async () => {
  const pictures = [0, 1, 2].map((at) => ({ tensor: tf.slice(x, at, 1), name: `picture ${at}` }));
  const evaluated = () =>
    new RankMatrix({ model, data: pictures, methods: methods.slice(0, 2), measures: measures.slice(0, 2) });
  const first = evaluated();
  await first.settled();
  first.close();
  const tensors = tf.memory().numTensors;
  const matrix = evaluated();
  await matrix.settled();
  matrix.pair = ["pixel-flipping", "selectivity"];
  await matrix.settled();
  const grid = matrix.detail as unknown as MethodGrid;
  assert.deepEqual(new Set(grid.cells.map(({ phase }) => phase)), new Set(["done"]));
  matrix.stop();
  matrix.close();
  assert.equal(tf.memory().numTensors, tensors);
  const running = new RankMatrix(matrix.evaluation!, { model, data: pictures });
  running.set({ running: true, pair: ["pixel-flipping", "selectivity"] });
  assert.equal(running.detail, null, "no maps while it runs");
  running.close();
  tf.dispose(pictures.map(({ tensor }) => tensor));
});
