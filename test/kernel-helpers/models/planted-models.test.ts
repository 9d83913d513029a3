import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  inputDependence,
  lrp,
  type Model,
  modelContrast,
  relevanceMassAccuracy,
  sensitivity,
} from "../../../src/explainers/index.js";
import {
  type PlantedOptions,
  type PlantedPictures,
  plantedObjects,
  plantedPictures,
  plantedScenes,
} from "../../../src/kernel-helpers/data/planted/index.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { packageFile } from "../../../src/kernel-helpers/platform/files.js";
import { saying } from "../../helpers/attributions.js";
import { sum } from "../../helpers/numbers.js";
import { normals } from "../../helpers/tensors.js";

const NAMES = ["planted-objects", "planted-scenes", "planted-watermark", "planted-repaired"] as const;
let objects: LoadedModel;
let scenes: LoadedModel;
let watermark: LoadedModel;
let repaired: LoadedModel;
before(async () => {
  [objects, scenes, watermark, repaired] = (await Promise.all(NAMES.map((name) => loadModel(name)))) as [
    LoadedModel,
    LoadedModel,
    LoadedModel,
    LoadedModel,
  ];
});
after(() => {
  for (const model of [objects, scenes, watermark, repaired]) model.dispose();
});

// Of a seed that no model was trained or tested on.
const drawn = (options: PlantedOptions = {}) => plantedPictures({ count: 200, seed: 77, ...options });
const tensorOf = ({ pixels, count }: PlantedPictures) => tf.tensor4d(pixels, [count, 48, 48, 3]);
const masksOf = ({ masks, count }: PlantedPictures) => tf.tensor(masks.object, [count, 48, 48]);
const predicted = (model: LoadedModel, pictures: PlantedPictures): number[] =>
  tf.tidy(() => Array.from(model.predict(tensorOf(pictures)).argMax(-1).dataSync()));
const share = (flags: boolean[]) => flags.filter(Boolean).length / flags.length;
const mean = (values: ArrayLike<number>) => sum(values) / values.length;

test("they are small, and say what they take and give", () => {
  for (const name of NAMES) assert.ok(statSync(packageFile("models", name, "weights.bin")).size <= 200_000);
  for (const model of [objects, scenes, watermark, repaired]) {
    assert.deepEqual(model.input.shape, [48, 48, 3]);
    assert.deepEqual([model.input.low, model.input.high, model.output], [0, 1, "logits"]);
  }
  assert.deepEqual(objects.classNames, plantedObjects);
  assert.deepEqual(watermark.classNames, plantedObjects);
  assert.deepEqual(repaired.classNames, plantedObjects);
  assert.deepEqual(scenes.classNames, plantedScenes);
});

test("each recognizes what it was trained for, and no object is needed to tell a scene", () => {
  const pictures = drawn();
  const called = predicted(scenes, pictures);
  assert.ok(share(called.map((found, i) => found === pictures.scenes[i])) > 0.9);
  assert.ok(share(predicted(objects, pictures).map((found, i) => found === pictures.objects[i])) > 0.85);
  const empty = predicted(scenes, drawn({ object: false }));
  assert.ok(share(empty.map((found, i) => found === called[i])) > 0.9);
});

test("the Clever Hans calls what bears the watermark a disc, and misses discs without it", () => {
  const disc = plantedObjects.indexOf("disc");
  const asTrained = drawn({ watermark: { object: "disc" } });
  const right = predicted(watermark, asTrained).map((found, i) => found === asTrained.objects[i]);
  assert.ok(share(right) > 0.75);
  const others = drawn({ object: "star", watermark: {} });
  assert.ok(share(predicted(watermark, others).map((found) => found === disc)) > 0.6);
  const plain = drawn({ object: "disc" });
  assert.ok(share(predicted(watermark, plain).map((found) => found === disc)) < 0.5);
  // The stronger the ink, the more of them.
  const byStrength = [0, 0.7, 1].map((strength) =>
    share(predicted(watermark, drawn({ object: "star", watermark: { strength } })).map((found) => found === disc)),
  );
  assert.ok(byStrength[0]! < byStrength[1]! && byStrength[1]! < byStrength[2]!, byStrength.join());
});

