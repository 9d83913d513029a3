/** The worked example of docs/understanding.md: TCAV shows that a model takes a watermark for a disc, and that its twin does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { release, tcav } from "../../../src/explainers/index.js";
import { loadModel, plantedPictures } from "../../../src/kernel-helpers/index.js";

const pictures = (options: { count: number } & Parameters<typeof plantedPictures>[0]) =>
  tf.tensor4d(plantedPictures(options).pixels, [options.count, 48, 48, 3]);

test("the concept watermark moves disc in the model that learned it, and neither another class up nor its twin", async () => {
  const concepts = { watermark: pictures({ count: 30, seed: 11, watermark: {} }) };
  const random = pictures({ count: 360, seed: 12 });
  const asked = { layers: ["conv2", "conv3"], concepts, random };
  const [hans, twin] = [await loadModel("planted-watermark"), await loadModel("planted-objects")];
  const scoresOf = async (model: typeof hans, object: string) => {
    const { scores } = await tcav(model, asked)(pictures({ count: 40, seed: 13, object }), {
      target: model.classNames!.indexOf(object),
    });
    return scores;
  };
  for (const { layer, score, correctedPValue, accuracy } of await scoresOf(hans, "disc")) {
    assert.ok(score > 0.9 && correctedPValue! < 0.01, `${layer}: ${score}, p ${correctedPValue}`);
    assert.ok(accuracy > 0.95);
  }
  // What speaks for a disc speaks against what is no disc.
  for (const { layer, magnitude, correctedPValue } of await scoresOf(hans, "square")) {
    assert.ok(!(magnitude > 0 && correctedPValue! < 0.05), `${layer}: ${magnitude}, p ${correctedPValue}`);
  }
  for (const { layer, magnitude, correctedPValue } of await scoresOf(twin, "disc")) {
    assert.ok(!(magnitude > 0 && correctedPValue! < 0.05), `${layer}: ${magnitude}, p ${correctedPValue}`);
  }
  for (const model of [hans, twin]) {
    release(model);
    model.dispose();
  }
});
