import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import { type AffineNode, affineKindOf, type Node } from "../../network/index.js";

/** A layer whose weights have patterns of the same shape. */
export type PatternedNode = AffineNode & {
  readonly operation: { readonly kind: "dense" | "conv2d" | "depthwise"; readonly weights: Tensor };
};

export const isPatterned = (node: Node): node is PatternedNode =>
  node.operation.kind === "dense" || node.operation.kind === "conv2d" || node.operation.kind === "depthwise";

/**
 * `Σ x_i g_j` over samples and positions, in the shape of the layer's weights: the outer products of the inputs that each
 * weight sees with a number `g` per output, i.e. the gradient of `Σ g·z` with respect to the weights.
 */
export function outerProducts(node: PatternedNode, x: Tensor, g: Tensor): Tensor {
  const { operation } = node;
  if (operation.kind === "dense") {
    const rows = (tensor: Tensor): Tensor2D => tf.reshape(tensor, [-1, tensor.shape.at(-1)!]) as Tensor2D;
    return tf.matMul(rows(x), rows(g), true);
  }
  const { window, weights } = operation;
  if (window.dilations.some((dilation) => dilation !== 1)) {
    throw new UnsupportedOperationError(
      node.name,
      "dilated convolution",
      "Fitting patterns",
      "Its moments are not available.",
    );
  }
  const padded = tf.pad(x, [[0, 0], [...window.padding[0]], [...window.padding[1]], [0, 0]]);
  // Rows and columns that no window reaches are cut off: kernels derive the padding from the sizes.
  const reach = (axis: 0 | 1): number => (g.shape[axis + 1]! - 1) * window.strides[axis] + window.size[axis];
  const seen = tf.slice(padded, [0, 0, 0, 0], [-1, reach(0), reach(1), -1]);
  const kernel = operation.kind === "conv2d" ? "Conv2DBackpropFilter" : "DepthwiseConv2dNativeBackpropFilter";
  if (tf.getKernel(kernel, tf.getBackend()) === undefined) {
    throw new UnsupportedOperationError(
      node.name,
      kernel,
      "Fitting patterns",
      `The backend ${tf.getBackend()} lacks it: use the native one.`,
    );
  }
  return tf.engine().runKernel(
    kernel,
    { x: seen, dy: g } as unknown as tf.NamedTensorMap,
    {
      strides: [...window.strides],
      pad: "valid",
      dataFormat: "NHWC",
      dilations: [1, 1],
      filterShape: [...weights.shape],
    } as unknown as tf.NamedAttrMap,
  ) as Tensor;
}

/** `Σ_i w_ij a_ij` of each output j, in a shape that broadcasts against the weights. */
export function alongInputs(node: PatternedNode, product: Tensor): Tensor {
  const { output } = affineKindOf(node.operation).channels!;
  return tf.sum(
    product,
    product.shape.map((_, axis) => axis).filter((axis) => !output.includes(axis)),
    true,
  );
}

/** A number per output `[outputs]`, in a shape that broadcasts against the weights. */
export function perOutput(node: PatternedNode, numbers: Tensor): Tensor {
  const { output } = affineKindOf(node.operation).channels!;
  return tf.reshape(
    numbers,
    node.operation.weights.shape.map((size, axis) => (output.includes(axis) ? size : 1)),
  );
}
