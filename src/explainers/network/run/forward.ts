import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attributes, Constants, Node, OperationOf, Window } from "../graph.js";
import { maxPoolGradient } from "../operations/max-pool.js";
import { kernelPadding } from "../operations/window.js";
import { rebatch, sizeOf } from "../shapes.js";
import { isAffineNode, type Weights } from "./weights.js";

/** The value of `node` from the values of its inputs (any batch size). */
export function forward(node: Node, inputs: readonly Tensor[], weights: Weights): Tensor {
  const { operation } = node;
  const x = inputs[0]!;
  if (isAffineNode(node)) {
    const { bias } = node.operation;
    if (node.operation.kind === "scale" && node.operation.weights === null)
      return bias === null ? tf.clone(x) : tf.add(x, bias);
    return tf.tidy(() => {
      const z = weights.map(node).forward(x);
      return bias === null ? z : tf.add(z, bias);
    });
  }
  return tf.tidy(() => {
    switch (operation.kind) {
      case "activation":
        return activate(operation, x);
      case "pool":
        return pool(operation, x);
      case "reduce":
        return reductions[operation.reduce](x, [...operation.axes], operation.keepDims);
      case "sum":
        return inputs
          .slice(1)
          .reduce(
            (total, input, index) => (operation.signs[index + 1] === 1 ? tf.add(total, input) : tf.sub(total, input)),
            operation.signs[0] === 1 ? x : tf.neg(x),
          );
      case "product":
        return tf.mul(x, inputs[1]!);
      case "quotient":
        return operation.orZero ? tf.divNoNan(x, inputs[1]!) : tf.div(x, inputs[1]!);
      case "maximum":
        return tf.maximum(x, inputs[1]!);
      case "minimum":
        return tf.minimum(x, inputs[1]!);
      case "matmul":
        return tf.matMul(x, inputs[1]!, operation.transposeA, operation.transposeB);
      case "softmax":
        return tf.softmax(x);
      case "lookup":
        return tf.gather(operation.table, tf.cast(x, "int32"));
      case "concat":
        return tf.concat([...inputs], operation.axis);
      case "rearrange":
        return rearrange(operation, x);
      case "resize":
        return tf.image.resizeBilinear(
          x as Tensor4D,
          [...operation.size],
          operation.alignCorners,
          operation.halfPixelCenters,
        );
      case "unknown":
        return runKernel(operation, inputs)[operation.output]!;
      default:
        throw new Error(`${operation.kind} nodes have no forward pass`);
    }
  });
}

const reductions = { max: tf.max, min: tf.min, mean: tf.mean, sum: tf.sum } as const;

/** Runs any kernel with some of its arguments constant. */
export function runKernel(
  operation: { kernel: string; attributes: Attributes; arguments: readonly string[]; constants: Constants },
  inputs: readonly Tensor[],
): Tensor[] {
  const given: Record<string, Tensor> = { ...operation.constants };
  operation.arguments.forEach((name, index) => {
    given[name] = inputs[index]!;
  });
  const isList = Object.keys(given).every((key) => /^\d+$/.test(key));
  const list = isList
    ? Object.keys(given)
        .sort((a, b) => Number(a) - Number(b))
        .map((key) => given[key]!)
    : given;
  const result = tf
    .engine()
    .runKernel(operation.kernel, list as unknown as tf.NamedTensorMap, operation.attributes as tf.NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

const functions: Readonly<
  Record<OperationOf<"activation">["function"], (x: Tensor, operation: OperationOf<"activation">) => Tensor>
> = {
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(x),
  leakyRelu: (x, { alpha }) => tf.leakyRelu(x, alpha),
  prelu: (x, { parameter }) => tf.prelu(x, parameter!),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  softplus: (x) => tf.softplus(x),
  clip: (x, { bounds }) => tf.minimum(tf.maximum(x, bounds![0]), bounds![1]),
  abs: (x) => tf.abs(x),
  exp: (x) => tf.exp(x),
  expm1: (x) => tf.expm1(x),
  log: (x) => tf.log(x),
  log1p: (x) => tf.log1p(x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.rsqrt(x),
  square: (x) => tf.square(x),
  reciprocal: (x) => tf.reciprocal(x),
  power: (x, { parameter }) => tf.pow(x, parameter!),
  erf: (x) => tf.erf(x),
  sin: (x) => tf.sin(x),
  cos: (x) => tf.cos(x),
  step: (x, { alpha }) => tf.step(x, alpha),
};

/** An activation function, entry by entry. */
export const activate = (operation: OperationOf<"activation">, x: Tensor): Tensor =>
  functions[operation.function](x, operation);

const poolAttributes = (window: Window, shape: readonly number[]): tf.NamedAttrMap => ({
  filterSize: [...window.size],
  strides: [...window.strides],
  pad: kernelPadding(window, shape) as unknown as string,
});

function pool(operation: OperationOf<"pool">, x: Tensor): Tensor {
  const kernel = operation.reduce === "max" ? "MaxPool" : "AvgPool";
  return tf.engine().runKernel(kernel, { x } as tf.NamedTensorMap, poolAttributes(operation.window, x.shape)) as Tensor;
}

/** The transpose of a pooling: maxima send everything to their winner, averages the same to all. */
export function poolGradient(operation: OperationOf<"pool">, dy: Tensor, input: Tensor, output: Tensor): Tensor {
  const attributes = poolAttributes(operation.window, input.shape);
  const run = (kernel: string, given: tf.NamedTensorMap): Tensor =>
    tf.engine().runKernel(kernel, given, attributes) as Tensor;
  if (operation.reduce === "average") return run("AvgPoolGrad", { dy, input });
  return tf.getBackend() === "tensorflow"
    ? run("MaxPoolGrad", { dy, input, output })
    : maxPoolGradient(operation.window, dy, input, output);
}

export function rearrange(operation: OperationOf<"rearrange">, x: Tensor): Tensor {
  const { kernel, attributes, constants } = operation;
  if (kernel === "Reshape") {
    const { shape, batch } = attributes as { shape: number[]; batch: number };
    const factor = x.size / sizeOf(shape);
    return tf.reshape(x, rebatch(shape, batch, batch * factor));
  }
  if (kernel === "Slice") return tf.slice(x, attributes["begin"] as number[], attributes["size"] as number[]);
  const name = kernel === "ResizeNearestNeighbor" ? "images" : "x";
  return runKernel({ kernel, attributes, arguments: [name], constants }, [x])[0]!;
}
