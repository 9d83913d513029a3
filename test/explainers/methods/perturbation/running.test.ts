import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ComputationError, ModelError, ParameterError } from "../../../../src/explainers/errors.js";
import type { Explain } from "../../../../src/explainers/explanation.js";
import { featureAblation } from "../../../../src/explainers/methods/perturbation/features/feature-ablation.js";
import { lime } from "../../../../src/explainers/methods/perturbation/lime/lime.js";
import { limeTable } from "../../../../src/explainers/methods/perturbation/lime/lime-table.js";
import { meaningfulPerturbation } from "../../../../src/explainers/methods/perturbation/masks/meaningful-perturbation.js";
import { rise } from "../../../../src/explainers/methods/perturbation/masks/rise.js";
import { kernelShap } from "../../../../src/explainers/methods/perturbation/shapley/kernel-shap.js";
import { shapleyValues } from "../../../../src/explainers/methods/perturbation/shapley/shapley-values.js";
import { occlusion } from "../../../../src/explainers/methods/perturbation/windows/occlusion.js";
import { predictionDifference } from "../../../../src/explainers/methods/perturbation/windows/prediction-difference.js";
import type { Model } from "../../../../src/explainers/network/index.js";
import { AbortedError } from "../../../../src/explainers/progress.js";
import { convolutionalNet, linearModel } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals, peakBytes } from "../../../helpers/tensors.js";

const model = convolutionalNet();
const images = normals(1)(2, 8, 8, 2);
const rows = normals(2)(2, 6);
const normalRows = normals(4)(40, 6);
const table = linearModel(normals(3)(6));
const quadrants = Int32Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 1) + (i < 32 ? 0 : 2));

/** Every method on an input that suits it, small enough to run often and long enough to be stopped. */
const methods: [string, (model: Model) => Explain, Model, tf.Tensor][] = [
  ["occlusion", (net) => occlusion(net, { window: 2, strides: 1 }), model, images],
  ["featureAblation", (net) => featureAblation(net), model, images],
  ["predictionDifference", (net) => predictionDifference(net, { background: images, samples: 5 }), model, images],
  ["meaningfulPerturbation", (net) => meaningfulPerturbation(net, { iterations: 40, mask: [4, 4] }), model, images],
  ["lime", (net) => lime(net, { segments: 10, samples: 300 }), model, images],
  ["limeTable", (net) => limeTable(net, { training: normalRows, samples: 400 }), table, rows],
  ["kernelShap", (net) => kernelShap(net, { features: "positions", samples: 300 }), model, images],
  ["shapleyValues", (net) => shapleyValues(net, { ids: quadrants, background: images }), model, images],
  ["rise", (net) => rise(net, { masks: 300 }), model, images],
];

for (const [name, make, net, input] of methods) {
  test(`${name}: leaves no tensors, repeats itself, and explains a batch as its samples one by one`, async () => {
    const explain = make(net);
    const together = await leavesNoTensors(() => explain(input, { target: [0, 1] }));
    assert.deepEqual(together.shape, input.shape);
    assert.ok(together.relevance.some((value) => value !== 0) && together.relevance.every(Number.isFinite));
    assert.deepEqual((await explain(input, { target: [0, 1] })).relevance, together.relevance);
    const size = together.relevance.length / 2;
    for (const sample of [0, 1]) {
      const alone = await explain(tf.slice(input, sample, 1), { target: sample });
      close(alone.relevance, together.relevance.slice(sample * size, (sample + 1) * size), 1e-3);
    }
  });

  test(`${name}: can be stopped half-way and tells how far it came`, async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    await leavesNoTensors(() =>
      assert.rejects(
        () =>
          make(net)(input, {
            signal: controller.signal,
            onProgress: ({ done, total }) => {
              seen.push(done);
              assert.ok(done <= total);
              controller.abort("enough");
            },
          }),
        (error) => error instanceof AbortedError && error.cause === "enough" && error.done === seen[0],
      ),
    );
    assert.equal(seen.length, 1);
    await leavesNoTensors(() => assert.rejects(() => make(net)(input, { signal: AbortSignal.abort() }), AbortedError));
  });

  test(`${name}: reports progress up to the end`, async () => {
    const steps: number[] = [];
    let last = 0;
    await make(net)(input, {
      onProgress: ({ done, total }) => {
        steps.push(done);
        last = total;
      },
    });
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a - b),
    );
    assert.equal(steps.at(-1), last);
  });
}

test("an abort from a timer gets through while a run goes on", async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 60);
  await assert.rejects(
    () => rise(model, { masks: 200_000 })(images, { signal: controller.signal }),
    (error) => error instanceof AbortedError && error.done > 0,
  );
});

test("a model that fails half-way leaves no tensors and says why", async () => {
  let calls = 0;
  const failing = (x: tf.Tensor) => {
    if (++calls > 6) throw new RangeError("the seventh call");
    return tf.reshape(x, [x.shape[0]!, -1]);
  };
  await leavesNoTensors(() =>
    assert.rejects(
      () => rise(failing, { masks: 5000 })(images, { target: 0 }),
      (error: Error) => error instanceof ComputationError && error.cause instanceof RangeError,
    ),
  );
  const poisoned = (x: tf.Tensor) => tf.log(tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1, true));
  const one = tf.ones([1, 1]);
  await leavesNoTensors(() => assert.rejects(() => featureAblation(poisoned)(one, { target: 0 }), ModelError));
});

test("the peak of tensor memory stays under the budget, and the budget does not change the numbers", async () => {
  const net = convolutionalNet("linear", 32);
  const photo = normals(5)(1, 32, 32, 2);
  let reference: Float32Array | undefined;
  const peaks: number[] = [];
  for (const memoryBudget of [400_000, 2_000_000, 64_000_000]) {
    for (const make of [occlusion, (m: Model, o: object) => occlusion(m, { ...o, baseline: 0.1 })]) {
      const explain = make(net, { window: 8, strides: 4, memoryBudget });
      const peak = await peakBytes(async () => {
        const { relevance } = await explain(photo, { target: 0 });
        if (make === occlusion) {
          reference ??= relevance;
          close(relevance, reference, 1e-4);
        }
      });
      assert.ok(peak <= memoryBudget, `${peak} bytes under a budget of ${memoryBudget}`);
      peaks.push(peak);
    }
  }
  assert.ok(peaks[2]! > 2 * peaks[0]!, "a larger budget is made use of");
  await leavesNoTensors(() =>
    assert.rejects(
      () => occlusion(net, { memoryBudget: 10_000 })(photo),
      (error) => error instanceof ParameterError && /10000/.test(error.message),
    ),
  );
});
