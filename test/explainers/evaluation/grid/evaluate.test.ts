import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import {
  AbortedError,
  type Attribution,
  type EvaluatedMeasureInput,
  type EvaluatedMethodInput,
  type EvaluateOptions,
  type Evaluation,
  EvaluationAbortedError,
  evaluate,
  type OwnMeasure,
  type OwnMethod,
  type Recording,
} from "../../../../src/explainers/index.js";
import { loadDigits, loadModel, tensorflow } from "../../../../src/kernel-helpers/index.js";

const COUNT = 12;
await tensorflow();
const model = await loadModel("mnist-cnn");
const { pixels, labels } = await loadDigits({ count: COUNT });
const x = tf.tensor4d(
  Float32Array.from(pixels, (ink) => ink / 255),
  [COUNT, 28, 28, 1],
);
const methods: EvaluatedMethodInput[] = ["lrp", "gradient-times-input", "smoothgrad", "random"];
const measures: EvaluatedMeasureInput[] = [{ measure: "pixel-flipping", parameters: { steps: 6 } }, "sparseness"];
// The graph of the model is recorded once, which keeps tensors.
await evaluate(model, { x }, ["lrp"], ["sparseness"], { batch: 5 });

const run = (options: EvaluateOptions = {}, asked = methods, by = measures) =>
  evaluate(model, { x }, asked, by, { batch: 5, ...options });

/** An explainer of one's own that gives these numbers for each sample. */
const own = (name: string, relevance: (sample: tf.TypedArray, at: number) => ArrayLike<number>): OwnMethod => ({
  name,
  explain: () => (given, options) => {
    const input = (given as Recording).inputs[0]!;
    const [batch] = input.shape as [number];
    const size = input.size / batch;
    const values = input.dataSync();
    const all = new Float32Array(input.size);
    for (let at = 0; at < batch; at++)
      all.set(Float32Array.from(relevance(values.subarray(at * size, (at + 1) * size), at)), at * size);
    const { shape } = input;
    return Promise.resolve({
      method: name,
      parameters: {},
      relevance: all,
      shape,
      inputs: [{ relevance: all, shape }],
      output: Array<number>(batch).fill(0),
      target: options?.target as number[],
      additive: false,
      channels: "apart",
      warnings: [],
    } satisfies Attribution);
  },
});

const text = (evaluation: Evaluation) => JSON.stringify(evaluation);

const first = await run();

test("every cell is there once, in order, with the model's own class explained", () => {
  assert.equal(first.rows.length, 4 * 2 * COUNT);
  const order = first.rows.map(({ method, measure, sample }) => [
    first.methods.findIndex(({ label }) => label === method),
    first.measures.findIndex(({ label }) => label === measure),
    sample,
  ]);
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!),
  );
  assert.ok(first.complete);
  assert.ok(first.rows.every(({ value, reason }) => value !== null && reason === null));
  const right = first.samples.filter(({ predicted, target }, at) => predicted === labels[at] && target === predicted);
  assert.ok(right.length >= 11, "the model knows digits");
});

test("a cell holds what the measure gives alone", async () => {
  const { lrp, sparseness } = await import("../../../../src/explainers/index.js");
  const attribution = await lrp(model)(x);
  const { values } = await sparseness(model)({ x, attribution });
  const cells = first.rows.filter(({ method, measure }) => method === "lrp" && measure === "sparseness");
  for (const { value, sample } of cells) assert.ok(Math.abs(value! - values[sample]!) < 1e-4);
  const row = first.means.find(({ method, measure }) => method === "lrp" && measure === "sparseness")!;
  const mean = cells.reduce((sum, { value }) => sum + value!, 0) / COUNT;
  assert.ok(Math.abs(row.mean! - mean) < 1e-9 && row.low! < mean && mean < row.high! && row.count === COUNT);
});

test("the same seed gives the same text, and no tensor stays", async () => {
  const before = tf.memory().numTensors;
  assert.equal(text(await run()), text(first));
  assert.equal(tf.memory().numTensors, before);
  const other = await run({ seed: 1 });
  const of = ({ rows }: Evaluation, method: string) => JSON.stringify(rows.filter((row) => row.method === method));
  assert.notEqual(of(other, "random"), of(first, "random"));
  assert.notEqual(of(other, "smoothgrad"), of(first, "smoothgrad"));
});

