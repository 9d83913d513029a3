import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  AbortedError,
  type AttributionGraph,
  attributionGraph,
  conceptRelevance,
  conditionalRelevance,
  epsilonGammaBox,
  LayerError,
  lrp,
  ParameterError,
  record,
  release,
} from "../../../src/explainers/index.js";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

const SIZE = 10;

/** Two convolutions with biases, a pool and two dense layers; with a shortcut around the second convolution where wanted. */
function net(seed: number, shortcut = false): tf.LayersModel {
  const init = (offset: number) => tf.initializers.glorotNormal({ seed: seed + offset });
  const bias = (offset: number) => tf.initializers.randomNormal({ stddev: 0.1, seed: seed + offset });
  const conv = (name: string, filters: number, offset: number) =>
    tf.layers.conv2d({
      name,
      filters,
      kernelSize: 3,
      padding: "same",
      activation: "relu",
      kernelInitializer: init(offset),
      biasInitializer: bias(offset + 1),
    });
  const input = tf.input({ shape: [SIZE, SIZE, 2] });
  const first = conv("first", 5, 1).apply(input) as tf.SymbolicTensor;
  const second = conv("second", 5, 3).apply(first) as tf.SymbolicTensor;
  const joined = shortcut ? tf.layers.add({ name: "joined" }).apply([first, second]) : second;
  const pool = tf.layers.maxPooling2d({ name: "pool", poolSize: 2 }).apply(joined);
  const flatten = tf.layers.flatten().apply(pool);
  const hidden = tf.layers
    .dense({ name: "hidden", units: 6, activation: "relu", kernelInitializer: init(5), biasInitializer: bias(6) })
    .apply(flatten);
  const logits = tf.layers.dense({ name: "logits", units: 3, kernelInitializer: init(7) }).apply(hidden);
  return tf.model({ inputs: input, outputs: logits as tf.SymbolicTensor });
}

const pictures = (seed: number, count: number) =>
  tf.tensor4d(seededRandom(seed).gaussians(count * SIZE * SIZE * 2), [count, SIZE, SIZE, 2]);

const close = (a: number, b: number, scale: number, what: string) =>
  assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, scale), `${what}: ${a} is not ${b}`);

const layerOf = (graph: AttributionGraph, name: string) => graph.layers.find(({ layer }) => layer === name)!;
const total = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);

test("an edge is what a lower channel has under the condition of an upper one, and a channel's edges are its relevance but for biases", async () => {
  const layers = ["first", "second", "hidden", "logits"];
  for (const composite of ["epsilon-plus", epsilonGammaBox({ low: -5, high: 5 }), "epsilon-alpha2-beta1"] as const) {
    const model = net(1);
    const x = pictures(1, 1);
    const graph = await attributionGraph(model, { layers, composite, strongest: 6, edges: 100 })(x, { target: 1 });
    assert.deepEqual(
      graph.layers.map(({ layer, below }) => [layer, below]),
      [
        ["logits", ["hidden"]],
        ["hidden", ["second"]],
        ["second", ["first"]],
        ["first", []],
      ],
    );
    for (const [upper, lower, channels] of [
      ["hidden", "second", 5],
      ["second", "first", 5],
    ] as const) {
      const found = layerOf(graph, upper);
      for (const { channel, relevance, passed, kept } of found.channels) {
        const scale = Math.abs(graph.output);
        // One by one, through the whole network and by the books of its layers.
        const conditions = Array.from({ length: channels }, (_, at) => ({ [upper]: [channel], [lower]: [at] }));
        const maps = await conditionalRelevance(model, { composite, conditions })(x, { target: 1 });
        maps.forEach((map, at) => {
          const there = map.layers.findLast(({ name, folded }) => name === lower || folded.includes(lower))!;
          close(passed[0]!.relevance[at]!, there.sum - there.masked, scale, `${upper} ${channel} → ${lower} ${at}`);
        });
        const order = maps[0]!.layers;
        const begin = order.findLastIndex(({ name, folded }) => name === lower || folded.includes(lower));
        const end = order.findLastIndex(({ name, folded }) => name === upper || folded.includes(upper));
        const between = order.slice(begin + 1, end + 1);
        const biases = total(between.map(({ absorbedByBias, absorbedByEmpty }) => absorbedByBias + absorbedByEmpty));
        close(kept, biases, scale, `kept of ${upper} ${channel}`);
        close(total(passed[0]!.relevance) + kept, relevance, scale, `sum of ${upper} ${channel}`);
      }
    }
    // Where every upper channel is followed, a lower channel's edges are all that it has.
    const second = layerOf(graph, "second");
    const first = layerOf(graph, "first");
    first.relevance.forEach((value, at) => {
      const parts = total(second.channels.map(({ passed }) => passed[0]!.relevance[at]!));
      close(parts, value, Math.abs(graph.output), `first ${at}`);
    });
    const whole = await conceptRelevance(model, { layer: "second", composite })(x, { target: 1 });
    second.relevance.forEach((value, at) => void close(value, whole.relevance[at]!, 1, `second ${at}`));
    release(model);
  }
});

