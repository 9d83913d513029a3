import assert from "node:assert/strict";
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { findClass, loadModel, loadWeights, tensorflow } from "../../../src/kernel-helpers/index.js";
import { readKerasGoldens, writeFiles } from "../../../tools/figures/keras-cases.js";
import { scratchFolder } from "../../helpers/scratch.js";
import { saveModel } from "./save.js";

const here = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const scratch = scratchFolder("models");

describe("models that cannot be loaded are refused by name", async () => {
  const tf = await tensorflow();

  /** A small layers model on disk, changed by `damage`. */
  async function saved(name: string, damage: (folder: string) => void): Promise<string> {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], name: "only" })] });
    const folder = join(scratch, name);
    await saveModel(net, folder);
    net.dispose();
    damage(folder);
    return folder;
  }
  const rejects = (location: string, name: string, message: RegExp) =>
    assert.rejects(loadModel(location), (error: Error) => {
      assert.equal(error.name, name);
      assert.match(error.message, message);
      return true;
    });

  test("no such name, no such path", async () => {
    await rejects("resnet", "ModelNotFoundError", /no model "resnet"; built in: efficientnet-lite0/);
    await rejects("/nowhere/model.json", "ModelNotFoundError", /\/nowhere\/model\.json/);
  });

  test("a file of another kind", async () => {
    await rejects(here("photos/chelsea.png"), "ModelFileError", /chelsea\.png.*model\.json.*not "\.png"/);
    const other = join(scratch, "other.json");
    writeFileSync(other, '{"hello": "world"}');
    await rejects(other, "ModelFileError", /other\.json is no TensorFlow\.js model/);
    writeFileSync(other, '{"hello": ');
    await rejects(other, "ModelFileError", /other\.json is not JSON/);
  });

  test("weights cut short, too long, missing", async () => {
    await rejects(
      await saved("short", (folder) => truncateSync(join(folder, "weights.bin"), 50)),
      "ModelFileError",
      /end after 50 bytes, inside "only\/bias" \[3\]/,
    );
    await rejects(
      await saved("long", (folder) => writeFileSync(join(folder, "weights.bin"), new Uint8Array(100))),
      "ModelFileError",
      /need 60 bytes, their files have 100/,
    );
    await rejects(
      await saved("gone", (folder) => rmSync(join(folder, "weights.bin"))),
      "ModelFileError",
      /weights\.bin/,
    );
  });

  test("a weight that is not a number", async () => {
    const folder = await saved("nan", (at) => {
      const weights = new Float32Array(15).fill(1);
      weights[13] = Number.NaN;
      writeFileSync(join(at, "weights.bin"), weights);
    });
    await rejects(folder, "ModelFileError", /"only\/bias" holds NaN at position 1/);
  });

  test("a layer class that TensorFlow.js does not have", async () => {
    const folder = await saved("custom", (at) => {
      const file = join(at, "model.json");
      writeFileSync(file, readFileSync(file, "utf8").replace('"Dense"', '"Swirl"'));
    });
    await rejects(folder, "UnknownLayerError", /layer "only" is a Swirl/);
  });

  test("damaged Keras files", async () => {
    const goldens = readKerasGoldens(3);
    for (const name of ["model.residual", "model.custom"]) {
      await writeFiles(scratch, goldens, goldens.cases.find((given) => given.name === name)!);
    }
    for (const extension of ["h5", "keras"]) {
      const file = join(scratch, `half.${extension}`);
      cpSync(join(scratch, `model.residual.${extension}`), file);
      truncateSync(file, 20_000);
      await rejects(file, "ModelFileError", /half\.\w+ is not a whole (HDF5 file|zip archive)/);
      writeFileSync(file, "not at all");
      await rejects(file, "ModelFileError", /half\.\w+ is not a whole (HDF5 file|zip archive)/);
    }
  });

  test("nothing of a failed load stays in memory", async () => {
    const before = tf.memory().numTensors;
    await assert.rejects(loadModel(join(scratch, "short")));
    await assert.rejects(loadModel(join(scratch, "model.custom.keras")));
    await assert.rejects(loadWeights(here("models/efficientnet-lite0/classes.json")));
    assert.equal(tf.memory().numTensors, before);
  });
});

describe("models from the web", async () => {
  const tf = await tensorflow();
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(scratch, "web", request.url!)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  test("a layers model by its address computes what the original computes", async () => {
    const net = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], activation: "softmax" })] });
    await saveModel(net, join(scratch, "web"));
    const model = await loadModel(`${url}/model.json`);
    assert.equal(model.output, "probabilities");
    const x = tf.tensor2d([1, -2, 3, -4], [1, 4]);
    assert.deepEqual(await model.predict(x).data(), await (net.predict(x) as typeof x).data());
    await assert.rejects(loadModel(`${url}/other.json`), { name: "ModelNotFoundError", message: /other\.json.*404/ });
  });
});

describe("findClass", () => {
  const names = ["tabby, tabby cat", "tiger cat", "crane", "crane", "Egyptian cat", "catamaran"];

  test("takes an index, a name, a synonym, a word", () => {
    assert.deepEqual(findClass("1", names, 6), { index: 1, name: "tiger cat" });
    assert.deepEqual(findClass("Tabby", names, 6), { index: 0, name: "tabby, tabby cat" });
    assert.deepEqual(findClass("tabby cat", names, 6), { index: 0, name: "tabby, tabby cat" });
    assert.deepEqual(findClass("egyptian", names, 6), { index: 4, name: "Egyptian cat" });
    assert.deepEqual(findClass(3, undefined, 6), { index: 3, name: "output 3" });
  });

  test("lists what a word may mean, and says what is out of range", () => {
    assert.throws(() => findClass("cat", names, 6), {
      name: "TargetNameError",
      message: '"cat" fits 3 classes: 0 (tabby, tabby cat), 1 (tiger cat), 4 (Egyptian cat)',
    });
    assert.throws(() => findClass("crane", names, 6), /fits 2 classes: 2 \(crane\), 3 \(crane\)/);
    assert.throws(() => findClass("tama", names, 6), /No class is called "tama"; did you mean 5 \(catamaran\)\?/);
    assert.throws(() => findClass("6", names, 6), { name: "TargetError", message: /6 is out of range.*0 to 5/ });
    assert.throws(() => findClass(-1, names, 6), { name: "TargetError" });
    assert.throws(() => findClass("cat", undefined, 6), /no class names/);
  });
});
