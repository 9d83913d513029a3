import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Explain,
  gradientTimesInput,
  type Model,
  relativeInputStability,
  relativeOutputStability,
} from "../../../src/explainers/index.js";
import { linearModel } from "../../helpers/nets.js";
import { leavesNoTensors } from "../../helpers/tensors.js";

const explain = (model: Model): Explain => gradientTimesInput(model);
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-3 * Math.abs(expected), `${actual} instead of ${expected}`);

test("of a linear model gradient × input moves as the input does, and neighbors of another class do not count", () =>
  leavesNoTensors(async () => {
    // The outputs are w · x and 0.
    const weights = tf.tensor1d([1, -2, 4]);
    const model = linearModel(weights);
    const x = tf.tensor2d([[2, 1, 1]]);
    const draws = tf.tensor2d([
      [0.2, 0, 0],
      [0, 0.1, -0.1],
      [-2, 3, -1],
    ]);
    const attribution = await explain(model)(x, { target: 0 });
    const evidence = { x, attribution, explain };
    const input = await relativeInputStability(model, { draws })(evidence);
    near(input.values[0]!, 1);
    // Relative moves √(0.1²) and √(0.1² + 0.1²) beside |w · move| 0.2 and 0.6; the third is classified otherwise.
    const output = await relativeOutputStability(model, { draws })(evidence);
    near(output.values[0]!, 0.5);
    const mean = await relativeOutputStability(model, { draws, summary: "mean" })(evidence);
    near(mean.values[0]!, (0.5 + Math.SQRT2 / 6) / 2);
    const far = tf.slice(draws, 2, 1);
    const none = await relativeInputStability(model, { draws: far })(evidence);
    assert.ok(Number.isNaN(none.values[0]));
    assert.match(none.warnings[0]!.message, /classified otherwise/);
    tf.dispose([weights, x, draws, far]);
  }));
