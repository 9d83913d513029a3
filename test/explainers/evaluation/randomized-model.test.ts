import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ModelError } from "../../../src/explainers/errors.js";
import { randomizedModel } from "../../../src/explainers/evaluation/randomization/randomized-model.js";
import { gradientTimesInput, LayerError, lrp, type Model, release } from "../../../src/explainers/index.js";
import { loadModel } from "../../../src/kernel-helpers/index.js";
import { convolutionalNet } from "../../helpers/nets.js";
import { closeTensors, leavesNoTensors, normals } from "../../helpers/tensors.js";
import { graphNet } from "./graph-net.js";

type Net = tf.LayersModel | tf.GraphModel;
const run = (model: Model, x: tf.Tensor): tf.Tensor => tf.tidy(() => (model as Net).predict(x) as tf.Tensor);

/** Weights of all kinds of owners: shared and nested layers, wrappers, recurrent cells, two inputs that are one. */
function nestedNet(): tf.LayersModel {
  const inner = tf.sequential({ name: "inner" });
  inner.add(tf.layers.conv1d({ name: "conv", inputShape: [6, 4], filters: 4, kernelSize: 3, padding: "same" }));
  inner.add(tf.layers.batchNormalization({ name: "norm" }));
  const shared = tf.layers.dense({ name: "shared", units: 4, kernelInitializer: "heNormal" });
  const x = tf.input({ shape: [6, 4] });
  const twice = shared.apply(tf.layers.reLU().apply(shared.apply(inner.apply(x)))) as tf.SymbolicTensor;
  const each = tf.layers
    .timeDistributed({ name: "each", layer: tf.layers.dense({ units: 3, useBias: true }) })
    .apply(twice);
  const both = tf.layers
    .bidirectional({ name: "both", layer: tf.layers.lstm({ units: 3 }) as tf.RNN, mergeMode: "concat" })
    .apply(each);
  return tf.model({
    inputs: x,
    outputs: tf.layers.dense({ name: "end", units: 2 }).apply(both) as tf.SymbolicTensor,
  });
}

const nets: Readonly<Record<string, () => Promise<{ net: Net; x: tf.Tensor; layers: readonly string[] }>>> = {
  "a layers model": async () => {
    const net = convolutionalNet("softmax");
    return {
      net,
      x: normals(1)(3, ...(net.inputs[0]!.shape.slice(1) as number[])),
      layers: net.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name),
    };
  },
  "nested, shared, wrapped and recurrent layers": async () => ({
    net: nestedNet(),
    x: normals(2)(3, 6, 4),
    layers: ["inner/conv", "inner/norm", "shared", "each", "both", "end"],
  }),
  "a graph model": async () => ({
    net: await graphNet(),
    x: normals(3)(3, 8, 8, 2),
    layers: ["conv1", "conv2", "dense"],
  }),
};

for (const [name, make] of Object.entries(nets)) {
  describe(name, () => {
    test("a copy computes the same, loses what a layer learned and gets it back; the original never changes", async () => {
      const { net, x, layers } = await make();
      await leavesNoTensors(async () => {
        const before = run(net, x);
        const random = randomizedModel(net, { seed: 4 });
        // Layers of one depth have no order of their own.
        assert.deepEqual([...random.layers].sort(), [...layers].sort());
        const same = run(random.model, x);
        closeTensors(same, before, 1e-7);
        const seen: tf.Tensor[] = [];
        for (const layer of layers) {
          random.randomize(layer);
          const changed = run(random.model, x);
          seen.push(changed);
          random.restore(layer);
          const restored = run(random.model, x);
          closeTensors(restored, before, 1e-7, layer);
          restored.dispose();
          const now = run(net, x);
          closeTensors(now, before, 0, `the original after ${layer}`);
          now.dispose();
          // A batch norm that was never trained is what it is before training.
          const gap = tf.tidy(() => tf.max(tf.abs(tf.sub(changed, before))).dataSync()[0]!);
          if (!layer.includes("norm")) assert.ok(gap > 1e-4, `${layer} changes the output by ${gap}`);
        }
        random.randomize(...layers);
        const all = run(random.model, x);
        random.dispose();
        // The same seed gives the same weights in any order.
        const again = randomizedModel(net, { seed: 4 });
        for (const layer of layers.toReversed()) again.randomize(layer);
        const repeated = run(again.model, x);
        closeTensors(repeated, all, 1e-7);
        again.dispose();
        const other = randomizedModel(net, { seed: 5 });
        other.randomize(...layers);
        const others = run(other.model, x);
        assert.ok(tf.tidy(() => tf.max(tf.abs(tf.sub(others, all))).dataSync()[0]!) > 1e-4);
        other.dispose();
        const after = run(net, x);
        closeTensors(after, before, 0, "the original in the end");
        tf.dispose([before, same, ...seen, all, repeated, others, after]);
      });
    });

    test("shuffled weights keep their entries", async () => {
      const { net, x } = await make();
      await leavesNoTensors(async () => {
        const random = randomizedModel(net, { draw: "permuted", seed: 1 });
        random.randomize(...random.layers);
        const sorted = (model: Model): number[][] => {
          const all: tf.Tensor[] =
            model instanceof tf.GraphModel || !("getWeights" in model)
              ? Object.entries((model as tf.GraphModel).weights as unknown as Record<string, tf.Tensor[]>).map(
                  ([, [w]]) => w!,
                )
              : (model as tf.LayersModel).getWeights();
          return all.map((weight) => [...weight.dataSync()].sort((a, b) => a - b));
        };
        assert.deepEqual(sorted(random.model), sorted(net));
        const [own, changed] = [run(net, x), run(random.model, x)];
        assert.ok(tf.tidy(() => tf.max(tf.abs(tf.sub(own, changed))).dataSync()[0]!) > 1e-4);
        random.dispose();
        tf.dispose([own, changed]);
      });
    });

    test("the copy can be explained, whatever its weights are at the time", async () => {
      const { net, x, layers } = await make();
      release(net);
      await leavesNoTensors(async () => {
        const random = randomizedModel(net);
        const own = await gradientTimesInput(net)(x, { target: 1 });
        const copied = await gradientTimesInput(random.model)(x, { target: 1 });
        assert.deepEqual(copied.relevance, own.relevance);
        random.randomize(layers.at(-1)!);
        const changed = await gradientTimesInput(random.model)(x, { target: 1 });
        assert.notDeepEqual(changed.relevance, own.relevance);
        random.restore();
        const back = await gradientTimesInput(random.model)(x, { target: 1 });
        assert.deepEqual(back.relevance, own.relevance);
        random.dispose();
        release(net);
      });
    });
  });
}

