import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gradCam, gradientTimesInput, integratedGradients, sensitivity } from "../../../src/explainers/index.js";
import { loadModel, tensorflow } from "../../../src/kernel-helpers/index.js";
import { goldenMap, goldenPixels } from "./golden.js";

describe("captum's gradients of EfficientNet-lite0, for the tiger cat", async () => {
  const tf = await tensorflow();
  const model = await loadModel("efficientnet-lite0");
  const x = tf.tidy(() => tf.tensor4d(goldenPixels("chelsea"), [1, 224, 224, 3]).sub(127).div(128));
  const target = { target: 282 };

  /**
   * Asserts a difference below 1 % of the peer's values (root mean square). Where a unit stands within a rounding error of a
   * kink of its ReLU6, one order of summation switches it on and another off: that alone makes 0.1 to 0.2 % here.
   */
  function close(relevance: Float32Array, peer: Float32Array): void {
    assert.equal(relevance.length, peer.length);
    const length = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
    const size = length(peer);
    const error = length(peer.map((value, index) => value - relevance[index]!));
    assert.ok(error < 0.01 * size, `differs by ${error / size}`);
  }

  test("sensitivity and gradient × input", async () => {
    const gradient = goldenMap("chelsea/gradient");
    const pixels = await x.data();
    const squared = await sensitivity(model)(x, target);
    close(
      squared.relevance,
      gradient.map((slope) => slope ** 2),
    );
    const product = await gradientTimesInput(model)(x, target);
    close(
      product.relevance,
      gradient.map((slope, index) => slope * pixels[index]!),
    );
  });

  test("integrated gradients, 20 points of Gauss–Legendre from 0", async () => {
    const { relevance } = await integratedGradients(model, { steps: 20, baseline: 0 })(x, target);
    close(relevance, goldenMap("chelsea/ig20_gausslegendre_zero"));
  });

  test("Grad-CAM at the last map", async () => {
    const { relevance, shape } = await gradCam(model, { layer: "head_relu6", upsampling: "none" })(x, target);
    assert.deepEqual(shape, [1, 7, 7, 1]);
    close(relevance, goldenMap("chelsea/gradcam_head"));
  });
});
