import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { describe } from "../../../src/cli/methods.js";
import { method } from "../../../src/explainers/method.js";
import { byGradient } from "../../../src/explainers/methods/gradient/input/by-gradient.js";
import { everyKind, real } from "../../../src/explainers/parameters.js";
import { parameterForm } from "../../../src/kernel-helpers/widgets/explorer/parameter-form.js";
import { section } from "../../../tools/docs/methods-page.js";
import { close } from "../../helpers/numbers.js";

// What CONTRIBUTING.md says under "How to add a method": one object, in one file.
const scaledGradient = method({
  id: "scaled-gradient",
  name: "Scaled gradient",
  family: "gradient",
  reference: "Nobody 2026, nowhere",
  question: "How much would the output change, times a factor?",
  inputs: everyKind,
  signed: true,
  additive: false,
  result: "entries",
  parameters: {
    factor: real(2, "What the gradient is multiplied by", { least: 0, span: { from: 0, to: 4, step: 1 } }),
  },
  explainer: (model, { factor }) => byGradient(model, (gradient) => tf.mul(gradient, factor)),
});

test("a method that is written as the recipe says is complete: call, check, command line, form, documentation", async () => {
  const w = tf.tensor2d([[1], [-2], [3]]);
  const linear = (x: tf.Tensor) => tf.matMul(x as tf.Tensor2D, w);
  const x = tf.tensor2d([[1, 1, 1]]);
  const result = await scaledGradient(linear)(x, { target: 0 });
  close(result.relevance, [2, -4, 6], 1e-6);
  assert.deepEqual([result.method, result.parameters], ["Scaled gradient", { factor: 2 }]);
  close((await scaledGradient(linear, { factor: 0.5 })(x, { target: 0 })).relevance, [0.5, -1, 1.5], 1e-6);
  assert.throws(() => scaledGradient(linear, { factor: -1 }), /factor must be a number of at least 0, but is -1/);
  // @ts-expect-error the compiler knows the options, too
  assert.throws(() => scaledGradient(linear, { faktor: 1 }), /faktor must be left out .* which takes factor/);
  assert.match(
    describe(scaledGradient),
    /--method scaled-gradient[\s\S]*factor +2 .*What the gradient is multiplied by/,
  );
  const [field] = parameterForm(scaledGradient.parameters, { input: "image", layers: [], values: {} });
  assert.deepEqual([field!.name, field!.default, field!.control.kind], ["factor", 2, "slider"]);
  assert.match(section(scaledGradient), /### Scaled gradient[\s\S]*\| `factor` \| 2 \|/);
});