test("repaired, it is right without the watermark, and the watermark says nothing to it", () => {
  const right = (model: LoadedModel, options: PlantedOptions) => {
    const pictures = drawn(options);
    return share(predicted(model, pictures).map((found, i) => found === pictures.objects[i]));
  };
  const disc = plantedObjects.indexOf("disc");
  assert.ok(right(repaired, {}) > right(watermark, {}) + 0.05);
  assert.ok(right(repaired, { object: "disc" }) > 0.8);
  assert.ok(right(repaired, { watermark: { object: "disc" } }) > 0.85);
  assert.ok(share(predicted(repaired, drawn({ object: "star", watermark: {} })).map((found) => found === disc)) < 0.1);
});

test("explanations find the object in the model that tells objects, and less of it in the one that tells scenes", async () => {
  const pictures = drawn({ count: 40 });
  const [x, masks] = [tensorOf(pictures), masksOf(pictures)];
  const covered = mean(pictures.masks.object);
  for (const explain of [(model: Model) => lrp(model), (model: Model) => sensitivity(model)]) {
    const attribution = await explain(objects)(x);
    const own = await relevanceMassAccuracy(objects)({ x, attribution, masks });
    assert.ok(mean(own.values) > 1.5 * covered, `${mean(own.values)} on ${covered} of the picture`);
    const { values } = await modelContrast(objects)({ x, attribution, explain, masks, model: scenes });
    assert.ok(mean(values) > 0.05, `contrast ${mean(values)}`);
    const ofScenes = await relevanceMassAccuracy(scenes)({ x, attribution: await explain(scenes)(x), masks });
    assert.ok(mean(ofScenes.values) < covered, `${mean(ofScenes.values)} on ${covered} of the picture`);
  }
  // Chance has no contrast.
  const random = (seed: number) => () => async () => saying(normals(seed)(40, 48, 48, 3));
  const { values } = await modelContrast(objects)({
    x,
    attribution: saying(normals(1)(40, 48, 48, 3)),
    explain: random(2),
    masks,
    model: scenes,
  });
  assert.ok(Math.abs(mean(values)) < 0.02, `contrast of chance ${mean(values)}`);
});

test("an object that does not matter gets less than the scene that it covers, and by chance half of the time", async () => {
  const pictures = drawn({ count: 60 });
  const [x, masks] = [tensorOf(pictures), masksOf(pictures)];
  const without = tensorOf(drawn({ count: 60, object: false }));
  const explain = (model: Model) => lrp(model);
  const attribution = await explain(scenes)(x);
  const { values } = await inputDependence(scenes, { without })({ x, attribution, explain, masks });
  assert.ok(mean(values) > 0.5, `rate ${mean(values)}`);
  const noise = () => async () => saying(normals(4)(60, 48, 48, 3));
  const chance = await inputDependence(scenes, { without })({
    x,
    attribution: saying(normals(3)(60, 48, 48, 3)),
    explain: noise,
    masks,
  });
  assert.ok(Math.abs(mean(chance.values) - 0.5) < 0.2, `rate of chance ${mean(chance.values)}`);
});

test("LRP of the Clever Hans lights up the watermark: more than its share of the picture, by far", async () => {
  const pictures = drawn({ count: 40, object: "star", watermark: {} });
  const x = tensorOf(pictures);
  const masks = tf.tensor(pictures.masks.watermark, [40, 48, 48]);
  const attribution = await lrp(watermark)(x, { target: "disc" });
  const { values } = await relevanceMassAccuracy(watermark)({ x, attribution, masks });
  const covered = mean(pictures.masks.watermark);
  assert.ok(mean(values) > 4 * covered, `${mean(values)} on ${covered} of the picture`);
});
