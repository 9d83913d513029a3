import { lime, occlusion } from "../../../src/explainers/index.js";
import type { ExplainerCase } from "./case.js";

const WINDOW = 32;
const STRIDES = 16;
const SAMPLES = 1000;
const TILE = 32;

/** Square superpixels, so that segmentation, which is no forward pass, is left out on both sides. */
function tiles([, height, width]: readonly number[]): Int32Array {
  const columns = Math.ceil(width! / TILE);
  return Int32Array.from(
    { length: height! * width! },
    (_, i) => Math.floor(i / width! / TILE) * columns + Math.floor((i % width!) / TILE),
  );
}

/**
 * Perturbation methods on images of 224 by 224: 169 windows, 1000 coalitions of 49 tiles. Each side cuts its own batches:
 * captum evaluates windows one by one and lime coalitions by tens, their defaults (larger ones gain them nothing), and we as
 * many as the memory budget lets us. `tools/bench/peers/perturbation.py` has functions of the same names.
 */
export const perturbationCases: readonly ExplainerCase[] = [
  {
    name: "occlusion",
    peer: "captum",
    request: { window: WINDOW, strides: STRIDES },
    run: (model, x, target) => occlusion(model, { window: WINDOW, strides: STRIDES })(x, { target }),
  },
  {
    name: "lime",
    peer: "lime",
    request: { samples: SAMPLES, tile: TILE },
    run: (model, x, target) =>
      lime(model, { ids: tiles(x.shape), baseline: "feature-means", samples: SAMPLES })(x, { target }),
  },
];
