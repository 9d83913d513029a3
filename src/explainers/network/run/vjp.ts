import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import type { Node, OperationOf } from "../graph.js";
import { sumTo } from "../shapes.js";
import { poolGradient, rearrange, runKernel } from "./forward.js";
import { isAffineNode, type Weights } from "./weights.js";

/** The values around a node in one forward pass. */
export interface Values {
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
}

/** The vector-Jacobian products of `node` with `dy` (in the shape of its output), one for each of its inputs. */
export function vjp(node: Node, dy: Tensor, values: Values, weights: Weights): Tensor[] {
  const { operation } = node;
  const { inputs, output } = values;
  const x = inputs[0]!;
  if (isAffineNode(node)) {
    if (node.operation.kind === "scale" && node.operation.weights === null)
      return [tf.tidy(() => tf.clone(sumTo(dy, x.shape)))];
    return [weights.map(node).vjp(dy, x.shape)];
  }
  return tf.tidy(() => {
    switch (operation.kind) {
      case "activation":
        return [tf.mul(dy, derivative(operation, x, output))];
      case "pool":
        return [poolGradient(operation, dy, x, output)];
      case "reduce":
        return [reduceGradient(operation, dy, x, output)];
      case "sum":
        return inputs.map((input, index) => {
          const gradient = sumTo(dy, input.shape);
          return operation.signs[index] === 1 ? tf.clone(gradient) : tf.neg(gradient);
        });
      case "product":
        return [sumTo(tf.mul(dy, inputs[1]!), x.shape), sumTo(tf.mul(dy, x), inputs[1]!.shape)];
      case "quotient": {
        const quotient = operation.orZero ? tf.divNoNan(dy, inputs[1]!) : tf.div(dy, inputs[1]!);
        return [sumTo(quotient, x.shape), sumTo(tf.neg(tf.mul(quotient, output)), inputs[1]!.shape)];
      }
      case "maximum":
      case "minimum": {
        // Ties are shared by halves.
        const sign = operation.kind === "maximum" ? 1 : -1;
        const first = tf.mul(tf.add(tf.sign(tf.mul(tf.sub(x, inputs[1]!), sign)), 1), 0.5);
        return [sumTo(tf.mul(dy, first), x.shape), sumTo(tf.mul(dy, tf.sub(1, first)), inputs[1]!.shape)];
      }
      case "matmul":
        return matmulGradients(operation, dy, x, inputs[1]!);
      case "softmax": {
        const weighted = tf.mul(dy, output);
        return [tf.sub(weighted, tf.mul(output, tf.sum(weighted, -1, true)))];
      }
      case "concat": {
        let begin = 0;
        return inputs.map((input) => {
          const start = input.shape.map((_, axis) => (axis === operation.axis ? begin : 0));
          begin += input.shape[operation.axis]!;
          return tf.slice(dy, start, input.shape);
        });
      }
      case "rearrange":
        return [rearrangeGradient(operation, dy, x)];
      case "resize":
        return [
          tf.engine().runKernel("ResizeBilinearGrad", { images: x, dy } as unknown as tf.NamedTensorMap, {
            alignCorners: operation.alignCorners,
            halfPixelCenters: operation.halfPixelCenters,
            size: [...operation.size],
          }) as Tensor,
        ];
      case "lookup":
        throw new UnsupportedOperationError(
          node.name,
          "GatherV2",
          "The gradient",
          "Numbers of words or other entries have none: use LRP or a perturbation method, or explain the model behind its embedding.",
        );
      case "unknown":
        if (conditions.has(operation.kernel)) return inputs.map((input) => tf.zeros(input.shape));
        return taped(
          node.name,
          operation.kernel,
          inputs,
          dy,
          (given) => runKernel(operation, given)[operation.output]!,
        );
      default:
        throw new Error(`${operation.kind} nodes have no gradient`);
    }
  });
}

/** Kernels whose outputs are true or false, and so have no slope. */
export const conditions: ReadonlySet<string> = new Set([
  "Equal",
  "NotEqual",
  "Less",
  "LessEqual",
  "Greater",
  "GreaterEqual",
  "LogicalAnd",
  "LogicalOr",
  "LogicalNot",
  "Any",
  "All",
]);

