/** Stored explanations in the place of computed ones: strategies, evaluations and the strategy map come to the same, or are refused by name. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { evaluate, lrp, spray } from "../../src/explainers/index.js";
import { loadDigits } from "../../src/kernel-helpers/data/digits.js";
import { StrategyMap } from "../../src/kernel-helpers/index.js";
import { loadModel } from "../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../src/kernel-helpers/tensorflow/backend.js";
import { explainDataset, openRelevanceStore, storedExplainer, storedMaps } from "../../src/runs/index.js";
import { scratchFolder } from "../helpers/scratch.js";

const scratch = scratchFolder("stored");
await tensorflow();
const COUNT = 60;
const model = await loadModel("mnist-mlp");
const { pixels, labels } = await loadDigits({ count: COUNT });
const x = tf.tensor(
  Float32Array.from(pixels, (ink) => ink / 255),
  [COUNT, ...(model.input.shape as number[])],
);
const path = join(scratch, "digits.zarr");
const parameters = { composite: "epsilon-plus" } as const;
await explainDataset(model, "mnist", { method: "lrp", parameters, store: path, samples: COUNT, shard: 16 });
const store = await openRelevanceStore(path);
const wide = await lrp(model, parameters)(x);
after(() => {
  x.dispose();
  model.dispose();
});
const size = wide.relevance.length / COUNT;

const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  assert.equal(a.length, b.length);
  const largest = Math.max(...Array.from(b, Math.abs));
  for (let at = 0; at < a.length; at++)
    assert.ok(Math.abs(a[at]! - b[at]!) <= 1e-4 * largest, `${at}: ${a[at]}, ${b[at]}`);
};

test("maps are those of the class, smaller where that is asked, and strategies those of the computed maps", async () => {
  const threes = Array.from({ length: COUNT }, (_, at) => at).filter((at) => labels[at] === 3);
  const maps = await storedMaps(store, { label: 3 });
  assert.deepEqual(maps.indices, threes);
  assert.deepEqual(maps.ids, threes.map(String));
  assert.deepEqual(maps.shape, [threes.length, 28, 28, 1]);
  near(
    maps.relevance,
    Float32Array.from(threes.flatMap((at) => [...wide.relevance.subarray(at * size, (at + 1) * size)])),
  );
  const small = await storedMaps(store, { side: 10, most: 7 });
  assert.deepEqual(small.shape, [7, 10, 10, 1]);
  let [sum, corner] = [0, 0];
  for (let at = 0; at < size; at++) {
    sum += wide.relevance[at]!;
    if (at % 28 < 15 && at % 28 >= 12 && Math.floor(at / 28) < 15 && Math.floor(at / 28) >= 12)
      corner += wide.relevance[at]!;
  }
  near(
    [small.relevance.subarray(0, 100).reduce((total, value) => total + value, 0), small.relevance[44]!],
    [sum, corner],
  );
  const options = { neighbors: 5, clusters: 3, projection: "none" } as const;
  const [stored, computed] = [
    await spray(options)(await storedMaps(store)),
    await spray(options)({ relevance: wide.relevance, shape: wide.shape }),
  ];
  near(stored.eigenvalues, computed.eigenvalues);
  assert.deepEqual(stored.sizes, computed.sizes);
  await assert.rejects(storedMaps(store, { target: "eleven" }), /target .*a class of the store/);
});

test("an evaluation of stored maps is that of computed ones; what a measure disturbs, another model and another target are refused", async () => {
  const some = tf.slice(x, 16, 8);
  const stored = await storedExplainer(store, some, { start: 16, method: "lrp", parameters });
  const { rows } = await evaluate(
    model,
    { x: some },
    [stored, { method: "lrp", parameters }],
    [{ measure: "pixel-flipping", parameters: { steps: 5 } }, "complexity", "local-lipschitz"],
  );
  const [read, made] = [stored.name, rows.map(({ method }) => method).find((name) => name !== stored.name)!];
  const of = (method: string, measure: string) =>
    rows.filter((row) => row.method === method && row.measure === measure);
  for (const measure of ["pixel-flipping", "complexity"]) {
    const [own, computed] = [of(read, measure), of(made, measure)];
    near(
      own.map(({ value }) => value!),
      computed.map(({ value }) => value!),
    );
  }
  for (const row of of(read, "local-lipschitz")) assert.match(row.reason ?? "", /holds no explanation of this input/);
  const explain = stored.explain(model);
  const two = tf.slice(x, 17, 2);
  near((await explain(two)).relevance, wide.relevance.subarray(17 * size, 19 * size));
  const changed = tf.add(two, 0.01);
  await assert.rejects(explain(changed), /holds no explanation of this input: it is none of its samples/);
  const target = (wide.target[17]! + 1) % 10;
  await assert.rejects(
    explain(two, { target }),
    new RegExp(`its target of 17 is top1, class ${wide.target[17]}, and ${target} is asked for`),
  );
  const other = await loadModel("mnist-cnn");
  await assert.rejects(stored.explain(other)(two), /its model is mnist-mlp \(\w+\), and another one/);
  other.dispose();
  await assert.rejects(
    storedExplainer(store, some, { method: "occlusion" }),
    /its method is lrp, and occlusion is asked for/,
  );
  await assert.rejects(
    storedExplainer(store, some, { parameters: { composite: "deep-taylor" } }),
    /its parameter composite is epsilon-plus, and deep-taylor is asked for/,
  );
  tf.dispose([some, two, changed]);
});

test("a strategy map groups stored maps as it groups its own", async () => {
  const classes = labels.subarray(0, COUNT).map((label) => Math.min(label, 1));
  const right = Array.from({ length: COUNT }, (_, at) => at).filter((at) => wide.target[at] === 1);
  const data = { x, classes: Array.from({ length: COUNT }, (_, at) => (right.includes(at) ? 1 : 0)) };
  assert.ok(classes.length === COUNT && right.length >= 5);
  const { explain } = await storedExplainer(store, x);
  const options = { model, data, target: 1, neighbors: 3, chosen: 2 };
  const [own, stored] = [
    new StrategyMap({ ...options, explain: lrp(model, parameters) as never }),
    new StrategyMap({ ...options, explain: explain(model) }),
  ];
  for (const map of [own, stored]) await map.settled();
  assert.equal(stored.error, "");
  assert.deepEqual(stored.sizes, own.sizes);
  near(stored.means!.data as Float32Array, own.means!.data as Float32Array);
  for (const map of [own, stored]) map.close();
});
