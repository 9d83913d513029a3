import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  gradientTimesInput,
  inputDependence,
  inputIndependence,
  MissingEvidenceError,
  type Model,
  modelContrast,
  sensitivity,
} from "../../../src/explainers/index.js";
import { saying } from "../../helpers/attributions.js";
import { linearModel } from "../../helpers/nets.js";
import { near } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

// Pictures of 4 × 5 positions and 2 channels; the thing is in the two upper rows.
const x = normals(1)(3, 4, 5, 2);
const inside = tf.tidy(() => tf.concat([tf.ones([3, 2, 5]), tf.zeros([3, 2, 5])], 1));
const upper = tf.tidy(() => tf.concat([tf.ones([2, 5, 2]), tf.zeros([2, 5, 2])]));
const lower = tf.tidy(() => tf.sub(1, upper));
const explain = (model: Model) => gradientTimesInput(model);

/** So large that the first output is the one that is explained. */
const BIAS = 100;

/** Mean over the thing of the positive contributions, channels added up. */
const meanInside = (contributions: tf.Tensor) =>
  tf.tidy(() => tf.slice(contributions, 0, [3, 2, 5, 2]).relu().sum([1, 2, 3]).div(10).dataSync());

test("model contrast is what a model that uses the thing attributes to it, less what another one does", async () => {
  const [w, v] = [normals(2)(4, 5, 2), normals(3)(4, 5, 2)];
  const first = linearModel(w, BIAS);
  const second = linearModel(v, BIAS);
  const attribution = await explain(first)(x);
  const contrast = modelContrast(first, { normalization: "none" });
  const { values } = await contrast({ x, attribution, explain, masks: inside, model: second });
  const [own, theirs] = [meanInside(tf.mul(x, w)), meanInside(tf.mul(x, v))];
  near(
    values,
    own.map((value, sample) => value - theirs[sample]!),
    1e-5,
  );
  // One that reads the thing alone against one that reads the rest alone: nothing is attributed outside of what is read.
  const reading = linearModel(tf.mul(w, upper), BIAS);
  const blind = linearModel(tf.mul(v, lower), BIAS);
  const full = await modelContrast(reading)({
    x,
    attribution: await explain(reading)(x),
    explain,
    masks: inside,
    model: blind,
  });
  assert.ok(full.values.every((value) => value > 0.1));
  const same = await modelContrast(first)({ x, attribution, explain, masks: inside, model: first });
  near(same.values, [0, 0, 0], 1e-7);
});

test("maps are moved to 0…1 with their greatest hundredth cut off", async () => {
  // A map of 0 … 19 by positions: its 99th percentile is 18.81, the mean of the upper ten values 0 … 9 over that.
  const map = tf.tensor(
    Array.from({ length: 20 }, (_, i) => i),
    [1, 4, 5, 1],
  );
  const net = linearModel(tf.zeros([4, 5, 1]), 0);
  const one = tf.zeros([1, 4, 5, 1]);
  const { values } = await modelContrast(net)({
    x: one,
    attribution: saying(map),
    explain,
    masks: tf.slice(inside, 0, 1),
    // Of a model that reads nothing every map is 0.
    model: net,
  });
  near(values, [4.5 / 18.81], 1e-6);
});

test("input dependence is 1 where what is covered had more relevance than what covers it", async () => {
  const w = normals(4)(4, 5, 2);
  const net = linearModel(w, BIAS);
  const without = tf.tidy(() => tf.add(tf.mul(x, lower), tf.mul(normals(5)(3, 4, 5, 2), upper)));
  const dependence = inputDependence(net, { without, normalization: "none" });
  const { values } = await dependence({ x, attribution: await explain(net)(x), explain, masks: inside });
  const [covering, covered] = [meanInside(tf.mul(x, w)), meanInside(tf.mul(without, w))];
  assert.deepEqual(
    Array.from(values),
    Array.from(covering, (value, i) => Number(value < covered[i]!)),
  );
  await assert.rejects(
    inputDependence(net, { without: tf.zeros([2, 4, 5, 2]) })({
      x,
      attribution: await explain(net)(x),
      explain,
      masks: inside,
    }),
    { name: "InputShapeError" },
  );
});

