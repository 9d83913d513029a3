import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Pool } from "../../tensors.js";

/** The linear part of an affine node with some weights: `a → w·a` and its transpose. */
export interface LinearMap {
  readonly weights: Tensor;
  /** `w·a`, without bias. */
  forward(a: Tensor): Tensor;
  /** `wᵀ·s` in the shape of the input, `inputShape`. */
  vjp(s: Tensor, inputShape: readonly number[]): Tensor;
}

/** Who owns what a linear map prepares. */
export type Owner = Pick<Pool, "own">;

/** Prepared once, when first needed. */
export function lazily<T extends Tensor>(owner: Owner, make: () => T): () => T {
  let made: T | undefined;
  return () => {
    if (made === undefined || made.isDisposed) made = owner.own(tf.tidy(make));
    return made;
  };
}
