import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Tensor } from "@tensorflow/tfjs-core";
import { epsilonPlus, lrp, sensitivity } from "../../../src/explainers/index.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import { tensorflow } from "../../../src/kernel-helpers/tensorflow/backend.js";
import { golden } from "./golden.js";

interface Values {
  shape: number[];
  values: number[];
}

/** What Keras computed for the models of test/kernel-helpers/models/keras (tools/goldens/make-keras-fixtures.py). */
interface Case {
  inputs: Values[];
  outputs: Values[];
  /** Of the sum of the first output; null where Keras' backend cannot. */
  gradients?: Values[] | null;
}
const read = (name: string) => JSON.parse(golden(name).toString()) as { [model: string]: Case };
const keras3 = read("keras/golden.json");
const keras2 = read("keras/golden-keras2.json");
const path = (name: string) =>
  fileURLToPath(new URL(`../../../../test/kernel-helpers/models/keras/${name}`, import.meta.url));

const both = ["sequential_cnn", "residual", "recurrent", "nested", "channels_first", "nested_outputs", "reset_after"];
const refusedNames = ["custom"];
const files = [
  ...Object.entries(keras3).flatMap(([name, given]) =>
    (both.includes(name) ? ["keras", "h5"] : ["keras"]).map((extension) => ({ file: `${name}.${extension}`, given })),
  ),
  ...Object.entries(keras2).map(([name, given]) => ({ file: `keras2/${name}.h5`, given })),
  ...["channels_first", "nested_outputs"].map((name) => ({ file: `keras2/${name}.keras`, given: keras2[name]! })),
].filter(({ file }) => !refusedNames.some((name) => file.startsWith(name)));

describe("Keras files", async () => {
  const tf = await tensorflow();

  function close(found: ArrayLike<number>, expected: number[], bound: number, what: string): void {
    assert.equal(found.length, expected.length, what);
    const scale = Math.max(1, ...expected.map(Math.abs));
    const error = Math.max(...expected.map((value, index) => Math.abs(value - found[index]!))) / scale;
    assert.ok(error < bound, `${what} differs by ${error}`);
  }

  for (const { file, given } of files) {
    test(`${file} computes what Keras computes, and leaves no tensor behind`, async () => {
      const before = tf.memory().numTensors;
      for (const [select, output] of given.outputs.entries()) {
        const model = await loadModel(path(file), { select });
        const x = given.inputs.map(({ shape, values }) => tf.tensor(values, shape));
        const y = model.predict(x);
        assert.deepEqual(y.shape, output.shape);
        close(await y.data(), output.values, 1e-5, `output ${select}`);
        tf.dispose([x, y]);
        model.dispose();
      }
      assert.equal(tf.memory().numTensors, before);
    });
  }

  /** Runs `use` for the first output of a model with one input, sample by sample. */
  async function eachSample(
    file: string,
    given: Case,
    use: (model: LoadedModel, x: Tensor, sample: number) => unknown,
  ) {
    const model = await loadModel(path(file), given.outputs.length > 1 ? { select: 0 } : {});
    const all = tf.tensor(given.inputs[0]!.values, given.inputs[0]!.shape);
    for (let sample = 0; sample < all.shape[0]!; sample++) {
      const x = tf.slice(all, sample, 1);
      await use(model, x, sample);
      x.dispose();
    }
    all.dispose();
    model.dispose();
  }

  // Softmax outputs are explained at their logits; their sum has no gradient.
  const explained = files.filter(
    ({ file, given }) => given.inputs.length === 1 && given.gradients && !/^seq/.test(file),
  );
  for (const { file, given } of explained) {
    test(`${file} has the gradient that Keras has`, async () => {
      const units = given.outputs[0]!.values.length / given.outputs[0]!.shape[0]!;
      await eachSample(file, given, async (model, x, sample) => {
        const expected = given.gradients![0]!.values.slice(sample * x.size, (sample + 1) * x.size);
        const sum = new Float32Array(x.size);
        for (let target = 0; target < units; target++) {
          const { relevance } = await sensitivity(model, { kind: "signed" })(x, { target });
          relevance.forEach((value, index) => {
            sum[index]! += value;
          });
        }
        close(sum, expected, 1e-4, "the gradient");
      });
    });
  }

  for (const { file, given } of explained) {
    test(`${file}: relevance that is distributed sums to the output`, async () => {
      await eachSample(file, given, async (model, x) => {
        const result = await lrp(model, { composite: epsilonPlus(), bias: "distribute" })(x, { target: 0 });
        const total = result.relevance.reduce((sum, value) => sum + value, 0);
        const flow = Math.max(
          1,
          result.relevance.reduce((sum, value) => sum + Math.abs(value), 0),
        );
        assert.ok(Math.abs(total - result.output[0]!) < 1e-4 * flow, `${total} of ${result.output[0]!}, flow ${flow}`);
      });
    });
  }

  for (const extension of ["keras", "h5"]) {
    test(`custom.${extension}: a layer class that does not exist here is named`, async () => {
      await assert.rejects(loadModel(path(`custom.${extension}`)), {
        name: "UnknownLayerError",
        layerClass: "Swirl",
        layerName: "the_swirl",
      });
    });
  }
});
