import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import { type Bounds, boundsOf, type Context } from "../context.js";
import { ParameterError } from "../errors.js";
import { gaussianBlur } from "../numerics/gaussian-blur.js";
import { seededRandom } from "../numerics/random.js";
import type { Parameter } from "../parameters.js";

const referenceNames = ["zero", "padding", "black", "gray", "white", "mean", "blurred"] as const;

/** A reference by name, or the value everywhere, or a tensor that broadcasts to the input. */
export type Reference = (typeof referenceNames)[number] | number | Tensor;

/** The parameter that says what stands for "nothing to see". */
export const reference = (initial: Reference, role: string): Parameter<Reference> => ({
  type: "reference",
  description:
    `${role}: zero, padding (of words, that of number 0), black, gray or white (least, middle, greatest value of the input, by ` +
    "channel; the default is 0 where these are not known), mean (the input's own, by channel), blurred (the input through a wide " +
    "Gaussian), or a value",
  range: `${referenceNames.join(", ")}, a number or a tensor`,
  default: initial,
  choices: referenceNames,
  notes: { padding: { inputs: ["sequence"] } },
  accepts: isReference,
});

/** One for all inputs of a model, or a list with one for each. */
export type References = Reference | readonly Reference[];

/** The same parameter, which may be a list for a model of several inputs. */
export const perInput = <T>(parameter: Parameter<T>): Parameter<T | readonly Reference[]> => ({
  ...parameter,
  range: `${parameter.range}; or a list of these, one for each input of the model`,
  accepts: (value) =>
    parameter.accepts(value) ||
    (Array.isArray(value) && value.length > 0 && value.every((one) => parameter.accepts(one))),
});

/**
 * The reference of one of a model's inputs.
 *
 * @throws ParameterError for a list of another length
 */
export function referenceAt<T>(name: string, given: T | readonly T[], input: number, count: number): T {
  if (!Array.isArray(given)) return given as T;
  if (given.length !== count) {
    throw new ParameterError(name, `a list of ${given.length}`, `one for each of the model's ${count} inputs`);
  }
  return given[input] as T;
}

const isReference = (value: unknown): value is Reference =>
  referenceNames.includes(value as "zero") ||
  (typeof value === "number" && Number.isFinite(value)) ||
  value instanceof Tensor;

/**
 * The reference of an input `[batch, …]`, in its shape or one that broadcasts to it; a new tensor, or a number.
 *
 * @param initial the parameter's default, which is 0 where it is a color and the bounds are not known
 * @throws ParameterError for a color without bounds, or a blur of what is no picture
 */
export function referenceOf(
  name: string,
  value: Reference,
  initial: Reference,
  context: Context,
  x: Tensor,
): Tensor | number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor) return tf.clone(value);
  switch (value) {
    case "zero":
      return 0;
    case "padding":
      if (x.rank === 2) return 0;
      throw new ParameterError(name, value, "another reference: only words have a padding");
    case "mean":
      return tf.tidy(() => tf.mean(x, x.rank === 2 ? [1] : x.shape.slice(1, -1).map((_, axis) => axis + 1), true));
    case "blurred":
      if (x.rank !== 4) throw new ParameterError(name, value, "another reference: only pictures can be blurred");
      return blurred(x as Tensor4D);
    default: {
      const bounds = boundsOf(context);
      if (bounds === undefined) {
        if (value === initial) return 0;
        throw new ParameterError(name, value, "a number: the bounds of this model's input are not known");
      }
      return between(bounds, { black: 0, gray: 0.5, white: 1 }[value]);
    }
  }
}

/** Inputs of one color each, evenly from black to white, `[count, …sample]`; zeros where the bounds are not known. */
export function colors(count: number, context: Context, x: Tensor): Tensor {
  return tf.tidy(() => {
    const shape = [1, ...x.shape.slice(1)] as [number];
    const bounds = boundsOf(context);
    if (bounds === undefined) return tf.zeros(shape);
    const shares = Array.from({ length: count }, (_, index) => (count === 1 ? 0 : index / (count - 1)));
    return tf.concat(shares.map((share) => tf.broadcastTo(between(bounds, share), shape)));
  });
}

/** Uniform noise between bounds, `[count, …sample]`. */
export function noise(count: number, seed: number, bounds: Bounds, x: Tensor): Tensor {
  return tf.tidy(() => {
    const shape = [count, ...x.shape.slice(1)];
    const size = shape.reduce((a, b) => a * b, 1);
    return between(bounds, tf.tensor(seededRandom(seed).uniforms(size), shape));
  });
}

/** `low + share · (high − low)`, by channel. */
const between = ({ low, high }: Bounds, share: number | Tensor): Tensor =>
  tf.tidy(() => {
    const [from, to] = [low, high].map((bound) => tf.tensor(bound as number | number[])) as [Tensor, Tensor];
    return tf.add(from, tf.mul(tf.sub(to, from), share));
  });

/** A blur that leaves light and shade but no shape: a Gaussian of a twelfth of the longer side. */
function blurred(x: Tensor4D): Tensor {
  const [, height, width] = x.shape;
  return gaussianBlur(x, Math.max(height, width) / 12);
}
