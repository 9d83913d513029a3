import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as tf from "@tensorflow/tfjs-core";
import { columnGroups } from "../../../src/comms/states/method-grid.js";
import {
  type LoadedImage,
  type LoadedModel,
  loadImage,
  loadModel,
  lrp,
  MethodGallery,
  methods,
  ParameterError,
  rise,
} from "../../../src/kernel-helpers/index.js";
import { type RelevanceMap, relevanceMap } from "../../../src/kernel-helpers/pictures/relevance-map.js";

let model: LoadedModel;
let photo: LoadedImage;
before(async () => {
  model = await loadModel("mnist-cnn");
  photo = await loadImage("coffee.png", model.input);
});
after(() => {
  photo.dispose();
  model.dispose();
});

const labels = (gallery: MethodGallery) => gallery.columns.map(({ label }) => label);

test("all methods that explain a picture by the network alone are there, each with its question, and all of them are done", async () => {
  const gallery = new MethodGallery(model, photo);
  const found = labels(gallery);
  const without = ["lrp-recurrent", "pattern-net", "pattern-attribution", "lime-table"];
  const expected = methods.filter(({ id }) => !without.includes(id));
  assert.equal(found.length, expected.length);
  for (const [column, { question }] of expected.entries()) assert.equal(gallery.columns[column]!.caption, question);
  await gallery.settled();
  assert.deepEqual(
    gallery.cells.flatMap(({ phase, error }, column) => (phase === "done" ? [] : [`${found[column]}: ${error}`])),
    [],
  );
  assert.deepEqual(
    columnGroups(gallery).map(({ name }) => name),
    ["Relevance propagation", "Gradients", "Perturbation"],
  );
  // Under their families in the file, too, each with its whole question.
  const svg = gallery.toSvg();
  const words = svg.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
  for (const { name } of columnGroups(gallery)) assert.ok(words.includes(name), name);
  for (const { caption } of gallery.columns) {
    for (const word of caption!.split(" ")) assert.ok(words.includes(word), word);
  }
  gallery.close();
});

test("a map is what its method gives with the parameters that stand at it: few samples, those of the call, or all defaults", async () => {
  const asked = ["lrp", "rise"] as const;
  const few = new MethodGallery(model, photo, { methods: asked });
  const own = new MethodGallery(model, photo, { methods: asked, parameters: { rise: { masks: 50 } } });
  const full = new MethodGallery(model, photo, { methods: asked, effort: "full", parameters: { rise: { masks: 40 } } });
  assert.deepEqual(
    [few, own, full].map(({ columns }) => columns[1]!.note),
    ["masks 120", "masks 50", "masks 40"],
  );
  assert.equal(new MethodGallery(model, photo, { methods: ["rise"], effort: "full" }).columns[0]!.note, "");
  await own.settled();
  for (const [column, result] of [
    await lrp(model)(photo.tensor, { target: "top1" }),
    await rise(model, { masks: 50 })(photo.tensor, { target: "top1" }),
  ].entries()) {
    const expected = relevanceMap(result, photo).values;
    const values = (own.cell(0, column).relevance as RelevanceMap).values;
    const scale = Math.max(...expected.map(Math.abs));
    assert.ok(values.every((value, i) => Math.abs(value - expected[i]!) <= 1e-4 * scale));
  }
  // A click opens the explorer on that method, with these parameters.
  own.open(1);
  assert.match(String(own.detail), /Explorer/);
  assert.equal((own.detail as unknown as { method: string }).method, "rise");
  for (const gallery of [few, own, full]) gallery.close();
});

test("headings go where a measure sorts", async () => {
  const gallery = new MethodGallery(model, photo, { methods: ["lrp", "sensitivity", "deep-taylor"] });
  assert.deepEqual(
    columnGroups(gallery).map(({ columns }) => columns),
    [[0], [1], [2]],
  );
  gallery.score([{ label: "mine", better: "higher", values: [[1, 2, 3]] }]);
  gallery.sort = "mine";
  assert.deepEqual(columnGroups(gallery), [{ name: "", columns: [2, 1, 0] }]);
  await gallery.settled();
  gallery.close();
});

test("a network without maps of positions has the others, nothing is left, and what does not exist is named", async () => {
  const flat = await loadModel((x: tf.Tensor) => tf.matMul(tf.reshape(x, [-1, 108]), tf.ones([108, 2])), {
    input: { shape: [6, 6, 3] },
  });
  const picture = tf.randomUniform([1, 6, 6, 3], 0, 1, "float32", 1);
  const counts: number[] = [];
  // What the galleries before held may go while the first one works.
  for (let round = 0; round < 3; round++) {
    const gallery = new MethodGallery(flat, picture, { effort: "full" });
    gallery.stop();
    assert.ok(!labels(gallery).includes("Grad-CAM") && labels(gallery).includes("Sensitivity"));
    await gallery.settled();
    gallery.close();
    counts.push(tf.memory().numTensors);
  }
  assert.equal(counts[2], counts[1]);
  picture.dispose();
  assert.throws(() => new MethodGallery(model, photo, { methods: ["lrpp" as never] }), /Did you mean "lrp"/);
  assert.throws(
    () => new MethodGallery(model, photo, { methods: ["lrp"], parameters: { lrp: { gama: 1 } } }),
    (error) => error instanceof ParameterError && error.parameter === "gama",
  );
  assert.throws(() => new MethodGallery(model, photo, { methods: [] }), /columns must be a list of at least one/);
});
