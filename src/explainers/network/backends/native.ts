import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { volumeMap, window3dOf } from "../operations/parts/volume.js";
import { both, filterSize, fitting, type Kernel, perAxis, reached, sentBack, windowSize } from "./kernels.js";

/** A filter `[height, width, in, out]` with zeros between its entries, which needs no dilation. */
function spread(filter: Tensor4D, [stepY, stepX]: readonly number[]): Tensor4D {
  const [height, width, inputs, outputs] = filter.shape;
  const apart = tf.pad(tf.reshape(filter, [height, 1, width, 1, inputs * outputs]) as Tensor, [
    [0, 0],
    [0, stepY! - 1],
    [0, 0],
    [0, stepX! - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(apart, [height * stepY!, width * stepX!, inputs, outputs]) as Tensor4D;
  return tf.slice(whole, [0, 0, 0, 0], [(height - 1) * stepY! + 1, (width - 1) * stepX! + 1, -1, -1]);
}

/**
 * On processors without the instructions that its faster kernels ask for, the library knows neither dilations of depthwise filters nor
 * strides that differ: the filter is spread, and of a convolution without strides rows and columns are left out.
 */
const plainDepthwise: Kernel = ({ x, filter, ...others }, attributes, own) => {
  const [strides, dilations] = ["strides", "dilations"].map((name) => perAxis(attributes[name], 2));
  const isDilated = dilations!.some((step) => step !== 1);
  const [strideY, strideX] = strides as [number, number];
  if ((!isDilated && strideY === strideX) || attributes["dataFormat"] === "NCHW") return undefined;
  const dense = isDilated ? spread(filter as Tensor4D, dilations!) : (filter as Tensor4D);
  const plain = { ...attributes, dilations: [1, 1] };
  if (strideY === strideX) return own({ x: x!, filter: dense, ...others }, plain);
  const around = paddingOf(attributes["pad"], x!.shape, dense.shape, strides!);
  const padded = tf.pad(x!, [[0, 0], ...around, [0, 0]]);
  const all = own({ x: padded, filter: dense, ...others }, { ...plain, strides: [1, 1], pad: "valid" });
  return tf.stridedSlice(all, [0, 0, 0, 0], [...all.shape], [1, strideY, strideX, 1]);
};

/** What is padded around height and width before a convolution. */
function paddingOf(
  pad: unknown,
  shape: readonly number[],
  size: readonly number[],
  strides: readonly number[],
): [number, number][] {
  return strides.map((stride, axis): [number, number] => {
    if (typeof pad === "number") return [pad, pad];
    if (Array.isArray(pad)) return pad[axis + 1] as [number, number];
    if (pad !== "same") return [0, 0];
    const entries = shape[axis + 1]!;
    const missing = Math.max(0, (Math.ceil(entries / stride) - 1) * stride + size[axis]! - entries);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
}

/** The library knows no dilations of volumes on a processor: the filter is spread instead. */
const dilatedVolume: Kernel = ({ x, filter }, attributes) => {
  if (perAxis(attributes["dilations"], 3).every((step) => step === 1)) return undefined;
  const window = window3dOf(attributes, x!.shape, filter!.shape.slice(0, 3));
  return window && volumeMap(filter!, window, { own: (tensor) => tensor }).forward(x!);
};

/** The binding looks the axis up as it is. */
const gatherAlongPositiveAxis: Kernel = (inputs, attributes, own) => {
  const axis = attributes["axis"] as number;
  return axis < 0 ? own(inputs, { ...attributes, axis: axis + inputs["x"]!.rank }) : undefined;
};

/**
 * Kernels of TensorFlow's C library that compute something else than their definition, or nothing: maxima of volumes misplace
 * windows shorter than their stride with padding "same"; windows larger than their input give zeros; depthwise filters need equal strides.
 */
export const nativeKernels: { readonly [name: string]: Kernel } = {
  Conv3D: both(both(fitting(filterSize(3)), reached("x", filterSize(3))), dilatedVolume),
  AvgPool3D: both(fitting(windowSize(3)), reached("x", windowSize(3))),
  MaxPool3D: both(fitting(windowSize(3)), reached("x", windowSize(3))),
  MaxPool3DGrad: sentBack(windowSize(3)),
  Conv2D: fitting(filterSize(2)),
  FusedConv2D: fitting(filterSize(2)),
  DepthwiseConv2dNative: both(fitting(filterSize(2)), plainDepthwise),
  FusedDepthwiseConv2D: both(fitting(filterSize(2)), plainDepthwise),
  AvgPool: fitting(windowSize(2)),
  MaxPool: fitting(windowSize(2)),
  GatherV2: gatherAlongPositiveAxis,
};
