import type { Tensor1D, Tensor5D } from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import { type Triple, volumeMap, type Window3d, window3dOf } from "../parts/volume.js";

/** The transpose of a 3-d convolution. */
export interface Conv3dTranspose {
  readonly kind: "conv3dTranspose";
  /** `[depth, height, width, out, in]` */
  readonly weights: Tensor5D;
  readonly bias: Tensor1D | null;
  readonly window: Window3d;
  /** The output's depth, height and width. */
  readonly size: Triple;
}

export const conv3dTranspose = affineKind<Conv3dTranspose>({
  kind: "conv3dTranspose",
  translate: {
    Conv3DBackpropInputV2(call) {
      const [x, filter] = [call.input("dy"), call.constant("filter")];
      if (x === undefined || filter === undefined) return undefined;
      const { shape } = call.outputs[0]!;
      const window = window3dOf(call.attributes, shape, filter.shape.slice(0, 3));
      if (window === undefined) return undefined;
      const operation: Conv3dTranspose = {
        kind: "conv3dTranspose",
        weights: filter as Tensor5D,
        bias: null,
        window,
        size: [shape[1]!, shape[2]!, shape[3]!],
      };
      return [call.make(operation, [x])];
    },
  },
  map({ window, size }, weights, owner) {
    const convolution = volumeMap(weights, window, owner);
    return {
      weights,
      forward: (a) => convolution.vjp(a, [a.shape[0]!, ...size, weights.shape[3]!]),
      vjp: (s) => convolution.forward(s),
    };
  },
  channels: { input: 4, output: [3] },
  seesNoPadding: () => false,
});
