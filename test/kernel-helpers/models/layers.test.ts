import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadModel, tensorflow } from "../../../src/kernel-helpers/index.js";
import { near } from "../../helpers/numbers.js";
import { scratchFolder } from "../../helpers/scratch.js";
import { type KerasLayer, saveKeras, sequential } from "./save-keras.js";

/* Layers that TensorFlow.js computes otherwise than Keras: loaded, they give Keras' numbers, or are refused by name. */

const scratch = scratchFolder("layers");

/** A Sequential as tensorflowjs_converter writes it, or TensorFlow.js itself (by `version`). */
async function saveTfjs(folder: string, shape: number[], layers: KerasLayer[], version = "2.13.1"): Promise<void> {
  const weights = layers.flatMap(({ weights = [] }, index) =>
    weights.map((weight, number) => ({ name: `layer_${index}/${number}`, dtype: "float32", ...weight })),
  );
  const weightsManifest = [
    { paths: ["weights.bin"], weights: weights.map(({ name, dtype, shape }) => ({ name, dtype, shape })) },
  ];
  const modelTopology = { keras_version: version, backend: "tensorflow", model_config: sequential(shape, layers) };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "weights.bin"), new Float32Array(weights.flatMap(({ values }) => values)));
  await writeFile(join(folder, "model.json"), JSON.stringify({ modelTopology, weightsManifest }));
}

/** `layers` as a file of each kind, one after the other. */
async function* files(name: string, shape: number[], layers: KerasLayer[]): AsyncGenerator<string> {
  for (const extension of [".keras", ".h5"]) {
    const file = join(scratch, `${name}${extension}`);
    await saveKeras(file, shape, layers);
    yield file;
  }
  await saveTfjs(join(scratch, name), shape, layers);
  yield join(scratch, name);
}

