import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import sharp from "sharp";
import { clipLimit } from "../../../src/comms/states/colors.js";
import {
  columnMeans,
  columnOrder,
  type GridScore,
  gridLimits,
  scaleWords,
  sortWords,
} from "../../../src/comms/states/method-grid.js";
import type { Attribution } from "../../../src/explainers/explanation.js";
import {
  AbortedError,
  compare,
  Explorer,
  evaluate,
  gradCam,
  Heatmap,
  integratedGradients,
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  lrp,
  MethodGrid,
  occlusion,
  ParameterError,
  record,
  sensitivity,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { type RelevanceMap, relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

let model: LoadedModel;
let photo: LoadedImage;
before(async () => {
  model = await loadModel("mnist-cnn");
  photo = await loadImage("coffee.png", model.input);
});
after(() => {
  photo.dispose();
  model.dispose();
});

const mapOf = (grid: MethodGrid, row: number, column: number) => grid.cell(row, column).relevance as RelevanceMap;

test("every cell shows what its method gives by itself, with a sum only where values are shares of the output", async () => {
  const methods = [lrp, integratedGradients, occlusion, gradCam, sensitivity] as const;
  const grid = compare(
    model,
    photo,
    methods.map(({ id }) => id),
  );
  await grid.settled();
  for (const [column, method] of methods.entries()) {
    const alone: Attribution = await method(model)(photo.tensor, { target: "top1" });
    const cell = grid.cell(0, column);
    const expected = relevanceMap(alone, photo);
    assert.equal(cell.phase, "done", cell.error);
    const scale = Math.max(...expected.values.map(Math.abs)) || 1;
    const apart = Math.max(...expected.values.map((value, i) => Math.abs(value - mapOf(grid, 0, column).values[i]!)));
    assert.ok(apart <= 1e-4 * scale, `${method.id} differs by ${apart / scale}`);
    assert.ok(Math.abs(cell.output! - alone.output[0]!) < 1e-4);
    const sum = expected.values.reduce((a, b) => a + b, 0);
    if (alone.additive) assert.ok(Math.abs(cell.total! - sum) <= 1e-3 * scale * 28);
    else assert.equal(cell.total, null);
    assert.equal(cell.signed, method.signed);
    assert.equal(cell.target, String(alone.target[0]));
  }
  assert.equal(grid.title, `Why *${(await lrp(model)(photo.tensor)).target[0]}*?`);
  assert.match(grid.subtitle, /^coffee\.png · output [\d.−]+ · 5 methods$/);
  assert.match(grid.unit, /some values are shares of the output and some are not/);
  grid.close();
});

test("one forward pass serves a photo's methods, and no tensor is left", async () => {
  let passes = 0;
  const counting = await loadModel(
    (x: tf.Tensor) => {
      passes += 1;
      return tf.relu(tf.matMul(tf.reshape(x, [-1, 12]), tf.ones([12, 2])));
    },
    { input: { shape: [2, 2, 3] } },
  );
  const picture = tf.randomUniform([1, 2, 2, 3], 0, 1, "float32", 1);
  const before = tf.memory().numTensors;
  const grid = compare(counting, picture, ["lrp", "gradient-times-input", "sensitivity"]);
  await grid.settled();
  assert.deepEqual(
    grid.cells.map(({ phase, error }) => phase + error),
    ["done", "done", "done"],
  );
  const shared = passes;
  grid.close();
  assert.equal(tf.memory().numTensors, before);
  passes = 0;
  await lrp(counting)(picture);
  assert.equal(shared, passes, "three methods look at the network as often as one does");
  picture.dispose();
});

test("a method that fails is named in its cell with its reason, and the others go on", async () => {
  const broken = async (): Promise<Attribution> => {
    throw new Error("out of <b>luck</b>");
  };
  const grid = compare(model, photo, { "LRP & co": "lrp", broken, last: { method: "lrp", parameters: { gamma: 1 } } });
  await grid.settled();
  assert.deepEqual(
    grid.cells.map(({ phase }) => phase),
    ["done", "failed", "done"],
  );
  assert.equal(grid.cell(0, 1).error, "out of <b>luck</b>");
  assert.match(String(grid), /broken · failed: out of <b>luck<\/b>/);
  // Names and messages are text, never markup.
  const svg = grid.toSvg();
  assert.match(svg, /LRP &amp; co/);
  assert.match(svg, /out of &lt;b&gt;luck/);
  assert.ok(!svg.includes("<b>"));
  assert.equal(grid.columns[2]!.note, "gamma 1");
  grid.close();
});

test("what does not exist is said before anything is computed", () => {
  assert.throws(() => compare(model, photo, ["lrpp" as never]), /Did you mean "lrp"/);
  assert.throws(
    () => compare(model, photo, [{ method: "occlusion", parameters: { widow: 4 } }]),
    (error) => error instanceof ParameterError && error.parameter === "widow",
  );
  assert.throws(() => compare(model, photo, []), /columns must be a list of at least one/);
  assert.throws(
    () => compare(model, tf.zeros([2, 28, 28, 1]), ["lrp"]),
    /photo must be a picture of loadImage or a tensor/,
  );
});

test("maps appear one by one, and stopping keeps those that are there; run again makes the rest", async () => {
  const order: string[] = [];
  let release: () => void = () => {};
  const slow = (_: unknown, { signal, onProgress }: { signal?: AbortSignal; onProgress?: (at: object) => void } = {}) =>
    new Promise<Attribution>((resolve, reject) => {
      onProgress?.({ done: 1, total: 4 });
      signal?.addEventListener("abort", () => reject(new AbortedError(1, 4, "stop")), { once: true });
      release = () => void lrp(model)(photo.tensor).then(resolve);
    });
  const grid = compare(model, photo, ["lrp", slow as never, "sensitivity"]);
  for (const [index, cell] of grid.cells.entries())
    cell.observe(({ new: phase }) => order.push(`${index} ${phase}`), "phase");
  while (grid.cell(0, 1).progress === null) await turn();
  assert.equal(grid.running, true);
  assert.deepEqual(
    grid.cells.map(({ phase, progress }) => [phase, progress]),
    [
      ["done", null],
      ["working", 0.25],
      ["waiting", null],
    ],
  );
  grid.stop();
  await grid.settled();
  assert.equal(grid.running, false);
  assert.deepEqual(
    grid.cells.map(({ phase }) => phase),
    ["done", "stopped", "stopped"],
  );
  const kept = mapOf(grid, 0, 0);
  const again = grid.run();
  while (grid.cell(0, 1).progress === null) await turn();
  release();
  await again;
  assert.deepEqual(
    grid.cells.map(({ phase }) => phase),
    ["done", "done", "done"],
  );
  assert.equal(mapOf(grid, 0, 0), kept, "a map that is there is not made anew");
  assert.deepEqual(order.slice(0, 3), ["0 done", "1 working", "1 stopped"]);
  grid.close();

  const stopped = compare(model, photo, ["lrp"], { signal: AbortSignal.abort() });
  await stopped.settled();
  assert.equal(stopped.cell(0, 0).phase, "stopped");
  stopped.close();
});

test("photos are rows; results of one photo are shown at once, each with its own target", async () => {
  const other = await loadImage("rocket.jpg", model.input);
  const grid = compare(model, [photo, other], ["lrp", "sensitivity"], { target: 3 });
  await grid.settled();
  assert.deepEqual([grid.rows.length, grid.columns.length, grid.cells.length], [2, 2, 4]);
  assert.deepEqual(
    grid.rows.map(({ label, note }) => `${label}: ${note.replace(/-?[\d.−]+$/, "…")}`),
    ["coffee.png: *3* · output …", "rocket.jpg: *3* · output …"],
  );
  const alone = await lrp(model)(other.tensor, { target: 3 });
  assert.ok(Math.abs(grid.cell(1, 0).output! - alone.output[0]!) < 1e-4);
  grid.close();

  const [three, five] = [await lrp(model)(photo.tensor, { target: 3 }), await lrp(model)(photo.tensor, { target: 5 })];
  const results = compare(model, photo, { three, five });
  await results.settled();
  assert.deepEqual(
    results.cells.map(({ target }) => target),
    ["3", "5"],
  );
  assert.equal(results.title, "2 methods");
  assert.throws(() => compare(model, [photo, other], [three]), /one photo where results are compared/);
  results.close();
  other.dispose();
});

test("a click opens that method in the explorer, with its parameters and target; what the explorer does not offer, at large", async () => {
  const frontEnd = new FrontEnd().attach();
  const grid = compare(
    model,
    photo,
    ["lrp", { method: "occlusion", parameters: { window: 7 } }, async () => lrp(model)(photo.tensor)],
    {
      target: 4,
    },
  );
  await grid.settled();
  frontEnd.custom(grid.id, { event: "open", cell: 1 });
  const explorer = grid.detail as Explorer;
  assert.ok(explorer instanceof Explorer);
  await explorer.settled();
  assert.deepEqual(
    [explorer.method, explorer.parameters, explorer.target, grid.selected],
    ["occlusion", { window: 7 }, 4, 1],
  );
  assert.deepEqual((explorer.relevance as RelevanceMap).values, mapOf(grid, 0, 1).values);
  frontEnd.custom(grid.id, { event: "open", cell: 0 });
  assert.equal(grid.detail, explorer);
  await explorer.settled();
  assert.deepEqual([explorer.method, grid.selected], ["lrp", 0]);
  frontEnd.custom(grid.id, { event: "open", cell: 2 });
  assert.ok(grid.detail instanceof Heatmap);
  // The same again closes it.
  frontEnd.custom(grid.id, { event: "open", cell: 2 });
  assert.deepEqual([grid.detail, grid.selected], [null, -1]);
  await turn();
  assert.deepEqual(frontEnd.reported, []);
  grid.close();
  assert.equal(explorer.closed, true);
  await turn();
  assert.equal(frontEnd.models.size, 0);
});

test("the front end hears of a map when it is there, and of that map only", async () => {
  const frontEnd = new FrontEnd().attach();
  const grid = compare(model, photo, ["lrp", "sensitivity"]);
  await turn();
  frontEnd.take();
  await grid.settled();
  await turn();
  const bytes = frontEnd.sent.map(({ buffers }) => buffers.reduce((sum, { byteLength }) => sum + byteLength, 0));
  assert.equal(
    bytes.reduce((a, b) => a + b, 0) <= 2 * 4 * 28 * 28 + 4 * 28 * 28,
    true,
    `${bytes} bytes were sent for two maps and one photo`,
  );
  const held = frontEnd.models.get(grid.id)!["cells"] as string[];
  for (const reference of held) assert.ok(frontEnd.models.has(reference.slice("IPY_MODEL_".length)));
  grid.close();
});

test("each map's limit is its own clip, or for all the largest of these, or what was set", () => {
  const maps = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(maps, fc.integer({ min: 50, max: 100 }), (lists, percentile) => {
      const values = lists.map((list) => Float32Array.from(list));
      const own = gridLimits(values, { scale: "own", limit: null, percentile });
      assert.deepEqual(
        own,
        values.map((map) => clipLimit(map, percentile)),
      );
      const shared = gridLimits(values, { scale: "shared", limit: null, percentile });
      assert.ok(shared.every((limit) => limit === Math.max(0, ...own)));
      assert.ok(gridLimits(values, { scale: "shared", limit: 7, percentile }).every((limit) => limit === 7));
    }),
  );
  assert.match(
    scaleWords({ scale: "own", limit: null, percentile: 99.5 }, ""),
    /own scale: 100.% is what 99\.5.% of the values/,
  );
  assert.match(
    scaleWords({ scale: "shared", limit: null, percentile: 100 }, "in logits"),
    /One scale.*largest value of all; in logits/,
  );
});

test("the static picture shows every map, in the colors of the settings, and is a PNG, too", async () => {
  const grid = compare(model, photo, ["lrp", "sensitivity", "occlusion"]);
  await grid.settled();
  const svg = grid.toSvg();
  assert.equal(svg.match(/<image /g)!.length, 3);
  for (const words of [
    "LRP, ε-γ-box",
    "Sensitivity",
    "Occlusion",
    "speaks for",
    "matters much",
    "Each map on its own scale",
  ]) {
    assert.ok(svg.includes(words), words);
  }
  grid.set({ scale: "shared", limit: 2 });
  assert.match(grid.toSvg(), /\+2\.0<.*One scale for all maps, as it was set/);
  const { format, width } = await sharp(await grid.toPng({ scale: 1 })).metadata();
  assert.deepEqual([format, width], ["png", 820]);
  grid.close();
});

test("a grid is filled by others, too: the evaluation of many pictures by many methods", () => {
  const grid = new MethodGrid({
    rows: [{ label: "a", note: "", image: null }],
    columns: [{ label: "mine", note: "", hint: "" }],
  });
  grid.fill(0, 0, { relevance: { shape: [2, 2], values: Float32Array.of(1, -2, 3, 4) }, total: 6 });
  assert.equal(grid.cell(0, 0).phase, "done");
  assert.throws(() => grid.cell(0, 1), /within the 1 × 1 maps/);
  assert.throws(() => grid.cell(1, 0), ParameterError);
  grid.close();
});

test("columns stand by the means over the rows that all have, from the better side on, and those that lack most values last", () => {
  const value = fc.option(fc.integer({ min: -5, max: 5 }), { freq: 4 });
  const tables = fc
    .integer({ min: 1, max: 5 })
    .chain((columns) =>
      fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 4 }),
    );
  fc.assert(
    fc.property(tables, fc.constantFrom("higher", "lower", "none"), (values, better) => {
      const columns = values[0]!.map((_, at) => ({ label: `m${at}`, note: "", hint: "" }));
      const score: GridScore = { label: "s", better, values };
      const grid = { columns, scores: [score], sort: "s" };
      const order = columnOrder(grid);
      assert.deepEqual(
        order.toSorted(),
        columns.map((_, at) => at),
      );
      assert.deepEqual(
        columnOrder({ ...grid, sort: "" }),
        columns.map((_, at) => at),
      );
      const missing = columns.map((_, at) => values.filter((row) => row[at] === null).length);
      const present = values.length - Math.min(...missing);
      const empty = missing.map((count) => count === values.length || 2 * (values.length - count) < present);
      const whole = values.filter((row) => row.every((one, at) => one !== null || empty[at]));
      const sums = columns.map((_, at) => whole.reduce((sum, row) => sum + (row[at] ?? 0), 0));
      assert.equal(columnMeans(score).rows, empty.every(Boolean) ? values.length : whole.length);
      for (const [place, at] of order.entries()) {
        const next = order[place + 1];
        if (next === undefined) continue;
        if (whole.length === 0) assert.ok(at < next, "nothing to compare: as given");
        else if (empty[at]) assert.ok(empty[next] && at < next);
        else if (!empty[next]) {
          const gain = better === "lower" ? sums[next]! - sums[at]! : sums[at]! - sums[next]!;
          assert.ok(gain > 0 || (gain === 0 && at < next), `${sums} stand ${order}`);
        }
      }
    }),
  );
  const columns = ["a", "b"].map((label) => ({ label, note: "", hint: "" }));
  const rows = ["x", "y"].map((label) => ({ label, note: "", image: null }));
  const scores: GridScore[] = [
    {
      label: "deletion",
      better: "lower",
      values: [
        [4, 1],
        [null, 9],
      ],
    },
  ];
  assert.match(
    sortWords({ columns, rows, scores, sort: "deletion" }),
    /^Sorted by deletion, from the best on \(lower is better\)\. Means over the 1 of 2 pictures that all have: b 1 · a 4$/,
  );
});

