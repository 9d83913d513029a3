import assert from "node:assert/strict";
import { test } from "node:test";
import * as tf from "@tensorflow/tfjs-node";
import { ComputationError, gradients, type Model, record, release, replay } from "../../../src/explainers/index.js";
import { closeTensors as close } from "../../helpers/tensors.js";

const image = (seed: number, shape: number[] = [2, 9, 8, 3]) => tf.randomNormal(shape, 0, 1, "float32", seed);
const normal = (seed: number) => tf.initializers.randomNormal({ stddev: 0.4, seed });

function smallNet(): tf.LayersModel {
  const input = tf.input({ shape: [9, 8, 3] });
  const conv = (filters: number, seed: number, more: object = {}) =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      padding: "same",
      kernelInitializer: normal(seed),
      biasInitializer: normal(seed + 50),
      ...more,
    });
  const norm = (seed: number) =>
    tf.layers.batchNormalization({
      gammaInitializer: normal(seed),
      betaInitializer: normal(seed + 1),
      movingMeanInitializer: normal(seed + 2),
      movingVarianceInitializer: tf.initializers.randomUniform({ minval: 0.3, maxval: 2, seed: seed + 3 }),
    });
  let x = conv(6, 1, { activation: "relu" }).apply(input) as tf.SymbolicTensor;
  const skip = x;
  x = norm(20).apply(conv(6, 2).apply(x)) as tf.SymbolicTensor;
  x = tf.layers.add().apply([x, skip]) as tf.SymbolicTensor;
  x = tf.layers.reLU({ maxValue: 6 }).apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .depthwiseConv2d({ kernelSize: 3, strides: 2, padding: "same", depthwiseInitializer: normal(3) })
    .apply(x) as tf.SymbolicTensor;
  x = norm(30).apply(x) as tf.SymbolicTensor;
  x = tf.layers.leakyReLU({ alpha: 0.1 }).apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .zeroPadding2d({
      padding: [
        [1, 0],
        [0, 1],
      ],
    })
    .apply(x) as tf.SymbolicTensor;
  const left = conv(4, 4, { strides: 2, padding: "valid", activation: "elu" }).apply(x) as tf.SymbolicTensor;
  const right = tf.layers.maxPooling2d({ poolSize: 3, strides: 2 }).apply(x) as tf.SymbolicTensor;
  x = tf.layers.concatenate().apply([left, right]) as tf.SymbolicTensor;
  x = tf.layers.flatten().apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .dense({ units: 7, activation: "tanh", kernelInitializer: normal(5), biasInitializer: normal(6) })
    .apply(x) as tf.SymbolicTensor;
  x = norm(40).apply(x) as tf.SymbolicTensor;
  x = tf.layers
    .dense({ units: 4, activation: "softmax", kernelInitializer: normal(7), biasInitializer: normal(8) })
    .apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: x });
}

/** The tape's gradient of the sum of `seed · f(x)`. */
const tapeGradient = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, seed: tf.Tensor) =>
  tf.grad((given: tf.Tensor) => tf.sum(tf.mul(f(given), seed)))(x);

function checkGradient(name: string, model: Model, f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, tolerance = 2e-6) {
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const recording = record(model, x);
    close(recording.outputs[0]!, f(x), tolerance, `${name}: output`);
    const seed = tf.randomNormal(recording.outputs[0]!.shape, 0, 1, "float32", 5);
    const result = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
    close(result.get(recording.graph.inputs[0]!)!, tapeGradient(f, x, seed), tolerance, `${name}: gradient`);
    for (const tensor of result.values()) tensor.dispose();
    for (const batch of [1, 3]) {
      const other = image(batch + 10, [batch, ...x.shape.slice(1)]);
      const again = replay(recording.graph, [other], recording.weights);
      close(again.values[recording.graph.outputs[0]!]!, f(other), tolerance, `${name}: replay of ${batch}`);
      again.pool.dispose();
    }
    recording.dispose();
  });
  release(model);
  assert.equal(tf.memory().numTensors, before, `${name} leaks tensors`);
}

