import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import { type Bounds, boundsOf, type Context } from "../context.js";
import { ParameterError } from "../errors.js";
import type { Explain } from "../explanation.js";
import { inputOf } from "../method.js";
import { gaussianBlur } from "../numerics/gaussian-blur.js";
import { seededRandom } from "../numerics/random.js";
import type { Parameter } from "../parameters.js";

const names = ["black", "gray", "white", "mean", "blurred"] as const;

/** A reference by name, or the value everywhere, or a tensor that broadcasts to the input. */
export type NamedReference = (typeof names)[number] | number | Tensor;

/** The parameter that says what stands for "nothing to see". */
export const reference = (initial: NamedReference, role: string): Parameter<NamedReference> => ({
  type: "reference",
  description:
    `${role}: black, gray or white (least, middle, greatest value of the input, by channel; the default is 0 where these ` +
    "are not known), mean (the input's own, by channel), blurred (the input through a wide Gaussian), or a value",
  range: `${names.join(", ")}, a number or a tensor`,
  default: initial,
  choices: names,
  accepts: (value) =>
    names.includes(value as "black") ||
    (typeof value === "number" && Number.isFinite(value)) ||
    value instanceof Tensor,
});

/** Makes an explainer that needs tensors made from its input; they end with the run. */
export function withTensors<T extends { readonly [name: string]: Tensor | number }, Found>(
  make: (x: Tensor) => T,
  explainer: (made: T) => Explain<Found>,
): Explain<Found> {
  return async (x, options) => {
    const made = make(inputOf(x));
    try {
      return await explainer(made)(x, options);
    } finally {
      tf.dispose(made);
    }
  };
}

/** The reference of an input, `[batch, …]` or what broadcasts to it; a new tensor, or a number. */
export function referenceOf(
  name: string,
  value: NamedReference,
  initial: NamedReference,
  context: Context,
  x: Tensor,
): Tensor | number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor) return tf.clone(value);
  switch (value) {
    case "mean":
      return tf.tidy(() => tf.mean(x, x.rank === 2 ? [1] : x.shape.slice(1, -1).map((_, axis) => axis + 1), true));
    case "blurred":
      if (x.rank !== 4) throw new ParameterError(name, value, "another reference: only pictures can be blurred");
      return blurred(x);
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

/** Uniform noise between the bounds of the input, `[count, …sample]`. */
export function noise(count: number, seed: number, context: Context, x: Tensor): Tensor {
  return tf.tidy(() => {
    const bounds = boundsOf(context);
    if (bounds === undefined) {
      throw new ParameterError(
        "background",
        "noise",
        "colors or a tensor: the bounds of this model's input are not known",
      );
    }
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
function blurred(x: Tensor): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  return gaussianBlur(x as Tensor4D, Math.max(height, width) / 12);
}
