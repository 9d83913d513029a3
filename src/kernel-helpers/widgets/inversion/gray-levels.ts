import type { Tensor } from "@tensorflow/tfjs-core";
import type { ModelInput } from "../../models/input.js";

/** Differences to a picture in gray levels, 0…255, which are the same for all models. */
export class GrayLevels {
  /** The picture as the model takes it, `[height, width, channel]`. */
  readonly original: Float32Array;
  readonly #channels: number;
  /** Gray levels in one unit of each channel. */
  readonly #scales: readonly number[];

  constructor(picture: Tensor, { scale }: Pick<ModelInput, "scale">) {
    this.original = picture.dataSync<"float32">();
    const channels = picture.shape.at(-1)!;
    this.#channels = channels;
    this.#scales = Array.from({ length: channels }, (_, channel) =>
      typeof scale === "number" ? scale : scale[channel]!,
    );
  }

  /** Root mean square difference of each of some pictures. */
  errors(pictures: Float32Array): number[] {
    const { length } = this.original;
    return Array.from({ length: pictures.length / length }, (_, start) => {
      let sum = 0;
      for (let at = 0; at < length; at++) sum += this.#squared(pictures, start * length + at, at);
      return Math.sqrt(sum / length);
    });
  }

  /** Root mean square difference of a picture's channels at each position, `[height · width]`. */
  difference(pictures: Float32Array, start: number): Float32Array {
    const { length } = this.original;
    const found = new Float32Array(length / this.#channels);
    for (let at = 0; at < length; at++) {
      const place = Math.floor(at / this.#channels);
      found[place] = found[place]! + this.#squared(pictures, start * length + at, at) / this.#channels;
    }
    return found.map(Math.sqrt);
  }

  #squared(pictures: Float32Array, from: number, at: number): number {
    const off = (pictures[from]! - this.original[at]!) * this.#scales[at % this.#channels]!;
    return off * off;
  }
}
