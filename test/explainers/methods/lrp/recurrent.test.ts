import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import {
  epsilonPlus,
  type LrpAttribution,
  lrp,
  recurrent,
  release,
  sensitivity,
} from "../../../../src/explainers/index.js";
import { sum } from "../../../helpers/numbers.js";

const normal = (seed: number, stddev = 0.5) => tf.initializers.randomNormal({ stddev, seed });
const initializers = (seed: number) => ({
  kernelInitializer: normal(seed),
  recurrentInitializer: normal(seed + 1),
  biasInitializer: normal(seed + 2, 0.3),
});
type RnnOptions = Parameters<typeof tf.layers.lstm>[0];
const cells: Record<string, (options: RnnOptions) => tf.layers.Layer> = {
  LSTM: (options) => tf.layers.lstm({ unitForgetBias: false, ...options }),
  "LSTM with sigmoid gates": (options) => tf.layers.lstm({ recurrentActivation: "sigmoid", ...options }),
  GRU: (options) => tf.layers.gru(options as Parameters<typeof tf.layers.gru>[0]),
  "simple RNN": (options) => tf.layers.simpleRNN(options as Parameters<typeof tf.layers.simpleRNN>[0]),
  "Bidirectional LSTM": (options) =>
    tf.layers.bidirectional({ layer: tf.layers.lstm(options) as tf.RNN, mergeMode: "concat" }),
  "Bidirectional GRU, summed": (options) =>
    tf.layers.bidirectional({
      layer: tf.layers.gru(options as Parameters<typeof tf.layers.gru>[0]) as tf.RNN,
      mergeMode: "sum",
    }),
};

const head = (seed: number) =>
  tf.layers.dense({ units: 3, kernelInitializer: normal(seed), biasInitializer: normal(8) });

type Cell = (options: RnnOptions) => tf.layers.Layer;
const call = (layer: tf.layers.Layer, ...x: tf.SymbolicTensor[]) =>
  layer.apply(x.length === 1 ? x[0]! : x) as tf.SymbolicTensor;

/** What reads the states of cells over an input `[5, 4]`. */
const tops: Record<string, (cell: Cell, input: tf.SymbolicTensor) => tf.SymbolicTensor> = {
  "last state": (cell, input) => call(cell({ units: 3, ...initializers(1) }), input),
  "two layers, pooled over time": (cell, input) => {
    const lower = call(cell({ units: 3, returnSequences: true, ...initializers(1) }), input);
    const upper = call(cell({ units: 2, returnSequences: true, ...initializers(4) }), lower);
    return call(tf.layers.globalAveragePooling1d({}), upper);
  },
  "attention over time": (cell, input) => {
    const states = call(cell({ units: 3, returnSequences: true, ...initializers(1) }), input);
    const scores = call(tf.layers.dense({ units: 1, kernelInitializer: normal(5) }), states);
    const shares = call(
      tf.layers.activation({ activation: "softmax" }),
      call(tf.layers.permute({ dims: [2, 1] }), scores),
    );
    const read = call(tf.layers.dot({ axes: 1 }), call(tf.layers.permute({ dims: [2, 1] }), shares), states);
    return call(tf.layers.flatten(), read);
  },
};

const flow = (numbers: ArrayLike<number>): number => sum(Array.from(numbers, Math.abs));

function assertBooks(result: LrpAttribution, tolerance: number, where: string): void {
  for (const layer of result.layers) {
    if (layer.kind === "input") continue;
    const off = Math.abs(layer.sum - layer.passedOn - layer.absorbedByBias - layer.absorbedByEmpty);
    // A pre-activation in several nodes tells its books at the last of them.
    assert.ok(off <= tolerance, `${where}, ${layer.kind} ${layer.name}: ${off} of ${layer.sum} is not in the books`);
  }
  const accounted = result.relevanceSum + result.biasRelevance + result.emptyRelevance;
  assert.ok(Math.abs(accounted - sum(result.output)) <= tolerance, `${where}: ${accounted} of ${sum(result.output)}`);
}

for (const [cellName, cell] of Object.entries(cells)) {
  test(`${cellName}: bias factor 1 keeps only initial states' relevance, distribute keeps none`, async () => {
    for (const [topName, top] of Object.entries(tops)) {
      const input = tf.input({ shape: [5, 4] });
      const model = tf.model({ inputs: input, outputs: call(head(7), top(cell, input)) });
      const x = tf.randomNormal([2, 5, 4], 0, 1, "float32", 3);
      const start = tf.memory().numTensors;
      const where = `${cellName}, ${topName}`;
      const target = [2, 0];
      const published = await lrp(model, { composite: recurrent({ biasFactor: 1 }) })(x, { target });
      const scale = Math.max(flow(published.relevance), flow(published.output));
      assertBooks(published, 1e-5 * scale, where);
      const none = await lrp(model, { composite: recurrent() })(x, { target });
      assertBooks(none, 1e-5 * Math.max(flow(none.relevance), flow(none.output)), `${where}, bias factor 0`);
      for (const composite of [recurrent(), epsilonPlus({ epsilon: 0.001 })]) {
        const all = await lrp(model, { composite, bias: "distribute" })(x, { target });
        const most = Math.max(flow(all.relevance), flow(all.output));
        const name = `${where}, ${composite.name}, distribute`;
        assertBooks(all, 1e-4 * most, name);
        assert.ok(Math.abs(all.relevanceSum - sum(all.output)) <= 1e-4 * most, `${name}: ${all.relevanceSum}`);
      }
      release(model);
      assert.equal(tf.memory().numTensors, start, `${where}: leaks`);
      x.dispose();
      model.dispose();
    }
  });
}

