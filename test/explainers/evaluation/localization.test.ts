import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  focus,
  insideTotalRatio,
  localizationAuc,
  type Measurer,
  MissingEvidenceError,
  mosaics,
  pointingGame,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  topKIntersection,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { saying } from "../../helpers/attributions.js";
import { linearModel } from "../../helpers/nets.js";
import { near } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const SHAPE = [3, 4, 5, 2] as const;
const x = normals(1)(...SHAPE);
const model = linearModel(normals(2)(4, 5, 2), 0);

/** Maps with ties: whole numbers from −3 to 3. */
const coarse = (seed: number) => {
  const random = seededRandom(seed);
  return tf.tensor(
    Array.from({ length: 3 * 4 * 5 * 2 }, () => random.integer(7) - 3),
    [...SHAPE],
  );
};

/** Masks of about a third of the positions, none of them empty or full. */
const someMasks = (seed: number) => {
  const random = seededRandom(seed);
  return tf.tensor(
    Array.from({ length: 60 }, (_, i) => (i % 20 === 0 ? 1 : i % 20 === 1 ? 0 : Number(random.uniform() < 0.3))),
    [3, 4, 5],
  );
};

/** Position by position of one sample: both channels, and whether it is inside. */
function positionsOf(map: tf.Tensor, masks: tf.Tensor, sample: number) {
  const [values, inside] = [map.dataSync(), masks.dataSync()];
  return Array.from({ length: 20 }, (_, i) => ({
    channels: [values[(sample * 20 + i) * 2]!, values[(sample * 20 + i) * 2 + 1]!] as const,
    inside: inside[sample * 20 + i] === 1,
  }));
}

type Position = ReturnType<typeof positionsOf>[number];
const summed = ({ channels: [a, b] }: Position) => a + b;
const positive = ({ channels: [a, b] }: Position) => Math.max(a, 0) + Math.max(b, 0);

function share(positions: Position[], of: (position: Position) => number): number {
  const all = positions.reduce((sum, position) => sum + of(position), 0);
  return positions.filter(({ inside }) => inside).reduce((sum, position) => sum + of(position), 0) / all;
}

/** The mean share of hits among the first `k`, over many orders of what is equal. */
function hitsByDrawing(positions: Position[], of: (position: Position) => number, k: number): number {
  const random = seededRandom(9);
  const draws = 4000;
  let hits = 0;
  for (let draw = 0; draw < draws; draw++) {
    const lots = positions.map((position) => ({ position, lot: random.uniform() }));
    lots.sort((a, b) => of(b.position) - of(a.position) || a.lot - b.lot);
    hits += lots.slice(0, k).filter(({ position }) => position.inside).length;
  }
  return hits / draws / k;
}

async function valuesOf(measurer: Measurer, map: tf.Tensor, masks: tf.Tensor): Promise<number[]> {
  const { values, warnings } = await measurer({ x, attribution: saying(map), masks });
  assert.deepEqual(warnings, []);
  return Array.from(values);
}

test("shares of mass are sums over the mask by sums over all", async () => {
  const [map, masks] = [normals(3)(...SHAPE), someMasks(4)];
  const ratio = await valuesOf(insideTotalRatio(model), map, masks);
  const weighted = await valuesOf(insideTotalRatio(model, { weighted: true }), map, masks);
  const mass = await valuesOf(relevanceMassAccuracy(model), map, masks);
  const sizes = await valuesOf(relevanceMassAccuracy(model, { pooling: "absolute" }), map, masks);
  const squares = await valuesOf(relevanceMassAccuracy(model, { pooling: "l2" }), map, masks);
  const largest = await valuesOf(relevanceMassAccuracy(model, { pooling: "max" }), map, masks);
  for (const sample of [0, 1, 2]) {
    const positions = positionsOf(map, masks, sample);
    const inside = positions.filter((position) => position.inside).length;
    const expected = share(positions, (position) => Math.max(summed(position), 0));
    near(ratio[sample]!, expected, 1e-6);
    near(weighted[sample]!, (expected * 20) / inside, 1e-6);
    near(mass[sample]!, share(positions, positive), 1e-6);
    near(
      sizes[sample]!,
      share(positions, ({ channels: [a, b] }) => Math.abs(a) + Math.abs(b)),
      1e-6,
    );
    near(
      squares[sample]!,
      share(positions, ({ channels }) => Math.hypot(...channels)),
      1e-6,
    );
    near(
      largest[sample]!,
      share(positions, ({ channels: [a, b] }) => Math.max(Math.abs(a), Math.abs(b))),
      1e-6,
    );
  }
});