describe("layers of Keras", async () => {
  const tf = await tensorflow();

  async function output(file: string, shape: number[], values: number[]): Promise<number[]> {
    const model = await loadModel(file);
    const x = tf.tensor(values, shape);
    const y = model.predict(x);
    const found = Array.from(await y.data());
    tf.dispose([x, y]);
    model.dispose();
    return found;
  }

  for (const [strides, dilation] of [
    [1, [2, 3]],
    [2, [1, 2]],
  ] as const) {
    test(`a depthwise convolution heeds its dilation ${dilation}, with strides ${strides}`, async () => {
      const [height, width, channels, multiplier] = [7, 9, 2, 2];
      const x = Array.from({ length: height * width * channels }, (_, index) => Math.sin(index * 1.7));
      const kernel = Array.from({ length: 3 * 2 * channels * multiplier }, (_, index) => Math.cos(index * 2.3));
      const bias = [0.1, -0.2, 0.3, -0.4];
      const rows = Math.floor((height - 2 * dilation[0] - 1) / strides) + 1;
      const columns = Math.floor((width - dilation[1] - 1) / strides) + 1;
      const expected: number[] = [];
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          for (let out = 0; out < channels * multiplier; out++) {
            const channel = Math.floor(out / multiplier);
            let sum = bias[out]!;
            for (let i = 0; i < 3; i++) {
              for (let j = 0; j < 2; j++) {
                const pixel = (row * strides + i * dilation[0]) * width + column * strides + j * dilation[1];
                sum += x[pixel * channels + channel]! * kernel[(i * 2 + j) * channels * multiplier + out]!;
              }
            }
            expected.push(Math.max(sum, 0));
          }
        }
      }
      const layer: KerasLayer = {
        class_name: "DepthwiseConv2D",
        config: {
          kernel_size: [3, 2],
          strides: [strides, strides],
          dilation_rate: dilation,
          padding: "valid",
          depth_multiplier: multiplier,
          groups: 1,
          use_bias: true,
          activation: "relu",
        },
        weights: [
          { shape: [3, 2, channels, multiplier], values: kernel },
          { shape: [channels * multiplier], values: bias },
        ],
        group: "depthwise_conv2d",
      };
      const before = tf.memory().numTensors;
      for await (const file of files(`depthwise-${strides}`, [height, width, channels], [layer])) {
        near(await output(file, [1, height, width, channels], x), expected, 1e-5, file);
      }
      assert.equal(tf.memory().numTensors, before);
    });
  }

  test("a dilated separable convolution with the settings that Keras 2 writes", async () => {
    // One channel, a kernel [1, 2] of ones with dilation 2, then times 10: x[i] + x[i + 2].
    const layer: KerasLayer = {
      class_name: "SeparableConv2D",
      config: {
        filters: 1,
        kernel_size: [1, 2],
        dilation_rate: [2, 2],
        padding: "valid",
        use_bias: false,
        groups: 1,
        depth_multiplier: 1,
        activation: "linear",
        kernel_initializer: { class_name: "GlorotUniform", config: {} },
        kernel_regularizer: null,
      },
      weights: [
        { shape: [1, 2, 1, 1], values: [1, 1] },
        { shape: [1, 1, 1, 1], values: [10] },
      ],
      group: "separable_conv2d",
    };
    for await (const file of files("separable", [1, 5, 1], [layer])) {
      near(await output(file, [1, 1, 5, 1], [1, 2, 3, 4, 5]), [40, 60, 80], 1e-5, file);
    }
  });

  test("bilinear UpSampling2D takes pixels as areas in Keras' files, as points in TensorFlow.js' own", async () => {
    const layer = { class_name: "UpSampling2D", config: { size: [1, 2], interpolation: "bilinear" } };
    for await (const file of files("bilinear", [1, 2, 1], [layer])) {
      near(await output(file, [1, 1, 2, 1], [0, 4]), [0, 1, 3, 4], 1e-5, file);
    }
    await saveTfjs(join(scratch, "own"), [1, 2, 1], [layer], "tfjs-layers 4.22.0");
    near(await output(join(scratch, "own"), [1, 1, 2, 1], [0, 4]), [0, 2, 4, 4], 1e-5, "TensorFlow.js");
  });

  test("LeakyReLU, LayerNormalization, Rescaling", async () => {
    const slope = { class_name: "LeakyReLU", config: { negative_slope: 0.1 } };
    const first = {
      class_name: "BatchNormalizationV1",
      config: { axis: [1], scale: false, center: false, epsilon: 0 },
    };
    const statistics = [
      { shape: [2], values: [1, 2] },
      { shape: [2], values: [4, 9] },
    ];
    await saveKeras(join(scratch, "first.h5"), [2], [{ ...first, weights: statistics }]);
    near(await output(join(scratch, "first.h5"), [1, 2], [3, 5]), [1, 1], 1e-5, "BatchNormalizationV1");
    for await (const file of files("leaky", [2], [slope]))
      near(await output(file, [1, 2], [-1, 2]), [-0.1, 2], 1e-5, file);
    const normalization: KerasLayer = {
      class_name: "LayerNormalization",
      config: { axis: [1], epsilon: 0.25 },
      weights: [
        { shape: [2], values: [2, 3] },
        { shape: [2], values: [0, 1] },
      ],
      group: "layer_normalization",
    };
    // Mean 2, variance 1: ±1 / √1.25.
    const unit = 1 / Math.sqrt(1.25);
    for await (const file of files("normalization", [2], [normalization])) {
      near(await output(file, [1, 2], [1, 3]), [-2 * unit, 3 * unit + 1], 1e-5, file);
    }
    const rescaling = { class_name: "Rescaling", config: { scale: 1 / 127.5, offset: -1 } };
    for await (const file of files("rescaling", [2], [rescaling])) {
      near(await output(file, [1, 2], [0, 255]), [-1, 1], 1e-5, file);
    }
  });

  // At -1 and 1, from the published formulas.
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  const activations: { [name: string]: (x: number) => number } = {
    silu: (x) => x * sigmoid(x),
    swish: (x) => x * sigmoid(x),
    // Φ(1) = 0.8413447
    gelu: (x) => (x < 0 ? -0.1586553 : 0.8413447),
    mish: (x) => x * Math.tanh(softplus(x)),
    softplus,
    softsign: (x) => x / (1 + Math.abs(x)),
    elu: (x) => (x < 0 ? Math.expm1(x) : x),
    selu: (x) => 1.05070098 * (x < 0 ? 1.67326324 * Math.expm1(x) : x),
    relu6: (x) => Math.min(Math.max(x, 0), 6),
    hard_swish: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    hard_silu: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    leaky_relu: (x) => (x < 0 ? 0.2 * x : x),
    // √(2/π)(1 + 0.044715) = 0.8335644
    gelu_approximate: (x) => 0.5 * x * (1 + Math.tanh(0.8335644 * x)),
    log_softmax: (x) => x - Math.log(Math.exp(1) + Math.exp(-1)),
  };
  test("activations by name", async () => {
    for (const [activation, formula] of Object.entries(activations)) {
      const layer = { class_name: "Activation", config: { activation } };
      for await (const file of files(activation, [2], [layer])) {
        near(await output(file, [1, 2], [-1, 1]), [formula(-1), formula(1)], 1e-5, file);
      }
    }
  });

  const convolution = { filters: 2, kernel_size: [3, 3], strides: [1, 1], padding: "valid", activation: "linear" };
  const refused: [class_name: string, shape: number[], config: { [key: string]: unknown }, message: RegExp][] = [
    ["Conv2DTranspose", [8, 8, 4], { ...convolution, dilation_rate: [2, 2] }, /with dilation_rate = \[2,2\]/],
    ["Conv2DTranspose", [8, 8, 4], { ...convolution, output_padding: [1, 1] }, /with output_padding = \[1,1\]/],
    ["UpSampling2D", [8, 8, 4], { size: [2, 2], interpolation: "cubic" }, /with interpolation = "cubic"/],
    ["LSTM", [8, 4], { units: 2, time_major: true }, /a LSTM with time_major = true/],
    [
      "Resizing",
      [8, 8, 4],
      { height: 4, width: 4, interpolation: "cubic" },
      /is a Resizing with interpolation = "cubic"/,
    ],
    ["Dense", [4], { units: 2, activation: "glu" }, /has activation = "glu"/],
    ["Activation", [4], { activation: "sparsemax" }, /has activation = "sparsemax"/],
    [
      "Dense",
      [4],
      { units: 2, activation: { class_name: "PReLU", config: { shared_axes: [1] } } },
      /has activation = \{.*PReLU/,
    ],
  ];
  for (const [class_name, shape, config, message] of refused) {
    test(`a ${class_name} is refused: ${message.source}`, async () => {
      const before = tf.memory().numTensors;
      for await (const file of files("refused", shape, [{ class_name, config }])) {
        await assert.rejects(loadModel(file), (error: Error) => {
          assert.equal(error.name, "ModelFileError");
          assert.match(error.message, message);
          assert.match(error.message, /layer "layer_0"/);
          assert.match(error.message, /save it again/);
          return true;
        });
      }
      assert.equal(tf.memory().numTensors, before);
    });
  }

  test("an average over steps leaves out those that a mask hides, and only those", async () => {
    const embedding = (mask_zero: boolean): KerasLayer => ({
      class_name: "Embedding",
      config: { input_dim: 3, output_dim: 1, mask_zero },
      weights: [{ shape: [3, 1], values: [0, 2, 4] }],
      group: "embedding",
    });
    const dropout = { class_name: "Dropout", config: { rate: 0.5 } };
    const average = { class_name: "GlobalAveragePooling1D", config: {} };
    for await (const file of files("masked", [2], [embedding(true), dropout, average])) {
      near(await output(file, [2, 2], [1, 0, 1, 2]), [2, 3], 1e-5, file);
    }
    for await (const file of files("unmasked", [2], [embedding(false), dropout, average])) {
      near(await output(file, [1, 2], [1, 2]), [3], 1e-5, file);
    }
  });

  test("weights whose names are split over several attributes are found, and none is left out in silence", async () => {
    const weights = [
      { shape: [1, 1], values: [2] },
      { shape: [1], values: [3] },
    ];
    const dense = { class_name: "Dense", config: { units: 1 } };
    const file = join(scratch, "chunked.h5");
    await saveKeras(file, [1], [{ ...dense, weights }, dense], true);
    await assert.rejects(loadModel(file), { name: "ModelFileError", message: /no weights for layer "layer_1"/ });
    await saveKeras(
      file,
      [1],
      [
        { ...dense, weights },
        { ...dense, weights },
      ],
      true,
    );
    near(await output(file, [1, 1], [1]), [13], 1e-5, file);
  });

  test("classes that TensorFlow.js does not have are named", async () => {
    for (const class_name of ["StringLookup", "Swirl"]) {
      for await (const file of files("unknown", [8, 4], [{ class_name, config: {} }])) {
        await assert.rejects(loadModel(file), { name: "UnknownLayerError", layerClass: class_name });
      }
    }
  });

  test("the converter's model.json of a Keras 3 model", async () => {
    const folder = join(scratch, "keras3");
    const dense = (name: string, units: number) => ({
      module: "keras.layers",
      class_name: "Dense",
      config: { name, units, dtype: { class_name: "DTypePolicy", config: { name: "float32" } }, activation: "linear" },
    });
    const input = { module: "keras.layers", class_name: "InputLayer", config: { name: "in", batch_shape: [null, 1] } };
    const inner = { class_name: "Sequential", config: { name: "inner", layers: [input, dense("second", 1)] } };
    const model_config = {
      class_name: "Sequential",
      config: { name: "outer", layers: [input, dense("first", 1), inner] },
    };
    const save = async (names: string[]) => {
      const weights = names.map((name, index) => ({ name, dtype: "float32", shape: index % 2 === 0 ? [1, 1] : [1] }));
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "weights.bin"), new Float32Array([2, 3, 5, 7].slice(0, names.length)));
      const weightsManifest = [{ paths: ["weights.bin"], weights }];
      const modelTopology = { keras_version: "3.15.1", backend: "tensorflow", model_config };
      await writeFile(join(folder, "model.json"), JSON.stringify({ modelTopology, weightsManifest }));
    };
    const names = ["outer/first/kernel", "outer/first/bias", "inner/second/kernel", "inner/second/bias"];
    await save(names);
    // (1 · 2 + 3) · 5 + 7
    near(await output(folder, [1, 1], [1]), [32], 1e-5, "Keras 3");
    await save(names.slice(0, 2));
    await assert.rejects(loadModel(folder), { name: "ModelFileError", message: /no weights for layer "second"/ });
    await save([...names.slice(0, 3), "other/bias"]);
    await assert.rejects(loadModel(folder), { name: "ModelFileError", message: /"other\/bias" of no layer/ });
  });

  test("a Reshape with −1 says its size to the layer behind it", async () => {
    const dense = { class_name: "Dense", config: { units: 1 }, group: "dense" };
    const weights = (inputs: number) => [
      { shape: [inputs, 1], values: Array.from({ length: inputs }, (_, index) => 10 ** index) },
      { shape: [1], values: [0] },
    ];
    for (const [target_shape, inputs, expected] of [
      [[-1], 4, [4321]],
      [[2, -1], 2, [21, 43]],
      [[-1, 2], 2, [21, 43]],
    ] as const) {
      const layers = [
        { class_name: "Reshape", config: { target_shape } },
        { ...dense, weights: weights(inputs) },
      ];
      for await (const file of files(`reshape-${target_shape}`, [2, 2], layers)) {
        near(await output(file, [1, 2, 2], [1, 2, 3, 4]), [...expected], 1e-4, file);
      }
    }
  });

  test("hard_sigmoid is another function in Keras 3", async () => {
    const layer = { class_name: "Activation", config: { activation: "hard_sigmoid" } };
    await saveKeras(join(scratch, "hard.h5"), [1], [layer]);
    near(await output(join(scratch, "hard.h5"), [1, 1], [1]), [0.7], 1e-5, "Keras 2");
    await saveKeras(join(scratch, "hard.keras"), [1], [layer]);
    near(await output(join(scratch, "hard.keras"), [1, 1], [1]), [2 / 3], 1e-5, "Keras 3");
    await saveTfjs(join(scratch, "hard"), [1], [layer], "3.3.0");
    near(await output(join(scratch, "hard"), [1, 1], [1]), [2 / 3], 1e-5, "Keras 3");
  });
});
