import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  conceptRelevance,
  type DataPass,
  DataPassAbortedError,
  DataPassError,
  dataPass,
  LayerError,
  type LrpOptions,
  ParameterError,
  referenceSamples,
  release,
  topSamples,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";
import { loadDataPass, saveDataPass, storedDataPass } from "../../../src/kernel-helpers/concepts/data-pass-file.js";
import { DataFileError } from "../../../src/kernel-helpers/formats/errors.js";

const SIZE = 9;
const COUNT = 23;

function net(seed: number): tf.LayersModel {
  const init = (offset: number) => tf.initializers.glorotNormal({ seed: seed + offset });
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        name: "first",
        inputShape: [SIZE, SIZE, 2],
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        kernelInitializer: init(1),
      }),
      tf.layers.conv2d({ name: "second", filters: 5, kernelSize: 3, activation: "relu", kernelInitializer: init(2) }),
      tf.layers.flatten(),
      tf.layers.dense({ name: "hidden", units: 6, activation: "relu", kernelInitializer: init(3) }),
      tf.layers.dense({ name: "logits", units: 3, kernelInitializer: init(4) }),
    ],
  });
}

const pictures = (seed: number, count = COUNT) =>
  tf.tensor4d(seededRandom(seed).gaussians(count * SIZE * SIZE * 2), [count, SIZE, SIZE, 2]);

const sourceOf = (x: tf.Tensor4D) => ({
  count: x.shape[0],
  take: (start: number, count: number) => tf.slice(x, start, count),
});

const how = { composite: "epsilon-plus" } as const satisfies LrpOptions;
const layers = ["first", "second", "hidden"];

const close = (a: number, b: number, what: string) =>
  assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)), `${what}: ${a} is not ${b}`);

/** Numbers that passes have in common, whatever batches they were computed in. */
function same(a: DataPass, b: DataPass): void {
  assert.deepEqual([a.key, a.classes, a.classSizes, a.done], [b.key, b.classes, b.classSizes, b.done]);
  a.layers.forEach((layer, at) => {
    const other = b.layers[at]!;
    for (const by of ["byActivation", "byRelevance"] as const) {
      assert.deepEqual(layer[by].samples, other[by].samples);
      assert.deepEqual(layer[by].positions, other[by].positions);
      layer[by].values.forEach((value, entry) => void close(value, other[by].values[entry]!, by));
    }
    for (const name of ["mean", "largest", "active", "threshold", "relevance", "classMeans"] as const) {
      layer[name].forEach((value, entry) => void close(value, other[name][entry]!, `${layer.layer} ${name}`));
    }
  });
}

