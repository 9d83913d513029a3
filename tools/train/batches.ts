import { seededRandom } from "../../src/explainers/numerics/random.js";
import { DIGIT_SIZE, type Digits } from "./mnist.js";

export interface BatchOptions {
  size: number;
  epochs: number;
  seed: number;
  /** Moves each digit by up to so many pixels in each direction. Default 0. */
  shift?: number;
}

export interface Batch {
  epoch: number;
  /** How much of the training lies behind: 0 at the first batch, near 1 at the last. */
  progress: number;
  count: number;
  /** `[count, 28, 28, 1]`, in 0…1. */
  pixels: Float32Array;
  labels: Int32Array;
}

/** Goes through the digits `epochs` times, in an order and with shifts that follow from the seed. */
export function* batches(digits: Digits, { size, epochs, seed, shift = 0 }: BatchOptions): Generator<Batch> {
  const random = seededRandom(seed);
  const perEpoch = Math.floor(digits.count / size);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(digits.count);
    for (let index = 0; index < perEpoch; index++) {
      const pixels = new Float32Array(size * DIGIT_SIZE);
      const labels = new Int32Array(size);
      for (let place = 0; place < size; place++) {
        const digit = order[index * size + place]!;
        const down = random.integer(2 * shift + 1) - shift;
        const right = random.integer(2 * shift + 1) - shift;
        copyShifted(digits.pixels, digit * DIGIT_SIZE, pixels, place * DIGIT_SIZE, down, right);
        labels[place] = digits.labels[digit]!;
      }
      yield { epoch, progress: (epoch * perEpoch + index) / (epochs * perEpoch), count: size, pixels, labels };
    }
  }
}

function copyShifted(from: Uint8Array, source: number, to: Float32Array, target: number, down: number, right: number) {
  for (let row = Math.max(0, -down); row < Math.min(28, 28 - down); row++) {
    for (let column = Math.max(0, -right); column < Math.min(28, 28 - right); column++) {
      to[target + (row + down) * 28 + column + right] = from[source + row * 28 + column]! / 255;
    }
  }
}
