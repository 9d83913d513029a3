import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Node } from "../graph.js";
import type { Rearrange } from "../operations/rearrange.js";
import { isVector, sameShape } from "../shapes.js";

/*
 * A graph is traced at one batch size. What it keeps of that (shapes, begins and sizes, constants that were made for so many
 * samples) may be read in several ways: at a batch of 1, `[1, 1, n]` is one step of one sample, whichever comes first.
 */

/**
 * Whether a graph means the same at any batch size for certain: the first axis is the batch everywhere, and nothing in it
 * has the traced batch's size. Where not, it has to be compared with its model.
 */
export const isBatchFree = (graph: Graph): boolean => graph.nodes.every((node) => keepsBatch(node, graph));

function keepsBatch({ operation, shape, inputs }: Node, { batch, nodes }: Graph): boolean {
  // Further along, an axis that is not the first cannot be taken for the batch.
  if (shape[0] !== batch) return false;
  switch (operation.kind) {
    case "rearrange":
      return rearrangesSamples(operation, nodes[inputs[0]!]!.shape, shape);
    case "scale":
      return [operation.weights, operation.bias].every((constant) => isForAll(constant, shape));
    case "activation":
      return isForAll(operation.parameter, shape);
    case "concat":
      return operation.axis > 0 && operation.parts.every((part) => part === null || part.shape[0] === 1);
    case "unknown":
    case "stacked":
    case "select":
    case "matmul":
      return false;
    default:
      return true;
  }
}

/** Whether a constant is one for all samples. */
const isForAll = (constant: Tensor | null | undefined, shape: readonly number[]): boolean =>
  constant == null || isVector(constant) || constant.rank < shape.length || constant.shape[0] === 1;

function rearrangesSamples(
  { kernel, attributes }: Rearrange,
  [samples]: readonly number[],
  [first, ...others]: readonly number[],
): boolean {
  const isWhole = (list: unknown, whole: unknown) => String((list as unknown[])[0]) === String(whole);
  switch (kernel) {
    case "Reshape":
      return samples === first && !others.includes(first!);
    case "Transpose":
      return isWhole(attributes["perm"], 0);
    case "PadV2":
    case "MirrorPad":
      return isWhole(attributes["paddings"], [0, 0]);
    case "Slice":
      return isWhole(attributes["begin"], 0) && isWhole(attributes["size"], -1);
    case "ResizeNearestNeighbor":
    case "DepthToSpace":
      return true;
    default:
      return false;
  }
}

/** `count` samples, each another one, that a model of these inputs can be run on: scaled copies, so that indices stay in range. */
export function samplesLike(inputs: readonly Tensor[], count: number): Tensor[] {
  return inputs.map((input) =>
    tf.tidy(() => {
      const { dtype, rank } = input;
      if (dtype === "string") return tf.gather(input, rowsOf(count, input.shape[0]!));
      const along = (numbers: number[]) => tf.reshape(tf.tensor1d(numbers), [count, ...Array(rank - 1).fill(1)]);
      const rows = tf.cast(tf.gather(input, rowsOf(count, input.shape[0]!)), "float32");
      const scaled = tf.mul(rows, along(Array.from({ length: count }, (_, row) => 1 - row / (2 * count))));
      // Copies of nothing are all alike.
      const isZero = tf.sub(1, tf.cast(tf.any(tf.cast(input, "bool")), "float32"));
      const counted = tf.mul(isZero, along(Array.from({ length: count }, (_, row) => row % 2)));
      return tf.cast(tf.add(scaled, counted), dtype);
    }),
  );
}

const rowsOf = (count: number, all: number): tf.Tensor1D =>
  tf.tensor1d(
    Array.from({ length: count }, (_, row) => row % all),
    "int32",
  );

/** Whether two values are the same up to rounding. */
export function isClose(a: Tensor, b: Tensor): boolean {
  if (!sameShape(a.shape, b.shape)) return false;
  if (a.size === 0) return true;
  return tf.tidy(() => {
    const [one, other] = [tf.cast(a, "float32"), tf.cast(b, "float32")];
    const [gap, scale] = tf
      .stack([tf.max(tf.abs(tf.sub(one, other))), tf.max(tf.abs(other))])
      .dataSync<"float32">() as Float32Array;
    return gap! <= 1e-4 * Math.max(scale!, 1e-6);
  });
}