// Three outputs, each a weighted sum of 40 entries: there is much in a picture that none of them sees.
const weights = normals(6)(40, 3) as tf.Tensor2D;
const three = (input: tf.Tensor) => tf.matMul(tf.reshape(input, [-1, 40]) as tf.Tensor2D, weights);

test("a patch is found that changes the picture and not the outputs; explanations that ignore it are independent", async () => {
  const explainBy = (of: (model: Model) => ReturnType<typeof sensitivity>) => async () => {
    const attribution = await of(three)(x, { target: 0 });
    const rate = inputIndependence(three, { steps: 150, rate: 0.05, threshold: 0.01 });
    return rate({ x, attribution, explain: of, masks: inside });
  };
  // The gradient of a linear model is the same for all inputs, and the input times it is not.
  const independent = await leavesNoTensors(explainBy((model) => sensitivity(model)));
  assert.deepEqual(Array.from(independent.values), [1, 1, 1]);
  assert.ok(independent.changes.every((change) => change <= 0.05));
  assert.ok(independent.distances.every((distance) => distance > 0.3));
  const dependent = await explainBy(explain)();
  assert.deepEqual(dependent.changes, independent.changes);
  assert.deepEqual(Array.from(dependent.values), [0, 0, 0]);
});

test("where every change is seen there is no such patch, which is said and not scored", async () => {
  // As many outputs as entries.
  const seeing = (input: tf.Tensor) => tf.reshape(input, [-1, 40]);
  const attribution = await explain(seeing)(x, { target: 0 });
  const rate = inputIndependence(seeing, { steps: 5, reach: 1 });
  const { values, warnings } = await leavesNoTensors(() => rate({ x, attribution, explain, masks: inside }));
  assert.ok(values.every(Number.isNaN));
  assert.equal(warnings.length, 3);
  assert.match(warnings[0]!.message, /No patch was found/);
});

test("the patch stays in the mask and in the range of the input, and a search can be stopped", async () => {
  const low = tf.sigmoid(x);
  let seen: tf.Tensor | undefined;
  const spying = (model: Model) => {
    const inner = explain(model);
    return async (given: Parameters<typeof inner>[0], run?: Parameters<typeof inner>[1]) => {
      seen = tf.clone(given as tf.Tensor);
      return inner(given, run);
    };
  };
  const rate = inputIndependence(three, { steps: 60 }, { low: 0, high: 1 });
  const attribution = await explain(three)(low, { target: 0 });
  await rate({ x: low, attribution, explain: spying, masks: inside });
  const values = seen!.dataSync();
  assert.ok(values.every((value) => value >= 0 && value <= 1));
  const outside = tf.tidy(() => tf.max(tf.abs(tf.mul(tf.sub(seen!, low), lower))).dataSync()[0]!);
  assert.equal(outside, 0);
  const abort = new AbortController();
  const stopped = leavesNoTensors(() =>
    rate(
      { x: low, attribution, explain, masks: inside },
      { signal: abort.signal, onProgress: ({ done }) => done === 3 && abort.abort() },
    ),
  );
  await assert.rejects(stopped, { name: "AbortedError" });
});

test("what is missing is named", async () => {
  const net = linearModel(tf.ones([4, 5, 2]), 0);
  const attribution = await explain(net)(x);
  await assert.rejects(modelContrast(net)({ x, attribution, masks: inside, model: net }), MissingEvidenceError);
  await assert.rejects(modelContrast(net)({ x, attribution, masks: inside, explain }), /second/);
  await assert.rejects(inputIndependence(net)({ x, attribution, explain }), MissingEvidenceError);
});
