import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, TargetError } from "../errors.js";
import type { Recording } from "../network/index.js";
import { taping } from "../network/tensors.js";
import { didYouMean, nearest } from "../suggestions.js";

/**
 * What is maximized: a class by its index in the output, or by its name where the model knows it (`loadModel`); a channel of a layer (its mean over all positions) or one unit of it (its index in
 * the flattened value of one sample); or any differentiable function of the output `[batch, …]` that gives one number a sample.
 */
export type PrototypeTarget =
  | number
  | string
  | { readonly layer: string; readonly channel: number }
  | { readonly layer: string; readonly unit: number }
  | ((output: Tensor) => Tensor1D);

/** How a class is maximized: its logit, or the logarithm of its probability, which also lowers the other classes. */
export type Maximize = "logProbability" | "logit";

/** What a recorded pass says of the target, sample by sample. */
export interface TargetValue {
  /** The graph node from which the gradient starts. */
  node: number;
  /** What is maximized, `[batch]`. */
  value: Tensor1D;
  /** Its derivative in the shape of the node's value. */
  seed: Tensor;
  /** Softmax probability of a class, `[batch]`; null for other targets. */
  probability: Tensor1D | null;
}

/**
 * Value and derivative of the target in a recorded pass; the caller owns the tensors.
 *
 * @throws TargetError when the model has no such class, layer, channel or unit.
 */
export function targetValue(recording: Recording, target: PrototypeTarget, maximize: Maximize): TargetValue {
  if (typeof target === "number") return classValue(recording, target, maximize);
  if (typeof target === "function") return functionValue(recording, target);
  if (target !== null && typeof target === "object" && "layer" in target) return unitValue(recording, target);
  throw new TargetError(
    `A prototype's target is a class index, {layer, channel}, {layer, unit} or a function, not ${describe(target)}.`,
  );
}

const outputOf = (recording: Recording) => {
  const node = recording.graph.outputs[0]!;
  return { node, output: recording.value(node) };
};

function classValue(recording: Recording, index: number, maximize: Maximize): TargetValue {
  const { node, output } = outputOf(recording);
  const classes = output.size / output.shape[0]!;
  if (output.rank !== 2)
    throw new TargetError(
      `The model's output has shape [${output.shape}], so it has no classes; give a function as target.`,
    );
  if (!Number.isInteger(index) || index < 0 || index >= classes) {
    throw new TargetError(`There is no class ${index}: the model has classes 0 to ${classes - 1}.`);
  }
  const [value, probability, seed] = tf.tidy(() => {
    const batch = output.shape[0]!;
    const chosen = tf.oneHot(tf.fill([batch], index, "int32"), classes) as Tensor2D;
    const logits = tf.reshape(output, [batch, classes]) as Tensor2D;
    const logProbabilities = tf.logSoftmax(logits);
    const pick = (x: Tensor) => tf.sum(tf.mul(x, chosen), 1) as Tensor1D;
    const logProbability = pick(logProbabilities);
    return maximize === "logit"
      ? ([pick(logits), tf.exp(logProbability), tf.cast(chosen, "float32")] as const)
      : ([logProbability, tf.exp(logProbability), tf.sub(chosen, tf.exp(logProbabilities))] as const);
  });
  return { node, value, seed, probability };
}

function functionValue(recording: Recording, target: (output: Tensor) => Tensor1D): TargetValue {
  const { node, output } = outputOf(recording);
  const batch = output.shape[0]!;
  const compute = (x: Tensor) => {
    const result = target(x);
    if (result.size !== batch) {
      throw new TargetError(
        `The target function must give one number a sample, [${batch}], but gave [${result.shape}].`,
      );
    }
    return tf.reshape(result, [batch]);
  };
  const { value, grad } = taping(() => tf.valueAndGrad(compute)(output, tf.ones([batch])));
  return { node, value: value as Tensor1D, seed: grad, probability: null };
}

function unitValue(
  recording: Recording,
  target: { readonly layer: string; readonly channel?: number; readonly unit?: number },
): TargetValue {
  const { nodes } = recording.graph;
  // A layer's last node is its output: convolution, then activation.
  const found =
    nodes.findLast(({ name }) => name === target.layer) ??
    nodes.findLast(({ folded }) => folded.at(-1) === target.layer);
  if (found === undefined) {
    const names = [...new Set(nodes.map(({ name }) => name))].filter((name) => name !== "");
    const hint = didYouMean(nearest(target.layer, names)) || ` Its layers are ${names.join(", ")}.`;
    throw new TargetError(`The model has no layer "${target.layer}".${hint}`);
  }
  const { shape } = recording.value(found.id);
  const [batch = 1, ...sample] = shape;
  const size = sample.reduce((product, extent) => product * extent, 1);
  const channels = sample.at(-1) ?? 1;
  const seed = new Float32Array(size);
  if (target.channel !== undefined) {
    checkIndex("channel", target.channel, channels, target.layer);
    for (let place = target.channel; place < size; place += channels) seed[place] = channels / size;
  } else {
    checkIndex("unit", target.unit, size, target.layer);
    seed[target.unit!] = 1;
  }
  const [value, spread] = tf.tidy(() => {
    const one = tf.tensor(seed, [1, ...sample]);
    const spread = tf.tile(
      one,
      shape.map((_, axis) => (axis === 0 ? batch : 1)),
    );
    const products = tf.reshape(tf.mul(recording.value(found.id), one), [batch, size]);
    return [tf.sum(products, 1) as Tensor1D, spread] as const;
  });
  return { node: found.id, value, seed: spread, probability: null };
}

function checkIndex(kind: string, index: number | undefined, count: number, layer: string): void {
  if (index === undefined || !Number.isInteger(index) || index < 0 || index >= count) {
    throw new TargetError(`Layer "${layer}" has no ${kind} ${index}: they go from 0 to ${count - 1}.`);
  }
}
