import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ModelError, ParameterError } from "../../../src/explainers/errors.js";
import {
  AbortedError,
  type Attribution,
  type Explain,
  gradientTimesInput,
  LayerError,
  MissingEvidenceError,
  type Model,
  parameterRandomization,
  type RandomizationScore,
  randomizedModel,
  release,
  sensitivity,
} from "../../../src/explainers/index.js";
import { pearson, spearman } from "../../../src/explainers/numerics/correlation.js";
import { hog } from "../../../src/explainers/numerics/hog.js";
import { structuralSimilarity } from "../../../src/explainers/numerics/ssim.js";
import { convolutionalNet } from "../../helpers/nets.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";
import { graphNet } from "./graph-net.js";

const signed = (model: Model): Explain => sensitivity(model, { kind: "signed" });

async function evidenceOf(
  net: tf.LayersModel | tf.GraphModel,
  x: tf.Tensor,
  explain: (model: Model) => Explain = signed,
) {
  return { x, attribution: await explain(net)(x), explain };
}

/** The maps of one state, summed over channels, by definition. */
function summedMaps({ relevance, shape }: Attribution, absolute: boolean): number[][] {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return Array.from({ length: batch }, (_, sample) =>
    Array.from({ length: height * width }, (_, place) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        const value = relevance[(sample * height * width + place) * channels + c]!;
        sum += absolute ? Math.abs(value) : value;
      }
      return sum;
    }),
  );
}

const near = (actual: number, expected: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);

describe("states", () => {
  test("each state's similarities are those of explanations of a model with these random weights", async () => {
    const net = convolutionalNet("softmax", 12);
    const x = normals(5)(3, 12, 12, 2);
    const evidence = await evidenceOf(net, x);
    for (const order of ["cascading", "bottom-up", "independent"] as const) {
      const score = await parameterRandomization(net, { order, seed: 3 })(evidence);
      const random = randomizedModel(net, { seed: 3 });
      const names = order === "bottom-up" ? random.layers : random.layers.toReversed();
      assert.deepEqual(
        score.steps.map(({ layer }) => layer),
        [null, ...names],
      );
      const own = [false, true].map((absolute) => summedMaps(evidence.attribution, absolute));
      for (const [index, layer] of names.entries()) {
        if (order === "independent") random.restore();
        random.randomize(layer);
        const found = await signed(random.model)(x, { target: evidence.attribution.target as number[] });
        const step = score.steps[index + 1]!;
        assert.deepEqual([...step.map!.shape], [3, 12, 12]);
        for (const absolute of [false, true]) {
          const maps = summedMaps(found, absolute);
          const { spearman: ranked, ssim, hog: gradients } = step.similarities[absolute ? "absolute" : "signed"];
          maps.forEach((map, sample) => {
            const before = own[Number(absolute)]![sample]!;
            const scaled = (values: number[]) => {
              const most = Math.max(...values.map(Math.abs));
              return values.map((value) => value / most);
            };
            near(ranked![sample]!, spearman(before, map));
            near(ssim![sample]!, structuralSimilarity(scaled(before), scaled(map), [12, 12]), 1e-4);
            const features = [before, map].map((values) => hog(scaled(values), [12, 12], { cell: 4 }));
            near(gradients![sample]!, pearson(features[0]!, features[1]!), 1e-4);
            if (!absolute) {
              step.map!.relevance.subarray(sample * 144, (sample + 1) * 144).forEach((value, place) => {
                near(value, map[place]!, 1e-5);
              });
            }
          });
        }
      }
      random.dispose();
      // The value is the mean over states, the original's left out; curves show every state.
      score.values.forEach((value, sample) => {
        const states = score.steps.slice(1).map(({ similarities }) => similarities.signed.spearman![sample]!);
        near(value, states.reduce((sum, one) => sum + one, 0) / states.length, 1e-9);
        const curve = score.curves!.find((one) => one.sample === sample)!;
        near(curve.y[0]!, 1);
        assert.deepEqual([...curve.y.slice(1)], states);
      });
    }
    net.dispose();
    x.dispose();
  });

  test("options choose similarity, sign, summary and layers", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(6)(2, 12, 12, 2);
    const evidence = await evidenceOf(net, x);
    const all = await parameterRandomization(net)(evidence);
    const layers = all.steps.map(({ layer }) => layer).filter((layer) => layer !== null);
    const last = await parameterRandomization(net, { similarity: "ssim", absolute: true, summary: "last" })(evidence);
    assert.deepEqual([...last.values], [...all.steps.at(-1)!.similarities.absolute.ssim!]);
    const one = await parameterRandomization(net, { layers: [layers[0]!], similarities: ["hog"], keepMaps: false })(
      evidence,
    );
    assert.equal(one.steps.length, 2);
    assert.equal(one.steps[1]!.map, undefined);
    assert.deepEqual(Object.keys(one.steps[1]!.similarities.signed).sort(), ["hog", "spearman"]);
    assert.deepEqual([...one.values], [...all.steps[1]!.similarities.signed.spearman!]);
    const reseeded = await parameterRandomization(net)(evidence, { seed: 9 });
    assert.notDeepEqual([...reseeded.values], [...all.values]);
    assert.deepEqual([...(await parameterRandomization(net, { seed: 9 })(evidence)).values], [...reseeded.values]);
    net.dispose();
    x.dispose();
  });

  test("a sample's numbers do not depend on the others", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(7)(3, 12, 12, 2);
    const together = await parameterRandomization(net)(await evidenceOf(net, x));
    const second = tf.slice(x, 1, 1);
    const alone = await parameterRandomization(net)(await evidenceOf(net, second));
    near(alone.values[0]!, together.values[1]!, 1e-5);
    tf.dispose([x, second]);
    net.dispose();
  });

  test("graph models are randomized, too, and nothing is left behind or changed", async () => {
    const net = await graphNet();
    const x = normals(8)(2, 8, 8, 2);
    const before = tf.tidy(() => (net.predict(x) as tf.Tensor).dataSync());
    const evidence = await evidenceOf(net, x);
    release(net);
    const score = await leavesNoTensors(() => parameterRandomization(net)(evidence));
    assert.deepEqual(
      score.steps.map(({ layer }) => layer),
      [null, "dense", "conv2", "conv1"],
    );
    assert.ok(score.values.every((value) => Math.abs(value) < 0.9));
    assert.deepEqual(
      tf.tidy(() => (net.predict(x) as tf.Tensor).dataSync()),
      before,
    );
    net.dispose();
    x.dispose();
  });
});

