import {
  add,
  div,
  image,
  matMul,
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
} from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import type { Explain } from "../../../explanation.js";
import type { Model } from "../../../network/index.js";
import { seededRandom } from "../../../numerics/random.js";
import { type Baseline, baselines } from "../engine/baseline.js";
import { explainer, type PerturbationAttribution, type PerturbationOptions } from "../engine/by-perturbation.js";
import { blend } from "../features/coalitions.js";
import { oneOf } from "../features/features.js";

export interface RiseOptions extends PerturbationOptions {
  /** How many masks, default 2000. */
  readonly masks?: number;
  /** Cells of the coarse grid along the longer side, default 7. */
  readonly cells?: number;
  /** How likely a cell is kept, in (0, 1), default 0.5. */
  readonly probability?: number;
  /** `"bilinear"` masks with random shifts (default, as published) or `"nearest"`, cells of 0 and 1 without shifts. */
  readonly interpolation?: "bilinear" | "nearest";
  /**
   * `"mean"` (default, as published, eq. 6): Σ f(x ⊙ M) M_i / (masks · E[M_i]), the mean output where i is kept;
   * `"difference"`: the mean output where i is kept minus the mean where it is hidden.
   */
  readonly estimate?: "mean" | "difference";
  /** What shows where a mask hides, default 0. */
  readonly baseline?: Baseline;
  /** Seed of the masks, default 0. */
  readonly seed?: number;
}

/**
 * RISE (Petsiuk, Das & Saenko 2018): the outputs for randomly masked copies, averaged with their masks as weights.
 *
 * On a linear f with baseline 0 and unshifted cells of one entry, `"mean"` estimates p f(x) + (1 − p) w_i x_i and
 * `"difference"` w_i x_i, both without bias. Masks cover all channels of a place.
 *
 * @throws ParameterError for fewer than one mask or cell, or a probability outside (0, 1).
 * @example
 * const { relevance } = await rise(model, { masks: 4000, cells: 8 })(photo, { target: 281 });
 */
export function rise(model: Model, options: RiseOptions = {}): Explain<PerturbationAttribution> {
  const {
    masks = 2000,
    cells = 7,
    probability = 0.5,
    interpolation = "bilinear",
    estimate = "mean",
    seed = 0,
  } = options;
  for (const [name, value] of Object.entries({ masks, cells })) {
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(name, value, "a whole number of at least 1");
  }
  if (!(probability > 0 && probability < 1))
    throw new ParameterError("probability", probability, "between 0 and 1, both excluded");
  const settings = { masks, cells, probability, interpolation, estimate, seed, ...options };
  oneOf("interpolation", interpolation, ["bilinear", "nearest"]);
  oneOf("estimate", estimate, ["mean", "difference"]);
  return explainer(model, "RISE", settings, ({ batch, shape }) => {
    const base = baselines(options.baseline ?? 0, batch, shape);
    // A vector is one row of places; a sequence of vectors likewise.
    const channels = shape.length > 1 ? shape[shape.length - 1]! : 1;
    const spatial = shape.length > 1 ? shape.slice(0, -1) : shape;
    const [height, width] = spatial.length === 2 ? (spatial as [number, number]) : [1, spatial[0]!];
    const draw = drawMasks({ masks, cells, probability, interpolation, seed }, height, width);
    return ({ index, values }) => ({
      count: masks,
      make: (start, rows) => {
        const present = reshape(draw(start, rows), [rows, ...spatial, ...(shape.length > 1 ? [1] : [])]);
        return blend(values, base[index]!, shape, present);
      },
      finish: (scores) => {
        const map = averageMasks(scores, draw, height * width, estimate, probability);
        return { relevance: Float32Array.from(values, (_, i) => map[Math.floor(i / channels)]!) };
      },
    });
  });
}

/** Makes masks `start` … `start + rows − 1`, `[rows, height, width, 1]`. */
type DrawMasks = (start: number, rows: number) => Tensor;

/** The random choices are kept coarse; masks are interpolated from them whenever they are needed. */
function drawMasks(
  options: Required<Pick<RiseOptions, "masks" | "cells" | "probability" | "interpolation" | "seed">>,
  height: number,
  width: number,
): DrawMasks {
  const { masks, cells, probability, interpolation } = options;
  const random = seededRandom(options.seed);
  const cell = Math.ceil(Math.max(height, width) / cells); // entries
  // A shifted grid reaches one cell further, and interpolation one more.
  const extra = interpolation === "bilinear" ? 2 : 0;
  const rows = Math.ceil(height / cell) + (height > 1 ? extra : 0);
  const columns = Math.ceil(width / cell) + (width > 1 ? extra : 0);
  const size = rows * columns;
  const grids = Float32Array.from({ length: masks * size }, () => (random.uniform() < probability ? 1 : 0));
  const boxes = new Float32Array(masks * 4);
  for (let mask = 0; mask < masks; mask++) {
    // cropAndResize samples [y1, x1, y2, x2], in shares of the grid's last index, at aligned corners.
    const top = height > 1 ? random.integer(cell) / cell : 0;
    const left = width > 1 ? random.integer(cell) / cell : 0;
    const share = (position: number, last: number) => (last === 0 ? 0 : position / last);
    boxes.set(
      [
        share(top, rows - 1),
        share(left, columns - 1),
        share(top + (height - 1) / cell, rows - 1),
        share(left + (width - 1) / cell, columns - 1),
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
      return image.cropAndResize(grid, box, order, [height, width], "bilinear");
    });
}

/** Masks that are averaged at once. */
const CHUNK = 64;

function averageMasks(
  scores: Float32Array,
  draw: DrawMasks,
  places: number,
  estimate: NonNullable<RiseOptions["estimate"]>,
  probability: number,
): Float32Array {
  return tidy(() => {
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
    const hidden = div(sub(total, kept!), sub(scores.length, times!));
    return sub(div(kept!, times!), hidden).dataSync<"float32">();
  });
}
