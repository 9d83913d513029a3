import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { findClass } from "../../../src/explainers/class-names.js";
import { prototype } from "../../../src/explainers/synthesis/index.js";
import { loadModel } from "../../../src/kernel-helpers/index.js";
import { inputBytes } from "../../../src/kernel-helpers/pictures/input-bytes.js";
import { share } from "../../every.js";

const folder = join(import.meta.dirname, "../../../../test-output");

test("classes reach p > .99 on EfficientNet-lite0, with pictures to look at", async () => {
  const model = await loadModel("efficientnet-lite0");
  await mkdir(folder, { recursive: true });
  for (const name of share(["goose", "tabby", "sports car", "ladybug"], 4)) {
    const { picture, probability, shape } = await prototype(model, {
      target: findClass(name, model.classNames, 1000).index,
      maximize: "logProbability",
      parametrization: "fourier",
      l2: 0,
      totalVariation: 0.0001,
      jitter: 8,
      rotation: 5,
      scale: 0.1,
      steps: 128,
      seed: 1,
    });
    const [height, width] = shape as [number, number];
    await sharp(inputBytes(picture, model.input), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(folder, `prototype-${name.replace(" ", "-")}.png`));
    assert.ok(probability![0]! > 0.99, `${name}: p ${probability![0]}`);
  }
  model.dispose();
});
