import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { GraphModel } from "@tensorflow/tfjs-converter";
import type { Tensor } from "@tensorflow/tfjs-core";
import sharp from "sharp";
import {
  atProbability,
  type Composite,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  lrp,
  type Target,
  uniform,
} from "../../../src/explainers/index.js";
import { type LoadedModel, loadImage, loadModel, startBackend, tensorflow } from "../../../src/kernel-helpers/index.js";
import type { TensorFunction } from "../../../src/kernel-helpers/models/index.js";
import { long } from "../../every.js";
import { ageGender, expressions, faceApiModels } from "./face-api.js";
import { emotions, ferInput, ferModel } from "./fer.js";

const require = createRequire(import.meta.url);

/** The face of Eileen Collins, smiling, from the photograph astronaut.png. */
async function face(): Promise<Uint8Array> {
  const photo = fileURLToPath(new URL("../../../../photos/astronaut.png", import.meta.url));
  return sharp(photo).extract({ left: 165, top: 60, width: 130, height: 130 }).png().toBuffer();
}

const argMax = (values: ArrayLike<number>) => Array.from(values).indexOf(Math.max(...Array.from(values)));
const flowOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + Math.abs(value), 0);
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, index) => Math.abs(value - b[index]!)));

describe("third-party networks", async () => {
  const tf = await tensorflow();
  const { native } = await startBackend();

  test("fer's mini-Xception, a Keras 2 file: Keras' own output, and a smile is happy", async () => {
    const model = await loadModel(await ferModel(), { input: ferInput, classNames: emotions });
    assert.deepEqual(model.input.shape, [64, 64, 1]);
    assert.equal(model.output, "probabilities");
    const wave = tf.tidy(() => {
      const values = Array.from({ length: 64 * 64 }, (_, index) => {
        const [i, j] = [Math.floor(index / 64), index % 64];
        return Math.sin(0.3 * i + 0.17 * j + 0.01 * i * j);
      });
      return model.predict(tf.tensor4d(values, [1, 64, 64, 1])).dataSync();
    });
    // Keras 3.12 on NumPy.
    const keras = [
      0.009692766703665257, 2.8157251530380734e-10, 0.050104644149541855, 0.7132760882377625, 0.22393257915973663,
      0.002750005340203643, 0.00024392605700995773,
    ];
    assert.ok(largestDifference(wave, keras) < 1e-5, `${wave}`);

    const photo = await loadImage(await face(), model.input);
    const smile = tf.tidy(() => model.predict(photo.tensor).dataSync());
    assert.equal(emotions[argMax(smile)], "happy");
    photo.dispose();
    model.dispose();
  });

  test("face-api's nets, quantized weights without a topology: the package's own output, and a smile is happy", async () => {
    const before = tf.memory().numTensors;
    const faceApi = require(native ? "@vladmandic/face-api" : "@vladmandic/face-api/dist/face-api.node-wasm.js");
    const photo = await loadImage(await face(), { shape: [112, 112, 3], mean: 0, scale: 1, crop: 1 });

    await faceApi.nets.ageGenderNet.loadFromDisk(faceApiModels);
    await faceApi.nets.faceExpressionNet.loadFromDisk(faceApiModels);
    const peer = await faceApi.nets.ageGenderNet.forward(photo.tensor);
    const peerExpressions: Tensor = await faceApi.nets.faceExpressionNet.forward(photo.tensor);

    const results: { [output: string]: ArrayLike<number> } = {};
    let names: readonly string[] = [];
    for (const [output, load] of Object.entries({
      age: () => ageGender("age"),
      gender: () => ageGender("gender"),
      expression: expressions,
    })) {
      const model = await load();
      assert.deepEqual(
        model.input.high,
        [255 - 122.782, 255 - 117.001, 255 - 104.298].map((value) => value / 255),
      );
      const x = await loadImage(await face(), model.input);
      results[output] = tf.tidy(() => {
        const y = model.predict(x.tensor);
        return (output === "age" ? y : y.softmax()).dataSync();
      });
      names = model.classNames ?? names;
      x.dispose();
      model.dispose();
    }
    assert.ok(largestDifference(results["age"]!, peer.age.dataSync()) < 1e-3, `age ${results["age"]}`);
    assert.ok(largestDifference(results["gender"]!, peer.gender.dataSync()) < 1e-4);
    assert.ok(largestDifference(results["expression"]!, peerExpressions.dataSync()) < 1e-4);
    assert.equal(names[argMax(results["expression"]!)], "happy");

    tf.dispose([peer.age, peer.gender, peerExpressions]);
    faceApi.nets.ageGenderNet.dispose();
    faceApi.nets.faceExpressionNet.dispose();
    photo.dispose();
    assert.equal(tf.memory().numTensors, before);
  });

  const basicPitch = fileURLToPath(
    new URL("model/model.json", import.meta.resolve("@spotify/basic-pitch/package.json")),
  );

  /** A window of basic-pitch's audio, `[1, 43844, 1]` at 22,050 Hz: a tone of each frequency, one after another. */
  const tones = (...frequencies: number[]): Tensor =>
    tf.tidy(() => {
      const time = tf.range(0, 43844);
      const part = tf.floor(tf.mul(time, frequencies.length / 43844));
      const frequency = tf.gather(tf.tensor1d(frequencies), tf.cast(part, "int32"));
      const wave = tf.sin(tf.mul(tf.mul(time, frequency), (2 * Math.PI) / 22050));
      return tf.reshape(tf.mul(wave, 0.5), [-1, 43844, 1]);
    });

  test("basic-pitch, a graph model with fused convolutions: 440 Hz is A4, 261.6 Hz is C4", async () => {
    // Of its three outputs, "Identity_1" says which of 88 piano keys sound, frame by frame.
    const model = await loadModel(basicPitch, { select: "Identity_1" });
    assert.equal(model.name, "basic-pitch");
    assert.deepEqual(model.input.shape, [43844, 1]);
    assert.equal(model.output, "probabilities");
    for (const [frequency, key] of [
      [440, 48],
      [261.63, 39],
    ] as const) {
      const loudest = tf.tidy(() => {
        const keys = model.predict(tones(frequency));
        assert.deepEqual(keys.shape, [1, 172, 88]);
        return keys.mean(1).argMax(-1).dataSync()[0];
      });
      assert.equal(loudest, key);
    }
    model.dispose();
  });

  /** Explains `x` by each composite with distributed biases, and compares what goes into and out of every layer. */
  async function conserves(
    model: LoadedModel | GraphModel | TensorFunction,
    x: Tensor,
    composites: Composite[],
    target: Target = "top1",
  ) {
    for (const composite of composites) {
      const result = await lrp(model, { composite, bias: "distribute" })(x, { target, keepLayers: true });
      assert.ok(result.layers.filter(({ rule }) => rule !== undefined).length >= 4);
      let most = 0;
      for (const layer of result.layers) {
        const flow = flowOf(layer.relevance());
        most = Math.max(most, flow);
        if (layer.kind === "input") continue;
        const loss = Math.abs(layer.passedOn - layer.sum);
        assert.ok(loss <= 1e-4 * flow, `${composite.name}, layer ${layer.name}: ${loss} of ${flow} is lost`);
      }
      const output = result.output.reduce((sum, value) => sum + value, 0);
      assert.ok(Math.abs(result.relevanceSum - output) <= 1e-4 * most, `${composite.name}: ${result.relevanceSum}`);
      result.dispose();
    }
  }

  for (const [name, load] of Object.entries({
    fer: async () => loadModel(await ferModel(), { input: ferInput }),
    "face-api's age": () => ageGender("age"),
    "face-api's gender": () => ageGender("gender"),
    "face-api's expression": expressions,
  })) {
    test(`LRP conserves relevance at every layer of ${name} net`, async () => {
      const model = await load();
      const photo = await loadImage(await face(), model.input);
      const box = epsilonGammaBox({ low: model.input.low, high: model.input.high });
      await conserves(model, photo.tensor, [epsilonPlus(), epsilonPlusFlat(), epsilonAlpha2Beta1(), box]);
      photo.dispose();
      model.dispose();
    });
  }

  /** The probabilities of the piano's A4 in all frames. */
  const a4: Target = (keys) => tf.tidy(() => tf.mul(keys, tf.oneHot(tf.scalar(48, "int32"), 88)));

  /** ε must be of the size of what sounds: where a tone cancels in a filter, a small one amplifies rounding. */
  const soundingEpsilon = uniform(epsilon({ epsilon: 0.01 }));

  test(
    "LRP conserves relevance at every layer of basic-pitch, from a key to the samples of the sound",
    long,
    async () => {
      const model = await loadModel(basicPitch, { select: "Identity_1" });
      const x = tones(440);
      const box = epsilonGammaBox({ low: -1, high: 1 });
      await conserves(model, x, [epsilonPlus(), epsilonPlusFlat(), epsilonAlpha2Beta1(), box, soundingEpsilon], a4);
      const { layers } = await lrp(model, { composite: epsilonPlus() })(x, { target: a4 });
      // The whole front end is passed: filters, magnitudes, decibels, their normalization.
      const passed = [
        "cq_t2010v2_1/Sqrt_1",
        "normalized_log_1/Log",
        "normalized_log_1/sub",
        "normalized_log_1/div_no_nan",
      ];
      for (const name of passed) assert.ok(layers.some((layer) => layer.name.endsWith(name)));
      x.dispose();
      model.dispose();
    },
  );

  test("the books of basic-pitch balance where biases absorb, and two sounds are explained as one by one", async () => {
    const model = await loadModel(basicPitch, { select: "Identity_1" });
    const sounds = [tones(440), tones(440, 261.63)];
    const both = tf.concat(sounds);
    // WebAssembly adds up a hundred thousand numbers one by one.
    const rounding = native ? 1e-4 : 1e-3;
    for (const composite of [epsilonPlus(), soundingEpsilon]) {
      const explain = lrp(model, { composite });
      const result = await explain(both, { target: a4, keepLayers: true });
      for (const layer of result.layers) {
        if (layer.kind === "input") continue;
        const flow = flowOf(layer.relevance());
        assert.equal(layer.samples.length, 2);
        for (const balance of [layer, ...layer.samples]) {
          const off = balance.sum - balance.passedOn - balance.absorbedByBias - balance.absorbedByEmpty;
          assert.ok(
            Math.abs(off) <= rounding * flow,
            `${composite.name}, layer ${layer.name}: ${off} of ${flow} is unaccounted for`,
          );
        }
      }
      result.dispose();
      for (const [sample, sound] of sounds.entries()) {
        const alone = await explain(sound, { target: a4 });
        assert.ok(Math.abs(alone.output[0]! - result.output[sample]!) < 1e-3);
        const together = result.relevance.subarray(sample * 43844, (sample + 1) * 43844);
        const scale = Math.max(...Array.from(alone.relevance, Math.abs));
        const off = largestDifference(alone.relevance, together) / scale;
        // An ε of 0.01 divides by numbers near 0: last bits, in which batches of other sizes differ on plain kernels, grow.
        assert.ok(
          off < (composite === soundingEpsilon ? 1e-2 : rounding),
          `${composite.name}, sound ${sample}: ${off} of the largest`,
        );
      }
    }
    tf.dispose([both, ...sounds]);
    model.dispose();
  });

  test("basic-pitch hears A4 where it sounds: in its half of the samples, at 440 Hz in the spectrogram", async () => {
    const model = await loadModel(basicPitch, { select: "Identity_1" });
    const x = tones(440, 261.63);
    // Frames count by how likely the tone sounds in them.
    const likely = atProbability(model);
    const result = await lrp(likely, { composite: epsilonPlus() })(x, { target: a4, keepLayers: true });
    assert.ok(flowOf(result.relevance.subarray(0, 43844 / 2)) > 0.9 * flowOf(result.relevance));
    const logarithm = result.layers.find(({ name }) => name.endsWith("normalized_log_1/Log"))!;
    const [, frames, bins] = logarithm.shape as [number, number, number];
    const byBin = new Float64Array(bins);
    logarithm.relevance().forEach((value, index) => {
      byBin[index % bins]! += value;
    });
    assert.equal(frames, 172);
    // Three bins to a semitone, from A0.
    assert.equal(argMax(byBin), 36 * Math.log2(440 / 27.5));
    result.dispose();
    x.dispose();
    model.dispose();
  });
});
