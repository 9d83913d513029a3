import { encodePng } from "../../pictures/png.js";
import { image } from "./html.js";

/** Pixels by channel, `[height, width, channels]`. */
export interface Pixels {
  values: ArrayLike<number>;
  width: number;
  height: number;
  channels: number;
  /** What a value is as a byte, 0 to 255; by default it is one. */
  byte?: (value: number) => number;
}

const SIZE = 160;

/** A picture at most `size` pixels wide and high, as an element: smaller ones enlarged by a whole factor, larger ones averaged. */
export function thumbnail(
  { values, width, height, channels, byte = (value) => value }: Pixels,
  alt: string,
  size = SIZE,
): string {
  const ratio = Math.min(1, size / Math.max(width, height));
  const [columns, rows] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  const pixels = new Uint8ClampedArray(3 * columns * rows);
  for (let y = 0; y < rows; y++) {
    const [top, bottom] = [
      Math.floor((y * height) / rows),
      Math.max(Math.floor((y * height) / rows) + 1, Math.floor(((y + 1) * height) / rows)),
    ];
    for (let x = 0; x < columns; x++) {
      const [left, right] = [
        Math.floor((x * width) / columns),
        Math.max(Math.floor((x * width) / columns) + 1, Math.floor(((x + 1) * width) / columns)),
      ];
      for (let color = 0; color < 3; color++) {
        let sum = 0;
        for (let v = top; v < bottom; v++) {
          for (let u = left; u < right; u++)
            sum += byte(values[channels * (v * width + u) + (channels < 3 ? 0 : color)]!);
        }
        pixels[3 * (y * columns + x) + color] = sum / ((bottom - top) * (right - left));
      }
    }
  }
  const enlarge = Math.max(1, Math.floor(size / Math.max(columns, rows)));
  return image(encodePng(pixels, columns, rows), columns * enlarge, rows * enlarge, alt);
}
