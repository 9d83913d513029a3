import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Translator } from "./parts/call.js";
import type { Kind } from "./parts/kind.js";
import { averagePool3dGradient, isUnpadded3d, maxPool3dGradient, type Window3d, window3dOf } from "./parts/volume.js";

/** Over `[batch, depth, height, width, channel]`. */
export interface Pool3d {
  readonly kind: "pool3d";
  readonly reduce: "max" | "average";
  readonly window: Window3d;
}

const pooled =
  (reduce: Pool3d["reduce"]): Translator =>
  (call) => {
    const window = window3dOf(call.attributes, call.inputs[0]!.shape, call.attributes["filterSize"]);
    return window && [call.make<Pool3d>({ kind: "pool3d", reduce, window })];
  };

export const pool3d: Kind<Pool3d> = {
  kind: "pool3d",
  translate: { MaxPool3D: pooled("max"), AvgPool3D: pooled("average") },
  forward({ reduce, window }, [x]) {
    return tf.engine().runKernel(reduce === "max" ? "MaxPool3D" : "AvgPool3D", { x } as tf.NamedTensorMap, {
      filterSize: [...window.size],
      strides: [...window.strides],
      pad: isUnpadded3d(window) ? "valid" : "same",
      dataFormat: "NDHWC",
    }) as Tensor;
  },
  vjp: ({ reduce, window }, dy, { inputs, output }) => [
    reduce === "max"
      ? maxPool3dGradient(window, dy, inputs[0]!, output)
      : averagePool3dGradient(window, dy, inputs[0]!.shape),
  ],
  facts: ({ reduce }) => ({ linear: reduce === "average", nonNegative: "kept" }),
  relevance: ({ reduce }) => (reduce === "max" ? "winner" : "proportional"),
};