test("GRU: the rules of 2017 written out step by step", async () => {
  const [width, units, steps] = [2, 2, 3];
  const layer = tf.layers.gru({ units, inputShape: [steps, width], ...initializers(11) });
  const model = tf.sequential({ layers: [layer] });
  const input = tf.randomNormal([1, steps, width], 0, 1, "float32", 12);
  const x = (input.arraySync() as number[][][])[0]!;
  const [K, U, b] = layer.getWeights().map((weight) => weight.arraySync()) as [number[][], number[][], number[]];
  const hardSigmoid = (v: number) => Math.min(1, Math.max(0, 0.2 * v + 0.5));
  const range = (n: number) => Array.from({ length: n }, (_, i) => i);
  const times = (v: number[], W: number[][], from: number) =>
    range(units).map((j) => v.reduce((total, value, i) => total + value * W[i]![from + j]!, 0));
  const plus = (...vectors: number[][]) => vectors[0]!.map((_, i) => sum(vectors.map((vector) => vector[i]!)));
  const states = [new Array<number>(units).fill(0)];
  const inner = x.map((xt) => {
    const h = states.at(-1)!;
    const z = plus(times(xt, K, 0), times(h, U, 0), b.slice(0, units)).map(hardSigmoid);
    const r = plus(times(xt, K, units), times(h, U, units), b.slice(units, 2 * units)).map(hardSigmoid);
    const reset = h.map((value, j) => value * r[j]!);
    const pre = plus(times(xt, K, 2 * units), times(reset, U, 2 * units), b.slice(2 * units));
    const kept = h.map((value, j) => value * z[j]!);
    const fresh = pre.map((value, j) => Math.tanh(value) * (1 - z[j]!));
    states.push(plus(kept, fresh));
    return { reset, pre, kept, fresh };
  });
  for (const biasFactor of [0, 0.5, 1]) {
    const ε = 0.01;
    const st = (value: number) => (value >= 0 ? ε : -ε);
    const target = 1;
    let R = states.at(-1)!.map((value, j) => (j === target ? value : 0));
    const expected: number[][] = [];
    for (let t = steps - 1; t >= 0; t--) {
      const { reset, pre, kept, fresh } = inner[t]!;
      const h = states[t + 1]!;
      // h = z∘h' + (1 − z)∘h̃: 2·units lower units and no bias.
      const even = sum(R.map((value, j) => (value * st(h[j]!)) / (h[j]! + st(h[j]!)))) / (2 * units);
      const part = (of: number[]) => of.map((value, j) => (value * R[j]!) / (h[j]! + st(h[j]!)) + biasFactor * even);
      const [toKept, toFresh] = [part(kept), part(fresh)];
      // The gates get nothing; tanh passes. pre = x K + (r∘h') U + b: width + units lower units.
      const s = toFresh.map((value, j) => value / (pre[j]! + st(pre[j]!)));
      const share = sum(s.map((value, j) => value * (b[2 * units + j]! + st(pre[j]!)))) / (width + units);
      const back = (a: number[], W: number[][]) =>
        a.map((value, i) => value * sum(s.map((v, j) => v * W[i]![2 * units + j]!)) + biasFactor * share);
      expected.unshift(back(x[t]!, K));
      R = plus(toKept, back(reset, U));
    }
    const result = await lrp(model, { composite: recurrent({ epsilon: ε, biasFactor }) })(input, { target });
    expected.flat().forEach((value, i) => {
      assert.ok(Math.abs(result.relevance[i]! - value) <= 1e-5, `${biasFactor}: ${result.relevance} for ${expected}`);
    });
    if (biasFactor === 1) {
      assert.ok(Math.abs(result.biasRelevance - sum(R)) <= 1e-5, `initial state: ${result.biasRelevance} for ${R}`);
    }
  }
  release(model);
});

