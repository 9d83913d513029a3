import type { Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Kind } from "./parts/kind.js";
import { resampledBack } from "./parts/resample.js";

export interface Resize {
  readonly kind: "resize";
  readonly method: "bilinear";
  readonly size: readonly [number, number];
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

export const resize: Kind<Resize> = {
  kind: "resize",
  translate: {
    ResizeBilinear(call) {
      const { size, alignCorners, halfPixelCenters } = call.attributes as {
        size: [number, number];
        alignCorners: boolean;
        halfPixelCenters: boolean;
      };
      const operation: Resize = {
        kind: "resize",
        method: "bilinear",
        size,
        alignCorners: !!alignCorners,
        halfPixelCenters: !!halfPixelCenters,
      };
      return [call.make(operation)];
    },
  },
  forward: ({ size, alignCorners, halfPixelCenters }, [x]) =>
    tf.image.resizeBilinear(x as Tensor4D, [...size], alignCorners, halfPixelCenters),
  vjp: ({ alignCorners, halfPixelCenters }, dy, { inputs }) => [
    resampledBack(dy, inputs[0]!.shape, (x, size) =>
      tf.image.resizeBilinear(x as Tensor4D, [...size], alignCorners, halfPixelCenters),
    ),
  ],
  facts: () => ({ linear: true, nonNegative: "kept" }),
  relevance: () => "proportional",
};
