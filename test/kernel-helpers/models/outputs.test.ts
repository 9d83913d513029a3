import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-core";
import { findClass, loadModel, tensorflow } from "../../../src/kernel-helpers/index.js";
import { saveModel } from "./save.js";

const scratch = mkdtempSync(join(tmpdir(), "limpid-outputs-"));
after(() => rmSync(scratch, { recursive: true }));

describe("what an output is", async () => {
  const tf = await tensorflow();
  const dense = (units: number, activation?: "softmax" | "sigmoid" | "relu") =>
    tf.layers.dense({ units, ...(activation && { activation }), inputShape: [3] });

  test("is read from what the net computes, however deep its softmax or sigmoid stands", async () => {
    const inner = tf.sequential({ layers: [dense(2, "softmax")] });
    const steps = tf.layers.timeDistributed({
      layer: tf.layers.dense({ units: 2, activation: "sigmoid" }),
      inputShape: [4, 3],
    });
    const nets = {
      nested: [tf.sequential({ layers: [inner] }), "probabilities"],
      twice: [
        tf.sequential({ layers: [tf.sequential({ layers: [tf.sequential({ layers: [dense(2, "sigmoid")] })] })] }),
        "probabilities",
      ],
      steps: [tf.sequential({ layers: [steps] }), "probabilities"],
      open: [
        tf.sequential({
          layers: [tf.layers.dense({ units: 2, activation: "softmax", inputShape: [null as never, 3] })],
        }),
        "probabilities",
      ],
      layer: [tf.sequential({ layers: [dense(2), tf.layers.softmax()] }), "probabilities"],
      logits: [tf.sequential({ layers: [dense(2, "softmax"), tf.layers.dense({ units: 2 })] }), "logits"],
    } as const;
    for (const [name, [net, expected]] of Object.entries(nets)) {
      await saveModel(net, join(scratch, name));
      const before = tf.memory().numTensors;
      const model = await loadModel(join(scratch, name));
      assert.equal(model.output, expected, name);
      model.dispose();
      assert.equal(tf.memory().numTensors, before, name);
    }
    const shaped = await loadModel((x: Tensor) => tf.softmax(x), { input: { shape: [3] } });
    assert.equal(shaped.output, "probabilities");
  });

  test("classes are named by files that exporters write beside a model", async () => {
    const picture = (units: number) =>
      tf.sequential({
        layers: [tf.layers.flatten({ inputShape: [4, 4, 3] }), tf.layers.dense({ units, activation: "softmax" })],
      });
    const folder = join(scratch, "teachable");
    await saveModel(picture(2), folder);
    const metadata = { packageName: "@teachablemachine/image", labels: ["cup", "hand"], imageSize: 4 };
    await writeFile(join(folder, "metadata.json"), JSON.stringify(metadata));
    const teachable = await loadModel(folder);
    assert.deepEqual(teachable.classNames, ["cup", "hand"]);
    assert.deepEqual([teachable.input.low, teachable.input.high], [-1, 1]);
    teachable.dispose();

    await writeFile(join(folder, "metadata.json"), JSON.stringify({ ...metadata, labels: ["a", "b", "c"] }));
    await writeFile(join(folder, "config.json"), JSON.stringify({ id2label: { "0": "cat", "1": "dog" } }));
    const face = await loadModel(folder);
    assert.deepEqual(face.classNames, ["cat", "dog"]);
    face.dispose();
    const stated = await loadModel(folder, { classNames: ["x", "y"] });
    assert.deepEqual(stated.classNames, ["x", "y"]);
    stated.dispose();
  });

  test("one output with two names is both classes", () => {
    assert.deepEqual(findClass("dog", ["cat", "dog"], 1), { index: 1, name: "dog", target: 0 });
    assert.deepEqual(findClass("cat", ["cat", "dog"], 1), { index: 0, name: "cat", target: { not: 0 } });
    assert.throws(() => findClass("2", ["cat", "dog"], 1), { name: "TargetError" });
  });
});