test("the backward direction explains as a forward cell does the reversed sequence", async () => {
  for (const make of [tf.layers.lstm, tf.layers.gru] as ((options: RnnOptions) => tf.layers.Layer)[]) {
    const both = tf.layers.bidirectional({
      layer: make({ units: 3, ...initializers(21) }) as tf.RNN,
      mergeMode: "concat",
    });
    const input = tf.input({ shape: [6, 4] });
    const top = tf.layers.dense({ units: 2, useBias: false });
    const model = tf.model({ inputs: input, outputs: top.apply(both.apply(input)) as tf.SymbolicTensor });
    // The head reads the backward half only.
    const weights = tf.randomNormal([3, 2], 0, 1, "float32", 22);
    top.setWeights([tf.concat([tf.zeros([3, 2]), weights])]);
    const forward = make({ units: 3, inputShape: [6, 4] });
    const single = tf.sequential({
      layers: [forward, tf.layers.dense({ units: 2, useBias: false, weights: [weights] })],
    });
    const all = both.getWeights();
    forward.setWeights(all.slice(all.length / 2));
    const x = tf.randomNormal([2, 6, 4], 0, 1, "float32", 23);
    const composite = recurrent();
    const backward = await lrp(model, { composite })(x, { target: [0, 1] });
    const reversed = await lrp(single, { composite })(tf.reverse(x, 1), { target: [0, 1] });
    const turned = tf.tidy(() => tf.reverse(tf.tensor3d(reversed.relevance, [2, 6, 4]), 1).dataSync());
    assert.ok(flow(turned) > 0.01);
    const most = Math.max(...turned.map(Math.abs));
    turned.forEach((value, i) => {
      assert.ok(Math.abs(backward.relevance[i]! - value) <= 1e-5 * most, `entry ${i}`);
    });
    release(model);
    release(single);
  }
});

test("words get their vectors' relevance; masked words get none", async () => {
  const embedding = tf.layers.embedding({
    inputDim: 7,
    outputDim: 4,
    inputLength: 5,
    embeddingsInitializer: normal(31, 1),
  });
  const rest = (inputs: tf.SymbolicTensor) =>
    head(7).apply(tf.layers.lstm({ units: 3, ...initializers(32) }).apply(inputs)) as tf.SymbolicTensor;
  const words = tf.input({ shape: [5] });
  const model = tf.model({ inputs: words, outputs: rest(embedding.apply(words) as tf.SymbolicTensor) });
  const vectors = tf.input({ shape: [5, 4] });
  const behind = tf.model({ inputs: vectors, outputs: rest(vectors) });
  const sentence = tf.tensor2d([
    [1, 5, 2, 2, 6],
    [3, 0, 4, 1, 1],
  ]);
  const composite = recurrent();
  const looked = tf.gather(embedding.getWeights()[0]!, tf.cast(sentence, "int32")) as tf.Tensor;
  const byVector = await lrp(behind, { composite })(looked, { target: 1 });
  const bySensitivity = await sensitivity(behind)(looked, { target: 1 });
  const start = tf.memory().numTensors;
  for (const tokens of [sentence, tf.cast(sentence, "int32")]) {
    const byWord = await lrp(model, { composite })(tokens, { target: 1 });
    assert.deepEqual(byWord.shape, [2, 5]);
    byWord.relevance.forEach((value, word) => {
      const expected = sum(byVector.relevance.subarray(word * 4, word * 4 + 4));
      assert.ok(Math.abs(value - expected) <= 1e-5, `word ${word}: ${value} instead of ${expected}`);
    });
    release(model);
  }
  const ofWords = await sensitivity(model)(sentence, { target: 1 });
  ofWords.relevance.forEach((value, word) => {
    const expected = sum(bySensitivity.relevance.subarray(word * 4, word * 4 + 4));
    assert.ok(Math.abs(value - expected) <= 1e-5, `word ${word}: ${value} instead of ${expected}`);
  });
  release(model);
  assert.equal(tf.memory().numTensors, start + 1, "leaks");

  // A padded sentence is explained as the sentence without its padding.
  const masked = tf.sequential({
    layers: [
      tf.layers.embedding({
        inputDim: 7,
        outputDim: 4,
        inputLength: 5,
        maskZero: true,
        weights: embedding.getWeights(),
      }),
      tf.layers.lstm({ units: 3, ...initializers(32) }),
      head(7),
    ],
  });
  const short = tf.sequential({
    layers: [
      tf.layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 3, weights: embedding.getWeights() }),
      tf.layers.lstm({ units: 3, ...initializers(32) }),
      head(7),
    ],
  });
  const padded = await lrp(masked, { composite })(tf.tensor2d([[0, 0, 1, 5, 2]]), { target: 1 });
  const exact = await lrp(short, { composite })(tf.tensor2d([[1, 5, 2]]), { target: 1 });
  assert.ok(Math.abs(padded.output[0]! - exact.output[0]!) < 1e-5, "the mask is at work");
  [0, 0, ...exact.relevance].forEach((value, word) => {
    // Every masked step has its own ε, so equality is up to it.
    assert.ok(
      Math.abs(padded.relevance[word]! - value) <= 0.05 * flow(exact.relevance),
      `${padded.relevance} ${exact.relevance}`,
    );
  });
});