test("an evaluation's values stand at the maps of its samples, and sort as its ranks do", async () => {
  const other = await loadImage("rocket.jpg", model.input);
  const evaluation = await evaluate(
    model,
    [photo, other],
    ["sensitivity", "gradient-times-input", { method: "occlusion", parameters: { window: 14 } }],
    ["deletion", "complexity"],
  );
  // Rows and columns in another order, with one that was not evaluated: found by name, and by method and parameters.
  const methods = [
    { method: "occlusion", parameters: { window: 14 } },
    "lrp",
    "gradient-times-input",
    "sensitivity",
  ] as const;
  const grid = compare(model, [other, photo], methods, { scores: evaluation, sort: "deletion" });
  await grid.settled();
  const labels = ["occlusion", undefined, "gradient-times-input", "sensitivity"];
  for (const score of grid.scores) {
    const expected = [1, 0].map((sample) =>
      labels.map(
        (label) =>
          evaluation.rows.find((row) => row.method === label && row.measure === score.label && row.sample === sample)
            ?.value ?? null,
      ),
    );
    assert.deepEqual(score.values, expected);
    assert.ok(expected[0]!.filter((value) => value !== null).length === 3);
    assert.equal(score.reasons![0]![1], "not evaluated");
    const ranked = evaluation.ranks.cells
      .filter(({ measure, rank }) => measure === score.label && rank !== null)
      .sort((a, b) => a.rank! - b.rank!);
    if (new Set(ranked.map(({ rank }) => rank)).size < ranked.length || ranked.length === 0) continue;
    const order = columnOrder({ columns: grid.columns, scores: grid.scores, sort: score.label });
    assert.deepEqual(
      order.map((at) => labels[at]),
      [...ranked.map(({ method }) => method), undefined],
    );
  }
  // Another output was measured than is shown: said at the map.
  assert.ok(grid.cells.every(({ warnings }) => warnings.every((words) => !words.includes("The scores are of"))));
  const target = (evaluation.samples[0]!.target! + 1) % 10;
  const apart = compare(model, photo, ["sensitivity"], { target });
  await apart.settled();
  assert.throws(() => apart.score(evaluation.methods as never), TraitError);
  apart.score(evaluation);
  assert.match(
    apart.cell(0, 0).warnings.join(),
    new RegExp(`scores are of “${target === 0 ? 9 : target - 1}”, this map is of “${target}”`),
  );

  assert.throws(
    () => compare(model, photo, ["grad-cam"], { scores: evaluation }),
    /an evaluation of a method that is compared/,
  );
  const unnamed = other.tensor.clone();
  assert.throws(() => compare(model, [unnamed], ["sensitivity"], { scores: evaluation }), /the name of one sample/);
  unnamed.dispose();
  grid.close();
  apart.close();
  other.dispose();
});

