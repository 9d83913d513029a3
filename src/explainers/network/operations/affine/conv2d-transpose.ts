import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { affineKind } from "../parts/affine.js";
import { convolutionMap } from "../parts/convolution.js";
import { isChannelsLast, sizeOfFilter, type Window, windowOf } from "../parts/window.js";

/** The transpose of a convolution. */
export interface Conv2dTranspose {
  readonly kind: "conv2dTranspose";
  /** `[height, width, out, in]` */
  readonly weights: Tensor4D;
  readonly bias: Tensor1D | null;
  readonly window: Window;
  /** The output's height and width. */
  readonly size: readonly [number, number];
}

export const conv2dTranspose = affineKind<Conv2dTranspose>({
  kind: "conv2dTranspose",
  translate: {
    Conv2DBackpropInput(call) {
      const [x, filter] = [call.input("dy"), call.constant("filter")];
      if (x === undefined || filter === undefined || !isChannelsLast(call.attributes)) return undefined;
      const { shape } = call.outputs[0]!;
      const operation: Conv2dTranspose = {
        kind: "conv2dTranspose",
        weights: filter as Tensor4D,
        bias: null,
        window: windowOf(call.attributes, shape, sizeOfFilter(filter)),
        size: [shape[1]!, shape[2]!],
      };
      return [call.make(operation, [x])];
    },
  },
  map({ window, size }, weights, owner) {
    const convolution = convolutionMap(weights as Tensor4D, window, owner);
    return {
      weights,
      forward: (a) => convolution.vjp(a, [a.shape[0]!, size[0], size[1], weights.shape[2]!]),
      vjp: (s) => convolution.forward(s),
    };
  },
  channels: { input: 3, output: [2] },
  seesNoPadding: () => false,
});
