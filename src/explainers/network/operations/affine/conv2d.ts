import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import { convolutionMap } from "../parts/convolution.js";
import { isChannelsLast, isUnpadded, sizeOfFilter, type Window, windowOf } from "../parts/window.js";

export interface Conv2d {
  readonly kind: "conv2d";
  /** `[height, width, in, out]` */
  readonly weights: Tensor4D;
  readonly bias: Tensor1D | null;
  readonly window: Window;
}

export const conv2d = affineKind<Conv2d>({
  kind: "conv2d",
  translate: {
    Conv2D(call) {
      const [x, filter] = [call.input("x"), call.constant("filter")];
      if (x === undefined || filter === undefined || !isChannelsLast(call.attributes)) return undefined;
      const window = windowOf(call.attributes, x.shape, sizeOfFilter(filter));
      return [call.make<Conv2d>({ kind: "conv2d", weights: filter as Tensor4D, bias: null, window }, [x])];
    },
  },
  map: ({ window }, weights, owner) => convolutionMap(weights as Tensor4D, window, owner),
  channels: { input: 2, output: [3] },
  seesNoPadding: ({ window }) => isUnpadded(window.padding),
});
