import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribution, Model } from "../../../src/explainers/index.js";

/** What is measured: a batch and its explanation by gradient × input. */
interface Measured {
  readonly model: Model;
  readonly x: Tensor;
  readonly attribution: Attribution;
}

/** One measure beside Quantus'. */
export interface MeasureCase {
  /** For `--measures`, and what the peer is asked for: `tools/bench/peers/evaluation.py` has functions of the same names. */
  readonly name: string;
  /** What is measured: 32 digits, or one photograph of 224 by 224. */
  readonly on: "mnist-cnn" | "efficientnet-lite0";
  /** What the peer is told, so that both do the same work with the same draws; files for it go into the folder. */
  request(measured: Measured, folder: string): Promise<Readonly<Record<string, unknown>>>;
  /** Our numbers, in the order of the peer's `scores`. */
  run(measured: Measured): Promise<readonly number[]>;
}
