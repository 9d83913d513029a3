import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import type { DepthwiseConv2DArgs } from "../../src/kernel-helpers/models/layers/convolution/depthwise-conv2d.js";
import { layerClass } from "../../src/kernel-helpers/models/layers/layer-class.js";
import { registerLayers } from "../../src/kernel-helpers/models/layers/register.js";
import type { GoldenLayer, GoldenModel } from "./format.js";
import { GoldensError, type StoredTensor } from "./safetensors.js";
import { allowStridedAndDilated } from "./strided-dilated.js";

type Stored = ReadonlyMap<string, StoredTensor>;
type Pair = [number, number];
type LstmArgs = Pick<
  Parameters<typeof layers.layers.lstm>[0],
  "units" | "activation" | "recurrentActivation" | "returnSequences"
>;

/** A golden model as a layers model whose layers have the names in the index. */
export function buildModel(golden: GoldenModel, stored: Stored): layers.LayersModel {
  if (golden.layers === undefined || golden.inputShape === undefined) {
    throw new GoldensError(`A model without a list of layers (${golden.file}) is built by the cases that use it.`);
  }
  const input = layers.input({ shape: [...golden.inputShape], name: golden.input ?? "input" });
  const outputs = new Map<string, layers.SymbolicTensor>([[golden.input ?? "input", input]]);
  let last = input;
  for (const layer of golden.layers) {
    const given = layer.inputs.map((name) => {
      const tensor = outputs.get(name);
      if (tensor === undefined)
        throw new GoldensError(`Layer ${layer.name} reads ${name}, which no layer before it is called.`);
      return tensor;
    });
    last = build(layer, given, stored);
    outputs.set(layer.name, last);
  }
  return layers.model({ inputs: input, outputs: last });
}

function build(layer: GoldenLayer, inputs: layers.SymbolicTensor[], stored: Stored): layers.SymbolicTensor {
  const { name } = layer;
  const apply = (
    made: layers.layers.Layer,
    weights: (string | null)[],
    x: unknown = inputs[0],
  ): layers.SymbolicTensor => {
    const output = made.apply(x as layers.SymbolicTensor) as layers.SymbolicTensor;
    const tensors = weights.filter((key) => key !== null).map((key) => tensorOf(stored, key));
    made.setWeights(tensors);
    tf.dispose(tensors);
    return output;
  };
  const key = (role: string): string => layer[role] as string;
  const bias = layer["bias"] == null ? null : key("bias");
  const useBias = bias !== null;
  switch (layer.op) {
    case "dense":
      return apply(layers.layers.dense({ name, units: shapeOf(stored, key("kernel"))[1]!, useBias }), [
        key("kernel"),
        bias,
      ]);
    case "conv2d": {
      const kernel = shapeOf(stored, key("kernel"));
      const made = layers.layers.conv2d({ name, filters: kernel[3]!, ...convolution(layer, kernel), useBias });
      allowStridedAndDilated(made, layer["strides"] as Pair, layer["dilations"] as Pair);
      return apply(made, [key("kernel"), bias], padded(layer, inputs[0]!));
    }
    case "depthwiseConv2d": {
      const kernel = shapeOf(stored, key("kernel"));
      const args = { name, depthMultiplier: kernel[3]!, ...convolution(layer, kernel), useBias };
      registerLayers();
      const DepthwiseConv2D = layerClass<DepthwiseConv2DArgs>("DepthwiseConv2D");
      return apply(new DepthwiseConv2D(args), [key("kernel"), bias], padded(layer, inputs[0]!));
    }
    case "conv1d": {
      const kernel = shapeOf(stored, key("kernel"));
      const [strides, dilationRate] = [layer["strides"] as number, layer["dilations"] as number];
      const made = layers.layers.conv1d({
        name,
        filters: kernel[2]!,
        kernelSize: kernel[0]!,
        strides,
        dilationRate,
        padding: "valid",
        useBias,
      });
      allowStridedAndDilated(made, strides, dilationRate);
      return apply(made, [key("kernel"), bias], padded1d(layer, inputs[0]!));
    }
    case "batchNorm":
      return apply(layers.layers.batchNormalization({ name, epsilon: layer["epsilon"] as number }), [
        key("gamma"),
        key("beta"),
        key("mean"),
        key("variance"),
      ]);
    case "bidirectional": {
      const { units, activation, recurrentActivation, returnSequences } = layer as unknown as LstmArgs;
      const cell = layers.layers.lstm({ units, activation, recurrentActivation, returnSequences });
      const keys = ["forward", "backward"].flatMap((direction) => {
        const part = layer[direction] as { kernel: string; recurrentKernel: string; bias: string };
        return [part.kernel, part.recurrentKernel, part.bias];
      });
      return apply(
        layers.layers.bidirectional({
          name,
          layer: cell,
          mergeMode: layer["mergeMode"] as "concat",
        }) as layers.layers.Layer,
        keys,
      );
    }
    case "relu":
      return apply(layers.layers.reLU({ name }), []);
    case "relu6":
      return apply(layers.layers.reLU({ name, maxValue: 6 }), []);
    case "softmax":
      return apply(layers.layers.softmax({ name }), []);
    case "maxPool2d":
    case "avgPool2d": {
      const options = {
        name,
        poolSize: layer["poolSize"] as Pair,
        strides: layer["strides"] as Pair,
        padding: "valid" as const,
      };
      const pool =
        layer.op === "maxPool2d" ? layers.layers.maxPooling2d(options) : layers.layers.averagePooling2d(options);
      if ((layer["padding"] as Pair[]).flat().some((entry) => entry !== 0)) {
        throw new GoldensError(`Layer ${name}: pooling with explicit padding is not in the format.`);
      }
      return apply(pool, []);
    }
    case "maxPool1d":
    case "avgPool1d": {
      const options = {
        name,
        poolSize: layer["poolSize"] as number,
        strides: layer["strides"] as number,
        padding: "valid" as const,
      };
      return apply(
        layer.op === "maxPool1d" ? layers.layers.maxPooling1d(options) : layers.layers.averagePooling1d(options),
        [],
      );
    }
    case "globalAvgPool2d":
      return apply(layers.layers.globalAveragePooling2d({ name }), []);
    case "globalAvgPool1d":
      return apply(layers.layers.globalAveragePooling1d({ name }), []);
    case "flatten":
      return apply(layers.layers.flatten({ name }), []);
    case "add":
      return apply(layers.layers.add({ name }), [], inputs);
    case "concat":
      return apply(layers.layers.concatenate({ name }), [], inputs);
    default:
      throw new GoldensError(`Layer ${name}: the operation ${layer.op} is not in the format.`);
  }
}

