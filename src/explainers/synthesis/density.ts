import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";

/** What is known about inputs: a prototype that also maximizes it looks like data. */
export interface Density {
  readonly name: string;
  /** `log p(x)` up to a constant, for `[batch, …]`: one number a sample, differentiable. */
  logDensity(x: Tensor): Tensor1D;
  /** Frees the parameters. */
  dispose(): void;
}
