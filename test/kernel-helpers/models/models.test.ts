import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadModel } from "../../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { expected, goldenLogits, goldenPixels } from "./golden.js";

describe("EfficientNet-lite0", async () => {
  const tf = await tensorflow();
  const model = await loadModel("efficientnet-lite0");

  test("takes pixels as (p - 127) / 128 and gives 1000 logits with names", () => {
    assert.deepEqual(model.input, {
      shape: [224, 224, 3],
      mean: 127,
      scale: 128,
      low: -127 / 128,
      high: 1,
      crop: 224 / 256,
    });
    assert.equal(model.output, "logits");
    assert.equal(model.classNames?.length, 1000);
    assert.equal(model.classNames?.[281], "tabby, tabby cat");
  });

  for (const photo of expected.images) {
    test(`gives the peer's logits and top-5 for ${photo}`, () => {
      const { logits, probabilities } = tf.tidy(() => {
        const pixels = tf.tensor4d(goldenPixels(photo), [1, 224, 224, 3]);
        const y = model.predict(pixels.sub(127).div(128));
        return { logits: y.dataSync(), probabilities: y.softmax().dataSync() };
      });
      const error = Math.max(...goldenLogits(photo).map((value, index) => Math.abs(value - logits[index]!)));
      assert.ok(error < 1e-4, `logits differ by ${error}`);
      const top5 = Array.from(probabilities, (p, index) => [index, model.classNames![index]!, p] as const)
        .sort((a, b) => b[2] - a[2])
        .slice(0, 5);
      assert.deepEqual(
        top5.map(([index, name, p]) => [index, name, Math.round(p * 1e4) / 1e4]),
        expected.top5[photo],
      );
    });
  }

  test("refuses an input of another shape, and names both", () => {
    const small = tf.zeros([1, 100, 100, 3]);
    assert.throws(() => model.predict(small), /InputShapeError.*\[batch, 224, 224, 3\].*\[1, 100, 100, 3\]/);
    small.dispose();
  });
});
