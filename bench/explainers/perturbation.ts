import type { Tensor } from "@tensorflow/tfjs-core";
import { type Attribution, lime, type Model, occlusion } from "../../src/explainers/index.js";

/** One explainer beside its peer; `bench/peers/perturbation.py` has a function of the same name. */
export interface PerturbationCase {
  readonly name: string;
  readonly peer: "captum" | "lime";
  /** What the peer is told, so that both do the same work. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Explains class `target` of images `[1, height, width, channel]`. */
  run(model: Model, x: Tensor, target: number): Promise<Attribution>;
}

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

/** Perturbation methods on images of 224 by 224: 169 windows, 1000 coalitions of 49 tiles. */
export const perturbationCases: readonly PerturbationCase[] = [
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
    run: (model, x, target) => lime(model, { features: tiles(x.shape), samples: SAMPLES })(x, { target }),
  },
];
