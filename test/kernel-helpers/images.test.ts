import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadImage } from "../../src/kernel-helpers/images/load-image.js";
import { loadModel } from "../../src/kernel-helpers/models/index.js";
import { expected, goldenPixels } from "../models/golden.js";

const files: { [photo: string]: string } = {
  chelsea: "chelsea.png",
  coffee: "coffee.png",
  rocket: "rocket.jpg",
  astronaut: "astronaut.png",
};

describe("loadImage", async () => {
  const { input } = await loadModel("efficientnet-lite0");

  for (const photo of expected.images) {
    test(`crops and resizes ${photo} as the peer does, to a quarter of a gray level`, async () => {
      const image = await loadImage(files[photo]!, input);
      assert.deepEqual([image.width, image.height, image.name], [224, 224, files[photo]]);
      assert.deepEqual(image.tensor.shape, [1, 224, 224, 3]);
      const golden = goldenPixels(photo);
      const values = await image.tensor.data();
      let difference = 0;
      for (let index = 0; index < golden.length; index++) {
        const pixel = image.pixels[Math.floor(index / 3) * 4 + (index % 3)]!;
        difference += Math.abs(pixel - golden[index]!);
        assert.equal(values[index], Math.fround((pixel - 127) / 128));
      }
      assert.ok(difference / golden.length < 0.25, `mean difference ${difference / golden.length}`);
      image.dispose();
    });
  }
});