test("a layers model: batch norm folded, softmax dropped, gradients as the tape's, at any batch size", () => {
  const model = smallNet();
  const logits = (x: tf.Tensor) => {
    const inner = tf.model({ inputs: model.inputs, outputs: model.layers.at(-2)!.output as tf.SymbolicTensor });
    const last = model.layers.at(-1)!.getWeights();
    return tf.add(tf.matMul(inner.apply(x) as tf.Tensor2D, last[0] as tf.Tensor2D), last[1]!) as tf.Tensor;
  };
  const x = image(1);
  checkGradient("layers model", model, logits, x);
  const recording = record(model, x);
  assert.deepEqual(recording.graph.tails, ["softmax"]);
  const kinds = recording.graph.nodes.map(({ operation }) => operation.kind);
  assert.ok(!kinds.includes("softmax") && !kinds.includes("scale") && !kinds.includes("unknown"), kinds.join(" "));
  assert.equal(
    kinds.filter((kind) => kind === "rearrange").length,
    2,
    `${kinds.join(" ")}: the flatten and the padding that max pooling reads`,
  );
  const folded = recording.graph.nodes.filter(({ folded }) =>
    folded.some((name) => name.startsWith("batch_normalization")),
  );
  assert.equal(folded.length, 3);
  recording.dispose();
  release(model);
  x.dispose();
  model.dispose();
});

test("the second recording of a model replays its graph, and changed weights are noticed", () => {
  const model = smallNet();
  const x = image(2);
  const first = record(model, x);
  const second = record(model, x);
  assert.equal(second.graph, first.graph);
  close(second.outputs[0]!, first.outputs[0]!, 1e-6);
  const layer = model.layers.find(({ name }) => name.startsWith("conv2d"))!;
  layer.setWeights(layer.getWeights().map((weight) => tf.mul(weight, 2)));
  const third = record(model, x);
  assert.notEqual(third.graph, first.graph);
  const probability = tf.softmax(third.outputs[0]!);
  close(probability, model.predict(x) as tf.Tensor, 1e-5);
  for (const recording of [first, second, third]) recording.dispose();
  release(model);
});

