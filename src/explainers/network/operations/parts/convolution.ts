import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type LinearMap, lazily, type Owner } from "./linear-map.js";
import { isUnit, kernelPadding, type Window } from "./window.js";

/** `[height, width, in, out]` as the kernel of the transposed map at stride 1: turned by 180°, channels exchanged. */
const adjointFilter = (weights: Tensor4D): Tensor4D =>
  tf.transpose(isUnit([weights.shape[0], weights.shape[1]]) ? weights : tf.reverse(weights, [0, 1]), [0, 1, 3, 2]);

/** Padding under which the forward convolution of the output's gradient gives the input's (stride 1). */
function adjointWindow(window: Window): Window {
  const { size, dilations, padding } = window;
  const reach = [(size[0] - 1) * dilations[0], (size[1] - 1) * dilations[1]] as const;
  return {
    size,
    dilations,
    strides: [1, 1],
    padding: [
      [reach[0] - padding[0][0], reach[0] - padding[0][1]],
      [reach[1] - padding[1][0], reach[1] - padding[1][1]],
    ],
  };
}

const hasNegative = (window: Window): boolean => window.padding.flat().some((entry) => entry < 0);

function conv2d(x: Tensor, filter: Tensor4D, window: Window): Tensor4D {
  if (isStridedAndDilated(window)) return strided(window, (dense) => conv2d(x, filter, dense));
  const { strides, dilations } = window;
  return tf.conv2d(x as Tensor4D, filter, [...strides], kernelPadding(window, x.shape), "NHWC", [...dilations]);
}

/** TensorFlow.js convolves with strides or with dilations; its kernels for depthwise filters know no more. */
const isStridedAndDilated = ({ strides, dilations }: Window): boolean => !isUnit(strides) && !isUnit(dilations);

/** A convolution with strides: the one without, of which all but every n-th row and column is left out. */
function strided(window: Window, convolve: (dense: Window) => Tensor4D): Tensor4D {
  const [strideY, strideX] = window.strides;
  return tf.tidy(() => {
    const all = convolve({ ...window, strides: [1, 1] });
    return tf.stridedSlice(all, [0, 0, 0, 0], [...all.shape], [1, strideY, strideX, 1]) as Tensor4D;
  });
}

function depthwiseConv2d(x: Tensor, filter: Tensor4D, window: Window): Tensor4D {
  if (isStridedAndDilated(window)) return strided(window, (dense) => depthwiseConv2d(x, filter, dense));
  const { strides, dilations, padding } = window;
  const run = (input: Tensor, pad: "same" | "valid"): Tensor4D =>
    tf.depthwiseConv2d(input as Tensor4D, filter, [...strides], pad, "NHWC", [...dilations]);
  const pad = kernelPadding(window, x.shape);
  if (typeof pad === "string") return run(x, pad);
  // Explicit padding ends the process where TensorFlow infers this kernel's shape in a graph.
  return tf.tidy(() => run(tf.pad(x, [[0, 0], [...padding[0]], [...padding[1]], [0, 0]]), "valid"));
}

/** Of `[height, width, in, out]`. */
export function convolutionMap(weights: Tensor4D, window: Window, owner: Owner): LinearMap {
  const adjoint = adjointWindow(window);
  // A forward convolution reaches full speed where Conv2DBackpropInput does not.
  const direct = isUnit(window.strides) && !hasNegative(adjoint);
  const filter = lazily(owner, () => adjointFilter(weights));
  return {
    weights,
    forward: (a) => conv2d(a, weights, window),
    vjp: (s, shape) => (direct ? conv2d(s, filter(), adjoint) : stridedInputGradient(s, weights, window, shape)),
  };
}

/** The input gradient of a strided convolution; kernels know no explicit padding there, so the padded input's is cropped. */
function stridedInputGradient(s: Tensor, weights: Tensor4D, window: Window, shape: readonly number[]): Tensor4D {
  const gradient = (inputShape: readonly number[], pad: "valid" | "same"): Tensor4D =>
    tf.engine().runKernel("Conv2DBackpropInput", { dy: s, filter: weights } as tf.NamedTensorMap, {
      strides: [...window.strides],
      pad,
      dataFormat: "NHWC",
      inputShape: [...inputShape],
    }) as Tensor4D;
  if (!isUnit(window.dilations)) return dilatedInputGradient(s, weights, window, shape);
  const pad = kernelPadding(window, shape);
  if (typeof pad === "string") return gradient(shape, pad);
  const [[top, bottom], [left, right]] = window.padding;
  const padded = [shape[0]!, shape[1]! + top + bottom, shape[2]! + left + right, shape[3]!];
  return tf.tidy(() => tf.slice(gradient(padded, "valid"), [0, top, left, 0], [-1, shape[1]!, shape[2]!, -1]));
}