test("what a loaded model knows stays known to its copy", async () => {
  const model = await loadModel("mnist-cnn");
  const random = randomizedModel(model);
  const copy = random.model as typeof model;
  assert.equal(copy.input, model.input);
  assert.equal(copy.classNames, model.classNames);
  assert.notEqual(copy.net, model.net);
  const x = tf.zeros([1, 28, 28, 1]);
  random.randomize(...random.layers);
  const { output } = await lrp(copy)(x, { target: 3 });
  assert.ok(Number.isFinite(output[0]));
  random.dispose();
  x.dispose();
  model.dispose();
});

test("weights come from the distribution that their layer drew them from", async () => {
  const net = tf.sequential();
  net.add(
    tf.layers.dense({
      inputShape: [100],
      units: 200,
      name: "he",
      kernelInitializer: "heNormal",
      biasInitializer: tf.initializers.constant({ value: 0.25 }),
    }),
  );
  net.add(tf.layers.dense({ units: 300, name: "glorot", kernelInitializer: "glorotUniform" }));
  net.add(
    tf.layers.dense({
      units: 50,
      name: "wide",
      kernelInitializer: tf.initializers.randomNormal({ mean: 1, stddev: 2 }),
    }),
  );
  const random = randomizedModel(net);
  random.randomize(...random.layers);
  const moments = (weight: tf.Tensor) =>
    tf.tidy(() => {
      const { mean, variance } = tf.moments(weight);
      return [mean.dataSync()[0]!, Math.sqrt(variance.dataSync()[0]!), tf.max(tf.abs(weight)).dataSync()[0]!] as const;
    });
  const [he, bias, glorot, , wide] = (random.model as tf.LayersModel).getWeights();
  const close = (actual: number, expected: number, tolerance: number) =>
    assert.ok(Math.abs(actual - expected) < tolerance, `${actual} instead of ${expected}`);
  // Cut at 2σ, the standard deviation is 0.8796 of that of the whole.
  close(moments(he!)[1], 0.8796 * Math.sqrt(2 / 100), 0.002);
  close(moments(he!)[2], 2 * Math.sqrt(2 / 100), 0.001);
  assert.deepEqual([...bias!.dataSync()], Array(200).fill(0.25));
  const limit = Math.sqrt(6 / 500);
  close(moments(glorot!)[1], limit / Math.sqrt(3), 0.001);
  assert.ok(moments(glorot!)[2] <= limit);
  close(moments(wide!)[0], 1, 0.05);
  close(moments(wide!)[1], 2, 0.05);
  random.dispose();
  net.dispose();
});

test("what has no weights that are known is refused by name", async () => {
  assert.throws(() => randomizedModel((x: tf.Tensor) => x), ModelError);
  assert.throws(() => randomizedModel((x: tf.Tensor) => x), /tf\.LayersModel or a tf\.GraphModel/);
  assert.throws(() => randomizedModel({ predict: (x: tf.Tensor) => x }), ModelError);
  class Own extends tf.layers.Layer {
    override call(inputs: tf.Tensor | tf.Tensor[]) {
      return [inputs].flat()[0]!;
    }
    static className = "NeverRegistered";
  }
  const net = tf.sequential();
  net.add(new Own({ inputShape: [3] }));
  net.add(tf.layers.dense({ units: 2, name: "end" }));
  await leavesNoTensors(async () => {
    assert.throws(() => randomizedModel(net), /NeverRegistered[\s\S]*registerClass/);
  });
  net.dispose();
  const known = tf.sequential({ layers: [tf.layers.dense({ inputShape: [3], units: 2, name: "end" })] });
  const random = randomizedModel(known);
  assert.throws(
    () => random.randomize("ent"),
    (error) => error instanceof LayerError && error.candidates.includes("end"),
  );
  random.dispose();
  known.dispose();
});
