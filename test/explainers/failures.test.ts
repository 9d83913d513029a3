import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  type Attribution,
  ComputationError,
  LimpidError,
  type Method,
  methods,
  record,
  release,
} from "../../src/explainers/index.js";
import { seededRandom } from "../../src/explainers/numerics/random.js";
import { loadModel } from "../../src/kernel-helpers/index.js";
import { convolutionalNet } from "../helpers/nets.js";
import { normals } from "../helpers/tensors.js";

/* Nothing that TensorFlow.js or its backend throws leaves the library as it is, and nothing is left behind. */

const { layers } = tf;
const image = { net: convolutionalNet("softmax"), input: { low: -2, high: 2 } };
const recurrent = {
  net: tf.sequential({ layers: [layers.lstm({ inputShape: [5, 4], units: 3 }), layers.dense({ units: 3 })] }),
};
const table = {
  net: tf.sequential({
    layers: [layers.dense({ inputShape: [6], units: 5, activation: "relu" }), layers.dense({ units: 3 })],
  }),
};
const images = tf.tidy(() => normals(41)(1, 8, 8, 2).clipByValue(-2, 2));
const steps = normals(42)(1, 5, 4);
const rows = normals(43)(1, 6);
const training = normals(44)(20, 6);

/** Budgets small enough that a method takes a fraction of a second. */
const budgets: Readonly<Record<string, number>> = { masks: 12, samples: 8, steps: 4, iterations: 3, permutations: 3 };

function settingOf({ id, inputs, parameters }: Method) {
  const options: Record<string, unknown> = {};
  for (const [name, budget] of Object.entries(budgets)) if (name in parameters) options[name] = budget;
  if (parameters["training"]?.required) options["training"] = training;
  if (inputs.includes("image")) return { model: image, x: images, options };
  return inputs[0] === "sequence" || id === "lrp-recurrent"
    ? { model: recurrent, x: steps, options }
    : { model: table, x: rows, options };
}

type RunKernel = (...given: unknown[]) => unknown;

/** Runs `work` with the `broken`th operation of TensorFlow.js failing; gives how many there were. */
async function withBroken(broken: number, work: () => Promise<unknown>): Promise<number> {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const original = engine.runKernel;
  let count = 0;
  engine.runKernel = (...given) => {
    // Another handle on a tensor is no work of the backend, and TensorFlow.js loses some where it fails.
    if (given[0] !== "Identity") count++;
    else return original.apply(engine, given);
    if (count === broken) throw new Error(`operation ${broken} broke`);
    return original.apply(engine, given);
  };
  try {
    await work();
  } finally {
    engine.runKernel = original;
  }
  return count;
}

for (const method of methods) {
  test(`${method.id}: where an operation fails, a typed error says which, and nothing is left behind`, async () => {
    const { model, x, options } = settingOf(method);
    const explain = (): Promise<Attribution> => method(model, options)(x, { target: 1 });
    const outcomeOf = (work: () => Promise<Attribution>) => work().catch((error: Error) => error);
    release(model.net);
    let whole: Attribution | Error | undefined;
    const count = await withBroken(-1, async () => {
      whole = await outcomeOf(explain);
    });
    release(model.net);
    const before = tf.memory().numTensors;
    const random = seededRandom(count);
    const places = new Set([1, 2, count, ...Array.from({ length: 9 }, () => 1 + Math.floor(random.uniform() * count))]);
    for (const place of places) {
      let outcome: Attribution | Error | undefined;
      await withBroken(place, async () => {
        outcome = await outcomeOf(explain);
      });
      release(model.net);
      assert.equal(tf.memory().numTensors, before, `operation ${place} of ${count}: tensors`);
      if (!(outcome instanceof Error)) continue; // there was another way
      assert.ok(outcome instanceof LimpidError, `operation ${place}: ${outcome.stack}`);
      if (!(outcome instanceof ComputationError)) continue;
      assert.equal(outcome.method, method.name);
      assert.match((outcome.cause as Error).message, /^operation \d+ broke$/);
      assert.match(outcome.message, /failed.*: operation \d+ broke\. Run the model itself/);
    }
    const again = await outcomeOf(explain);
    release(model.net);
    if (whole instanceof Error || again instanceof Error) assert.equal(String(again), String(whole));
    else assert.deepEqual(again.relevance, whole!.relevance);
  });
}

