import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadModel } from "../../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { golden } from "./golden.js";

interface Values {
  shape: number[];
  values: number[];
}
/** What Keras 3 computed for the models of test/kernel-helpers/models/keras (tools/goldens/make-keras-fixtures.py). */
const cases = JSON.parse(golden("keras/golden.json").toString()) as {
  [model: string]: { inputs: Values[]; outputs: Values[] };
};
const path = (name: string) =>
  fileURLToPath(new URL(`../../../../test/kernel-helpers/models/keras/${name}`, import.meta.url));

describe("Keras files", async () => {
  const tf = await tensorflow();

  for (const name of ["sequential_cnn", "residual", "recurrent", "nested"]) {
    for (const extension of ["keras", "h5"]) {
      test(`${name}.${extension} computes what Keras computes, and leaves no tensor behind`, async () => {
        const before = tf.memory().numTensors;
        const { inputs, outputs } = cases[name]!;
        for (const [select, output] of outputs.entries()) {
          const model = await loadModel(path(`${name}.${extension}`), { select });
          const x = inputs.map(({ shape, values }) => tf.tensor(values, shape));
          const y = model.predict(x);
          assert.deepEqual(y.shape, output.shape);
          const values = await y.data();
          const error = Math.max(...output.values.map((value, index) => Math.abs(value - values[index]!)));
          assert.ok(error < 1e-5, `differs by ${error}`);
          tf.dispose([x, y]);
          model.dispose();
        }
        assert.equal(tf.memory().numTensors, before);
      });
    }
  }

  for (const extension of ["keras", "h5"]) {
    test(`custom.${extension}: a layer class that does not exist here is named`, async () => {
      await assert.rejects(loadModel(path(`custom.${extension}`)), {
        name: "UnknownLayerError",
        layerClass: "Swirl",
        layerName: "the_swirl",
      });
    });

    test(`reset_after.${extension}: a setting that would be read otherwise is refused`, async () => {
      await assert.rejects(loadModel(path(`reset_after.${extension}`)), {
        name: "ModelFileError",
        message: /"modern_gru" is a GRU with reset_after = true/,
      });
    });
  }
});
