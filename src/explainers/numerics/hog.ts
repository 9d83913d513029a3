import { ParameterError } from "../errors.js";

/** How gradients are gathered. */
export interface HogOptions {
  /** Bins over 180°; default 9. */
  readonly orientations?: number;
  /** Side of a cell in pixels; default 8. */
  readonly cell?: number;
  /** Side of a block in cells; default 3. */
  readonly block?: number;
}

/** Keeps the norm of an empty block from 0; Dalal and Triggs say only "small". */
const EPSILON = 1e-5;
/** L2-Hys: where a normalized entry is cut (Dalal and Triggs 2005, section 6.4, after Lowe). */
const CUT = 0.2;

/**
 * Histograms of oriented gradients of a picture `[height, width]` (Dalal and Triggs, CVPR 2005): central differences, unsigned orientations
 * voting by magnitude into the bins of their cell, overlapping blocks of cells normalized by L2-Hys. As in scikit-image, a pixel votes for one bin of one cell,
 * a cell holds means, borders have no gradient across them.
 *
 * @returns blocks row by row, in each its cells, in each its bins
 * @throws ParameterError where not even one block fits in
 * @example
 * hog(map, [28, 28], { cell: 7 });
 */
export function hog(
  picture: ArrayLike<number>,
  [height, width]: readonly [number, number],
  { orientations = 9, cell = 8, block = 3 }: HogOptions = {},
): Float64Array {
  if (picture.length !== height * width) {
    throw new ParameterError("shape", [height, width], `that of the picture, which has ${picture.length} pixels`);
  }
  const [rows, columns] = [Math.floor(height / cell), Math.floor(width / cell)];
  if (rows < block || columns < block) {
    throw new ParameterError(
      "picture",
      `${height} × ${width}`,
      `at least ${block * cell} pixels high and wide, as one block is`,
    );
  }
  const cells = votes(picture, width, height, { rows, columns, cell, orientations });
  const [blockRows, blockColumns] = [rows - block + 1, columns - block + 1];
  const length = block * block * orientations;
  const result = new Float64Array(blockRows * blockColumns * length);
  for (let row = 0; row < blockRows; row++) {
    for (let column = 0; column < blockColumns; column++) {
      const start = (row * blockColumns + column) * length;
      for (let inside = 0; inside < block; inside++) {
        const from = ((row + inside) * columns + column) * orientations;
        result.set(cells.subarray(from, from + block * orientations), start + inside * block * orientations);
      }
      normalize(result.subarray(start, start + length));
    }
  }
  return result;
}

/** The mean magnitude of each bin in each cell, `[rows, columns, orientations]`. */
function votes(
  picture: ArrayLike<number>,
  width: number,
  height: number,
  grid: { readonly rows: number; readonly columns: number; readonly cell: number; readonly orientations: number },
): Float64Array {
  const { rows, columns, cell, orientations } = grid;
  const cells = new Float64Array(rows * columns * orientations);
  for (let y = 0; y < rows * cell; y++) {
    for (let x = 0; x < columns * cell; x++) {
      const at = y * width + x;
      const down = y === 0 || y === height - 1 ? 0 : picture[at + width]! - picture[at - width]!;
      const across = x === 0 || x === width - 1 ? 0 : picture[at + 1]! - picture[at - 1]!;
      const magnitude = Math.hypot(across, down);
      if (magnitude === 0) continue;
      const degrees = (Math.atan2(down, across) * 180) / Math.PI;
      const turned = ((degrees % 180) + 180) % 180;
      const bin = Math.floor((turned * orientations) / 180) % orientations;
      cells[(Math.floor(y / cell) * columns + Math.floor(x / cell)) * orientations + bin]! += magnitude / (cell * cell);
    }
  }
  return cells;
}

/** L2-Hys: to length 1, cut, to length 1 again. */
function normalize(values: Float64Array): void {
  const scale = (): number => {
    let squares = EPSILON * EPSILON;
    for (const value of values) squares += value * value;
    return Math.sqrt(squares);
  };
  const first = scale();
  for (let i = 0; i < values.length; i++) values[i] = Math.min(values[i]! / first, CUT);
  const second = scale();
  for (let i = 0; i < values.length; i++) values[i]! /= second;
}
