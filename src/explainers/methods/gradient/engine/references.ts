import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../../../context.js";
import { ParameterError } from "../../../errors.js";
import type { Recording } from "../../../network/index.js";
import type { Parameter } from "../../../parameters.js";
import { isReference, type Reference, reference, referenceOf } from "../../reference.js";

/**
 * The reference input `x'`: a name, a number, or a tensor that broadcasts to the input (`[…sample]`, `[1, …]` or
 * `[batch, …]`); or a list of these for a model of several inputs.
 */
export type References = Reference | readonly Reference[];

/** The parameter that says what an input is compared with. */
export function references(initial: Reference, role: string): Parameter<References> {
  const one = reference(initial, role);
  return {
    ...one,
    range: `${one.range}; or a list of these, one for each input of the model`,
    accepts: (value) => isReference(value) || (Array.isArray(value) && value.length > 0 && value.every(isReference)),
  };
}

/**
 * The reference in the shape of each of the model's inputs; to be called inside `tidy`. The bounds of `context` are those of
 * the first input.
 *
 * @throws ParameterError where a shape does not fit or a value is not finite
 */
export function referenceInputs(
  name: string,
  given: References,
  initial: Reference,
  context: Context,
  { inputs }: Recording,
): Tensor[] {
  const list = Array.isArray(given) ? (given as readonly Reference[]) : undefined;
  if (list !== undefined && list.length !== inputs.length) {
    throw new ParameterError(name, `a list of ${list.length}`, `one for each of the model's ${inputs.length} inputs`);
  }
  return inputs.map((input, index) => {
    const own = list === undefined ? (given as Reference) : list[index]!;
    const value = referenceOf(name, own, initial, index === 0 ? context : {}, input);
    if (typeof value === "number") return tf.fill(input.shape, value);
    if (!broadcasts(value.shape, input.shape)) {
      throw new ParameterError(
        name,
        `a tensor of shape [${value.shape.join(", ")}]`,
        `a number or a tensor that fits the input's shape [${input.shape.join(", ")}]`,
      );
    }
    if (tf.all(tf.isFinite(value)).dataSync()[0] === 0)
      throw new ParameterError(name, "not finite", "finite everywhere");
    return tf.broadcastTo(tf.cast(value, "float32"), input.shape as [number]);
  });
}

const broadcasts = (from: readonly number[], to: readonly number[]): boolean =>
  from.length <= to.length && from.every((size, axis) => size === 1 || size === to[to.length - from.length + axis]);
