import * as tf from "@tensorflow/tfjs-core";
import { type Kernel, replaceKernels } from "./kernels.js";
import { nativeKernels } from "./native.js";
import { wasmKernels } from "./wasm.js";

/** By the names that TensorFlow.js gives the backends. */
const kernelsOf: Readonly<Record<string, { readonly [name: string]: Kernel }>> = {
  tensorflow: nativeKernels,
  wasm: wasmKernels,
};

const repaired = new Set<string>();

/**
 * Puts right kernels in the place of those that the running backend computes wrongly, once: for whatever runs in this process, so that
 * a model predicts what is explained.
 */
export function repairBackend(): void {
  const name = tf.getBackend();
  const kernels = kernelsOf[name];
  if (kernels === undefined || repaired.has(name)) return;
  repaired.add(name);
  replaceKernels(name, kernels);
}