test("neither the order of methods and measures nor the size of batches changes a cell", async () => {
  const cells = ({ rows }: Evaluation) =>
    new Map(rows.map(({ method, measure, sample, value }) => [`${method} ${measure} ${sample}`, value!]));
  const turned = cells(await run({}, methods.toReversed(), measures.toReversed()));
  const expected = cells(first);
  assert.deepEqual(new Map([...turned].sort()), new Map([...expected].sort()));
  for (const batch of [1, COUNT]) {
    for (const [key, value] of cells(await run({ batch }))) {
      const own = expected.get(key)!;
      assert.ok(
        Math.abs(value - own) <= 1e-3 * Math.max(1, Math.abs(own)),
        `${key} in batches of ${batch}: ${value} ≠ ${own}`,
      );
    }
  }
});

test("interrupted anywhere and resumed, also from its JSON, it is the same text", async () => {
  const whole = await run({ trust: 1 });
  // Each method explains and is measured, once and in two trials.
  const total = 4 * COUNT * (3 + 2 * 3);
  for (const share of [0, 0.45, 0.8]) {
    const controller = new AbortController();
    const before = tf.memory().numTensors;
    const error = await run({
      trust: 1,
      signal: controller.signal,
      onProgress: ({ done }) => done >= share * total && controller.abort("enough"),
    }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof EvaluationAbortedError && error instanceof AbortedError, String(error));
    assert.equal(error.cause, "enough");
    assert.equal(tf.memory().numTensors, before);
    assert.ok(!error.partial.complete);
    const computed: number[] = [];
    const resumed = await run({
      trust: 1,
      resume: JSON.parse(text(error.partial)) as Evaluation,
      onProgress: ({ done }) => computed.push(done),
    });
    assert.equal(text(resumed), text(whole));
    if (share > 0.4) assert.ok(computed[0]! > 0.3 * total, `${computed[0]} of ${total} were there`);
  }
});

test("what is given to onPart resumes as well, and more methods and measures are added to what is there", async () => {
  let part: (() => Evaluation) | undefined;
  await run({ onPart: (make) => (part ??= make) });
  assert.equal(text(await run({ resume: part!() })), text(first));
  let explained = 0;
  const counting = own("counting", (sample) => {
    explained++;
    return sample;
  });
  const few = await run({}, ["lrp"], ["sparseness"]);
  const more = await run({ resume: few }, ["lrp", counting], ["sparseness", "complexity"]);
  assert.equal(explained, COUNT);
  assert.deepEqual(
    more.rows.filter(({ method, measure }) => method === "lrp" && measure === "sparseness"),
    few.rows,
  );
});

test("it resumes on the same data, seed, batch and model alone", async () => {
  const resume = await run({}, ["lrp"], ["sparseness"]);
  const refused = (options: EvaluateOptions, given: tf.Tensor = x, net: object = model) =>
    assert.rejects(
      evaluate(net, { x: given }, ["lrp"], ["sparseness", "complexity"], { resume, ...options }),
      /resume must be/,
    );
  await refused({ seed: 3 });
  await refused({ batch: 4 });
  const other = tf.mul(x, 0.5);
  await refused({}, other);
  other.dispose();
  await refused({}, x, await loadModel("mnist-mlp"));
  await refused({ resume: {} as Evaluation });
});

test("it is aborted within a second, also while a method or a measure runs", async () => {
  for (const [asked, by] of [
    [["occlusion"], ["sparseness"]],
    [["lrp"], [{ measure: "pixel-flipping", parameters: { perStep: 1 } }]],
  ] as [EvaluatedMethodInput[], EvaluatedMeasureInput[]][]) {
    const controller = new AbortController();
    let aborted = 0;
    const timer = setTimeout(() => {
      aborted = performance.now();
      controller.abort();
    }, 150);
    await assert.rejects(
      evaluate(model, { x: tf.tile(x, [20, 1, 1, 1]) }, asked, by, { signal: controller.signal }),
      EvaluationAbortedError,
    );
    clearTimeout(timer);
    // The limit is what is promised of an idle machine.
    assert.ok(performance.now() - aborted < 1000, `${performance.now() - aborted} ms`);
  }
});