/** For strides, or a padding wider than a dilated kernel's reach: gradient of the padded input, then cropped. */
function dilatedInputGradient(s: Tensor, weights: Tensor4D, window: Window, shape: readonly number[]): Tensor4D {
  const { size, strides, dilations, padding } = window;
  return tf.tidy(() => {
    const spread = isUnit(strides) ? (s as Tensor4D) : dilate(s as Tensor4D, ...strides);
    const around = (axis: 0 | 1): [number, number] => {
      const [before, after] = padding[axis];
      const missing = shape[axis + 1]! + before + after - spread.shape[axis + 1]!;
      return [(size[axis] - 1) * dilations[axis], Math.max(missing, 0)];
    };
    const full = conv2d(spread, adjointFilter(weights), {
      ...window,
      strides: [1, 1],
      padding: [around(0), around(1)],
    });
    return tf.slice(full, [0, padding[0][0], padding[1][0], 0], [-1, shape[1]!, shape[2]!, -1]);
  });
}

/** Of `[height, width, in, multiplier]`. */
export function depthwiseMap(weights: Tensor4D, window: Window, owner: Owner): LinearMap {
  const [height, width, channels, multiplier] = weights.shape;
  const adjoint = adjointWindow(window);
  const filter = lazily(
    owner,
    (): Tensor4D => tf.reshape(tf.reverse(weights, [0, 1]), [height, width, channels * multiplier, 1]),
  );
  const [strideY, strideX] = window.strides;
  const vjp = (s: Tensor, shape: readonly number[]): Tensor => {
    const dilated = isUnit(window.strides) ? (s as Tensor4D) : dilate(s as Tensor4D, strideY, strideX);
    // The dilated gradient covers (n-1)·stride+1 rows (plus zeros); what is missing to the input's size is padding.
    const reachY = (height - 1) * window.dilations[0];
    const reachX = (width - 1) * window.dilations[1];
    const top = adjoint.padding[0][0];
    const left = adjoint.padding[1][0];
    const bottom = shape[1]! + reachY - top - dilated.shape[1];
    const right = shape[2]! + reachX - left - dilated.shape[2];
    const crop = (before: number, after: number, axis: 1 | 2) => [
      Math.max(-before, 0),
      dilated.shape[axis] - Math.max(-before, 0) - Math.max(-after, 0),
    ];
    let source = dilated;
    if (Math.min(top, bottom, left, right) < 0) {
      const [y, rows] = crop(top, bottom, 1);
      const [x, columns] = crop(left, right, 2);
      source = tf.slice(dilated, [0, y!, x!, 0], [-1, rows!, columns!, -1]);
    }
    const result = depthwiseConv2d(source, filter(), {
      size: window.size,
      strides: [1, 1],
      dilations: window.dilations,
      padding: [
        [Math.max(top, 0), Math.max(bottom, 0)],
        [Math.max(left, 0), Math.max(right, 0)],
      ],
    });
    if (multiplier === 1) return result;
    return tf.sum(tf.reshape(result, [...result.shape.slice(0, 3), channels, multiplier]), -1);
  };
  return {
    weights,
    forward: (a) => depthwiseConv2d(a, weights, window),
    vjp: (s, shape) => tf.tidy(() => vjp(s, shape)),
  };
}

/** Puts `strideY - 1` rows and `strideX - 1` columns of zeros behind every row and column. */
export function dilate(x: Tensor4D, strideY: number, strideX: number): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const spread = tf.pad(tf.reshape(x, [batch, height, 1, width, 1, channels]) as Tensor, [
    [0, 0],
    [0, 0],
    [0, strideY - 1],
    [0, 0],
    [0, strideX - 1],
    [0, 0],
  ]);
  return tf.reshape(spread, [batch, height * strideY, width * strideX, channels]);
}
