import type { ModelInput } from "../models/input.js";
import { inputBytes } from "./input-bytes.js";
import { encodePng } from "./png.js";

/** Something that a cell shows as a picture. */
export interface PictureSheet {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

const GAP = 2;
const PAPER = 200;

/**
 * Pictures of one size side by side, as one PNG that a cell shows.
 *
 * @param rows For each row the pictures as a model takes them, `height · width · channel` numbers each.
 * @param input What the model takes (`model.input`): says the size, and how numbers become pixels.
 * @param options.enlarge Whole factor by which pixels are enlarged. Default: so that a picture is at least 56 pixels wide.
 * @example pictureSheet([plain, decoded], model.input)
 */
export function pictureSheet(
  rows: readonly (readonly Float32Array[])[],
  input: ModelInput,
  options: { enlarge?: number } = {},
): PictureSheet {
  const [height, width, channels] = input.shape as [number, number, number];
  const enlarge = options.enlarge ?? Math.max(1, Math.ceil(56 / width));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const cell = { width: width * enlarge + GAP, height: height * enlarge + GAP };
  const sheet = { width: columns * cell.width + GAP, height: rows.length * cell.height + GAP };
  const pixels = new Uint8Array(3 * sheet.width * sheet.height).fill(PAPER);
  rows.forEach((row, down) => {
    row.forEach((picture, right) => {
      const bytes = inputBytes(picture, input);
      for (let y = 0; y < height * enlarge; y++) {
        for (let x = 0; x < width * enlarge; x++) {
          const from = channels * (Math.floor(y / enlarge) * width + Math.floor(x / enlarge));
          const to = 3 * ((GAP + down * cell.height + y) * sheet.width + GAP + right * cell.width + x);
          for (let color = 0; color < 3; color++) pixels[to + color] = bytes[from + (channels === 1 ? 0 : color)]!;
        }
      }
    });
  });
  const png = encodePng(pixels, sheet.width, sheet.height);
  const display = () => ({
    "image/png": png.toString("base64"),
    "text/plain": `${rows.length} × ${columns} pictures of ${height} × ${width}`,
  });
  return Object.assign({ png, ...sheet }, { [Symbol.for("Jupyter.display")]: display });
}