/** The derivative of an activation function at `x`, where its value is `y`. */
export function derivative(operation: OperationOf<"activation">, x: Tensor, y: Tensor): Tensor {
  switch (operation.function) {
    case "relu":
      return oneWhere(tf.greater(x, 0));
    case "relu6":
      return oneWhere(tf.logicalAnd(tf.greater(x, 0), tf.less(x, 6)));
    case "leakyRelu":
      return tf.where(tf.greater(x, 0), tf.onesLike(x), tf.fill(x.shape, operation.alpha ?? 0.2));
    case "prelu": {
      const positive = oneWhere(tf.greater(x, 0));
      return tf.add(positive, tf.mul(tf.sub(1, positive), operation.parameter!));
    }
    case "elu":
      return tf.where(tf.greater(x, 0), tf.onesLike(x), tf.add(y, 1));
    case "selu":
      return tf.where(tf.greater(x, 0), tf.fill(x.shape, seluScale), tf.add(y, seluScale * seluAlpha));
    case "sigmoid":
      return tf.mul(y, tf.sub(1, y));
    case "tanh":
      return tf.sub(1, tf.square(y));
    case "softplus":
      return tf.sigmoid(x);
    case "clip":
      return oneWhere(tf.logicalAnd(tf.greater(x, operation.bounds![0]), tf.less(x, operation.bounds![1])));
    case "abs":
      return tf.sign(x);
    case "exp":
      return y;
    case "expm1":
      return tf.add(y, 1);
    case "log":
      return tf.reciprocal(x);
    case "log1p":
      return tf.reciprocal(tf.add(x, 1));
    case "sqrt":
      return tf.div(0.5, y);
    case "rsqrt":
      return tf.mul(-0.5, tf.pow(y, 3));
    case "square":
      return tf.mul(2, x);
    case "reciprocal":
      return tf.neg(tf.square(y));
    case "power":
      return tf.mul(operation.parameter!, tf.pow(x, tf.sub(operation.parameter!, 1)));
    case "erf":
      return tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x))));
    case "sin":
      return tf.cos(x);
    case "cos":
      return tf.neg(tf.sin(x));
    case "step":
      // Its slope on the negative side; flat on the positive one.
      return tf.mul(oneWhere(tf.less(x, 0)), operation.alpha ?? 0);
  }
}

/** 1 where a condition holds, 0 elsewhere: several times faster than `tf.step`, which looks for NaN and keeps it. */
const oneWhere = (condition: Tensor): Tensor => tf.cast(condition, "float32");

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

function reduceGradient(operation: OperationOf<"reduce">, dy: Tensor, x: Tensor, y: Tensor): Tensor {
  const kept = x.shape.map((size, axis) => (operation.axes.includes(axis) ? 1 : size));
  const spread = tf.reshape(dy, kept);
  if (operation.reduce === "max" || operation.reduce === "min") {
    // Ties share, so that what arrives is what leaves.
    const winners = tf.cast(tf.equal(x, tf.reshape(y, kept)), "float32");
    return tf.mul(winners, tf.div(spread, tf.sum(winners, [...operation.axes], true)));
  }
  const count = operation.reduce === "mean" ? x.size / y.size : 1;
  return tf.mul(tf.div(spread, count), tf.onesLike(x));
}

function matmulGradients(operation: OperationOf<"matmul">, dy: Tensor, a: Tensor, b: Tensor): Tensor[] {
  const { transposeA, transposeB } = operation;
  const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
  const db = transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
  return [sumTo(da, a.shape), sumTo(db, b.shape)];
}

function rearrangeGradient(operation: OperationOf<"rearrange">, dy: Tensor, x: Tensor): Tensor {
  const { kernel, attributes } = operation;
  switch (kernel) {
    case "Reshape":
      return tf.reshape(dy, x.shape);
    case "Transpose": {
      const permutation = attributes["perm"] as number[];
      return tf.transpose(
        dy,
        permutation.map((_, axis) => permutation.indexOf(axis)),
      );
    }
    case "Slice": {
      const begin = attributes["begin"] as number[];
      const paddings = begin.map((start, axis): [number, number] => [start, x.shape[axis]! - start - dy.shape[axis]!]);
      return tf.pad(dy, paddings);
    }
    case "PadV2": {
      const paddings = attributes["paddings"] as [number, number][];
      return tf.slice(
        dy,
        paddings.map(([before]) => before),
        x.shape,
      );
    }
    case "Reverse":
      return rearrange(operation, dy);
    case "MirrorPad":
      // The gradient that TensorFlow.js registers leaves out what was mirrored.
      return scattered(operation, dy, x);
    default:
      if (tf.getGradient(kernel) == null) return scattered(operation, dy, x);
      return taped(kernel, kernel, [x], dy, ([given]) => rearrange(operation, given!))[0]!;
  }
}

/** Where each entry went is seen by rearranging their numbers; 0 stands for entries that came from nowhere. */
function scattered(operation: OperationOf<"rearrange">, dy: Tensor, x: Tensor): Tensor {
  // WebAssembly's StridedSlice takes every number for a float32, which is exact up to 2²⁴ entries.
  const dtype = tf.getBackend() === "wasm" ? "float32" : "int32";
  const numbered = tf.reshape(tf.range(1, x.size + 1, 1, dtype), x.shape);
  const origin = tf.cast(tf.reshape(rearrange(operation, numbered), [-1, 1]), "int32");
  // Unlike UnsortedSegmentSum, every backend has it; what goes to the same place is added up.
  const total = tf.scatterND(origin, tf.reshape(dy, [-1]), [x.size + 1]);
  return tf.reshape(tf.slice(total, 1), x.shape);
}

/** For kernels without a gradient here: TensorFlow.js' own, where one is registered. */
function taped(
  name: string,
  kernel: string,
  inputs: readonly Tensor[],
  dy: Tensor,
  compute: (inputs: Tensor[]) => Tensor,
): Tensor[] {
  if (tf.getGradient(kernel) == null) {
    throw new UnsupportedOperationError(name, kernel, "The gradient", "TensorFlow.js has no gradient for it either.");
  }
  return tf.grads((...given: Tensor[]) => compute(given))([...inputs], dy);
}
