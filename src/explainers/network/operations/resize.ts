import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Kind } from "./parts/kind.js";

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
  vjp: ({ size, alignCorners, halfPixelCenters }, dy, { inputs }) => [
    tf.engine().runKernel("ResizeBilinearGrad", { images: inputs[0]!, dy } as unknown as tf.NamedTensorMap, {
      alignCorners,
      halfPixelCenters,
      size: [...size],
    }) as Tensor,
  ],
  facts: () => ({ linear: true, nonNegative: "kept" }),
  relevance: () => "proportional",
};
