import type { Bytes } from "../../comms/states/array.js";

/** `[pictures, height, width, channels]` bytes, one after the other. */
export interface PictureBytes {
  readonly pixels: Uint8Array;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** Pictures made smaller by a whole factor, each place the mean of those that it stands for; smaller ones stay as they are. */
export class Thumbnails {
  readonly #source: PictureBytes;
  readonly #factor: number;
  readonly #made = new Map<number, Uint8Array>();
  readonly height: number;
  readonly width: number;

  /** @param most pixels that a side has about at most */
  constructor(source: PictureBytes, most = 112) {
    const [height, width] = source.shape;
    this.#source = source;
    this.#factor = Math.max(1, Math.round(Math.max(height, width) / most));
    this.height = Math.floor(height / this.#factor);
    this.width = Math.floor(width / this.#factor);
  }

  /** Some of them as one array. */
  of(indices: readonly number[]): Bytes {
    const channels = this.#source.shape[2];
    const size = this.height * this.width * channels;
    const data = new Uint8Array(indices.length * size);
    indices.forEach((index, place) => {
      data.set(this.#one(index), place * size);
    });
    return { shape: [indices.length, this.height, this.width, channels], dtype: "uint8", data };
  }

  #one(index: number): Uint8Array {
    const known = this.#made.get(index);
    if (known !== undefined) return known;
    const { pixels, shape } = this.#source;
    const [rows, columns, channels] = shape;
    const whole = pixels.subarray(index * rows * columns * channels, (index + 1) * rows * columns * channels);
    const factor = this.#factor;
    if (factor === 1) return whole;
    const made = new Uint8Array(this.height * this.width * channels);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        for (let channel = 0; channel < channels; channel++) {
          let sum = 0;
          for (let down = 0; down < factor; down++) {
            const from = ((y * factor + down) * columns + x * factor) * channels + channel;
            for (let right = 0; right < factor; right++) sum += whole[from + right * channels]!;
          }
          made[(y * this.width + x) * channels + channel] = Math.round(sum / factor ** 2);
        }
      }
    }
    this.#made.set(index, made);
    return made;
  }
}