test("what a pass finds is what one computes of all activations and all relevance at once", async () => {
  const model = net(1);
  const x = pictures(1);
  const labels = Array.from({ length: COUNT }, (_, at) => [4, 7, 7][at % 3]!);
  const pass = await dataPass(model, { layers, top: 5, share: 0.03, ...how })({ ...sourceOf(x), labels });
  assert.deepEqual([pass.classes, pass.classSizes, pass.classesBy], [[4, 7], [8, 15], "label"]);
  for (const layer of pass.layers) {
    const { channels } = layer;
    const part = tf.model({ inputs: model.inputs, outputs: model.getLayer(layer.layer).output as tf.SymbolicTensor });
    const value = part.predict(x) as tf.Tensor;
    const values = tf.reshape(value, [COUNT, -1, channels]).arraySync() as number[][][];
    const places = values[0]!.length;
    assert.deepEqual(layer.map, value.rank === 4 ? value.shape.slice(1, 3) : []);
    const relevance = await conceptRelevance(model, { layer: layer.layer, ...how })(x);
    for (let channel = 0; channel < channels; channel++) {
      const own = values.map((rows) => rows.map((row) => row[channel]!));
      const all = own.flat();
      const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
      close(layer.mean[channel]!, mean(all), "mean");
      close(layer.largest[channel]!, Math.max(...all), "largest");
      close(layer.active[channel]!, all.filter((number) => number > 0).length / all.length, "active");
      // The quantile between two values in proportion, as NumPy has it.
      const sorted = all.toSorted((a, b) => a - b);
      const place = (1 - 0.03) * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
      close(layer.threshold[channel]!, low + (high - low) * (place - Math.floor(place)), "threshold");
      [4, 7].forEach((label, at) => {
        const some = own.filter((_, sample) => labels[sample] === label).flat();
        close(layer.classMeans[at * channels + channel]!, mean(some), `class ${label}`);
      });
      const relevances = Array.from({ length: COUNT }, (_, at) => relevance.relevance[at * channels + channel]!);
      close(layer.relevance[channel]!, mean(relevances), "relevance");
      const largest = own.map((row) => Math.max(...row));
      const best = largest.map((_, at) => at).sort((a, b) => largest[b]! - largest[a]! || a - b);
      const found = topSamples(layer, channel, "activation");
      assert.deepEqual(
        found.map(({ sample }) => sample),
        best.slice(0, 5),
      );
      for (const { sample, value: top, position } of found) {
        close(top, largest[sample]!, "value");
        assert.ok(position < places);
        close(own[sample]![position]!, largest[sample]!, "position");
      }
    }
    const references = await referenceSamples(model, { layer: layer.layer, count: 5, ...how })(sourceOf(x));
    for (const { channel, samples, positions } of references.channels) {
      const found = topSamples(layer, channel, "relevance");
      assert.deepEqual(
        found.map(({ sample }) => sample),
        samples,
      );
      assert.deepEqual(
        found.map(({ position }) => position),
        positions,
      );
    }
  }
});

test("batches change nothing, tensors end with the pass, and classes without labels are the model's", async () => {
  const model = net(2);
  const x = pictures(2);
  const options = { layers, top: 4, share: 0.1, ...how };
  const whole = await dataPass(model, options)(sourceOf(x));
  const before = tf.memory().numTensors;
  const small = await dataPass(model, { ...options, memoryBudget: 400_000 })(sourceOf(x));
  assert.equal(tf.memory().numTensors, before);
  same(small, whole);
  assert.equal(whole.classesBy, "prediction");
  const predicted = Array.from(tf.argMax(model.predict(x) as tf.Tensor2D, 1).dataSync());
  assert.deepEqual(
    whole.classes,
    [...new Set(predicted)].sort((a, b) => a - b),
  );
  // With little memory thresholds are those of some positions, and the pass says so.
  const less = await dataPass(model, { ...options, memoryBudget: 4000 })(sourceOf(x));
  assert.ok(less.parameters.every > 1);
  assert.deepEqual(less.layers[0]!.byActivation.samples, whole.layers[0]!.byActivation.samples);
});

test("a pass that was stopped is gone on with, and a whole one is used as it is", async () => {
  const model = net(3);
  const x = pictures(3);
  const folder = await mkdtemp(join(tmpdir(), "limpid-pass-"));
  const file = join(folder, "units.safetensors");
  const options = { layers, top: 4, share: 0.1, memoryBudget: 400_000, ...how };
  const whole = await dataPass(model, options)(sourceOf(x));
  const stop = new AbortController();
  const onProgress = ({ done }: { done: number }) => void (done >= 8 && stop.abort());
  const before = tf.memory().numTensors;
  const first = storedDataPass(file, model, sourceOf(x), { ...options, signal: stop.signal, onProgress });
  await assert.rejects(first, (error) => {
    assert.ok(error instanceof DataPassAbortedError);
    assert.ok(error.partial.done >= 8 && error.partial.done < COUNT, `${error.partial.done}`);
    return true;
  });
  assert.equal(tf.memory().numTensors, before);
  const part = await loadDataPass(file);
  let least = COUNT;
  const rest = await storedDataPass(file, model, sourceOf(x), {
    ...options,
    onProgress: ({ done }) => {
      least = Math.min(least, done);
    },
  });
  assert.equal(least, part.done);
  same(rest, whole);
  assert.equal(rest.layers[0]!.tail.length, 0);
  // Read again it is the same to the bit, and the model is not asked.
  const written = await readFile(file);
  const read = await storedDataPass(file, model, sourceOf(x), { ...options, onProgress: () => assert.fail() });
  assert.deepEqual(read, rest);
  assert.deepEqual(await readFile(file), written);
  await rm(folder, { recursive: true });
});