test("what fails is named in its cells, and the rest goes on", async () => {
  const strange: OwnMeasure = {
    name: "strange",
    better: "higher",
    measure: () => Promise.reject(new Error("the disk\nis full")),
  };
  const evaluation = await run(
    {},
    [
      "lrp",
      own("constant", (sample) => sample.map(() => 1)),
      own("zero", (sample) => sample.map(() => 0)),
      own("with NaN", (sample) => sample.map((value, at) => (at === 0 ? Number.NaN : value))),
      "expected-gradients",
      "lrp-recurrent",
      { name: "throws", explain: () => () => Promise.reject(new TypeError("no such thing")) },
    ],
    [...measures, strange],
  );
  const reasons = (method: string, measure: string) => [
    ...new Set(
      evaluation.rows.filter((row) => row.method === method && row.measure === measure).map(({ reason }) => reason),
    ),
  ];
  assert.equal(evaluation.rows.length, 7 * 3 * COUNT);
  assert.deepEqual(reasons("lrp", "pixel-flipping"), [null]);
  assert.match(reasons("constant", "pixel-flipping")[0]!, /puts none first|same/);
  assert.deepEqual(reasons("constant", "sparseness"), [null]);
  assert.match(reasons("zero", "sparseness")[0]!, /No feature has any relevance/);
  assert.match(reasons("with NaN", "sparseness")[0]!, /NaN/);
  assert.match(reasons("expected-gradients", "sparseness")[0] ?? "", /^$|references/);
  assert.match(reasons("throws", "pixel-flipping")[0]!, /no such thing/);
  assert.deepEqual(reasons("lrp", "strange"), ["the disk is full"]);
  const empty = evaluation.means.find(({ method, measure }) => method === "throws" && measure === "sparseness")!;
  assert.deepEqual([empty.count, empty.missing, empty.mean, empty.low], [0, COUNT, null, null]);
  const cell = evaluation.ranks.cells.find(({ method, measure }) => method === "throws" && measure === "sparseness")!;
  assert.equal(cell.rank, null);
});

test("one broken sample takes no other down: its batch is done one by one", async () => {
  const broken = tf.tidy(() => {
    const values = x.dataSync().slice();
    values[3 * 784 + 5] = Number.NaN;
    return tf.tensor(values, x.shape);
  });
  const evaluation = await evaluate(model, { x: broken }, ["lrp", "random"], ["sparseness"], { batch: 5 });
  broken.dispose();
  const failed = evaluation.rows.filter(({ reason }) => reason !== null);
  assert.deepEqual(
    failed.map(({ method, sample }) => [method, sample]),
    [
      ["lrp", 3],
      ["random", 3],
    ],
  );
  assert.match(failed[0]!.reason!, /NaN/);
  for (const row of evaluation.rows) {
    if (row.sample === 3 || row.method === "random") continue;
    const before = first.rows.find(
      ({ method, measure, sample }) => method === row.method && measure === row.measure && sample === row.sample,
    )!;
    assert.ok(Math.abs(row.value! - before.value!) < 1e-4);
  }
});

test("a measure that needs masks says so in its cells", async () => {
  const { measure } = await import("../../../../src/explainers/index.js");
  const inside = measure({
    id: "inside",
    name: "Inside",
    category: "localization",
    reference: "a test",
    question: "Is it inside?",
    co12: ["coherence"],
    better: "higher",
    range: [0, 1],
    inputs: ["image"],
    needs: ["masks"],
    parameters: {},
    measurer: () => () => Promise.resolve({ values: new Float64Array(5) }),
  });
  const { rows } = await run({}, ["lrp"], ["sparseness", inside as never]);
  assert.ok(rows.filter((row) => row.measure === "inside").every(({ reason }) => /needs masks/.test(reason ?? "")));
  assert.ok(rows.filter((row) => row.measure === "sparseness").every(({ reason }) => reason === null));
});

