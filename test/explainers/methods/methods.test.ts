import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  AbortedError,
  composites,
  deepLift,
  epsilonPlus,
  findComposite,
  findMethod,
  gradCam,
  lrp,
  type Method,
  methods,
  NonFiniteError,
  occlusion,
  ParameterError,
  parseValue,
  record,
  release,
  sensitivity,
  simpleTaylor,
  TargetError,
} from "../../../src/explainers/index.js";
import { convolutionalNet } from "../../helpers/nets.js";
import { close } from "../../helpers/numbers.js";
import { leavesNoTensors, normals } from "../../helpers/tensors.js";

const images = tf.tidy(() => normals(21)(3, 8, 8, 2).clipByValue(-2, 2));
const words = normals(22)(3, 5, 4);
const rows = normals(23)(3, 6);
const training = normals(24)(40, 6);
const bounds = { low: -2, high: 2 };

const image = convolutionalNet();
const sequence = tf.sequential({
  layers: [tf.layers.lstm({ inputShape: [5, 4], units: 6 }), tf.layers.dense({ units: 3 })],
});
const table = tf.sequential({
  layers: [tf.layers.dense({ inputShape: [6], units: 8, activation: "relu" }), tf.layers.dense({ units: 3 })],
});

/** Parameters that make slow methods quick on eight by eight pixels. */
const quick: Record<string, Record<string, unknown>> = {
  "integrated-gradients": { steps: 9, baseline: "blurred" },
  "expected-gradients": { samples: 9, background: "noise" },
  smoothgrad: { samples: 7 },
  squaregrad: { samples: 7 },
  vargrad: { samples: 7 },
  "deeplift-shap": { count: 3 },
  "layer-conductance": { steps: 9 },
  "feature-ablation": { features: "grid", cells: 3 },
  "prediction-difference": { samples: 4 },
  "meaningful-perturbation": { iterations: 6 },
  lime: { samples: 60, segments: 6 },
  "lime-table": { samples: 200, training },
  "kernel-shap": { samples: 60, segments: 6, baseline: "mean" },
  rise: { masks: 60, cells: 3 },
};

function settingOf({ id, inputs }: Method) {
  if (inputs.includes("image")) return { model: image, x: images as tf.Tensor };
  return inputs[0] === "sequence" && id === "lrp-recurrent" ? { model: sequence, x: words } : { model: table, x: rows };
}

/** The reference of a run that finds a root is a line search, which need not succeed on a random net. */
const parametersOf = ({ id }: Method) => quick[id] ?? (id === "simple-taylor" ? { root: "gray" } : {});

for (const method of methods) {
  test(`${method.id}: finite numbers in its shape; a batch is its samples; no tensor stays, also where it fails`, async () => {
    const { model, x } = settingOf(method);
    const explain = method(model, parametersOf(method), bounds);
    // What is cached for a model stays with it.
    record(model, x).dispose();
    const one = await leavesCached(() => explain(x, { target: [2, 0, 1] }), explain, x);
    const entries = x.shape.slice(1);
    if (method.result === "entries") assert.deepEqual(one.shape, x.shape);
    if (method.result === "positions") assert.deepEqual(one.shape, [3, ...entries.slice(0, -1), 1]);
    if (method.result === "units") assert.equal(one.shape[0], 3);
    assert.equal(
      one.relevance.length,
      one.shape.reduce((a, b) => a * b, 1),
    );
    assert.ok(one.relevance.every(Number.isFinite) && one.relevance.some((value) => value !== 0));
    if (!method.signed) assert.ok(one.relevance.every((value) => value >= -1e-6));
    const size = one.relevance.length / 3;
    for (const [sample, target] of [2, 0, 1].entries()) {
      const alone = await explain(tf.slice(x, sample, 1), { target });
      close(alone.relevance, one.relevance.slice(sample * size, (sample + 1) * size), 2e-4, `sample ${sample}`);
      assert.ok(Math.abs(alone.output[0]! - one.output[sample]!) < 1e-4);
      assert.equal(one.target[sample], target);
    }

    await leavesNoTensors(() => assert.rejects(explain(x, { target: 3 }), TargetError));
    const controller = new AbortController();
    let steps = 0;
    const stopped = leavesNoTensors(() =>
      explain(x, {
        target: 0,
        signal: controller.signal,
        onProgress({ done, total }) {
          steps++;
          assert.ok(done <= total);
          controller.abort();
        },
      }),
    );
    const outcome = await stopped.then(
      () => undefined,
      (error: unknown) => error,
    );
    // Where a run has several steps, it stops after the first.
    if (outcome !== undefined) assert.ok(outcome instanceof AbortedError && steps === 1, String(outcome));
    for (const name of Object.keys(method.parameters)) {
      await assert.rejects(
        async () => method(model, { ...parametersOf(method), [name]: Number.NaN }, bounds),
        (error: unknown) => error instanceof ParameterError && error.parameter === name && Number.isNaN(error.value),
      );
    }
  });
}