test("numbers and what sorts are checked; the static picture and the words keep order and values", async () => {
  const grid = compare(model, photo, ["lrp", "sensitivity", "grad-cam"]);
  await grid.settled();
  assert.doesNotMatch(grid.toSvg(), /Sorted by/);
  const score = (values: unknown, label = "deletion") => [{ label, better: "lower", values }] as GridScore[];
  for (const wrong of [
    score([[1, 2]]),
    score([[1, 2, Number.NaN]]),
    score([[1, 2, "3"]]),
    score([1, 2, 3]),
    score([[1, 2, 3]], ""),
  ]) {
    assert.throws(() => grid.score(wrong), TraitError);
  }
  assert.throws(() => grid.score([...score([[1, 2, 3]]), ...score([[1, 2, 3]])]), /each label once/);
  assert.throws(() => grid.set({ sort: "deletion" }), /there are no scores/);
  grid.score(score([[0.345, null, 0.123]]));
  assert.deepEqual(columnOrder(grid), [0, 1, 2]);
  assert.throws(() => grid.set({ sort: "delation" }), /deletion/);
  grid.sort = "deletion";
  const standing = (text: string) => ["Grad-CAM", "LRP, ε-γ-box", "Sensitivity"].map((name) => text.indexOf(name));
  for (const text of [grid.toSvg().replace(/^<svg[^>]*>/, ""), String(grid)]) {
    assert.deepEqual(
      standing(text),
      standing(text).toSorted((a, b) => a - b),
    );
    assert.match(text, /Sorted by deletion, from the best on \(lower is better\)/);
    assert.match(text, /deletion 0\.123.*deletion 0\.345/s);
  }
  assert.match(grid.toSvg(), /deletion \u2013</);
  // What sorted is gone with its measure.
  grid.scores = [];
  assert.equal(grid.sort, "");
  grid.close();
});

test("an explainer of another model explains that one, and no recording of one model passes for another's", async () => {
  const other = await loadModel("mnist-mlp");
  const grid = compare(model, photo, { own: lrp(model), other: lrp(other) }, { target: 3 });
  await grid.settled();
  for (const [column, explained] of [model, other].entries()) {
    const alone = await lrp(explained)(photo.tensor, { target: 3 });
    const [map, expected] = [mapOf(grid, 0, column), relevanceMap(alone, photo)];
    const furthest = Math.max(...expected.values.map((value, at) => Math.abs(map.values[at]! - value)));
    assert.ok(furthest < 1e-5, String(furthest));
  }
  grid.close();
  const recording = record(model, photo.tensor);
  await assert.rejects(lrp(other)(recording), /^ParameterError: x must be a recording of the model that is explained/);
  // What is laid around a network does not make another of it.
  await lrp(model.net, { composite: "epsilon-plus" })(recording);
  await lrp({ ...model })(recording);
  recording.dispose();
  other.dispose();
});
