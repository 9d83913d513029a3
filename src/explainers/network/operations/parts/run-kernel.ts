import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import { taping } from "../../tensors.js";
import type { Attributes, Constants } from "./attributes.js";

/** A kernel, some of whose arguments are constant. */
export interface KernelCall {
  readonly kernel: string;
  readonly attributes: Attributes;
  /** Names of the kernel's arguments that are inputs of the node, in their order. */
  readonly arguments: readonly string[];
  readonly constants: Constants;
}

/** Runs any kernel with some of its arguments constant. */
export function runKernel(call: KernelCall, inputs: readonly Tensor[]): Tensor[] {
  const given: Record<string, Tensor> = { ...call.constants };
  call.arguments.forEach((name, index) => {
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
    .runKernel(call.kernel, list as unknown as tf.NamedTensorMap, call.attributes as tf.NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/** For kernels without a gradient here: TensorFlow.js' own, where one is registered. */
export function taped(
  name: string,
  kernel: string,
  inputs: readonly Tensor[],
  dy: Tensor,
  compute: (inputs: Tensor[]) => Tensor,
): Tensor[] {
  if (tf.getGradient(kernel) == null) {
    throw new UnsupportedOperationError(name, kernel, "The gradient", "TensorFlow.js has no gradient for it either.");
  }
  // A tape knows tensors by identity: of one that is given twice, both would get the gradients of both.
  const apart = inputs.map((input, index) => (inputs.indexOf(input) < index ? tf.clone(input) : input));
  return taping(() => tf.grads((...given: Tensor[]) => compute(given))(apart, dy));
}
