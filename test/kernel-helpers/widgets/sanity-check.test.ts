import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { type MapSimilarity, similaritiesOf } from "../../../src/comms/states/sanity-check.js";
import {
  gradientTimesInput,
  type Heatmap,
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  parameterRandomization,
  release,
  SanityCheck,
  TraitError,
} from "../../../src/kernel-helpers/index.js";
import { type RelevanceMap, relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";
import { FrontEnd, turn } from "../../comms/front-end.js";
import { storedPng } from "./stored.js";

const methods = ["gradient-times-input", "lrp"] as const;
let model: LoadedModel;
let photo: LoadedImage;
before(async () => {
  model = await loadModel("mnist-cnn");
  photo = await loadImage("coffee.png", model.input);
  // What a model keeps from its first use on is no leak.
  const first = new SanityCheck(model, photo, { methods });
  await first.settled();
  first.close();
});
after(() => {
  photo.dispose();
  model.dispose();
});

const valuesOf = (widget: unknown) => ((widget as Heatmap).relevance as RelevanceMap).values;
const close = (values: ArrayLike<number | null>, expected: ArrayLike<number | null>, what: string) => {
  assert.equal(values.length, expected.length, what);
  for (let at = 0; at < values.length; at++) {
    const apart = Math.abs((values[at] ?? 0) - (expected[at] ?? 0));
    assert.ok(apart < 1e-5, `${what} at ${at}: ${values[at]}, not ${expected[at]}`);
  }
};

for (const order of ["cascading", "bottom-up", "independent"] as const) {
  test(`${order}: its curves and maps are those of the measure with the same seed`, async () => {
    // Programs that are kept for the model are no leak.
    release(model);
    const tensors = tf.memory().numTensors;
    const check = new SanityCheck(model, photo, { methods, order, seed: 3 });
    await check.settled();
    assert.equal(check.error, "");
    const attribution = await gradientTimesInput(model)(photo.tensor);
    const explain = (net: object) => gradientTimesInput(net as LoadedModel);
    const { steps } = await parameterRandomization(model, { order, seed: 3 })({
      x: photo.tensor,
      attribution,
      explain,
    });
    assert.deepEqual(
      check.steps,
      steps.map(({ layer }) => layer ?? "original"),
    );
    for (const sign of ["signed", "absolute"] as const) {
      for (const name of ["spearman", "ssim", "hog"] as MapSimilarity[]) {
        const expected = steps.map(({ similarities }) => similarities[sign][name]![0]!);
        close(check.curves[0]![sign][name]!, expected, `${sign} ${name}`);
      }
    }
    const { values } = relevanceMap(attribution, photo);
    for (const [step, { map }] of steps.entries()) {
      check.step = step;
      const scale = Math.max(...map!.relevance.map(Math.abs));
      close(
        valuesOf(check.randomized).map((value) => value / scale),
        map!.relevance.map((value) => value / scale),
        `step ${step}`,
      );
      close(valuesOf(check.original), values, "original");
    }
    check.close();
    release(model);
    assert.equal(tf.memory().numTensors, tensors);
  });
}

test("what stands in words is of the step, the method and the similarity that are chosen", async () => {
  const frontEnd = new FrontEnd().attach();
  const check = new SanityCheck(model, photo, { methods, seed: 1 });
  await check.settled();
  await turn();
  const labels = check.methods.map(({ value }) => value);
  for (const change of [
    { step: 1 },
    { similarity: "ssim" },
    { method: labels[1] },
    { absolute: true },
    { step: check.steps.length - 1 },
    { similarity: "hog", absolute: false },
    { step: 0 },
  ]) {
    frontEnd.update(check.id, change as never);
    await turn();
    const state = frontEnd.models.get(check.id)!;
    const curve = check.curves.find(({ method }) => method === check.method);
    const value = similaritiesOf(curve, check)[check.step];
    const words = state["words"] as string;
    if (check.step === 0) assert.match(words, /^The model as it was trained/);
    else {
      const layer = check.steps[check.step];
      const random = check.step === 1 ? `${layer} random` : `${check.step} layers random, ${layer} the last,`;
      assert.ok(words.startsWith(`With ${random} `), words);
      assert.equal(words.includes("sizes without signs"), check.absolute);
      assert.ok(words.replaceAll("−", "-").includes(value!.toFixed(2)), `${words}: ${value}`);
    }
    const map = check.randomized as unknown as Heatmap;
    assert.equal(map.signed, !check.absolute);
    if (check.absolute) assert.ok(valuesOf(map).every((entry) => entry >= 0));
  }
  assert.throws(() => {
    check.step = 99;
  }, TraitError);
  assert.throws(() => {
    check.method = "lrpp";
  }, TraitError);
  assert.deepEqual(frontEnd.reported, []);
  check.close();
});

test("stopped it keeps the steps that are there, and runs on to the same curves", async () => {
  const whole = new SanityCheck(model, photo, { methods, seed: 2 });
  await whole.settled();
  const frontEnd = new FrontEnd().attach();
  const check = new SanityCheck(model, photo, { methods, seed: 2 });
  while (check.done < 2) await check.next("done");
  check.stop();
  await check.settled();
  const { done } = check;
  assert.ok(done >= 2 && done < check.steps.length, `${done} of ${check.steps.length}`);
  assert.ok(check.stopped !== null && check.running === false);
  assert.match(String(check), /stopped at [<\d]/);
  check.step = check.steps.length - 1;
  assert.equal(check.words, "Not computed yet.");
  await turn();
  void frontEnd.custom(check.id, { event: "again" });
  while (check.running === false) await turn();
  await check.settled();
  assert.deepEqual([check.stopped, check.done], [null, check.steps.length]);
  assert.deepEqual(check.curves, whole.curves);
  assert.notEqual(check.words, "Not computed yet.");
  check.close();
  whole.close();
});

test("a method that fails is named, the others go on; a function has no weights to forget", async () => {
  const unfit = { method: "grad-cam", parameters: { layer: "dense" }, name: "Grad-CAM of a dense layer" } as const;
  const check = new SanityCheck(model, photo, { methods: ["gradient-times-input", unfit] });
  await check.settled();
  assert.equal(check.done, check.steps.length);
  assert.notEqual(check.curves[1]!.error, "");
  assert.equal(check.curves[0]!.error, "");
  assert.equal(check.curves[0]!.signed.spearman!.length, check.steps.length);
  assert.match(String(check), /Grad-CAM of a dense layer/);
  check.close();
  const bare = await loadModel((x) => tf.sum(x, [1, 2, 3]).expandDims(1), { input: { shape: [28, 28, 1] } });
  assert.throws(() => new SanityCheck(bare, photo), /weights of .* are not known/);
  assert.throws(() => new SanityCheck(model, photo, { methods: ["lrp", "lrp"] }), /named once/);
});

test("only the layers that are asked for forget, with the numbers of the measure; others are refused by name", async () => {
  const all = new SanityCheck(model, photo, { methods: ["gradient-times-input"] });
  const named = [all.steps.at(-1)!, all.steps[1]!];
  all.close();
  const check = new SanityCheck(model, photo, { methods: ["gradient-times-input"], layers: named, seed: 3 });
  await check.settled();
  // From the output on, whatever the order in which they are named.
  assert.deepEqual(check.steps, ["original", named[1], named[0]]);
  const attribution = await gradientTimesInput(model)(photo.tensor);
  const explain = (net: object) => gradientTimesInput(net as LoadedModel);
  const { steps } = await parameterRandomization(model, { layers: named, seed: 3 })({
    x: photo.tensor,
    attribution,
    explain,
  });
  close(
    check.curves[0]!.signed.spearman!,
    steps.map(({ similarities }) => similarities.signed.spearman![0]!),
    "spearman",
  );
  check.close();
  assert.throws(() => new SanityCheck(model, photo, { layers: [] }), /names of layers/);
  assert.throws(() => new SanityCheck(model, photo, { layers: ["no such"] }), /no such/);
});

test("the file has both maps and the curves", async () => {
  const check = new SanityCheck(model, photo, { methods });
  await check.settled();
  check.step = 2;
  assert.ok((await storedPng(check)).length > 8000);
  assert.match(
    String(check),
    /^SanityCheck: coffee\.png · layers randomized one after the other, from the output on · spearman · (\d+) of \1 layers\n/,
  );
  check.close();
});