test("of equally relevant positions those inside count as on average over all orders", async () => {
  const [map, masks] = [coarse(5), someMasks(6)];
  const rank = await valuesOf(relevanceRankAccuracy(model), map, masks);
  const top = await valuesOf(topKIntersection(model, { k: 6 }), map, masks);
  const influence = await valuesOf(topKIntersection(model, { k: 6, weighted: true }), map, masks);
  const pointing = await valuesOf(pointingGame(model), map, masks);
  for (const sample of [0, 1, 2]) {
    const positions = positionsOf(map, masks, sample);
    const inside = positions.filter((position) => position.inside).length;
    near(rank[sample]!, hitsByDrawing(positions, positive, inside), 0.02);
    near(top[sample]!, hitsByDrawing(positions, summed, 6), 0.02);
    near(influence[sample]!, (top[sample]! * 20) / inside, 1e-6);
    near(pointing[sample]!, hitsByDrawing(positions, summed, 1), 0.03);
  }
});

test("the AUC is the share of pairs in which the position inside is more relevant, equal ones counting half", async () => {
  for (const seed of [7, 8, 9]) {
    const [map, masks] = [coarse(seed), someMasks(seed)];
    const auc = await valuesOf(localizationAuc(model), map, masks);
    for (const sample of [0, 1, 2]) {
      const positions = positionsOf(map, masks, sample);
      const pairs = positions
        .filter(({ inside }) => inside)
        .flatMap((own) => positions.filter(({ inside }) => !inside).map((other) => summed(own) - summed(other)));
      const won = pairs.reduce((sum, lead) => sum + (lead > 0 ? 1 : lead === 0 ? 0.5 : 0), 0);
      near(auc[sample]!, won / pairs.length, 1e-9);
    }
  }
});

const everyMeasure = {
  pointingGame,
  insideTotalRatio,
  relevanceMassAccuracy,
  relevanceRankAccuracy,
  topKIntersection,
  localizationAuc,
  focus,
};

test("a map that is the mask itself is perfect, its negative is not, and a map times two is the same map", async () => {
  const masks = someMasks(10);
  const perfect = tf.tidy(() => masks.expandDims(-1).mul(tf.ones([1, 1, 1, 2])));
  const map = normals(11)(...SHAPE);
  for (const [name, measureOf] of Object.entries(everyMeasure)) {
    const measurer: Measurer = measureOf === topKIntersection ? topKIntersection(model, { k: 1 }) : measureOf(model);
    assert.deepEqual(await valuesOf(measurer, perfect, masks), [1, 1, 1], name);
    const reversed = tf.tidy(() => tf.sub(1, perfect));
    const worst = await measurer({ x, attribution: saying(reversed), masks });
    assert.ok(
      Array.from(worst.values).every((value) => value <= 0.5),
      name,
    );
    const doubled = tf.tidy(() => map.mul(2));
    near(await valuesOf(measurer, doubled, masks), await valuesOf(measurer, map, masks), 1e-6);
  }
});

test("tolerance forgives a miss by as many positions, along a diagonal by its length", async () => {
  // The maximum is at row 0, column 0; the mask's nearest position is one row and one column away.
  const map = tf.tensor([1, ...Array<number>(19).fill(0)], [1, 4, 5, 1]);
  const masks = tf.tensor(
    Array.from({ length: 20 }, (_, i) => Number(i === 6)),
    [1, 4, 5],
  );
  const one = tf.zeros([1, 4, 5, 1]);
  const net = linearModel(tf.ones([4, 5, 1]), 0);
  for (const [tolerance, hit] of [
    [0, 0],
    [1, 0],
    [2, 1],
  ] as const) {
    const { values } = await pointingGame(net, { tolerance })({ x: one, attribution: saying(map), masks });
    assert.deepEqual(Array.from(values), [hit]);
  }
});