test("conditions are computed together or one by one, of a recording or a picture, and leave no tensor", async () => {
  const model = net(2);
  const x = pictures(2, 1);
  const options = { layers: ["first", "second", "logits"], composite: "epsilon-plus" } as const;
  const together = await attributionGraph(model, options)(x, { target: 2 });
  const before = tf.memory().numTensors;
  const alone = await attributionGraph(model, { ...options, memoryBudget: 1 })(x, { target: 2 });
  const recording = record(model, x);
  const recorded = await attributionGraph(model, options)(recording, { target: 2 });
  assert.equal(recording.disposed, false);
  recording.dispose();
  assert.equal(tf.memory().numTensors, before);
  for (const other of [alone, recorded]) {
    assert.equal(other.edges.length, together.edges.length);
    other.edges.forEach((edge, at) => {
      const same = together.edges[at]!;
      assert.deepEqual([edge.from, edge.to], [same.from, same.to]);
      close(edge.relevance, same.relevance, 1, `edge ${at}`);
    });
  }
  const sizes = together.edges.map(({ relevance }) => Math.abs(relevance));
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  );
  // Four edges into each channel at most.
  for (const { channels } of together.layers) {
    for (const { layer, channel } of channels) {
      const own = together.edges.filter(({ from }) => from.layer === layer && from.channel === channel);
      assert.ok(own.length <= 4);
    }
  }
  // Only the target's logit has relevance.
  assert.deepEqual(
    layerOf(together, "logits").channels.map(({ channel }) => channel),
    [2],
  );
});

test("the graph of a data set is the mean of its samples' graphs", async () => {
  const model = net(3);
  const x = pictures(3, 4);
  const options = {
    layers: ["first", "second"],
    channels: { second: [3, 1], first: [] },
    composite: "epsilon-plus",
  } as const;
  const whole = await attributionGraph(model, options)(x, { target: [0, 1, 2, 0] });
  const source = { count: 4, take: (start: number, count: number) => tf.slice(x, start, count) };
  const before = tf.memory().numTensors;
  const streamed = await attributionGraph(model, options)(source, { target: [0, 1, 2, 0] });
  assert.equal(tf.memory().numTensors, before);
  assert.deepEqual(streamed, whole);
  const single: AttributionGraph[] = [];
  for (let at = 0; at < 4; at++) {
    single.push(await attributionGraph(model, options)(tf.slice(x, at, 1), { target: [0, 1, 2, 0][at]! }));
  }
  const mean = (pick: (graph: AttributionGraph) => number) => total(single.map(pick)) / 4;
  close(
    whole.output,
    mean(({ output }) => output),
    1,
    "output",
  );
  for (const channel of [1, 3]) {
    const of = (graph: AttributionGraph) => layerOf(graph, "second").channels.find((one) => one.channel === channel)!;
    of(whole).passed[0]!.relevance.forEach((value, at) => {
      const expected = mean((graph) => of(graph).passed[0]!.relevance[at]!);
      close(value, expected, 1, `${channel} → ${at}`);
    });
    const kept = mean((graph) => of(graph).kept);
    close(of(whole).kept, kept, 1, "kept");
  }
});

