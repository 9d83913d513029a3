import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Translator } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";

/** The larger or smaller of two inputs, entry by entry. */
export interface Extremum<Which extends "maximum" | "minimum" = "maximum" | "minimum"> {
  readonly kind: Which;
}

const extremum = <Which extends "maximum" | "minimum">(
  kind: Which,
  translate: Readonly<Record<string, Translator>>,
): Kind<Extremum<Which>> => ({
  kind,
  translate,
  forward: (_, [a, b]) => (kind === "maximum" ? tf.maximum(a!, b!) : tf.minimum(a!, b!)),
  vjp(_, dy, { inputs }) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    // Ties are shared by halves.
    const first = tf.mul(tf.add(tf.sign(tf.mul(tf.sub(a, b), kind === "maximum" ? 1 : -1)), 1), 0.5);
    return [sumTo(tf.mul(dy, first), a.shape), sumTo(tf.mul(dy, tf.sub(1, first)), b.shape)];
  },
  facts: () => ({ nonNegative: "kept" }),
  relevance: () => "winner",
});

const both =
  (kind: "maximum" | "minimum"): Translator =>
  (call) =>
    call.inputs.length === 2 ? [call.make<Extremum>({ kind })] : undefined;

export const maximum = extremum("maximum", { Maximum: both("maximum") });
export const minimum = extremum("minimum", { Minimum: both("minimum") });
