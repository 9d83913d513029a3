import * as tf from "@tensorflow/tfjs-core";
import { spread, volumeMap, window3dOf } from "../operations/parts/volume.js";
import { isChannelsLast, isUnit, sizeOfFilter, windowOf } from "../operations/parts/window.js";
import { both, filterSize, fitting, type Kernel, perAxis, reached, sentBack, windowSize } from "./kernels.js";

/**
 * On processors without the instructions that its faster kernels ask for, the library knows neither dilations of depthwise filters nor
 * strides that differ: the filter is spread, and of a convolution without strides rows and columns are left out.
 */
const plainDepthwise: Kernel = ({ x, filter, ...others }, attributes, own) => {
  if (!isChannelsLast(attributes)) return undefined;
  const { strides, dilations, padding } = windowOf(attributes, x!.shape, sizeOfFilter(filter!));
  const [strideY, strideX] = strides;
  if (isUnit(dilations) && strideY === strideX) return undefined;
  const dense = isUnit(dilations) ? filter! : spread(filter!, dilations, 0);
  const plain = { ...attributes, dilations: [1, 1] };
  if (strideY === strideX) return own({ x: x!, filter: dense, ...others }, plain);
  const padded = tf.pad(x!, [[0, 0], [...padding[0]], [...padding[1]], [0, 0]]);
  const all = own({ x: padded, filter: dense, ...others }, { ...plain, strides: [1, 1], pad: "valid" });
  return tf.stridedSlice(all, [0, 0, 0, 0], [...all.shape], [1, strideY, strideX, 1]);
};

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