test("plain functions: every kind of operation has the tape's gradient", () => {
  const w = (seed: number, shape: number[]) => tf.randomNormal(shape, 0, 0.5, "float32", seed);
  // The tape cannot differentiate a dilated convolution: its filter with the holes written out can.
  const holes = (filter: tf.Tensor) =>
    tf.slice(
      tf.reshape(
        tf.pad(tf.reshape(filter, [3, 1, 3, 1, 3, 4]), [
          [0, 0],
          [0, 1],
          [0, 0],
          [0, 1],
          [0, 0],
          [0, 0],
        ]),
        [6, 6, 3, 4],
      ),
      0,
      [5, 5, 3, 4],
    ) as tf.Tensor4D;
  const functions: [string, (x: tf.Tensor) => tf.Tensor, number[], ((x: tf.Tensor) => tf.Tensor)?][] = [
    ["dense", (x) => tf.add(tf.matMul(x as tf.Tensor2D, w(1, [5, 3]) as tf.Tensor2D), w(2, [3])), [2, 5]],
    [
      "fused dense",
      (x) =>
        tf.fused.matMul({ a: x as tf.Tensor2D, b: w(1, [5, 3]) as tf.Tensor2D, bias: w(2, [3]), activation: "relu" }),
      [2, 5],
    ],
    [
      "dense over time",
      (x) => tf.reshape(tf.matMul(tf.reshape(x, [-1, 5]) as tf.Tensor2D, w(1, [5, 3]) as tf.Tensor2D), [-1, 4, 3]),
      [2, 4, 5],
    ],
    ["conv1d", (x) => tf.conv1d(x as tf.Tensor3D, w(1, [3, 3, 4]) as tf.Tensor3D, 2, "same"), [2, 9, 3]],
    [
      "dilated conv",
      (x) => tf.conv2d(x as tf.Tensor4D, w(1, [3, 3, 3, 4]) as tf.Tensor4D, 1, "valid", "NHWC", 2),
      [2, 9, 8, 3],
      (x) => tf.conv2d(x as tf.Tensor4D, holes(w(1, [3, 3, 3, 4])), 1, "valid"),
    ],
    [
      "dilated padded conv",
      (x) => tf.conv2d(x as tf.Tensor4D, w(1, [3, 3, 3, 4]) as tf.Tensor4D, 1, "same", "NHWC", 2),
      [2, 9, 8, 3],
      (x) => tf.conv2d(x as tf.Tensor4D, holes(w(1, [3, 3, 3, 4])), 1, "same"),
    ],
    [
      "strided explicit padding",
      (x) =>
        tf.conv2d(
          tf.pad(x as tf.Tensor4D, [
            [0, 0],
            [1, 1],
            [1, 1],
            [0, 0],
          ]),
          w(1, [3, 3, 3, 4]) as tf.Tensor4D,
          2,
          "valid",
        ),
      [2, 9, 8, 3],
    ],
    ["strided 1×1", (x) => tf.conv2d(x as tf.Tensor4D, w(1, [1, 1, 3, 4]) as tf.Tensor4D, 2, "same"), [2, 9, 8, 3]],
    [
      "wide padding",
      (x) =>
        tf.conv2d(
          tf.pad(x as tf.Tensor4D, [
            [0, 0],
            [3, 3],
            [3, 3],
            [0, 0],
          ]),
          w(1, [3, 3, 3, 4]) as tf.Tensor4D,
          1,
          "valid",
        ),
      [2, 5, 5, 3],
    ],
    [
      "depthwise ×2",
      (x) => tf.depthwiseConv2d(x as tf.Tensor4D, w(1, [3, 3, 3, 2]) as tf.Tensor4D, 1, "same"),
      [2, 9, 8, 3],
    ],
    [
      "depthwise strided 5×5",
      (x) => tf.depthwiseConv2d(x as tf.Tensor4D, w(1, [5, 5, 3, 1]) as tf.Tensor4D, 2, "same"),
      [2, 9, 8, 3],
    ],
    [
      "depthwise strided valid",
      (x) => tf.depthwiseConv2d(x as tf.Tensor4D, w(1, [2, 2, 3, 1]) as tf.Tensor4D, 3, "valid"),
      [2, 9, 8, 3],
    ],
    [
      "transposed conv",
      (x) =>
        tf.conv2dTranspose(x as tf.Tensor4D, w(1, [3, 3, 2, 3]) as tf.Tensor4D, [x.shape[0]!, 18, 16, 2], 2, "same"),
      [2, 9, 8, 3],
    ],
    [
      "space to batch",
      (x) =>
        tf.batchToSpaceND(
          tf.conv2d(
            tf.spaceToBatchND(
              x,
              [2, 2],
              [
                [2, 3],
                [2, 2],
              ],
            ) as tf.Tensor4D,
            w(1, [3, 3, 3, 4]) as tf.Tensor4D,
            1,
            "valid",
          ),
          [2, 2],
          [
            [0, 1],
            [0, 0],
          ],
        ),
      [2, 9, 8, 3],
    ],
    [
      "separable",
      (x) =>
        tf.separableConv2d(
          x as tf.Tensor4D,
          w(1, [3, 3, 3, 2]) as tf.Tensor4D,
          w(2, [1, 1, 6, 4]) as tf.Tensor4D,
          1,
          "same",
        ),
      [2, 9, 8, 3],
    ],
    [
      "batch norm before a padded conv",
      (x) =>
        tf.conv2d(
          tf.batchNorm4d(
            x as tf.Tensor4D,
            w(1, [3]) as tf.Tensor1D,
            tf.square(w(2, [3])) as tf.Tensor1D,
            w(3, [3]) as tf.Tensor1D,
            w(4, [3]) as tf.Tensor1D,
          ) as tf.Tensor4D,
          w(5, [3, 3, 3, 2]) as tf.Tensor4D,
          1,
          "same",
        ),
      [2, 9, 8, 3],
    ],
    [
      "batch norm before a valid conv",
      (x) =>
        tf.conv2d(
          tf.add(tf.mul(x, w(1, [3])), w(2, [3])) as tf.Tensor4D,
          w(5, [3, 3, 3, 2]) as tf.Tensor4D,
          2,
          "valid",
        ),
      [2, 9, 8, 3],
    ],
    ["average pool", (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same"), [2, 9, 8, 3]],
    ["global pools", (x) => tf.concat([tf.mean(x, [1, 2]), tf.max(x, [1, 2]), tf.sum(x, [1, 2])], 1), [2, 9, 8, 3]],
    [
      "activations",
      (x) =>
        tf.addN([
          tf.sigmoid(x),
          tf.tanh(x),
          tf.softplus(x),
          tf.selu(x),
          tf.elu(x),
          tf.exp(x),
          tf.abs(x),
          tf.square(x),
          tf.erf(x),
          tf.clipByValue(x, -0.5, 0.5),
          tf.prelu(x, w(1, [5])),
          tf.relu6(tf.mul(x, 5)),
        ]),
      [2, 5],
    ],
    ["quotient and product", (x) => tf.div(tf.mul(x, tf.sin(x)), tf.add(tf.sqrt(tf.add(tf.square(x), 1)), 1)), [2, 5]],
    [
      "layer norm",
      (x) => {
        const { mean, variance } = tf.moments(x, -1, true);
        return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
      },
      [2, 5],
    ],
    ["attention", (x) => tf.matMul(tf.softmax(tf.matMul(x, x, false, true)), x), [2, 4, 5]],
    // The tape itself confuses the parts of a split that are used in another order.
    [
      "shapes",
      (x) => tf.concat(tf.split(tf.transpose(tf.reverse(x, 1), [0, 2, 1]), [2, 3], 1).reverse(), 1),
      [2, 4, 5],
      (x) => {
        const turned = tf.transpose(tf.reverse(x, 1), [0, 2, 1]);
        return tf.concat([tf.slice(turned, [0, 2, 0], [-1, 3, -1]), tf.slice(turned, [0, 0, 0], [-1, 2, -1])], 1);
      },
    ],
    ["stack and unstack", (x) => tf.stack(tf.unstack(x, 1).slice(1), 2), [2, 4, 5]],
    [
      "slice, pad, tile",
      (x) =>
        tf.tile(
          tf.pad(tf.slice(x, [0, 1, 0], [-1, 2, 5]), [
            [0, 0],
            [1, 0],
            [0, 2],
          ]),
          [1, 2, 1],
        ),
      [2, 4, 5],
    ],
    [
      "strided slice and gather",
      (x) => tf.gather(tf.stridedSlice(x, [0, 0, 1], [0, 4, 5], [1, 2, 2], 1, 1), tf.tensor1d([1, 0, 1], "int32"), 2),
      [2, 4, 5],
      (x) => tf.gather(tf.gather(x, tf.tensor1d([0, 2], "int32"), 1), tf.tensor1d([3, 1, 3], "int32"), 2),
    ],
    // The tape's own gradient leaves out what was mirrored.
    [
      "mirrored padding",
      (x) =>
        tf.mirrorPad(
          x,
          [
            [0, 0],
            [2, 1],
          ],
          "reflect",
        ),
      [2, 5],
      (x) => tf.gather(x, tf.tensor1d([2, 1, 0, 1, 2, 3, 4, 3], "int32"), 1),
    ],
    ["minimum and maximum over an axis", (x) => tf.mul(tf.min(x, 1, true), tf.sub(x, tf.max(x, 1, true))), [2, 5]],
    [
      "quotient, or 0",
      (x) => tf.divNoNan(x, tf.relu(tf.reverse(x, 1))),
      [2, 5],
      (x) => {
        const denominator = tf.relu(tf.reverse(x, 1));
        const some = tf.step(denominator);
        return tf.div(tf.mul(x, some), tf.add(denominator, tf.sub(1, some)));
      },
    ],
    ["maximum", (x) => tf.maximum(tf.mul(x, 2), tf.sub(1, x)), [2, 5]],
    [
      "resize",
      (x) =>
        tf.add(
          tf.image.resizeBilinear(x as tf.Tensor4D, [12, 11]),
          tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 11]),
        ),
      [2, 9, 8, 3],
    ],
    [
      "an unknown kernel",
      (x) => tf.transpose(tf.unsortedSegmentSum(tf.transpose(x), tf.tensor1d([0, 1, 1, 2, 0], "int32"), 3)),
      [2, 5],
    ],
  ];
  for (const [name, f, shape, reference] of functions) {
    const x = image(3, shape);
    checkGradient(name, f, reference ?? f, x, 5e-6);
    x.dispose();
  }
});

