import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import sharp from "sharp";
import { readMnist } from "./mnist.js";

/** Digits of each class in the sample. */
const PER_CLASS = 100;

/** Writes the first hundred test digits of each class as one gray PNG: ten rows, by class, of a hundred digits of 28 × 28. */
export async function writeDigitSample(file: string, log: (line: string) => void): Promise<void> {
  const { count, pixels, labels } = await readMnist("test");
  const width = PER_CLASS * 28;
  const sheet = new Uint8Array(10 * 28 * width);
  const filled = new Array<number>(10).fill(0);
  for (let digit = 0; digit < count; digit++) {
    const label = labels[digit]!;
    const place = filled[label]!;
    if (place === PER_CLASS) continue;
    filled[label] = place + 1;
    for (let row = 0; row < 28; row++) {
      const from = digit * 784 + row * 28;
      sheet.set(pixels.subarray(from, from + 28), (label * 28 + row) * width + place * 28);
    }
  }
  await mkdir(dirname(file), { recursive: true });
  await sharp(sheet, { raw: { width, height: 10 * 28, channels: 1 } })
    .png({ compressionLevel: 9, palette: false })
    .toFile(file);
  log(`${file}: ${PER_CLASS} test digits of each class`);
}
