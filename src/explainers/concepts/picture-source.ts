import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";

/** Many pictures, of which only some are there at a time. */
export interface PictureSource {
  readonly count: number;
  /** Pictures `[count, …input]` from `start` on; whoever takes them disposes of them. */
  readonly take: (start: number, count: number) => Tensor;
}

/** Pictures of a tensor, or what gives a part of them. */
export const sourceOf = (x: Tensor | PictureSource): PictureSource =>
  x instanceof Tensor ? { count: x.shape[0]!, take: (start, count) => tf.slice(x, start, count) } : x;
