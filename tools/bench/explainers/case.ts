import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribution, Model } from "../../../src/explainers/index.js";

/** One explainer beside its peer. */
export interface ExplainerCase {
  /** Ours and the peer's name of the method. */
  readonly name: string;
  readonly peer: "captum" | "lime" | "zennit";
  /** What the peer is told, so that both do the same work. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Explains class `target`, the largest output, of images `[1, height, width, channel]`. */
  run(model: Model, x: Tensor, target: number): Promise<Attribution>;
}
