import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Attributes } from "../operations/parts/attributes.js";
import { maxPool3d, volumeMap, window3dOf } from "../operations/parts/volume.js";

type Given = Readonly<Record<string, Tensor | undefined>>;
type Compute = (given: Given, attributes: Attributes) => Tensor | undefined;

/**
 * Kernels of TensorFlow.js' WebAssembly backend (4.22) that compute something else than their definition: MaxPool3D gives 0 where
 * all of a window is negative, Conv3DBackpropInputV2 (a transposed convolution) other numbers altogether.
 */
const wrongInWebAssembly: Readonly<Record<string, Compute>> = {
  MaxPool3D({ x }, attributes) {
    const window = window3dOf(attributes, x!.shape, attributes["filterSize"]);
    return window && maxPool3d(window, x!);
  },
  Conv3DBackpropInputV2({ dy, filter }, attributes) {
    const shape = attributes["inputShape"] as number[];
    const window = window3dOf(attributes, shape, filter!.shape.slice(0, 3));
    return window && tf.tidy(() => volumeMap(filter!, window, { own: (tensor) => tensor }).vjp(dy!, shape));
  },
};

/** TensorFlow's C library misplaces windows that are shorter than their stride, where the padding is "same". */
const wrongInNative: Readonly<Record<string, Compute>> = {
  MaxPool3D({ x }, attributes) {
    const window = window3dOf(attributes, x!.shape, attributes["filterSize"]);
    const isMisplaced = attributes["pad"] === "same" && window?.strides.some((stride, i) => stride > window.size[i]!);
    return isMisplaced ? maxPool3d(window!, x!) : undefined;
  },
};

/** What a kernel is to compute, where the backend's own computes it wrongly; else `undefined`. */
export const repaired = (kernel: string, given: Given, attributes: Attributes): Tensor | undefined =>
  (tf.getBackend() === "wasm" ? wrongInWebAssembly : wrongInNative)[kernel]?.(given, attributes);