test("around a shortcut each channel has only what came through itself, and layers are joined where none is between", async () => {
  const model = net(4, true);
  const x = pictures(4, 1);
  const graph = await attributionGraph(model, {
    layers: ["first", "second", "joined"],
    composite: "epsilon-plus",
    strongest: 5,
  })(x, { target: 0 });
  assert.deepEqual(layerOf(graph, "joined").below, ["second", "first"]);
  // Without the layer that joins them, what goes around the second convolution is no edge of its channels.
  const skipping = await attributionGraph(model, {
    layers: ["first", "second"],
    composite: "epsilon-plus",
    strongest: 5,
  })(x, { target: 0 });
  const within = { composite: "epsilon-plus", layer: "first" } as const;
  const around = await conceptRelevance(model, { ...within, within: { second: [] } })(x, { target: 0 });
  assert.ok(around.relevance.some((value) => Math.abs(value) > 1e-3));
  for (const { channel, passed } of layerOf(skipping, "second").channels) {
    const both = await conceptRelevance(model, { ...within, within: { second: [channel] } })(x, { target: 0 });
    passed[0]!.relevance.forEach((value, at) => {
      close(value, both.relevance[at]! - around.relevance[at]!, 1, `${channel} → ${at}`);
    });
  }
});

test("what is not there is named, and a run can be stopped", async () => {
  const model = net(5);
  const x = pictures(5, 2);
  const options = { composite: "epsilon-plus", layers: ["first", "second"] } as const;
  // What is kept of the model, at either size.
  await attributionGraph(model, options)(x);
  record(model, x).dispose();
  const before = tf.memory().numTensors;
  await assert.rejects(attributionGraph(model, { ...options, layers: ["first", "scond"] })(x), LayerError);
  await assert.rejects(attributionGraph(model, { ...options, layers: ["first"] })(x), /at least two layers/);
  await assert.rejects(
    attributionGraph(model, { ...options, channels: { second: [5] } })(x),
    /channels.second.*0 to 4/s,
  );
  await assert.rejects(attributionGraph(model, { ...options, channels: { hidden: [0] } })(x), ParameterError);
  assert.throws(() => attributionGraph(model, { ...options, strongest: 0 }), ParameterError);
  const recording = record(model, x);
  await assert.rejects(attributionGraph(model, options)(recording), /a recording of one/);
  recording.dispose();
  const stop = new AbortController();
  const run = attributionGraph(model, options)(x, { signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(run, AbortedError);
  assert.equal(tf.memory().numTensors, before);
});

test("relevance starts anywhere with what it is given, ends where it is told, and is no number beyond", async () => {
  const model = net(6);
  const x = pictures(6, 1);
  const explain = lrp(model, { composite: "epsilon-plus" });
  using whole = await explain(x, { target: 1, keepLayers: true });
  const at = (name: string, found: typeof whole) =>
    found.layers.findLast((entry) => entry.name === name || entry.folded.includes(name))!;
  const second = at("second", whole);
  const relevance = tf.tensor(second.relevance(), [...second.shape]);
  using rest = await explain(x, { target: { layer: "second", relevance }, keepLayers: true });
  rest.relevance.forEach((value, entry) => void close(value, whole.relevance[entry]!, 1, `entry ${entry}`));
  close(rest.output[0]!, second.sum, 1, "what was started with");
  using short = await explain(x, { target: 1, until: ["second"], keepLayers: true });
  close(at("second", short).sum, second.sum, 1, "second");
  assert.ok(short.relevance.every(Number.isNaN));
  assert.ok(!short.layers.some(({ kind }) => kind === "input"));
  await assert.rejects(explain(x, { target: { layer: "first", relevance: tf.zeros([1, 2]) } }), /must be equal/);
  await assert.rejects(explain(x, { until: ["secnd"] }), LayerError);
});
