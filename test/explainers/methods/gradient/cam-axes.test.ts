import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayersModel, Sequential, Tensor } from "@tensorflow/tfjs-node";
import * as tf from "@tensorflow/tfjs-node";
import { gradCam, guidedGradCam, LayerError, mapLayers, record, scoreCam } from "../../../../src/explainers/index.js";

// Where a layer's positions are not the first axes of the input: the map must lie where the layer looked.

let seed = 0;
const initializer = () => tf.initializers.randomNormal({ seed: ++seed, stddev: 0.5 });
const convolution = (options = {}) =>
  tf.layers.conv2d({ filters: 3, kernelSize: 3, kernelInitializer: initializer(), activation: "relu", ...options });
const ended = (layers: Sequential["layers"]): Sequential =>
  tf.sequential({
    layers: [...layers, tf.layers.flatten(), tf.layers.dense({ units: 2, kernelInitializer: initializer() })],
  });
const wave = (shape: number[]) =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)),
    shape,
  );
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-5) => {
  assert.equal(a.length, b.length);
  const scale = Math.max(...Array.from(b, Math.abs));
  for (let i = 0; i < b.length; i++) assert.ok(Math.abs(a[i]! - b[i]!) <= tolerance * scale, `${i}: ${a[i]} ≠ ${b[i]}`);
  assert.ok(scale > 0);
};

async function rejects(run: () => Promise<unknown>, kind: typeof LayerError, message: RegExp): Promise<void> {
  await assert.rejects(run, (error: unknown) => error instanceof kind && message.test(error.message));
}

test("a picture given without its channel axis, or in one row, has the map of the picture", async () => {
  const net = ended([convolution({ inputShape: [8, 8, 1] })]);
  const [layer, , dense] = net.layers;
  const bridge = (shape: number[]) =>
    tf.sequential({
      layers: [tf.layers.reshape({ targetShape: [8, 8, 1], inputShape: shape }), layer!, net.layers[1]!, dense!],
    });
  const x = wave([2, 8, 8, 1]);
  for (const method of [gradCam, scoreCam]) {
    const expected = await method(net)(x, { target: 0 });
    assert.deepEqual(expected.shape, [2, 8, 8, 1]);
    for (const shape of [[8, 8], [64]]) {
      const found = await method(bridge(shape))(tf.reshape(x, [2, ...shape]), { target: 0 });
      assert.deepEqual(found.shape, [2, ...shape, 1]);
      close(found.relevance, expected.relevance);
    }
  }
});

test("every frame of a convolution over frames has its own map, of weights from all of them", async () => {
  const inner = convolution();
  const frames = ended([tf.layers.timeDistributed({ layer: inner, inputShape: [4, 8, 8, 1] })]);
  const volume = ended([
    tf.layers.conv3d({ filters: 3, kernelSize: [1, 3, 3], activation: "relu", inputShape: [4, 8, 8, 1] }),
  ]);
  volume.setWeights(frames.getWeights().map((weight) => (weight.rank === 4 ? tf.expandDims(weight, 0) : weight)));
  const x = wave([2, 4, 8, 8, 1]);
  const found = await gradCam(frames, { relu: false })(x, { target: 0 });
  const expected = await gradCam(volume, { relu: false })(x, { target: 0 });
  assert.deepEqual(found.shape, [2, 4, 8, 8, 1]);
  assert.deepEqual(expected.shape, [2, 4, 8, 8, 1]);
  close(found.relevance, expected.relevance);
  // The volume's own grid, by hand: mean gradients are means of the dense layer's weights.
  const grid = await gradCam(volume, { relu: false, upsampling: "none" })(x, { target: 0 });
  assert.deepEqual(grid.shape, [2, 4, 6, 6, 1]);
  const activation = volume.layers[0]!.apply(x) as Tensor;
  const column = tf.reshape(tf.slice(volume.layers[2]!.getWeights()[0]!, [0, 0], [-1, 1]), [1, 4, 6, 6, 3]);
  const weights = tf.mean(column, [1, 2, 3], true);
  close(grid.relevance, tf.sum(tf.mul(weights, activation), -1).dataSync());
});

test("a recurrent convolution's map covers height and width, not frames; guided Grad-CAM repeats it over them", async () => {
  const net = ended([
    tf.layers.convLstm2d({ filters: 3, kernelSize: 3, inputShape: [3, 7, 7, 2], kernelInitializer: initializer() }),
  ]);
  const x = wave([1, 3, 7, 7, 2]);
  const found = await gradCam(net, { relu: false })(x, { target: 0 });
  assert.deepEqual(found.shape, [1, 7, 7, 1]);
  const grid = await gradCam(net, { relu: false, upsampling: "none" })(x, { target: 0 });
  const activation = net.layers[0]!.apply(x) as Tensor;
  const column = tf.reshape(tf.slice(net.layers[2]!.getWeights()[0]!, [0, 0], [-1, 1]), activation.shape);
  const sum = tf.sum(tf.mul(tf.mean(column, [1, 2], true), activation), -1, true) as tf.Tensor4D;
  close(grid.relevance, tf.image.resizeBilinear(sum, [5, 5], false, true).dataSync());
  close(found.relevance, tf.image.resizeBilinear(sum, [7, 7], false, true).dataSync());
  assert.deepEqual((await guidedGradCam(net)(x, { target: 0 })).shape, [1, 3, 7, 7, 2]);
});

