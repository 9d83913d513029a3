import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError, TargetError } from "../../../errors.js";
import type { Recording } from "../../../network/index.js";
import { chosenLayer } from "../../../network/layers.js";
import { sameShape } from "../../../network/shapes.js";
import { resolveTarget, type Target } from "../../../target.js";

/**
 * A layer inside the model in place of an output: its whole value, or of it one channel (the last axis) at all positions, or
 * one unit, by its index in the flattened value of one sample. What is sent back from there is the value itself, or `relevance`.
 */
export interface LayerTarget {
  readonly layer: string;
  readonly channel?: number;
  readonly unit?: number;
  /** What is sent back in place of the layer's value, in its shape. */
  readonly relevance?: Tensor;
}

/** Where relevance starts. */
export interface Start {
  readonly node: number;
  /** What weights the node's value, in its shape; or, with `isSeed`, what is sent back. The caller owns it. */
  readonly weights: Tensor;
  readonly isSeed: boolean;
  readonly indices: (number | null)[];
}

/** @throws TargetError; LayerError; ParameterError for an output that the model has not */
export function startOf(recording: Recording, target: Target | LayerTarget, output: number): Start {
  if (isLayerTarget(target)) {
    const { id } = chosenLayer(recording.graph, target.layer);
    const value = recording.value(id);
    const indices = Array<null>(recording.batch).fill(null);
    const { relevance } = target;
    if (relevance !== undefined && !sameShape(relevance.shape, value.shape)) {
      const message = `What is sent back from layer "${target.layer}" has the shape [${relevance.shape.join(", ")}], its value [${value.shape.join(", ")}]: they must be equal.`;
      throw new TargetError(message);
    }
    const weights = tf.tidy(() => {
      const chosen = part(value, target);
      return relevance === undefined ? chosen : tf.mul(relevance, chosen);
    });
    return { node: id, weights, isSeed: relevance !== undefined, indices };
  }
  const { outputs } = recording.graph;
  const node = outputs[output];
  if (node === undefined) {
    throw new ParameterError("output", output, `one of the model's outputs, 0 to ${outputs.length - 1}`);
  }
  return { node, ...resolveTarget(target, recording.value(node)) };
}

const isLayerTarget = (target: Target | LayerTarget): target is LayerTarget =>
  typeof target === "object" && target !== null && "layer" in target;

/** 1 where the target is, 0 elsewhere, `[1, …]` as one sample of `value`. */
function part(value: Tensor, { layer, channel, unit }: LayerTarget): Tensor {
  const shape = [1, ...value.shape.slice(1)];
  if (channel === undefined && unit === undefined) return tf.ones(shape);
  if (channel !== undefined && unit !== undefined) {
    throw new TargetError(`Layer "${layer}" cannot be explained at a channel and a unit at once: give one of them.`);
  }
  const [name, index] = unit === undefined ? ["channel", channel!] : ["unit", unit];
  const size = unit === undefined ? shape.at(-1)! : shape.reduce((product, size) => product * size, 1);
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new TargetError(`Layer "${layer}" has no ${name} ${index}: it has 0 to ${size - 1}.`);
  }
  const chosen = tf.cast(tf.equal(tf.range(0, size), index), "float32");
  return unit === undefined ? tf.mul(tf.ones(shape), chosen) : tf.reshape(chosen, shape);
}
