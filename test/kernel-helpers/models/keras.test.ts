import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { epsilonPlus, lrp } from "../../../src/explainers/index.js";
import { loadModel } from "../../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { inputValues, readKerasGoldens, writeFiles } from "../../../tools/figures/keras-cases.js";
import { scratchFolder } from "../../helpers/scratch.js";

/* Whole models that Keras saved; that they compute what Keras computes is with each layer's in keras2.test.ts and keras3.test.ts. */

const scratch = scratchFolder("keras");

describe("Keras files", async () => {
  const tf = await tensorflow();

  for (const version of [2, 3] as const) {
    const goldens = readKerasGoldens(version);
    const whole = goldens.cases.filter(
      ({ model, inputs, gradients }) =>
        model !== undefined && model !== "model.custom" && gradients && inputs?.length === 1,
    );
    for (const given of whole) {
      test(`Keras ${version}, ${given.model}: relevance that is distributed sums to the output`, async () => {
        const [path] = await writeFiles(scratch, goldens, given);
        const model = await loadModel(path!, given.outputs.length > 1 ? { select: 0 } : {});
        const [input] = given.inputs!;
        const batch = tf.tensor(inputValues(input!, given.seed), input!.shape);
        const x = tf.slice(batch, 0, 1);
        const result = await lrp(model, { composite: epsilonPlus(), bias: "distribute" })(x, { target: 0 });
        const total = result.relevance.reduce((sum, value) => sum + value, 0);
        const flow = result.relevance.reduce((sum, value) => sum + Math.abs(value), 1);
        const value = result.output[0]!;
        assert.ok(Math.abs(total - value) < 1e-4 * flow, `${total} of ${value}, flow ${flow}`);
        tf.dispose([batch, x]);
        model.dispose();
      });
    }
  }

  test("a layer class that does not exist here is named", async () => {
    const goldens = readKerasGoldens(3);
    const custom = goldens.cases.find(({ model }) => model === "model.custom")!;
    for (const path of await writeFiles(scratch, goldens, custom)) {
      await assert.rejects(loadModel(path), {
        name: "UnknownLayerError",
        layerClass: "Swirl",
        layerName: "the_swirl",
      });
    }
  });
});