/** Runs once for what is cached with the model, then again, which must leave nothing. */
async function leavesCached<T>(
  run: () => Promise<T>,
  explain: (x: tf.Tensor) => Promise<unknown>,
  x: tf.Tensor,
): Promise<T> {
  await explain(x);
  return leavesNoTensors(run);
}

/** The same method with and without the registry. */
const direct = (model: tf.LayersModel) => [
  lrp(model, { composite: epsilonPlus() }),
  sensitivity(model),
  gradCam(model),
  deepLift(model),
  simpleTaylor(model, { root: 0 }),
  occlusion(model, { window: 4 }),
];

test("an input that holds NaN or an infinity, is empty, no tensor or disposed of is refused by name, by every method", async () => {
  const put = (x: tf.Tensor, value: number) =>
    tf.tidy(() =>
      tf.tensor(
        x.dataSync().map((entry, i) => (i === 5 ? value : entry)),
        x.shape,
      ),
    );
  const gone = images.clone();
  gone.dispose();
  for (const method of methods) {
    const { model, x } = settingOf(method);
    const explain = method(model, parametersOf(method), bounds);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      await assert.rejects(explain(put(x, value), { target: 0 }), (error: unknown) => {
        assert.ok(error instanceof NonFiniteError, `${method.id}: ${error}`);
        assert.deepEqual([error.layer, error.operation, error.value], ["input", "input", value], method.id);
        assert.match(error.message, /The input holds (NaN|-?Infinity)/);
        return true;
      });
    }
    await assert.rejects(explain(tf.slice(x, 0, 0)), { name: "InputShapeError", message: /empty batch/ }, method.id);
    await assert.rejects(explain(gone), { name: "DisposedError", message: /input.*\[3, 8, 8, 2\].*again/ }, method.id);
    await assert.rejects(explain("cat.png" as never), { name: "InputShapeError", message: /"cat.png"/ }, method.id);
  }
  for (const explain of direct(image)) {
    await assert.rejects(explain(put(images, Number.NaN), { target: 0 }), /The input holds NaN/);
    await assert.rejects(explain(tf.slice(images, 0, 0)), /empty batch/);
    await assert.rejects(explain(gone), { name: "DisposedError" });
  }
});

test("large finite inputs are no infinities", async () => {
  const linear = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [2], units: 1, kernelInitializer: "zeros" })],
  });
  const result = await sensitivity(linear)(tf.tensor2d([[3e38, 3e38]]), { target: 0 });
  assert.deepEqual([...result.relevance], [0, 0]);
});

test("one target for several samples is refused, and a signal that was aborted before is heard, by every method", async () => {
  const signal = AbortSignal.abort("never mind");
  const isAbort = (error: unknown) => error instanceof AbortedError && error.cause === "never mind";
  for (const method of methods) {
    const { model, x } = settingOf(method);
    const explain = method(model, parametersOf(method), bounds);
    await assert.rejects(explain(x, { target: [0] }), { name: "TargetError", message: /1 targets.*3/ }, method.id);
    await assert.rejects(explain(x, { target: 0, signal }), isAbort, method.id);
  }
  for (const explain of direct(image)) await assert.rejects(explain(images, { target: 0, signal }), isAbort);
});

test("long runs can be stopped half-way", async () => {
  for (const id of [
    "integrated-gradients",
    "smoothgrad",
    "occlusion",
    "rise",
    "meaningful-perturbation",
    "prediction-difference",
  ]) {
    const explain = findMethod(id)(
      image,
      {
        ...quick[id],
        ...(id === "integrated-gradients" && { steps: 100 }),
        ...(id === "smoothgrad" && { samples: 100 }),
      },
      bounds,
    );
    const controller = new AbortController();
    await leavesNoTensors(() =>
      assert.rejects(
        explain(images, { target: 0, signal: controller.signal, onProgress: () => controller.abort("enough") }),
        (error: unknown) => error instanceof AbortedError && error.cause === "enough" && error.done < error.total,
      ),
    );
  }
});

test("NaN among the weights is reported with layer, place and value, by every method", async () => {
  const broken = convolutionalNet();
  const layer = broken.layers.at(-1)!;
  const [kernel, bias] = layer.getWeights() as [tf.Tensor, tf.Tensor];
  const bad = kernel.dataSync().slice();
  bad[5] = Number.NaN;
  layer.setWeights([tf.tensor(bad, kernel.shape), bias]);
  for (const method of methods.filter(({ inputs }) => inputs.includes("image"))) {
    const explain = method(broken, parametersOf(method), bounds);
    await assert.rejects(explain(images, { target: 2 }), (error: unknown) => {
      assert.ok(error instanceof NonFiniteError, `${method.id}: ${error}`);
      if (method.id !== "layer-activation") assert.equal(error.layer, layer.name);
      assert.deepEqual([error.operation, error.place, error.value], ["dense", "weights", Number.NaN]);
      assert.match(error.message, /dense.* has NaN among its weights/);
      return true;
    });
  }
  const dirty = tf.tidy(() => tf.where(tf.greater(images, 1.5), Number.NaN, images));
  await assert.rejects(findMethod("sensitivity")(image)(dirty, { target: 0 }), /The input holds NaN/);
  release(broken);
});

