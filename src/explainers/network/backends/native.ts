import { volumeMap, window3dOf } from "../operations/parts/volume.js";
import { both, filterSize, fitting, type Kernel, perAxis, reached, sentBack, windowSize } from "./kernels.js";

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
 * windows shorter than their stride with padding "same"; windows larger than their input give zeros.
 */
export const nativeKernels: { readonly [name: string]: Kernel } = {
  Conv3D: both(fitting(filterSize(3)), dilatedVolume),
  AvgPool3D: fitting(windowSize(3)),
  MaxPool3D: both(fitting(windowSize(3)), reached("x", windowSize(3))),
  MaxPool3DGrad: sentBack(windowSize(3)),
  Conv2D: fitting(filterSize(2)),
  FusedConv2D: fitting(filterSize(2)),
  DepthwiseConv2dNative: fitting(filterSize(2)),
  FusedDepthwiseConv2D: fitting(filterSize(2)),
  AvgPool: fitting(windowSize(2)),
  MaxPool: fitting(windowSize(2)),
  GatherV2: gatherAlongPositiveAxis,
};
