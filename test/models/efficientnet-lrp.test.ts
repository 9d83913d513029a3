import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Composite,
  epsilonAlpha2Beta1,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  gradientTimesInput,
  lrp,
  sensitivity,
} from "../../src/explainers/index.js";
import { loadModel, tensorflow } from "../../src/kernel-helpers/index.js";
import { goldenMap, goldenPixels } from "./golden.js";

describe("explanations of EfficientNet-lite0", async () => {
  const tf = await tensorflow();
  const model = await loadModel("efficientnet-lite0");
  const { low, high } = model.input;
  const x = tf.tidy(() => tf.tensor4d(goldenPixels("chelsea"), [1, 224, 224, 3], "int32").toFloat().sub(127).div(128));

  /** Largest difference to the peer's map, in units of its largest value; the last `margin` rows and columns left aside. */
  function difference(relevance: Float32Array, peer: Float32Array, margin = 0): number {
    let largest = 0;
    let error = 0;
    for (let index = 0; index < peer.length; index++) {
      const [row, column] = [Math.floor(index / (3 * 224)), Math.floor(index / 3) % 224];
      largest = Math.max(largest, Math.abs(peer[index]!));
      if (Math.max(row, column) < 224 - margin) error = Math.max(error, Math.abs(peer[index]! - relevance[index]!));
    }
    return error / largest;
  }

  const composites: { [peer: string]: Composite } = {
    EpsilonPlus: epsilonPlus(),
    EpsilonGammaBox: epsilonGammaBox({ low, high }),
    EpsilonAlpha2Beta1: epsilonAlpha2Beta1(),
  };
  for (const [peer, composite] of Object.entries(composites)) {
    test(`${composite.name}: zennit's relevance of the tiger cat, and balanced books`, async () => {
      const result = await lrp(model, { composite })(x, { target: 282 });
      // The peer's first layer pads the picture in a step of its own, so that its zᴮ gives the box's bounds and a share of
      // relevance to the padding, below and to the right; ours leaves the padding at 0. It concerns two rows and columns.
      const margin = composite.name === "epsilon-gamma-box" ? 2 : 0;
      const error = difference(result.relevance, goldenMap(`chelsea/${peer}`), margin);
      // zennit in float32 is itself off by 1.3e-4 (α2β1) from zennit in float64.
      assert.ok(error < 5e-4, `differs by ${error}`);
      const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
      assert.ok(Math.abs(accounted - result.output[0]!) < 1e-3, `${accounted} of ${result.output[0]}`);
    });
  }

  for (const composite of [epsilonPlus(), epsilonPlusFlat()]) {
    test(`${composite.name} with distributed biases conserves the output at every layer`, async () => {
      const result = await lrp(model, { composite, bias: "distribute" })(x, { target: 282 });
      const output = result.output[0]!;
      assert.ok(Math.abs(result.relevanceSum - output) < 1e-3 * output, `${result.relevanceSum} of ${output}`);
      for (const { name, sum, passedOn, kind } of result.layers) {
        if (kind !== "input")
          assert.ok(Math.abs(passedOn - sum) < 1e-3 * Math.abs(output), `${name}: ${sum} → ${passedOn}`);
      }
    });
  }

  test("sensitivity and gradient × input follow captum's gradient", async () => {
    const gradient = goldenMap("chelsea/gradient");
    const pixels = await x.data();
    const squared = await sensitivity(model)(x, { target: 282 });
    assert.ok(
      difference(
        squared.relevance,
        gradient.map((slope) => slope ** 2),
      ) < 1e-4,
    );
    const product = await gradientTimesInput(model)(x, { target: 282 });
    assert.ok(
      difference(
        product.relevance,
        gradient.map((slope, index) => slope * pixels[index]!),
      ) < 1e-4,
    );
  });
});