const convolution = (layer: GoldenLayer, kernel: readonly number[]) => ({
  kernelSize: [kernel[0]!, kernel[1]!] as Pair,
  strides: layer["strides"] as Pair,
  dilationRate: layer["dilations"] as Pair,
  padding: "valid" as const,
});

function padded(layer: GoldenLayer, x: layers.SymbolicTensor): layers.SymbolicTensor {
  const padding = layer["padding"] as [Pair, Pair];
  if (padding.flat().every((entry) => entry === 0)) return x;
  return layers.layers.zeroPadding2d({ name: `${layer.name}/padding`, padding }).apply(x) as layers.SymbolicTensor;
}

/** There is no 1-d padding layer: a row of height 1 is padded instead. */
function padded1d(layer: GoldenLayer, x: layers.SymbolicTensor): layers.SymbolicTensor {
  const [before, after] = layer["padding"] as Pair;
  if (before === 0 && after === 0) return x;
  const [, length, channels] = x.shape as [null, number, number];
  const name = `${layer.name}/padding`;
  const row = layers.layers.reshape({ name: `${name}/row`, targetShape: [1, length, channels] }).apply(x);
  const wide = layers.layers
    .zeroPadding2d({
      name,
      padding: [
        [0, 0],
        [before, after],
      ],
    })
    .apply(row as layers.SymbolicTensor);
  return layers.layers
    .reshape({ name: `${name}/line`, targetShape: [length + before + after, channels] })
    .apply(wide as layers.SymbolicTensor) as layers.SymbolicTensor;
}

function shapeOf(stored: Stored, key: string): number[] {
  return entry(stored, key).shape;
}

/** A stored tensor on the backend; the caller owns it. */
export function tensorOf(stored: Stored, key: string): tf.Tensor {
  const { shape, data } = entry(stored, key);
  return tf.tensor(data, shape, "float32");
}

function entry(stored: Stored, key: string): StoredTensor {
  const found = stored.get(key);
  if (found === undefined) throw new GoldensError(`There is no tensor ${key}.`);
  return found;
}