test("what the caller got wrong is said before anything is computed", async () => {
  const refused = (asked: unknown[], by: unknown[], message: RegExp, options: EvaluateOptions = {}) =>
    assert.rejects(run(options, asked as EvaluatedMethodInput[], by as EvaluatedMeasureInput[]), message);
  await refused(["lpr"], ["sparseness"], /did you mean.*lrp|lrp/i);
  await refused(["lrp"], ["spareness"], /sparseness/);
  await refused([], ["sparseness"], /methods must be/);
  await refused(["lrp"], [], /measures must be/);
  await refused(["lrp", "lrp"], ["sparseness"], /named once/);
  await refused([{ method: "lrp", parameters: { composte: 1 } }], ["sparseness"], /composte/);
  await refused(["lrp"], [{ measure: "pixel-flipping", parameters: { steps: 0 } }], /steps must be/);
  await refused(["lrp"], ["sparseness"], /batch must be/, { batch: 0 });
  await refused(["lrp"], ["sparseness"], /seed must be/, { seed: 0.5 });
  await refused(["lrp"], ["sparseness"], /level must be/, { level: 95 });
  await refused(["lrp"], ["sparseness"], /trust must be/, { trust: -1 });
  await assert.rejects(evaluate(model, { x, target: [1, 2] }, ["lrp"], ["sparseness"]), /data.target must be/);
  await assert.rejects(evaluate(model, { x, names: ["a"] }, ["lrp"], ["sparseness"]), /data.names must be/);
  await assert.rejects(evaluate(model, [] as never, ["lrp"], ["sparseness"]), /data must be/);
});

test("a method or measure that stands twice is told apart by what was stated, or by its name", async () => {
  const { methods: found, measures: by } = await run(
    {},
    ["lrp", { method: "lrp", parameters: { composite: "epsilon-plus" } }, { method: "lrp", name: "mine" }],
    ["sparseness", { measure: "sparseness", parameters: { channels: "apart" } }],
  );
  assert.deepEqual(
    found.map(({ label }) => label),
    ["lrp", "lrp (composite epsilon-plus)", "mine"],
  );
  assert.deepEqual(
    by.map(({ label }) => label),
    ["sparseness", "sparseness (channels apart)"],
  );
});

test("targets are the caller's, by index and by name, for all or each", async () => {
  const one = await evaluate(model, { x, target: 3 }, ["lrp"], ["sparseness"]);
  assert.ok(one.samples.every(({ target }) => target === 3));
  const each = await evaluate(model, { x, target: Array.from(labels, String) }, ["lrp"], ["sparseness"]);
  assert.deepEqual(
    each.samples.map(({ target }) => target),
    Array.from(labels),
  );
  const pictures = tf.split(x, COUNT).map((tensor, at) => ({ tensor, name: `digit ${at}` }));
  const named = await evaluate(model, pictures, ["lrp"], ["sparseness"]);
  tf.dispose(pictures.map(({ tensor }) => tensor));
  assert.equal(named.samples[2]!.name, "digit 2");
});

test("a remark on a value that means what it says leaves it in the statistics, a doubt takes it out", async () => {
  const remarking: OwnMeasure = {
    name: "remarking",
    better: "higher",
    measure: ({ attribution }) =>
      Promise.resolve({
        measure: "remarking",
        parameters: {},
        better: "higher",
        values: new Float64Array(attribution.shape[0]!).fill(2),
        warnings: [
          { kind: "undefined", message: "one of many states has none", sample: 0 },
          { kind: "meaningless", message: "of another map", sample: 1 },
        ],
      }),
  };
  const { rows, means } = await run({ batch: COUNT }, ["lrp"], [remarking]);
  assert.deepEqual(
    rows.slice(0, 3).map(({ value, reason }) => [value, reason]),
    [
      [2, null],
      [2, "of another map"],
      [2, null],
    ],
  );
  assert.deepEqual([means[0]!.count, means[0]!.missing], [COUNT - 1, 1]);
});

test("an explainer that fails for one sample fails in its cells alone, by its number", async () => {
  const picky: OwnMethod = {
    name: "picky",
    explain: (net) => async (given, options) => {
      const input = (given as Recording).inputs[0]!;
      const bad = Array.from({ length: input.shape[0]! }, (_, at) => at).find(
        (at) =>
          tf.tidy(
            () =>
              tf
                .equal(tf.slice(input, at, 1), tf.slice(x, 6, 1))
                .all()
                .dataSync()[0],
          ) === 1,
      );
      if (bad !== undefined) throw new Error(`No root of sample ${bad} was found.`);
      const random = await import("../../../../src/explainers/evaluation/grid/random-attributions.js");
      return random.randomExplainer(net, 0)(given, options);
    },
  };
  const { rows } = await run({}, [picky], ["sparseness"]);
  assert.deepEqual(
    rows.filter(({ reason }) => reason !== null).map(({ sample, reason }) => [sample, reason]),
    [[6, "No root of sample 6 was found."]],
  );
});