test("log-softmax is dropped like softmax", () => {
  const w = tf.randomNormal([5, 3], 0, 1, "float32", 1) as tf.Tensor2D;
  const x = image(4, [2, 5]);
  const recording = record((given) => tf.logSoftmax(tf.matMul(given as tf.Tensor2D, w)), x);
  assert.deepEqual(recording.graph.tails, ["logSoftmax"]);
  close(recording.outputs[0]!, tf.matMul(x as tf.Tensor2D, w), 0);
  recording.dispose();
});

test("several inputs and outputs, shared layers and nested models keep their names", () => {
  const a = tf.input({ shape: [4] });
  const b = tf.input({ shape: [4] });
  const towerInput = tf.input({ shape: [4] });
  const tower = tf.model({
    name: "tower",
    inputs: towerInput,
    outputs: tf.layers.dense({ units: 3, activation: "relu", name: "inner" }).apply(towerInput) as tf.SymbolicTensor,
  });
  const left = tower.apply(a) as tf.SymbolicTensor;
  const right = tower.apply(b) as tf.SymbolicTensor;
  const merged = tf.layers.multiply({ name: "product" }).apply([left, right]) as tf.SymbolicTensor;
  const head = tf.layers.dense({ units: 2, name: "head" }).apply(merged) as tf.SymbolicTensor;
  const model = tf.model({ inputs: [a, b], outputs: [head, left] });
  const [x, y] = [image(5, [3, 4]), image(6, [3, 4])];
  const recording = record(model, [x, y]);
  const expected = model.predict([x, y]) as tf.Tensor[];
  for (const [index, output] of recording.outputs.entries()) close(output, expected[index]!, 1e-6);
  const names = recording.graph.nodes.map(({ name }) => name);
  assert.equal(names.filter((name) => name === "tower/inner").length, 4, names.join(" "));
  assert.ok(names.includes("head") && names.includes("product"));
  const seed = tf.onesLike(recording.outputs[0]!);
  const result = gradients(recording, new Map([[recording.graph.outputs[0]!, seed]]));
  const [da, db] = tf.grads((p: tf.Tensor, q: tf.Tensor) => tf.sum((model.apply([p, q]) as tf.Tensor[])[0]!))([x, y]);
  close(result.get(recording.graph.inputs[0]!)!, da!, 2e-6);
  close(result.get(recording.graph.inputs[1]!)!, db!, 2e-6);
  recording.dispose();
  release(model);
});

test("wrong inputs and wrong models are refused by name", () => {
  const model = smallNet();
  const before = tf.memory().numTensors;
  assert.throws(
    () =>
      record(
        model,
        tf.tidy(() => tf.zeros([1, 9, 9, 3])),
      ),
    { name: "InputShapeError", message: /\[batch, 9, 8, 3\].*\[1, 9, 9, 3\]/ },
  );
  assert.throws(() => record(42 as unknown as object, image(1)), { name: "ModelError", message: /42/ });
  const x = image(1, [2, 5]);
  assert.throws(() => record(() => "cat" as unknown as tf.Tensor, x), { name: "ModelError", message: /"cat"/ });
  assert.throws(() => record(() => tf.zeros([1]), x), { name: "ModelError", message: /does not depend/ });
  assert.throws(
    () =>
      record((given) => {
        tf.relu(given);
        throw new RangeError("inside");
      }, x),
    (error: Error) => error instanceof ComputationError && error.cause instanceof RangeError,
  );
  assert.equal(
    tf.engine().runKernel,
    Object.getPrototypeOf(tf.engine()).runKernel,
    "the wrapper is gone after a throw",
  );
  x.dispose();
  assert.ok(tf.memory().numTensors <= before + 2);
});
