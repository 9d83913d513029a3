import * as tf from "@tensorflow/tfjs-node";
import { seededRandom } from "../../../src/explainers/numerics/random.js";

/** A small graph model `[batch, 8, 8, 2]` → 3 logits: convolution with bias, batch norm, ReLU, convolution with its bias fused, matrix product with bias. */
export async function graphNet(seed = 1): Promise<tf.GraphModel> {
  const random = seededRandom(seed);
  const weights: { name: string; shape: number[]; dtype: "float32" | "int32" }[] = [];
  const chunks: Uint8Array[] = [];
  const float = { dtype: { type: "DT_FLOAT" } };
  const constant = (name: string, shape: number[], values: Float32Array | Int32Array) => {
    const dtype = values instanceof Int32Array ? "int32" : "float32";
    weights.push({ name, shape, dtype });
    chunks.push(new Uint8Array(values.slice().buffer));
    return { name, op: "Const", attr: { dtype: { type: dtype === "int32" ? "DT_INT32" : "DT_FLOAT" } } };
  };
  const drawn = (name: string, ...shape: number[]) =>
    constant(
      name,
      shape,
      random.gaussians(shape.reduce((product, length) => product * length, 1)).map((value) => value / 2),
    );
  const positive = (name: string, size: number) =>
    constant(
      name,
      [size],
      random.uniforms(size).map((value) => value + 0.5),
    );
  const convolution = {
    strides: { list: { i: ["1", "1", "1", "1"] } },
    padding: { s: "VkFMSUQ=" }, // VALID
    data_format: { s: "TkhXQw==" }, // NHWC
    dilations: { list: { i: ["1", "1", "1", "1"] } },
    T: { type: "DT_FLOAT" },
  };
  const nodes = [
    {
      name: "x",
      op: "Placeholder",
      attr: { ...float, shape: { shape: { dim: [{ size: "-1" }, { size: "8" }, { size: "8" }, { size: "2" }] } } },
    },
    drawn("conv1/kernel", 3, 3, 2, 4),
    drawn("conv1/bias", 4),
    positive("norm/gamma", 4),
    drawn("norm/beta", 4),
    drawn("norm/mean", 4),
    positive("norm/variance", 4),
    drawn("conv2/kernel", 3, 3, 4, 5),
    drawn("conv2/bias", 5),
    constant("shape", [2], Int32Array.from([-1, 80])),
    drawn("dense/kernel", 80, 3),
    drawn("dense/bias", 3),
    { name: "conv1", op: "Conv2D", input: ["x", "conv1/kernel"], attr: convolution },
    { name: "conv1/add", op: "BiasAdd", input: ["conv1", "conv1/bias"], attr: { T: { type: "DT_FLOAT" } } },
    {
      name: "norm",
      op: "FusedBatchNormV3",
      input: ["conv1/add", "norm/gamma", "norm/beta", "norm/mean", "norm/variance"],
      attr: { epsilon: { f: 0.001 }, T: { type: "DT_FLOAT" }, data_format: { s: "TkhXQw==" } },
    },
    { name: "relu1", op: "Relu", input: ["norm"], attr: { T: { type: "DT_FLOAT" } } },
    {
      name: "conv2",
      op: "_FusedConv2D",
      input: ["relu1", "conv2/kernel", "conv2/bias"],
      attr: { ...convolution, num_args: { i: "1" }, fused_ops: { list: { s: ["Qmlhc0FkZA==", "UmVsdQ=="] } } }, // BiasAdd, Relu
    },
    { name: "flat", op: "Reshape", input: ["conv2", "shape"], attr: { T: { type: "DT_FLOAT" } } },
    {
      name: "dense",
      op: "MatMul",
      input: ["flat", "dense/kernel"],
      attr: { T: { type: "DT_FLOAT" }, transpose_a: { b: false }, transpose_b: { b: false } },
    },
    { name: "logits", op: "AddV2", input: ["dense", "dense/bias"], attr: { T: { type: "DT_FLOAT" } } },
  ];
  const info = (name: string) => ({ name, dtype: "DT_FLOAT" });
  return tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: { node: nodes, versions: { producer: 1, minConsumer: 1 } },
      weightSpecs: weights,
      weightData: Uint8Array.from(Buffer.concat(chunks)).buffer,
      signature: { inputs: { x: info("x") }, outputs: { logits: info("logits") } },
    } as never),
  );
}
