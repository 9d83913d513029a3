import {
  add,
  div,
  greater,
  image,
  logicalAnd,
  matMul,
  mirrorPad,
  mul,
  reshape,
  slice,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tensor1d,
  tensor2d,
  tensor4d,
  tidy,
  where,
  zerosLike,
} from "@tensorflow/tfjs-core";
import { scoped } from "../../../network/tensors.js";
import { seededRandom } from "../../../numerics/random.js";

/** How masks are drawn. */
export interface MaskValues {
  readonly masks: number;
  readonly cells: number;
  readonly probability: number;
  readonly interpolation: "bilinear" | "nearest";
  readonly seed: number;
}

/** Makes masks `start` … `start + rows − 1`, `[rows, height, width, 1]`. */
type DrawMasks = (start: number, rows: number) => Tensor;

/** The random choices are kept coarse; masks are interpolated from them whenever they are needed. */
export function drawMasks(options: MaskValues, height: number, width: number): DrawMasks {
  const { masks, cells, probability, interpolation } = options;
  const random = seededRandom(options.seed);
  const cell = Math.ceil(Math.max(height, width) / cells); // entries
  const rows = Math.ceil(height / cell);
  const columns = Math.ceil(width / cell);
  const size = rows * columns;
  const grids = Float32Array.from({ length: masks * size }, () => (random.uniform() < probability ? 1 : 0));
  // Petsiuk et al., section 3.2: h × w cells become (h + 1)C × (w + 1)C entries, C a cell's size, at half-pixel centers; of
  // those a window as large as the picture is taken, shifted by less than C. Position of an entry of the window's in the grid
  // with its outermost cells repeated:
  const position = (entry: number, shift: number, cells: number): number =>
    ((entry + shift + 0.5) * cells) / ((cells + 1) * cell) + 0.5;
  const boxes = new Float32Array(masks * 4);
  for (let mask = 0; mask < masks; mask++) {
    const top = height > 1 ? random.integer(cell) : 0;
    const left = width > 1 ? random.integer(cell) : 0;
    // cropAndResize samples [y1, x1, y2, x2], in shares of the grid's last index, at aligned corners.
    boxes.set(
      [
        position(0, top, rows) / (rows + 1),
        position(0, left, columns) / (columns + 1),
        position(height - 1, top, rows) / (rows + 1),
        position(width - 1, left, columns) / (columns + 1),
      ],
      mask * 4,
    );
  }
  return (start, count) =>
    tidy(() => {
      const grid = tensor4d(grids.slice(start * size, (start + count) * size), [count, rows, columns, 1]);
      if (interpolation === "nearest") {
        const large = image.resizeNearestNeighbor(grid, [rows * cell, columns * cell]) as Tensor4D;
        return slice(large, [0, 0, 0, 0], [count, height, width, 1]);
      }
      const box = tensor2d(boxes.slice(start * 4, (start + count) * 4), [count, 4]);
      const order = tensor1d(
        Int32Array.from({ length: count }, (_, i) => i),
        "int32",
      );
      const repeated = mirrorPad(
        grid,
        [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
        "symmetric",
      ) as Tensor4D;
      return image.cropAndResize(repeated, box, order, [height, width], "bilinear");
    });
}

/** A sum of masks that is none but for rounding. */
const SELDOM = 1e-3;

/** Masks that are averaged at once. */
const CHUNK = 64;

export function averageMasks(
  scores: Float32Array,
  draw: DrawMasks,
  places: number,
  estimate: "mean" | "difference",
  probability: number,
): Float32Array {
  return scoped(() => {
    let kept: Tensor | undefined; // Σ f M, [places]
    let times: Tensor | undefined; // Σ M
    let total = 0; // Σ f
    for (let start = 0; start < scores.length; start += CHUNK) {
      const rows = Math.min(CHUNK, scores.length - start);
      const part = scores.slice(start, start + rows);
      total += part.reduce((sumSoFar, score) => sumSoFar + score, 0);
      const previous = [kept, times];
      [kept, times] = tidy(() => {
        const masks = reshape(draw(start, rows), [rows, places]);
        const product = reshape(matMul(tensor2d(part, [1, rows]), masks), [places]);
        const count = sum(masks, 0);
        return [kept === undefined ? product : add(kept, product), times === undefined ? count : add(times, count)];
      }) as [Tensor, Tensor];
      for (const tensor of previous) tensor?.dispose();
    }
    if (estimate === "mean") return mul(kept!, 1 / (scores.length * probability)).dataSync<"float32">();
    const absent = sub(scores.length, times!);
    const difference = sub(div(kept!, times!), div(sub(total, kept!), absent));
    // Of a place that was never hidden, or never visible, nothing is known.
    const isKnown = logicalAnd(greater(times!, SELDOM), greater(absent, SELDOM));
    return where(isKnown, difference, zerosLike(difference)).dataSync<"float32">();
  });
}
