import sharp from "sharp";

/** Pixels of a picture, three bytes each. */
export interface Picture {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** Stored pictures have half the size: enough to see every part, and smoother than any one way to draw letters. */
const SCALE = 0.5;

/** Side of a block in stored pixels: the height of a line of text. */
export const BLOCK = 8;

/** How far a block may have moved, in stored pixels: fonts differ by fractions of a pixel, which add up over lines. */
const SHIFT = 3;

/**
 * By how much the mean color of a block may differ, of 255. How letters are smoothed changes it by less than 8, a slider
 * or a word that is missing by more than 25.
 */
const TOLERANCE = 16;

/** As many blocks that touch are a part of the widget; fewer are a digit of a time or the edge of a letter. */
const PART = 3;

/** By how much the size may differ: whole pixels that fonts' line heights are rounded to. */
const SIZE = 6;

/** A screenshot as it is stored. */
export async function reduced(screenshot: Buffer): Promise<Buffer> {
  const { width = 0 } = await sharp(screenshot).metadata();
  const small = sharp(screenshot)
    .flatten({ background: "white" })
    .resize({ width: Math.round(width * SCALE), kernel: "cubic" });
  return small.png({ palette: true, colors: 128, effort: 10 }).toBuffer();
}

export async function decoded(png: Buffer): Promise<Picture> {
  const { data, info } = await sharp(png)
    .removeAlpha()
    .toColorspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

/** Sums of each color over all rectangles from the corner: the mean of any block is four look-ups. */
function integral({ pixels, width, height }: Picture): Float64Array {
  const sums = new Float64Array((width + 1) * (height + 1) * 3);
  for (let y = 0; y < height; y++) {
    const row = [0, 0, 0];
    for (let x = 0; x < width; x++) {
      for (let color = 0; color < 3; color++) {
        row[color]! += pixels[3 * (y * width + x) + color]!;
        sums[3 * ((y + 1) * (width + 1) + x + 1) + color] = sums[3 * (y * (width + 1) + x + 1) + color]! + row[color]!;
      }
    }
  }
  return sums;
}

/** Mean colors of the block whose corner is at (x, y); a block over the edge is cut there. */
function meansOf(picture: Picture) {
  const sums = integral(picture);
  const { width, height } = picture;
  return (x: number, y: number): readonly number[] => {
    const [left, right] = [Math.max(0, x), Math.min(width, x + BLOCK)];
    const [top, bottom] = [Math.max(0, y), Math.min(height, y + BLOCK)];
    const at = (column: number, line: number, color: number) => sums[3 * (line * (width + 1) + column) + color]!;
    const area = Math.max(1, (right - left) * (bottom - top));
    return [0, 1, 2].map(
      (color) =>
        (at(right, bottom, color) - at(left, bottom, color) - at(right, top, color) + at(left, top, color)) / area,
    );
  };
}

/** A part that looks otherwise, in stored pixels. */
export interface Difference {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The parts of a widget that are missing, new or of another color in one of two pictures. How another version of a browser
 * draws letters and edges is no difference: blocks of 8 × 8 stored pixels (16 × 16 on the screen) are compared by their mean
 * color, each may have moved by 3 pixels, and only three blocks that touch count.
 *
 * @returns The differing parts, none when the pictures show the same; the whole picture when their sizes differ.
 */
export function differences(expected: Picture, actual: Picture): Difference[] {
  const [width, height] = [Math.min(expected.width, actual.width), Math.min(expected.height, actual.height)];
  if (Math.abs(expected.width - actual.width) > SIZE || Math.abs(expected.height - actual.height) > SIZE) {
    return [{ left: 0, top: 0, right: actual.width, bottom: actual.height }];
  }
  const [wanted, found] = [meansOf(expected), meansOf(actual)];
  const [columns, rows] = [Math.floor(width / BLOCK), Math.floor(height / BLOCK)];
  /** Whether somewhere near in `other` there is what `own` has at the block. */
  const isNear = (own: ReturnType<typeof meansOf>, other: ReturnType<typeof meansOf>, x: number, y: number) => {
    const color = own(x, y);
    for (let dy = -SHIFT; dy <= SHIFT; dy++) {
      for (let dx = -SHIFT; dx <= SHIFT; dx++) {
        const near = other(x + dx, y + dy);
        if (near.every((value, index) => Math.abs(value - color[index]!) <= TOLERANCE)) return true;
      }
    }
    return false;
  };
  const differing = new Set<number>();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [column * BLOCK, row * BLOCK];
      if (!isNear(wanted, found, x, y) || !isNear(found, wanted, x, y)) differing.add(row * columns + column);
    }
  }
  return parts(differing, columns);
}

/** Blocks that touch, corners included, as the rectangles around them; those of too few blocks are left out. */
function parts(blocks: Set<number>, columns: number): Difference[] {
  const found: Difference[] = [];
  while (blocks.size > 0) {
    const open = [blocks.values().next().value!];
    const part: number[] = [];
    blocks.delete(open[0]!);
    for (let block = open.pop(); block !== undefined; block = open.pop()) {
      part.push(block);
      const [row, column] = [Math.floor(block / columns), block % columns];
      for (let y = row - 1; y <= row + 1; y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
          if (blocks.delete(y * columns + x)) open.push(y * columns + x);
        }
      }
    }
    if (part.length < PART) continue;
    const [xs, ys] = [part.map((block) => block % columns), part.map((block) => Math.floor(block / columns))];
    found.push({
      left: Math.min(...xs) * BLOCK,
      top: Math.min(...ys) * BLOCK,
      right: (Math.max(...xs) + 1) * BLOCK,
      bottom: (Math.max(...ys) + 1) * BLOCK,
    });
  }
  return found;
}