test("the registry's entries are distinct, complete and say what they need", () => {
  const ids = methods.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, question, reference, parameters } of methods) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.match(question, /^[A-Z].*\?$/, id);
    assert.match(reference, /\d{4}/, id);
    for (const [name, parameter] of Object.entries(parameters)) {
      if (parameter.default !== undefined) assert.ok(parameter.accepts(parameter.default), `${id} ${name}`);
      assert.ok(parameter.description.length > 3 && !parameter.description.endsWith("."), `${id} ${name}`);
    }
  }
  assert.throws(() => findMethod("magic"), /method must be one of lrp, .*rise, but is "magic"/);
  assert.throws(() => findComposite("magic"), /composite must be one of epsilon-gamma-box, .*"magic"/);
  assert.throws(() => findMethod("lrp")(image, { composite: "epsilon-plus", gamma: 1 }), /gamma must be left out/);
  assert.throws(
    () => findMethod("occlusion")(image, { windows: 3 }),
    /windows must be left out with occlusion, which takes window/,
  );
  assert.throws(() => findMethod("lime-table")(table, {}), /training must be given/);
});

test("every composite runs with its defaults, and its parameters reach its rules", async () => {
  // Three convolutions, so that ε, γ and the first layer's rule all have one of their own.
  const deep = tf.sequential({
    layers: [
      ...[4, 4, 4].map((filters, i) =>
        tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu", ...(i === 0 && { inputShape: [8, 8, 2] }) }),
      ),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
  });
  for (const entry of composites.filter(({ inputs }) => inputs.includes("image"))) {
    const byRegistry = await findMethod("lrp")(deep, { composite: entry.id }, bounds)(images, { target: 1 });
    const direct = await lrp(deep, { composite: entry({}, bounds) })(images, { target: 1 });
    assert.deepEqual(byRegistry.relevance, direct.relevance, entry.id);
    for (const name of Object.keys(entry.parameters)) {
      const changed = await findMethod("lrp")(image, { composite: entry.id, [name]: 3 }, bounds)(images, { target: 1 });
      assert.notDeepEqual(changed.relevance, direct.relevance, `${entry.id} ${name}`);
    }
  }
});

test("contrastive excitation backprop is the winner's map minus its opposite's", async () => {
  const net = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [6], units: 8, activation: "relu", useBias: false }),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
  const opposite = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [6], units: 8, activation: "relu", useBias: false }),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
  const [first, last] = net.getWeights() as [tf.Tensor, tf.Tensor];
  opposite.setWeights([first, tf.neg(last)]);
  const x = tf.abs(rows);
  const run = (id: string, model: tf.LayersModel) => findMethod(id)(model)(x, { target: 1 });
  const [contrast, winner, loser] = await Promise.all([
    run("contrastive-excitation-backprop", net),
    run("excitation-backprop", net),
    run("excitation-backprop", opposite),
  ]);
  close(
    contrast.relevance,
    winner.relevance.map((value, i) => value - loser.relevance[i]!),
    1e-4,
  );
});

test("references by name are made from the input's bounds", async () => {
  const shares = { black: [-1, 0], gray: [0, 0.5], white: [1, 1] };
  const channels = { low: [-1, 0], high: [1, 1] };
  for (const [name, color] of Object.entries(shares)) {
    const make = (baseline: unknown) => findMethod("integrated-gradients")(image, { baseline, steps: 5 }, channels);
    const named = await make(name)(images, { target: 0 });
    const given = await make(tf.tensor1d(color))(images, { target: 0 });
    assert.deepEqual(named.relevance, given.relevance, name);
    assert.equal(named.parameters["baseline"], name);
  }
  // Without bounds the default is 0, and another color is no more than a word.
  const zero = await findMethod("deeplift")(image)(images, { target: 0 });
  const zeros = await findMethod("deeplift")(image, { reference: 0 })(images, { target: 0 });
  assert.deepEqual(zero.relevance, zeros.relevance);
  await assert.rejects(
    findMethod("deeplift")(image, { reference: "white" })(images),
    /bounds of this model's input are not known/,
  );
});

test("values are read as a command line writes them", () => {
  const of = (id: string, name: string, written: string) => parseValue(findMethod(id).parameters[name]!, written);
  assert.equal(of("integrated-gradients", "steps", "12"), 12);
  assert.equal(of("integrated-gradients", "baseline", "-0.5"), -0.5);
  assert.equal(of("integrated-gradients", "baseline", "blurred"), "blurred");
  assert.equal(of("grad-cam", "relu", "false"), false);
  assert.equal(of("grad-cam", "layer", "7"), "7");
  assert.deepEqual(of("occlusion", "window", "8,16"), [8, 16]);
  assert.equal(of("occlusion", "window", "much"), "much");
});
