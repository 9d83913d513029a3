import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { adjustedRandIndex } from "../../../src/explainers/numerics/k-means.js";
import { plantedPictures } from "../../../src/kernel-helpers/data/planted/index.js";
import { ParameterError, StrategyMap, TargetError, TraitError } from "../../../src/kernel-helpers/index.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";

let model: LoadedModel;
before(async () => {
  model = await loadModel("planted-watermark");
});
after(() => model.dispose());

/** Discs of which some bear the watermark that the model looks for, and other shapes. */
function pictures(seed: number, count = 260) {
  const discs = plantedPictures({ count: count / 2, seed, object: "disc", watermark: { object: "disc", share: 0.3 } });
  const others = plantedPictures({ count: count / 2, seed: seed + 50 });
  const x = tf.tensor4d(Float32Array.from([...discs.pixels, ...others.pixels]), [count, 48, 48, 3]);
  const classes = [...discs.objects, ...others.objects];
  return { data: { x, classes }, marked: [...discs.watermarked, ...others.watermarked], ink: discs.masks.watermark };
}

const clustersOf = (map: StrategyMap) => map.clusters!.data as Uint8Array;

test("the Clever Hans is found and measured: marked discs are a cluster, and without their region discs are missed", async () => {
  for (const seed of [11, 12, 13]) {
    const { data, marked, ink } = pictures(seed);
    const strategies = new StrategyMap({ model, data, target: "disc" });
    await strategies.settled();
    assert.equal(strategies.error, "");
    assert.equal(strategies.suggested, 2, strategies.eigenvalues.join());
    const discs = data.classes.flatMap((own, i) => (own === 0 ? [i] : []));
    const kinds = discs.map((i) => marked[i]!);
    const index = adjustedRandIndex(clustersOf(strategies), kinds);
    assert.ok(index > 0.9, `adjusted Rand index ${index}`);
    assert.deepEqual(
      strategies.sizes.reduce((a, b) => a + b),
      discs.length,
    );

    // The smaller cluster is that of the marked ones: its region is where the ink is.
    strategies.takeCluster(1);
    const region = strategies.region!.data as Uint8Array;
    const inked = new Uint8Array(48 * 48);
    for (const [at, is] of ink.entries()) if (is === 1) inked[at % inked.length] = 1;
    const corner = (at: number) => Math.floor(at / 48) >= 38 && at % 48 <= 16;
    const within = [...region.keys()].filter((at) => region[at] === 1);
    assert.ok(within.filter(corner).length > 0.9 * within.length, "the region is not the watermark's corner");
    assert.ok(inked.some((is, at) => is === 1 && region[at] === 1));

    await strategies.measure();
    const { classes } = strategies.measured!;
    const disc = classes.find(({ name }) => name === "disc")!;
    assert.ok(disc.explained);
    assert.ok(disc.accuracy.difference.high! < 0, `disc ${JSON.stringify(disc.accuracy)}`);
    assert.ok(disc.probability.difference.high! < 0);
    // The others lose nothing that could be told from chance.
    const rest = classes.filter(({ name }) => name !== "disc" && name !== "all pictures");
    const fallen = rest.filter(({ accuracy }) => accuracy.difference.high! < 0);
    assert.deepEqual(fallen, [], `${fallen.map(({ name }) => name)}`);
    strategies.close();
    tf.dispose(data.x);
  }
});

test("numbers of clusters, features and regions follow the settings at once", async () => {
  const { data } = pictures(14, 160);
  const strategies = new StrategyMap({ model, data, target: 0, chosen: 3 });
  await strategies.settled();
  const maps = tf.memory().numTensors;
  assert.equal(strategies.sizes.length, 3);
  strategies.chosen = 5;
  assert.equal(strategies.sizes.length, 5);
  assert.equal(strategies.means!.shape[0], 5);
  strategies.chosen = 0;
  assert.equal(strategies.sizes.length, strategies.suggested);
  assert.equal(tf.memory().numTensors, maps);
  // Means are those of the members.
  const [, height, width] = strategies.means!.shape;
  assert.deepEqual([height, width], [48, 48]);

  const before = strategies.eigenvalues;
  strategies.feature = "fourier";
  await strategies.settled();
  assert.notDeepEqual(strategies.eigenvalues, before);
  strategies.feature = "pooled";
  await strategies.settled();
  assert.deepEqual(strategies.eigenvalues, before);

  strategies.take([3, 1, 1, 8]);
  assert.deepEqual(strategies.groups.at(-1)!.members, [1, 3, 8]);
  const sized = () => (strategies.region!.data as Uint8Array).reduce((sum, is) => sum + is, 0);
  assert.equal(sized(), Math.round(0.05 * 2304));
  strategies.share = 0.1;
  assert.equal(sized(), Math.round(0.1 * 2304));
  strategies.brush = { top: 2, left: 3, height: 4, width: 5 };
  assert.equal(sized(), 20);
  await strategies.measure();
  assert.equal(strategies.measured!.share, 20 / 2304);
  // A brush that is taken back while it is measured was measured all the same.
  const measuring = strategies.measure();
  await strategies.next("running");
  strategies.brush = null;
  await measuring;
  assert.equal(strategies.measured!.share, 20 / 2304);

  strategies.watched = 4;
  await strategies.settled();
  assert.equal(strategies.shown, 4);
  assert.deepEqual(strategies.image!.shape, [48, 48, 3]);
  assert.match(strategies.toString(), /^StrategyMap: Strategies for disc · \d+ pictures of 160\nclusters of/);
  assert.ok(strategies.staticPicture()!.svg.includes("Eigenvalues: the largest gap"));
  strategies.close();
  tf.dispose(data.x);
});

test("work can be stopped and run on; what cannot be is refused by name", async () => {
  const { data } = pictures(15, 160);
  const strategies = new StrategyMap({ model, data, target: "disc" });
  await strategies.next("progress");
  strategies.stop();
  await strategies.settled();
  assert.ok(strategies.stopped !== null && strategies.stopped < 1);
  assert.equal(strategies.points, null);
  assert.equal(strategies.running, false);
  const again = new StrategyMap({ model, data, target: "disc" });
  await again.settled();
  assert.ok(again.points !== null);
  for (const [name, value] of [
    ["chosen", 2.5],
    ["chosen", 13],
    ["group", 0],
    ["replacement", "gold"],
    ["brush", { top: 40, left: 0, height: 20, width: 1 }],
  ] as const)
    assert.throws(() => again.set({ [name]: value }), TraitError, name);
  assert.throws(() => again.take([]), ParameterError);
  assert.throws(() => again.takeCluster(9), ParameterError);
  await assert.rejects(again.measure(), ParameterError);
  assert.throws(() => new StrategyMap({ model, data, target: "discc" }), TargetError);
  assert.throws(() => new StrategyMap({ model, data: { ...data, classes: [0] }, target: 0 }), ParameterError);
  const few = new StrategyMap({ model, data, target: "disc", neighbors: 500 });
  await few.settled();
  assert.match(few.error, /neighbors/);
  for (const one of [strategies, again, few]) one.close();
  tf.dispose(data.x);
});