const words = (last: Sequential["layers"], maskZero = false): Sequential =>
  tf.sequential({
    layers: [
      tf.layers.embedding({
        inputDim: 20,
        outputDim: 4,
        inputLength: 10,
        maskZero,
        embeddingsInitializer: initializer(),
      }),
      ...last,
      tf.layers.dense({ units: 2, kernelInitializer: initializer() }),
    ],
  });

test("words have one number each", async () => {
  const net = words([
    tf.layers.conv1d({ filters: 3, kernelSize: 3, kernelInitializer: initializer() }),
    tf.layers.globalMaxPooling1d({}),
  ]);
  const x = tf.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3]], [1, 10], "int32");
  const found = await gradCam(net, { relu: false })(x, { target: 0 });
  assert.deepEqual(found.shape, [1, 10, 1]);
  const grid = await gradCam(net, { relu: false, upsampling: "none" })(x, { target: 0 });
  const row = tf.tensor(grid.relevance, [1, 1, 8, 1]) as tf.Tensor4D;
  close(found.relevance, tf.image.resizeBilinear(row, [1, 10], false, true).dataSync());
});

test("a recurrent layer that gives its states at every step has a map of steps, both ways", async () => {
  const lstm = () => tf.layers.lstm({ units: 3, returnSequences: true, kernelInitializer: initializer() });
  const nets: LayersModel[] = [words([lstm(), tf.layers.globalMaxPooling1d({})])];
  nets.push(
    words([tf.layers.bidirectional({ layer: lstm() as never, mergeMode: "sum" }), tf.layers.globalMaxPooling1d({})]),
  );
  for (const net of nets) {
    const recording = record(net, wave([1, 10]));
    assert.deepEqual(mapLayers(recording.graph).at(-1), net.layers[1]!.name);
    recording.dispose();
  }
});

test("what has no positions of the input is refused by name", async () => {
  const masked = tf.sequential({
    layers: [
      tf.layers.masking({ maskValue: 0, inputShape: [6, 3] }),
      tf.layers.lstm({ units: 4 }),
      tf.layers.dense({ units: 2 }),
    ],
  });
  await rejects(
    () => gradCam(masked)(wave([1, 6, 3])),
    LayerError,
    /no layer whose values lie on positions of its input/,
  );
  const turned = ended([
    tf.layers.dense({ units: 48, inputShape: [5] }),
    tf.layers.reshape({ targetShape: [4, 4, 3] }),
    convolution({ name: "decoder" }),
  ]);
  await rejects(
    () => gradCam(turned, { layer: "decoder" })(wave([1, 5])),
    LayerError,
    /Layer "decoder" cannot be shown on the input: it has no map of positions of the input/,
  );
});

test("what was cut off has nothing, and what was turned is turned back", async () => {
  const net = ended([
    tf.layers.cropping2D({
      cropping: [
        [0, 2],
        [3, 1],
      ],
      inputShape: [6, 8, 1],
    }),
    convolution({ padding: "same", activation: "linear" }),
  ]);
  const x = wave([1, 6, 8, 1]);
  const found = await gradCam(net, { relu: false })(x, { target: 0 });
  const grid = await gradCam(net, { relu: false, upsampling: "none" })(x, { target: 0 });
  assert.deepEqual(grid.shape, [1, 4, 4, 1]);
  close(
    found.relevance,
    tf
      .pad(tf.tensor(grid.relevance, grid.shape as number[]), [
        [0, 0],
        [0, 2],
        [3, 1],
        [0, 0],
      ])
      .dataSync(),
  );
  const turned = ended([
    tf.layers.permute({ dims: [2, 1, 3], inputShape: [6, 8, 1] }),
    convolution({ padding: "same", activation: "linear" }),
  ]);
  const back = await gradCam(turned, { relu: false })(x, { target: 0 });
  assert.deepEqual(back.shape, [1, 6, 8, 1]);
  const activation = turned.layers[1]!.apply(tf.transpose(x, [0, 2, 1, 3])) as Tensor;
  const column = tf.reshape(tf.slice(turned.layers[3]!.getWeights()[0]!, [0, 0], [-1, 1]), activation.shape);
  const map = tf.sum(tf.mul(tf.mean(column, [1, 2], true), activation), -1);
  close(back.relevance, tf.transpose(tf.reshape(map, [8, 6])).dataSync());
});