test("what has no value, or only that of chance, is said for its sample while the others go on", async () => {
  const masks = tf.tidy(() => tf.concat([tf.zeros([1, 4, 5]), tf.ones([1, 4, 5]), tf.slice(someMasks(12), 0, 1)]));
  const flat = tf.ones([...SHAPE]);
  for (const [name, measureOf] of Object.entries(everyMeasure)) {
    const { values, warnings } = await measureOf(model)({ x, attribution: saying(flat), masks });
    assert.ok(Number.isNaN(values[0]), name);
    assert.match(warnings.find(({ sample }) => sample === 0)!.message, /mask is empty/);
    const covered = tf.sum(tf.slice(masks, 2, 1)).dataSync()[0]! / 20;
    near(values[2]!, measureOf === localizationAuc ? 0.5 : covered, 1e-6);
  }
  const auc = await localizationAuc(model)({ x, attribution: saying(flat), masks });
  assert.match(auc.warnings.find(({ sample }) => sample === 1)!.message, /covers everything/);
  const nothing = await insideTotalRatio(model)({ x, attribution: saying(tf.zeros([...SHAPE])), masks: someMasks(1) });
  assert.deepEqual(
    nothing.warnings.map(({ kind }) => kind),
    ["undefined", "undefined", "undefined"],
  );
  const negative = await relevanceMassAccuracy(model, { pooling: "sum" })({
    x,
    attribution: saying(tf.neg(flat)),
    masks: someMasks(1),
  });
  assert.ok(negative.warnings.every(({ kind }) => kind === "meaningless"));
  assert.equal(negative.warnings.length, 3);
});

test("a measure without masks says so by a typed error, a layer's attribution and a k too large are refused", async () => {
  const attribution = saying(x);
  for (const measureOf of Object.values(everyMeasure)) {
    await assert.rejects(measureOf(model)({ x, attribution }), MissingEvidenceError);
    const layer = saying(tf.ones([3, 2, 2, 8]));
    await assert.rejects(measureOf(model)({ x, attribution: layer, masks: someMasks(1) }), { name: "InputShapeError" });
  }
  await assert.rejects(topKIntersection(model, { k: 21 })({ x, attribution, masks: someMasks(1) }), /at most 20/);
});

test("maps of one value a position, and masks with an axis of one, are read alike, and nothing is left behind", async () => {
  const map = normals(13)(3, 4, 5, 1);
  const masks = someMasks(14);
  await leavesNoTensors(async () => {
    for (const measureOf of Object.values(everyMeasure)) {
      const own = await measureOf(model)({ x, attribution: saying(map), masks });
      const repeated = tf.tidy(() => map.mul(tf.ones([1, 1, 1, 2])));
      const wide = tf.expandDims(masks, -1);
      const other = await measureOf(model)({ x, attribution: saying(repeated), masks: wide });
      near(own.values, other.values, 1e-6);
      tf.dispose([repeated, wide]);
    }
  });
});

test("mosaics hold two pictures of the class in the cells that their mask says, and focus is the share there", async () => {
  const pictures = normals(15)(8, 6, 6, 3) as tf.Tensor4D;
  const labels = [0, 0, 0, 1, 1, 2, 2, 3];
  for (const cells of ["half", "whole"] as const) {
    const made = mosaics(pictures, labels, { count: 12, seed: 3, cells });
    const side = cells === "half" ? 3 : 6;
    assert.deepEqual(made.x.shape, [12, 2 * side, 2 * side, 3]);
    const known = tf.tidy(() =>
      (cells === "half" ? tf.avgPool(pictures, 2, 2, "valid") : pictures).reshape([8, -1]).arraySync(),
    ) as number[][];
    made.targets.forEach((target, mosaic) => {
      assert.ok(target < 3, "only classes with two pictures are asked for");
      let marked = 0;
      for (const [row, column] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        const cell = tf.tidy(() =>
          tf
            .slice(made.x, [mosaic, row * side, column * side, 0], [1, side, side, 3])
            .reshape([-1])
            .arraySync(),
        ) as number[];
        const picture = known.findIndex((one) => one.every((value, i) => Math.abs(value - cell[i]!) < 1e-6));
        const mask = tf.slice(made.masks, [mosaic, row * side, column * side], [1, side, side]).dataSync();
        assert.ok(mask.every((value) => value === Number(labels[picture] === target)));
        marked += mask[0]!;
      }
      assert.equal(marked, 2);
    });
    const net = linearModel(tf.ones([2 * side, 2 * side, 3]), 0);
    const { values } = await focus(net)({ x: made.x, attribution: saying(tf.onesLike(made.x)), masks: made.masks });
    near(values, Array(12).fill(0.5), 1e-6);
  }
  assert.throws(() => mosaics(pictures, [0, 1, 2, 3, 4, 5, 6, 7]), { name: "ParameterError" });
  assert.throws(() => mosaics(pictures, labels.slice(1)), { name: "ParameterError" });
});
