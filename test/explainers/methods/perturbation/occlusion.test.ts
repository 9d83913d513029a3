import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  InputShapeError,
  ModelError,
  NonFiniteError,
  ParameterError,
  TargetError,
} from "../../../../src/explainers/errors.js";
import { featureAblation } from "../../../../src/explainers/methods/perturbation/features/feature-ablation.js";
import { occlusion } from "../../../../src/explainers/methods/perturbation/windows/occlusion.js";
import { convolutionalNet, linearModel } from "../../../helpers/nets.js";
import { close } from "../../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../../helpers/tensors.js";

const model = convolutionalNet();
const x = normals(1)(3, 8, 8, 2) as tf.Tensor4D;
const f = (input: tf.Tensor) => (model.predict(input) as tf.Tensor).arraySync() as number[][];

/** The definition, window by window. */
function slowOcclusion(
  sample: number,
  target: number,
  window: number[],
  strides: number[],
  baseline: number,
): Float32Array {
  const original = x.slice([sample, 0, 0, 0], [1, -1, -1, -1]);
  const before = f(original)[0]![target]!;
  const sums = new Float64Array(128);
  const counts = new Float64Array(128);
  const starts = [8, 8, 2].map((entries, axis) =>
    Array.from({ length: Math.ceil((entries - window[axis]!) / strides[axis]!) + 1 }, (_, i) => i * strides[axis]!),
  );
  for (const top of starts[0]!) {
    for (const left of starts[1]!) {
      for (const channel of starts[2]!) {
        const copy = original.bufferSync() as tf.TensorBuffer<tf.Rank.R4>;
        const covered: number[] = [];
        for (let i = top; i < Math.min(8, top + window[0]!); i++) {
          for (let j = left; j < Math.min(8, left + window[1]!); j++) {
            for (let c = channel; c < Math.min(2, channel + window[2]!); c++) {
              copy.set(baseline, 0, i, j, c);
              covered.push((i * 8 + j) * 2 + c);
            }
          }
        }
        const fall = before - f(tf.tensor(copy.values, original.shape))[0]![target]!;
        for (const entry of covered) {
          sums[entry]! += fall;
          counts[entry]!++;
        }
      }
    }
  }
  return Float32Array.from(sums, (sum, entry) => sum / counts[entry]!);
}

test("occlusion is the mean fall over the windows that cover an entry, overlaps and cut windows included", async () => {
  for (const [window, strides] of [
    [
      [3, 3, 2],
      [2, 2, 2],
    ],
    [
      [3, 2, 1],
      [3, 1, 1],
    ],
    [
      [5, 8, 2],
      [4, 1, 1],
    ],
  ] as const) {
    const { relevance } = await leavesNoTensors(() =>
      occlusion(model, { window, strides, baseline: 0.5 })(x, { target: [0, 2, 1] }),
    );
    const expected = [0, 2, 1].flatMap((target, sample) => [
      ...slowOcclusion(sample, target, [...window], [...strides], 0.5),
    ]);
    close(relevance, expected, 1e-4, `window ${window}`);
  }
});

test("on a linear model a window of one entry gives w · (x − baseline)", async () => {
  const w = normals(2)(6);
  const input = normals(3)(4, 6);
  const baseline = normals(4)(4, 6);
  const { relevance, output } = await occlusion(linearModel(w, 3), { window: 1, baseline })(input, { target: 0 });
  close(relevance, tf.mul(w, tf.sub(input, baseline)).dataSync(), 1e-4);
  close(output, tf.sum(tf.mul(w, input), 1).add(3).dataSync(), 1e-5);
});

test("a batch gives the numbers of its samples one by one", async () => {
  const explain = occlusion(model, { window: 2 });
  const together = await explain(x, { target: "top1" });
  for (let i = 0; i < 3; i++) {
    const alone = await explain(x.slice([i, 0, 0, 0], [1, -1, -1, -1]));
    close(alone.relevance, together.relevance.slice(i * 128, (i + 1) * 128), 1e-5);
    assert.deepEqual(alone.target, [together.target[i]]);
  }
  assert.deepEqual(together.target, Array.from(tf.argMax(model.predict(x) as tf.Tensor, 1).dataSync()));
});

test("where a model ends in a softmax, its logits are explained", async () => {
  const softmax = convolutionalNet("softmax");
  const [logits, probabilities] = await Promise.all(
    [model, softmax].map((net) => occlusion(net, { window: 4 })(x, { target: 1 })),
  );
  close(probabilities!.relevance, logits!.relevance, 1e-4);
});