describe("what it finds", () => {
  test("an explanation that ignores the model keeps similarity 1, one of the weights does not", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(9)(4, 12, 12, 2);
    const edges =
      (): Explain =>
      async (input, options): Promise<Attribution> => {
        const found = await gradientTimesInput(net)(input, options);
        const relevance = tf.tidy(() => (input as tf.Tensor).dataSync<"float32">());
        return { ...found, relevance, inputs: [{ relevance, shape: found.shape }] };
      };
    const blind = await parameterRandomization(net)(await evidenceOf(net, x, edges));
    for (const { similarities } of blind.steps) {
      for (const kind of ["signed", "absolute"] as const) {
        for (const values of Object.values(similarities[kind])) for (const value of values) near(value, 1, 1e-9);
      }
    }
    const sensitive = await parameterRandomization(net)(await evidenceOf(net, x));
    for (const value of sensitive.values) assert.ok(value < 0.6, String(value));
    net.dispose();
    x.dispose();
  });
});

describe("what has no number", () => {
  test("is named: a constant map, an explainer that is another one, states that explain nothing", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(10)(2, 12, 12, 2);
    const evidence = await evidenceOf(net, x);
    const relevance = evidence.attribution.relevance.slice();
    relevance.fill(0, 0, 288);
    const attribution = {
      ...evidence.attribution,
      relevance,
      inputs: [{ relevance, shape: evidence.attribution.shape }],
    };
    const constant = await parameterRandomization(net)({ ...evidence, attribution });
    assert.ok(Number.isNaN(constant.values[0]));
    assert.ok(Number.isFinite(constant.values[1]));
    assert.deepEqual(
      constant.warnings.map(({ kind, sample }) => [kind, sample]),
      [["constant", 0]],
    );
    const other = await parameterRandomization(net)({ ...evidence, explain: (model) => gradientTimesInput(model) });
    assert.deepEqual(
      other.warnings.map(({ kind }) => kind),
      ["meaningless", "meaningless"],
    );
    let calls = 0;
    const dying =
      (model: Model): Explain =>
      async (input, options) => {
        const found = await signed(model)(input, options);
        if (++calls !== 3) return found;
        const zeros = new Float32Array(found.relevance.length);
        return { ...found, relevance: zeros, inputs: [{ relevance: zeros, shape: found.shape }] };
      };
    const dead: RandomizationScore = await parameterRandomization(net, { memoryBudget: 1 })({
      ...evidence,
      explain: dying,
    });
    assert.ok(dead.values.every(Number.isFinite));
    assert.match(dead.warnings[0]!.message, new RegExp(dead.steps[2]!.layer!));
    assert.equal(dead.warnings[0]!.kind, "undefined");
    net.dispose();
    x.dispose();
  });

  test("is refused: no explainer, no weights, no such layer, no gradients of a table", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(11)(1, 12, 12, 2);
    const evidence = await evidenceOf(net, x);
    const check = parameterRandomization(net);
    await assert.rejects(check({ x, attribution: evidence.attribution }), MissingEvidenceError);
    await assert.rejects(
      parameterRandomization((input: tf.Tensor) => net.apply(input) as tf.Tensor)(evidence),
      ModelError,
    );
    await assert.rejects(parameterRandomization(net, { layers: ["nowhere"] })(evidence), LayerError);
    const table = tf.sequential({ layers: [tf.layers.dense({ inputShape: [5], units: 2 })] });
    const rows = normals(12)(2, 5);
    const ofTable = await evidenceOf(table, rows);
    await assert.rejects(parameterRandomization(table, { similarity: "hog" })(ofTable), ParameterError);
    const score = await parameterRandomization(table)(ofTable);
    assert.deepEqual(Object.keys(score.steps[0]!.similarities.signed), ["spearman"]);
    const target = (output: tf.Tensor) => tf.onesLike(output);
    const unsaid = { ...evidence, attribution: await signed(net)(x, { target }) };
    await assert.rejects(check(unsaid), /give the same as target/);
    assert.ok(Number.isFinite((await check({ ...unsaid, target })).values[0]));
    tf.dispose([x, rows]);
    table.dispose();
    net.dispose();
  });

  test("an abort ends it and frees the copy", async () => {
    const net = convolutionalNet("linear", 12);
    const x = normals(13)(2, 12, 12, 2);
    const evidence = await evidenceOf(net, x);
    release(net);
    await leavesNoTensors(async () => {
      const controller = new AbortController();
      const seen: number[] = [];
      await assert.rejects(
        parameterRandomization(net)(evidence, {
          signal: controller.signal,
          onProgress: ({ done, total }) => {
            seen.push(done);
            assert.equal(total, 4);
            if (done === 2) controller.abort();
          },
        }),
        AbortedError,
      );
      assert.deepEqual(seen, [1, 2]);
    });
    net.dispose();
    x.dispose();
  });
});
