#!/usr/bin/env node
/**
 * Makes models/efficientnet-lite0 (TensorFlow.js layers format, float32, logits) from a directory that holds
 * `efficientnet_lite0_batchnorm.json` (topology), `efficientnet_lite0_batchnorm.fp32.safetensors` (weights), and
 * ImageNet's class names as the package @tensorflow-models/mobilenet lists them (dist/imagenet_classes.js).
 *
 *   node tools/train/convert-efficientnet.mjs SOURCE_DIR IMAGENET_CLASSES_JS [OUTPUT_DIR]
 *
 * No value is rounded or reordered: every weight's bytes are copied.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [source, classesFile, output = "models/efficientnet-lite0"] = process.argv.slice(2);
if (!source || !classesFile) {
  console.error("usage: convert-efficientnet.mjs SOURCE_DIR IMAGENET_CLASSES_JS [OUTPUT_DIR]");
  process.exit(2);
}

const topology = JSON.parse(readFileSync(join(source, "efficientnet_lite0_batchnorm.json"), "utf8"));
const file = readFileSync(join(source, "efficientnet_lite0_batchnorm.fp32.safetensors"));
const headerLength = Number(file.readBigUInt64LE(0));
const header = JSON.parse(file.subarray(8, 8 + headerLength).toString("utf8"));
const body = file.subarray(8 + headerLength);

const specs = [];
const chunks = [];
function weight(key, name, shape) {
  const { dtype, shape: stored, data_offsets: offsets } = header[key];
  if (dtype !== "F32") throw new Error(`${key} is ${dtype}, expected F32`);
  if (shape && String(shape) !== String(stored)) throw new Error(`${key} is [${stored}], expected [${shape}]`);
  specs.push({ name, shape: stored, dtype: "float32" });
  chunks.push(body.subarray(...offsets));
}

/** `padding: "same"` puts the odd pixel after the picture; the source lists pads explicitly, so check that both agree. */
function samePadding(layer, inputSize) {
  layer.padding.forEach(([before, after], axis) => {
    const size = inputSize[axis];
    const stride = layer.strides[axis];
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + layer.kernelSize[axis] - size, 0);
    const expected = [Math.floor(total / 2), Math.ceil(total / 2)];
    if (expected[0] !== before || expected[1] !== after)
      throw new Error(`${layer.name}: pads [${before}, ${after}] are not "same" padding`);
  });
  return "same";
}

const shapes = new Map([["input", topology.inputShape]]);
const layers = [
  {
    class_name: "InputLayer",
    name: "input",
    config: { batch_input_shape: [null, ...topology.inputShape], dtype: "float32", sparse: false, name: "input" },
    inbound_nodes: [],
  },
];
for (const layer of topology.layers) {
  const { name, op } = layer;
  const add = (class_name, config) =>
    layers.push({
      class_name,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: [layer.inputs.map((input) => [input, 0, 0, {}])],
    });
  const window = () => ({
    kernel_size: layer.kernelSize,
    strides: layer.strides,
    padding: samePadding(layer, shapes.get(layer.inputs[0])),
    dilation_rate: layer.dilations,
    data_format: "channels_last",
    activation: "linear",
    use_bias: false,
  });
  switch (op) {
    case "conv2d":
      add("Conv2D", { filters: layer.outputShape.at(-1), ...window() });
      weight(layer.kernel, `${name}/kernel`);
      break;
    case "depthwiseConv2d":
      add("DepthwiseConv2D", { depth_multiplier: 1, ...window() });
      weight(layer.kernel, `${name}/depthwise_kernel`);
      break;
    case "batchNorm":
      add("BatchNormalization", { axis: 3, epsilon: layer.epsilon, center: true, scale: true });
      weight(layer.gamma, `${name}/gamma`);
      weight(layer.beta, `${name}/beta`);
      weight(layer.mean, `${name}/moving_mean`);
      weight(layer.variance, `${name}/moving_variance`);
      break;
    case "relu6":
      add("ReLU", { max_value: 6 });
      break;
    case "add":
      add("Add", {});
      break;
    case "globalAvgPool2d":
      add("GlobalAveragePooling2D", { data_format: "channels_last" });
      break;
    case "dense":
      add("Dense", { units: layer.units, activation: "linear", use_bias: true });
      weight(layer.kernel, `${name}/kernel`);
      weight(layer.bias, `${name}/bias`, [layer.units]);
      break;
    default:
      throw new Error(`${name}: unknown operation ${op}`);
  }
  shapes.set(name, layer.outputShape);
}

const { IMAGENET_CLASSES } = createRequire(import.meta.url)(resolve(classesFile));
const classNames = Array.from({ length: 1000 }, (_, index) => IMAGENET_CLASSES[index]);
if (classNames.some((name) => typeof name !== "string")) throw new Error("a class has no name");

const data = Buffer.concat(chunks);
const model = {
  format: "layers-model",
  generatedBy: "EfficientNet-lite0, ImageNet weights (see THIRD_PARTY.md)",
  convertedBy: "limpid tools/train/convert-efficientnet.mjs",
  modelTopology: {
    keras_version: "2.15.0",
    backend: "tensorflow",
    model_config: {
      class_name: "Model",
      config: {
        name: "efficientnet-lite0",
        layers,
        input_layers: [["input", 0, 0]],
        output_layers: [[topology.layers.at(-1).name, 0, 0]],
      },
    },
  },
  weightsManifest: [{ paths: ["weights.bin"], weights: specs }],
  userDefinedMetadata: {
    limpid: {
      name: "efficientnet-lite0",
      input: { mean: 127, scale: 128, crop: 224 / 256 },
      output: "logits",
      classNames: "classes.json",
      sha256: { "weights.bin": createHash("sha256").update(data).digest("hex") },
    },
  },
};
mkdirSync(output, { recursive: true });
writeFileSync(join(output, "weights.bin"), data);
writeFileSync(join(output, "model.json"), `${JSON.stringify(model)}\n`);
writeFileSync(join(output, "classes.json"), `${JSON.stringify(classNames, null, 0).replaceAll('","', '",\n"')}\n`);
console.log(`${output}: ${layers.length} layers, ${specs.length} weights, ${data.length} bytes`);
