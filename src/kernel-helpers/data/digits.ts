import { packageFile } from "../platform/files.js";
import { decodedPicture } from "../platform/pictures.js";

/** Handwritten digits, 28 × 28 gray pixels each: white ink (255) on black (0). */
export interface Digits {
  /** `count · 784` bytes, one digit after the other, row by row. */
  pixels: Uint8Array;
  /** 0 to 9. */
  labels: Uint8Array;
  count: number;
}

/** Digits of each class in the sample. */
const PER_CLASS = 100;

/**
 * A thousand test digits of MNIST that are part of this package, a hundred of each class in turn: 0, 1, … 9, 0, 1, …
 *
 * @param options.count How many of them. Default 1000.
 * @example const { pixels, labels } = await loadDigits({ count: 10 });
 */
export async function loadDigits({ count = 10 * PER_CLASS }: { count?: number } = {}): Promise<Digits> {
  // Ten rows, by class, of a hundred digits each.
  const file = packageFile("models", "mnist-digits", "digits.png");
  const { data, width, channels } = await decodedPicture(file, { gray: true }, async () => {
    const { default: sharp } = await import("sharp");
    const { data, info } = await sharp(file).toColorspace("b-w").raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, channels: info.channels as number };
  });
  const kept = Math.max(0, Math.min(Math.floor(count), 10 * PER_CLASS));
  const pixels = new Uint8Array(kept * 784);
  for (let digit = 0; digit < kept; digit++) {
    const [label, place] = [digit % 10, Math.floor(digit / 10)];
    for (let row = 0; row < 28; row++) {
      const from = ((label * 28 + row) * width + place * 28) * channels;
      for (let column = 0; column < 28; column++) {
        pixels[digit * 784 + row * 28 + column] = data[from + column * channels]!;
      }
    }
  }
  return { pixels, labels: Uint8Array.from({ length: kept }, (_, digit) => digit % 10), count: kept };
}