test("a stored pass of another model, other data or other settings is refused by name, and so is another file", async () => {
  const model = net(4);
  const x = pictures(4);
  const options = { layers, top: 3, ...how };
  const stored = await dataPass(model, options)(sourceOf(x));
  const refused = (part: DataPassError["part"]) => (error: unknown) => {
    assert.ok(error instanceof DataPassError, String(error));
    assert.equal(error.part, part);
    return true;
  };
  const other = net(5);
  await assert.rejects(dataPass(other, options)(sourceOf(x), { stored }), refused("model"));
  await assert.rejects(dataPass(model, options)(sourceOf(pictures(5)), { stored }), refused("data"));
  await assert.rejects(dataPass(model, options)(sourceOf(tf.slice(x, 0, 20)), { stored }), refused("data"));
  const labels = new Array(COUNT).fill(1);
  await assert.rejects(dataPass(model, options)({ ...sourceOf(x), labels }, { stored }), refused("data"));
  await assert.rejects(dataPass(model, { ...options, top: 4 })(sourceOf(x), { stored }), refused("settings"));
  const changed = dataPass(model, { ...options, composite: "epsilon-alpha2-beta1" })(sourceOf(x), { stored });
  await assert.rejects(changed, refused("settings"));
  await assert.rejects(dataPass(model, { ...options, target: 1 })(sourceOf(x), { stored }), refused("settings"));
  assert.equal(await dataPass(model, options)(sourceOf(x), { stored }), stored);
  // The same weights in another object are the same model; one that has learned on is another.
  const copy = net(4);
  assert.equal(await dataPass(copy, options)(sourceOf(x), { stored }), stored);
  copy.getLayer("second").setWeights(
    copy
      .getLayer("second")
      .getWeights()
      .map((weight) => tf.mul(weight, 1.001)),
  );
  await assert.rejects(dataPass(copy, options)(sourceOf(x), { stored }), refused("model"));
  await assert.rejects(dataPass(model, { ...how, layers: ["scond"] })(sourceOf(x)), LayerError);
  await assert.rejects(dataPass(model, { ...how, layers: [] })(sourceOf(x)), ParameterError);
  await assert.rejects(dataPass(model, how)({ ...sourceOf(x), labels: [1] }), /one for each of 23 samples/);
  const folder = await mkdtemp(join(tmpdir(), "limpid-pass-"));
  await writeFile(join(folder, "other.safetensors"), "no tensors at all");
  await assert.rejects(loadDataPass(join(folder, "other.safetensors")), DataFileError);
  await assert.rejects(loadDataPass(join(folder, "none.safetensors")), /cannot be read/);
  await assert.rejects(saveDataPass(join(folder, "units.json"), stored), /does not end in .safetensors/);
  await rm(folder, { recursive: true });
  for (const one of [model, other, copy]) release(one);
});

test("a function has weights, too: those that it closes over", async () => {
  const weights = tf.tensor2d(seededRandom(9).gaussians(12 * 3), [12, 3]);
  const x = tf.tensor2d(seededRandom(10).gaussians(6 * 12), [6, 12]);
  const source = { count: 6, take: (start: number, count: number) => tf.slice(x, start, count) };
  const model = (input: tf.Tensor) => tf.matMul(tf.relu(input) as tf.Tensor2D, weights);
  const name = (await import("../../../src/explainers/index.js")).record(model, x).graph.nodes.at(-1)!.name;
  const options = { layers: [name], composite: "epsilon" } as const;
  const stored = await dataPass(model, options)(source);
  assert.equal(await dataPass(model, options)(source, { stored }), stored);
  const other = (input: tf.Tensor) => tf.matMul(tf.relu(input) as tf.Tensor2D, tf.mul(weights, 2));
  await assert.rejects(dataPass(other, options)(source, { stored }), DataPassError);
});
