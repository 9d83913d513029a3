import * as tf from "@tensorflow/tfjs-core";
import { sumTo } from "../shapes.js";
import type { Kind } from "./parts/kind.js";

/** `inputs[0] · inputs[1]`, both of them computed from the model's input. */
export interface Product {
  readonly kind: "product";
}

export const product: Kind<Product> = {
  kind: "product",
  translate: { Multiply: (call) => [call.make<Product>({ kind: "product" })] },
  forward: (_, [a, b]) => tf.mul(a!, b!),
  vjp(_, dy, { inputs }) {
    const [a, b] = [inputs[0]!, inputs[1]!];
    return [sumTo(tf.mul(dy, b), a.shape), sumTo(tf.mul(dy, a), b.shape)];
  },
  facts: () => ({ nonNegative: "kept" }),
  relevance: () => "product",
};
