import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";
import { einsum, onTensors } from "../operations/parts/einsum.js";
import { maxPoolGradient } from "../operations/parts/max-pool.js";
import {
  averagePool3dGradient,
  maxPool3d,
  maxPool3dGradient,
  volumeMap,
  window3dOf,
} from "../operations/parts/volume.js";
import { poolWindow } from "../operations/parts/window.js";
import { both, filterSize, fitting, type Kernel, perAxis, reached, sentBack, windowSize } from "./kernels.js";

/** The backend divides by the whole window also where part of it lies in the padding, which does not count. */
const averageGradient: Kernel = ({ dy, input }, attributes, own) => {
  if (attributes["pad"] === "valid") return undefined;
  // How much of each window lies in the picture: the average of ones where padding counts as zero.
  const [height, width] = perAxis(attributes["filterSize"], 2) as [number, number];
  const ones = tf.ones<tf.Rank.R4>([1, input!.shape[1]!, input!.shape[2]!, 1]);
  const filter = tf.fill<tf.Rank.R4>([height, width, 1, 1], 1 / (height * width));
  const pad = attributes["pad"] as "same";
  const shares = tf.conv2d(ones, filter, perAxis(attributes["strides"], 2) as [number, number], pad);
  return own({ dy: tf.div(dy!, shares), input: input! }, attributes);
};

/** The backend sends to other entries than the largest. */
const maximumGradient: Kernel = ({ dy, input, output }, attributes) =>
  maxPoolGradient(poolWindow(attributes, input!.shape), dy!, input!, output!);

/** The backend takes every parameter for a vector over the last axis. */
const batchNorm: Kernel = ({ x, mean, variance, scale, offset }, attributes) => {
  const isVector = ({ shape, size }: Tensor) => shape.at(-1) === size && size === x!.shape.at(-1);
  if ([mean!, variance!, scale, offset].every((parameter) => parameter == null || isVector(parameter)))
    return undefined;
  const factor = tf.rsqrt(tf.add(variance!, attributes["varianceEpsilon"] as number));
  const normalized = tf.mul(tf.sub(x!, mean!), scale == null ? factor : tf.mul(factor, scale));
  return offset == null ? normalized : tf.add(normalized, offset);
};

/** The backend gives 0 where all of a window is negative. */
const largest3d: Kernel = ({ x }, attributes) => {
  const window = window3dOf(attributes, x!.shape, attributes["filterSize"]);
  return window && maxPool3d(window, x!);
};

const maximumGradient3d: Kernel = ({ dy, input, output }, attributes) => {
  const window = window3dOf(attributes, input!.shape, attributes["filterSize"]);
  return window && maxPool3dGradient(window, dy!, input!, output!);
};

const averageGradient3d: Kernel = ({ dy, input }, attributes) => {
  const window = window3dOf(attributes, input!.shape, attributes["filterSize"]);
  return window && averagePool3dGradient(window, dy!, input!.shape);
};

/** The backend computes other numbers altogether. */
const convolution3dTranspose: Kernel = ({ dy, filter }, attributes) => {
  const shape = attributes["inputShape"] as number[];
  const window = window3dOf(attributes, shape, filter!.shape.slice(0, 3));
  return window && volumeMap(filter!, window, { own: (tensor) => tensor }).vjp(dy!, shape);
};

/** The backend forgets begins and strides where an axis is dropped. */
const slicedWithSteps: Kernel = ({ x }, attributes, own) => {
  const { begin, end, strides, shrinkAxisMask: dropped, ...masks } = attributes as Record<string, number[] & number>;
  if (!dropped || masks["ellipsisMask"] || masks["newAxisMask"]) return undefined;
  const isDropped = (axis: number) => ((dropped as number) & (1 << axis)) !== 0;
  // One entry of the axis, which goes afterwards.
  const first = begin!.map((at, axis) => (isDropped(axis) && at < 0 ? at + x!.shape[axis]! : at));
  const last = end!.map((at, axis) => (isDropped(axis) ? first[axis]! + 1 : at));
  const steps = strides!.map((step, axis) => (isDropped(axis) ? 1 : step));
  const whole = own({ x }, { ...masks, begin: first, end: last, strides: steps, shrinkAxisMask: 0 });
  return tf.reshape(
    whole,
    whole.shape.filter((_, axis) => !isDropped(axis)),
  );
};

/** The backend writes beyond its tensors where the axis is counted from the end. */
const alongPositiveAxis: Kernel = (inputs, attributes, own) => {
  const axis = attributes["axis"] as number;
  return axis < 0 ? own(inputs, { ...attributes, axis: axis + inputs["x"]!.rank }) : undefined;
};

/** Rows of `x` added up by the numbers of their segments; what has a negative number is left out. */
const segmentSums: Kernel = ({ x, segmentIds }, attributes) => {
  const count = attributes["numSegments"] as number;
  const ids = tf.reshape(segmentIds!, [-1, 1]);
  const places = tf.where(tf.less(ids, 0), tf.fill(ids.shape, count, "int32"), ids);
  const inner = x!.shape.slice(segmentIds!.rank);
  const sums = tf.scatterND(places, tf.reshape(x!, [ids.shape[0]!, -1]), [count + 1, tf.util.sizeFromShape(inner)]);
  return tf.reshape(tf.slice(sums, 0, count), [count, ...inner]);
};

const einsteinSum: Kernel = (inputs, { equation }) => {
  const [first, second] = Object.values(inputs);
  const sum = einsum(onTensors, equation as string, first!, second);
  if (sum !== undefined) return sum === first ? tf.clone(sum) : sum;
  const shapes = Object.values(inputs).map(({ shape }) => `[${shape}]`);
  throw new ModelError(`Einsum: the equation ${equation} does not fit operands of shape ${shapes.join(" and ")}.`);
};

/** Kernels of the WebAssembly backend (4.22) that compute something else than their definition, or that it lacks. */
export const wasmKernels: { readonly [name: string]: Kernel } = {
  Conv2D: both(fitting(filterSize(2)), reached("x", filterSize(2))),
  FusedConv2D: both(fitting(filterSize(2)), reached("x", filterSize(2))),
  Conv2DBackpropInput: sentBack(filterSize(2)),
  DepthwiseConv2dNative: both(fitting(filterSize(2)), reached("x", filterSize(2))),
  FusedDepthwiseConv2D: both(fitting(filterSize(2)), reached("x", filterSize(2))),
  AvgPool: both(fitting(windowSize(2)), reached("x", windowSize(2))),
  AvgPoolGrad: both(sentBack(windowSize(2)), averageGradient),
  MaxPool: both(fitting(windowSize(2)), reached("x", windowSize(2))),
  MaxPoolGrad: maximumGradient,
  Conv3D: both(fitting(filterSize(3)), reached("x", filterSize(3))),
  Conv3DBackpropInputV2: both(sentBack(filterSize(3)), convolution3dTranspose),
  AvgPool3D: both(fitting(windowSize(3)), reached("x", windowSize(3))),
  MaxPool3D: both(fitting(windowSize(3)), both(reached("x", windowSize(3)), largest3d)),
  MaxPool3DGrad: maximumGradient3d,
  AvgPool3DGrad: averageGradient3d,
  FusedBatchNorm: batchNorm,
  StridedSlice: slicedWithSteps,
  Cumsum: alongPositiveAxis,
  Cumprod: alongPositiveAxis,
  UnsortedSegmentSum: segmentSums,
  Einsum: einsteinSum,
};
