import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Recording } from "../../../network/index.js";

/**
 * The reference input `x'`: a number, a tensor that broadcasts to the input (`[…sample]`, `[1, …]` or `[batch, …]`), or a
 * list of these for a model of several inputs.
 */
export type Reference = number | Tensor | readonly (number | Tensor)[];

/**
 * The reference in the shape of each of the model's inputs; to be called inside `tidy`.
 *
 * @throws ParameterError where a shape does not fit or a value is not finite
 */
export function referenceInputs(name: string, reference: Reference, recording: Recording): Tensor[] {
  const inputs = recording.inputs;
  const list = Array.isArray(reference) ? (reference as readonly (number | Tensor)[]) : undefined;
  if (list !== undefined && list.length !== inputs.length) {
    throw new ParameterError(name, `a list of ${list.length}`, `one for each of the model's ${inputs.length} inputs`);
  }
  return inputs.map((input, index) => {
    const given = list === undefined ? (reference as number | Tensor) : list[index]!;
    if (typeof given === "number") {
      if (!Number.isFinite(given)) throw new ParameterError(name, given, "finite");
      return tf.fill(input.shape, given);
    }
    if (!(given instanceof tf.Tensor)) throw new ParameterError(name, given, "a number or a tensor");
    if (!broadcasts(given.shape, input.shape)) {
      throw new ParameterError(
        name,
        `a tensor of shape [${given.shape.join(", ")}]`,
        `a number or a tensor that fits the input's shape [${input.shape.join(", ")}]`,
      );
    }
    if (tf.all(tf.isFinite(given)).dataSync()[0] === 0)
      throw new ParameterError(name, "not finite", "finite everywhere");
    return tf.broadcastTo(tf.cast(given, "float32"), input.shape as [number]);
  });
}

const broadcasts = (from: readonly number[], to: readonly number[]): boolean =>
  from.length <= to.length && from.every((size, axis) => size === 1 || size === to[to.length - from.length + axis]);
