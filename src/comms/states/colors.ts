import { rgb } from "d3-color";
import { interpolateInferno, interpolateRdBu } from "d3-scale-chromatic";

/** How many colors a table has, the one for "not a number" left aside. Odd: zero is exactly the middle one. */
export const COLORS = 1023;

/** The color of a value between −1 and 1 (signed) or 0 and 1 (unsigned), as red, green, blue from 0 to 255. */
export function colorOf(value: number, signed: boolean): [red: number, green: number, blue: number] {
  // Red and blue are told apart by every common kind of color blindness; inferno grows evenly lighter.
  const { r, g, b } = rgb(signed ? interpolateRdBu(0.5 - value / 2) : interpolateInferno(0.06 + 0.92 * value));
  return [Math.round(r), Math.round(g), Math.round(b)];
}

/** Of these colors only that share around zero, so that what lies on them can be read. */
export const reaching =
  (reach: number): typeof colorOf =>
  (value, signed) =>
    colorOf(reach * value, signed);

/**
 * A table of RGBA words from the lowest to the highest value; entry `COLORS` is for values that are not numbers.
 * A `veil` lets what is below shine through where values are small, as an overlay needs; of the colors, the share `reach` is used.
 */
export function colorTable(signed: boolean, veil: boolean, reach = 1): Uint32Array {
  const bytes = new Uint8ClampedArray(4 * (COLORS + 1));
  for (let i = 0; i < COLORS; i++) {
    const share = i / (COLORS - 1);
    const value = signed ? 2 * share - 1 : share;
    bytes.set(
      [...colorOf(reach * value, signed), veil ? 255 * Math.min(1, 1.15 * Math.abs(value) ** 0.7) : 255],
      4 * i,
    );
  }
  bytes.set([128, 128, 128, veil ? 0 : 255], 4 * COLORS);
  return new Uint32Array(bytes.buffer);
}

/** The gray of a pixel under an overlay: its brightness, paler and flatter, so that red and blue stand out on it. */
export function groundGray(red: number, green: number, blue: number): number {
  return 62 + 0.68 * (0.299 * red + 0.587 * green + 0.114 * blue);
}

/**
 * Writes the color of every value into `out` (RGBA words): one pass, one table look-up a value.
 * `limit` is the value that gets the end color; what lies beyond gets it too.
 */
export function colorize(
  values: Float32Array,
  limit: number,
  signed: boolean,
  table: Uint32Array,
  out: Uint32Array,
): void {
  const last = COLORS - 1;
  const scale = (signed ? last / 2 : last) / (limit > 0 ? limit : 1);
  const zero = (signed ? last / 2 : 0) + 0.5;
  for (let i = 0; i < values.length; i++) {
    const place = values[i]! * scale + zero;
    out[i] = table[place >= 0 ? (place <= last ? place | 0 : last) : Number.isNaN(place) ? COLORS : 0]!;
  }
}

/**
 * The magnitude below which `percentile` percent of the magnitudes lie (100: the largest), by quickselect,
 * in expected linear time. Values that are not finite are left out; 0 when there are none.
 */
export function clipLimit(values: Float32Array, percentile: number): number {
  const magnitudes = new Float32Array(values.length);
  let count = 0;
  for (const value of values) {
    if (Number.isFinite(value)) magnitudes[count++] = Math.abs(value);
  }
  if (count === 0) return 0;
  const wanted = Math.round((Math.min(Math.max(percentile, 0), 100) / 100) * (count - 1));
  for (let low = 0, high = count - 1; low < high; ) {
    const pivot = magnitudes[(low + high) >> 1]!;
    let left = low;
    let right = high;
    while (left <= right) {
      while (magnitudes[left]! < pivot) left++;
      while (magnitudes[right]! > pivot) right--;
      if (left <= right) {
        const swap = magnitudes[left]!;
        magnitudes[left++] = magnitudes[right]!;
        magnitudes[right--] = swap;
      }
    }
    if (wanted <= right) high = right;
    else if (wanted >= left) low = left;
    else break;
  }
  return magnitudes[wanted]!;
}