/** What else users give. */
const bad: { readonly [what: string]: () => unknown } = {
  "another size": () => tf.ones([1, 7, 7, 2]),
  "too few axes": () => tf.ones([3]),
  "too many axes": () => tf.ones([1, 1, 8, 8, 2, 1]),
  "no sample": () => tf.zeros([0, 8, 8, 2]),
  "a list too long": () => [tf.ones([1, 8, 8, 2]), tf.ones([1, 8, 8, 2])],
  "no tensor": () => "a picture",
  nothing: () => undefined,
  "not a number": () => tf.fill([1, 8, 8, 2], Number.NaN),
  words: () => tf.tensor(["a"]),
  "a tensor that is gone": () => {
    const x = tf.ones([1, 8, 8, 2]);
    x.dispose();
    return x;
  },
};

for (const [what, make] of Object.entries(bad)) {
  test(`given ${what}, every method says so by a typed error and leaves nothing behind`, async () => {
    for (const method of methods) {
      const { model, options } = settingOf(method);
      const before = tf.memory().numTensors;
      const x = make();
      await assert.rejects(
        async () => method(model, options)(x as tf.Tensor, { target: 1 }),
        (error) => error instanceof LimpidError,
        method.id,
      );
      for (const tensor of [x].flat()) if (tensor instanceof tf.Tensor && !tensor.isDisposed) tensor.dispose();
      release(model.net);
      assert.equal(tf.memory().numTensors, before, method.id);
    }
  });
}

test("a failing layer is named with its operation and shapes", async () => {
  class Broken extends layers.Layer {
    static className = "Broken";
    override call(x: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.reshape([x].flat()[0]!, [7]);
    }
    override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape | tf.Shape[] {
      return shape;
    }
  }
  const net = tf.sequential({
    layers: [layers.dense({ inputShape: [4], units: 5 }), new Broken({ name: "seven" }), layers.dense({ units: 2 })],
  });
  const x = tf.ones([1, 4]);
  const isNamed = (error: unknown) =>
    error instanceof ComputationError &&
    error.layer === "seven" &&
    error.operation === "Reshape" &&
    String(error.shapes) === "1,5" &&
    error.cause instanceof Error;
  assert.throws(() => record(net, x), isNamed);
  await assert.rejects(methods[0]!(net, { composite: "epsilon-plus" })(x, { target: 0 }), (error: Error) => {
    assert.match(
      error.message,
      /^Layer-wise relevance propagation failed at Reshape in layer "seven" on \[1, 5\]: Input to reshape .* Run the model itself/,
    );
    return isNamed(error);
  });
});

test("a prediction that fails names the model, the layer and what it was given", async () => {
  const weights = tf.ones([4, 2]);
  const model = await loadModel((x: tf.Tensor) => tf.matMul(x, weights), { name: "line" });
  const x = tf.ones([1, 3]);
  const before = tf.memory().numTensors;
  assert.throws(
    () => model.predict(x),
    (error) => {
      assert.ok(error instanceof ComputationError);
      assert.match(error.message, /^The prediction of line failed/);
      assert.ok(error.cause instanceof Error);
      return true;
    },
  );
  assert.equal(tf.memory().numTensors, before);
});

test("weights that are gone are said to be gone", async () => {
  const net = tf.sequential({ layers: [layers.dense({ inputShape: [4], units: 2 })] });
  net.dispose();
  for (const method of methods.filter(
    ({ inputs, parameters }) => inputs.includes("table") && !parameters["training"]?.required,
  )) {
    await assert.rejects(
      async () => method({ net, input: { low: -1, high: 1 } }, {})(tf.ones([1, 4]), { target: 0 }),
      (error: Error) => error instanceof LimpidError && /disposed/.test(error.message),
      method.id,
    );
  }
});

test("what a caller's own onProgress throws passes as it is, and so does an abort", async () => {
  const own = new TypeError("enough");
  const occlusion = methods.find(({ id }) => id === "occlusion")!;
  const onProgress = () => {
    throw own;
  };
  await assert.rejects(occlusion(image, {})(images, { target: 1, onProgress }), (error) => error === own);
  class InterruptError extends Error {
    override name = "InterruptError";
  }
  const stop = new InterruptError();
  const f = () => {
    throw stop;
  };
  await assert.rejects(occlusion(f, {})(images, { target: 1 }), (error) => error === stop);
});
