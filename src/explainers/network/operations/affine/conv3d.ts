import type { Tensor1D, Tensor5D } from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import { isUnpadded3d, volumeMap, type Window3d, window3dOf } from "../parts/volume.js";

/** Over `[batch, depth, height, width, channel]`. */
export interface Conv3d {
  readonly kind: "conv3d";
  /** `[depth, height, width, in, out]` */
  readonly weights: Tensor5D;
  readonly bias: Tensor1D | null;
  readonly window: Window3d;
}

export const conv3d = affineKind<Conv3d>({
  kind: "conv3d",
  translate: {
    Conv3D(call) {
      const [x, filter] = [call.input("x"), call.constant("filter")];
      if (x === undefined || filter === undefined) return undefined;
      const window = window3dOf(call.attributes, x.shape, filter.shape.slice(0, 3));
      return window && [call.make<Conv3d>({ kind: "conv3d", weights: filter as Tensor5D, bias: null, window }, [x])];
    },
  },
  map: ({ window }, weights, owner) => volumeMap(weights, window, owner),
  channels: { input: 3, output: [4] },
  seesNoPadding: ({ window }) => isUnpadded3d(window),
});
