import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Explain,
  featureAblation,
  kernelShap,
  lime,
  limeTable,
  type Model,
  occlusion,
  ParameterError,
  predictionDifference,
  rise,
  shapleyValues,
} from "../../../../src/explainers/index.js";
import { near } from "../../../helpers/numbers.js";
import { normals } from "../../../helpers/tensors.js";

const table = normals(8)(10, 1);
const worth = (word: number) => table.dataSync()[word]!;

/** A bag of words that takes nothing for a word that is none. */
const bag: Model = (x: tf.Tensor) => {
  const stray = x.dataSync().find((number) => !Number.isInteger(number) || number < 0 || number > 9);
  if (stray !== undefined) throw new Error(`${stray} is no word`);
  return tf.sum(tf.gather(table, x.toInt()), 1);
};
const sentence = tf.tensor2d([3, 7, 1, 0, 9, 2], [1, 6]);
const words = Array.from(sentence.dataSync());

test("words are hidden whole, whatever the input's bounds: none stands between two of them", async () => {
  const bounds = { low: -2, high: 2 };
  const against = words.map((word) => worth(word) - worth(0));
  const linear = { surrogate: "leastSquares", featureSelection: "none" } as const;
  const explainers: Record<string, [Explain, number]> = {
    occlusion: [occlusion(bag, { window: 1 }, bounds), 1e-4],
    "feature ablation": [featureAblation(bag, {}, bounds), 1e-4],
    "Kernel SHAP": [kernelShap(bag, {}, bounds), 1e-3],
    "Shapley values": [shapleyValues(bag, {}, bounds), 1e-4],
    LIME: [lime(bag, { ...linear, samples: 200 }, bounds), 1e-3],
    RISE: [rise(bag, { masks: 3000, cells: 6, estimate: "difference" }, bounds), 0.2],
  };
  for (const [name, [explain, tolerance]] of Object.entries(explainers)) {
    for (const x of [sentence, sentence.toInt()]) {
      near((await explain(x, { target: 0 })).relevance, against, tolerance, name);
    }
  }
  const others = await occlusion(bag, { window: 1, baseline: 5 })(sentence, { target: 0 });
  near(
    others.relevance,
    words.map((word) => worth(word) - worth(5)),
    1e-4,
  );
});

test("what would make words of fractions is refused", async () => {
  const refused: [Explain, RegExp][] = [
    [occlusion(bag, { baseline: "mean" }), /words have no colors and no mean/],
    [featureAblation(bag, { baseline: 0.5 }), /whole: it stands in the place of words/],
    [kernelShap(bag, { baseline: tf.fill([6], 1.5) }), /whole/],
    [lime(bag, { baseline: "feature-means" }), /words have no mean/],
    [predictionDifference(bag, { samples: 3 }), /rows to draw words from/],
    [limeTable(bag, { training: tf.ones([4, 6]) }), /all columns: they hold numbers of words/],
  ];
  for (const [explain, message] of refused) {
    await assert.rejects(
      () => explain(sentence, { target: 0 }),
      (error: unknown) => error instanceof ParameterError && message.test(error.message),
    );
  }
  const background = tf.tensor2d([1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1], [2, 6]);
  const drawn = await predictionDifference(bag, { background, samples: 4, window: 1 })(sentence, { target: 0 });
  assert.ok(drawn.relevance.every(Number.isFinite));
  const categorical = [0, 1, 2, 3, 4, 5];
  await limeTable(bag, { training: background, categorical, samples: 30 })(sentence, { target: 0 });
});
