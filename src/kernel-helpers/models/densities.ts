import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { type Density, gaussianDensity, rbmDensity } from "../../explainers/synthesis/index.js";
import { packageFile } from "../platform/files.js";
import { ModelNotFoundError } from "./errors.js";
import { loadWeights } from "./weights.js";

/** Names of the densities inside this package. */
export const builtInDensities: readonly string[] = ["mnist-gaussian", "mnist-rbm"];

/**
 * Loads what is known about a kind of input, to be used as an expert by `activationMaximization`.
 *
 * @param name "mnist-gaussian" or "mnist-rbm": of handwritten digits `[batch, 28, 28, 1]` in 0…1. The caller disposes it.
 * @throws ModelNotFoundError
 * @example const density = await loadDensity("mnist-rbm");
 */
export async function loadDensity(name: string): Promise<Density> {
  if (!builtInDensities.includes(name)) {
    throw ModelNotFoundError.notBuiltIn("density", name, builtInDensities);
  }
  const tensors = await loadWeights(packageFile("models", name, "weights_manifest.json"));
  if (name === "mnist-gaussian") {
    const { mean, axes, variances, noise } = tensors as {
      mean: Tensor1D;
      axes: Tensor2D;
      variances: Tensor1D;
      noise: Scalar;
    };
    const density = gaussianDensity({ mean, axes, variances, noise: noise.dataSync<"float32">()[0]! });
    noise.dispose();
    return density;
  }
  const { weights, visibleBias, hiddenBias } = tensors as {
    weights: Tensor2D;
    visibleBias: Tensor1D;
    hiddenBias: Tensor1D;
  };
  return rbmDensity({ weights, visibleBias, hiddenBias, variance: null });
}