test("a tensor or a function as target weights the outputs", async () => {
  const explain = occlusion(model, { window: 4 });
  const [first, second] = await Promise.all([explain(x, { target: 0 }), explain(x, { target: 2 })]);
  const contrast = tf.tensor2d([2, 0, -1, 2, 0, -1, 2, 0, -1], [3, 3]);
  const expected = first!.relevance.map((value, i) => 2 * value - second!.relevance[i]!);
  close((await explain(x, { target: contrast })).relevance, expected, 1e-4);
  close((await explain(x, { target: () => contrast.clone() })).relevance, expected, 1e-4);
});

test("recurrent models and token models are run as they are", async () => {
  const recurrent = tf.sequential({
    layers: [tf.layers.lstm({ inputShape: [5, 3], units: 4 }), tf.layers.dense({ units: 2 })],
  });
  const sentence = normals(6)(2, 5, 3);
  const { relevance } = await featureAblation(recurrent, { features: "positions" })(sentence, { target: 1 });
  const outputs = (input: tf.Tensor) => (recurrent.predict(input) as tf.Tensor).arraySync() as number[][];
  const kept = tf.tensor3d([1, 1, 0, 1, 1], [1, 5, 1]);
  for (const sample of [0, 1]) {
    const fall = outputs(sentence)[sample]![1]! - outputs(tf.mul(sentence, kept))[sample]![1]!;
    close(relevance.slice(sample * 15 + 6, sample * 15 + 9), [fall, fall, fall], 1e-3);
  }
  const embedded = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 9, outputDim: 3, inputLength: 4 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 2 }),
    ],
  });
  const tokens = tf.tensor2d([[5, 3, 8, 1]], [1, 4], "int32");
  const ablated = await featureAblation(embedded, { baseline: 0 })(tokens, { target: 0 });
  const score = (ids: number[]) =>
    ((embedded.predict(tf.tensor2d([ids])) as tf.Tensor).arraySync() as number[][])[0]![0]!;
  close(
    ablated.relevance,
    [0, 1, 2, 3].map((i) => score([5, 3, 8, 1]) - score([5, 3, 8, 1].map((t, j) => (i === j ? 0 : t)))),
    1e-3,
  );
});

test("bad input is refused with an error that names the value", async () => {
  const refuses = (work: () => unknown, type: new (...given: never[]) => Error, message: RegExp) =>
    leavesNoTensors(() =>
      assert.rejects(
        async () => await work(),
        (error) => error instanceof type && message.test(error.message) && error.name === type.name,
      ),
    );
  await refuses(() => occlusion(model, { window: 0 })(x), ParameterError, /window.* 0/);
  await refuses(() => occlusion(model, { window: [9, 2, 2] })(x), ParameterError, /window.*9/);
  await refuses(() => occlusion(model, { window: [2] })(x), ParameterError, /window.*\[2\]/);
  await refuses(() => occlusion(model, { window: 2, strides: 3 })(x), ParameterError, /strides.*3/);
  await refuses(() => occlusion(model, { memoryBudget: -1 })(x), ParameterError, /memoryBudget.*-1/);
  await refuses(() => occlusion(model, { baseline: Number.NaN })(x), ParameterError, /baseline.*NaN/);
  await refuses(() => occlusion(model)(x, { target: 3 }), TargetError, /3/);
  await refuses(() => occlusion(model)(x, { target: [0, 1] }), TargetError, /2 targets/);
  await refuses(() => occlusion(model)([x, x]), InputShapeError, /and/);
  const baseline = tf.zeros([3, 3]);
  await refuses(() => occlusion(model, { baseline })(x), ParameterError, /baseline.*\[3,3\]/);
  const [narrow, empty, poisoned] = [tf.zeros([1, 8, 8, 3]), tf.zeros([0, 8, 8, 2]), tf.fill([1, 6], Number.NaN)];
  await refuses(() => occlusion(model)(narrow), InputShapeError, /3/);
  await refuses(() => occlusion(model)(empty), InputShapeError, /empty/);
  const linear = linearModel(tf.ones([6]));
  await refuses(() => occlusion(linear)(poisoned, { target: 0 }), NonFiniteError, /NaN/);
  await refuses(() => occlusion({} as never)(x), ModelError, /model/);
});
