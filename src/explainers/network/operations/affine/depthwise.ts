import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import { depthwiseMap } from "../parts/convolution.js";
import { isChannelsLast, isUnpadded, sizeOfFilter, type Window, windowOf } from "../parts/window.js";

export interface Depthwise {
  readonly kind: "depthwise";
  /** `[height, width, in, multiplier]`; output channel `c · multiplier + m`. */
  readonly weights: Tensor4D;
  readonly bias: Tensor1D | null;
  readonly window: Window;
}

export const depthwise = affineKind<Depthwise>({
  kind: "depthwise",
  translate: {
    DepthwiseConv2dNative(call) {
      const [x, filter] = [call.input("x"), call.constant("filter")];
      if (x === undefined || filter === undefined || !isChannelsLast(call.attributes)) return undefined;
      const window = windowOf(call.attributes, x.shape, sizeOfFilter(filter));
      return [call.make<Depthwise>({ kind: "depthwise", weights: filter as Tensor4D, bias: null, window }, [x])];
    },
  },
  map: ({ window }, weights, owner) => depthwiseMap(weights as Tensor4D, window, owner),
  channels: { input: 2, output: [2, 3] },
  seesNoPadding: ({ window }) => isUnpadded(window.padding),
});
