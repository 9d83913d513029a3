import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError } from "../../explainers/errors.js";
import { einsum, onTensors } from "../../explainers/network/operations/parts/einsum.js";
import { maxPoolGradient } from "../../explainers/network/operations/parts/max-pool.js";
import {
  averagePool3dGradient,
  maxPool3d,
  maxPool3dGradient,
  volumeMap,
  window3dOf,
} from "../../explainers/network/operations/parts/volume.js";
import { poolWindow } from "../../explainers/network/operations/parts/window.js";

type Inputs = { readonly [name: string]: Tensor };
type Attributes = { readonly [name: string]: unknown };
type Result = Tensor | TensorInfo | TensorInfo[];

/** Computes a kernel; `own` is the backend's, `undefined` leaves all to it. */
export type Kernel = (
  inputs: Inputs,
  attributes: Attributes,
  own: (inputs: Inputs, attributes: Attributes) => Tensor,
) => Tensor | undefined;

/** A setting of each axis of space. */
export const perAxis = (value: unknown, axes: number): number[] => {
  const given = [value ?? 1].flat() as number[];
  if (given.length === axes + 2) return given.slice(1, -1);
  return given.length === axes ? given : Array<number>(axes).fill(given[0]!);
};

/** The part of `shape`, batch first and channels last, that windows with padding "same" reach. */
function reachedShape(shape: readonly number[], size: readonly number[], attributes: Attributes): number[] {
  if (attributes["pad"] !== "same" || /^NC/.test(String(attributes["dataFormat"] ?? ""))) return [...shape];
  const [strides, dilations] = ["strides", "dilations"].map((name) => perAxis(attributes[name], size.length));
  return shape.map((entries, axis) => {
    const kernel = size[axis - 1];
    if (kernel === undefined) return entries;
    const stride = strides![axis - 1]!;
    const reach = (kernel - 1) * dilations![axis - 1]! + 1;
    return Math.min(entries, (Math.ceil(entries / stride) - 1) * stride + reach);
  });
}

const sameSizes = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);

const firstOf = (x: Tensor, shape: number[]): Tensor =>
  sameSizes(x.shape, shape) ? x : tf.slice(x, Array<number>(shape.length).fill(0), shape);

const paddedTo = (x: Tensor, shape: readonly number[]): Tensor =>
  tf.pad(
    x,
    shape.map((entries, axis): [number, number] => [0, entries - x.shape[axis]!]),
  );

/**
 * Where strides are longer than a window, padding "same" may have to be negative. The backend then reads and writes beyond its
 * tensors: what no window reaches is cut off before.
 */
export const reached =
  (input: string, sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes, own) => {
    const { [input]: x } = inputs;
    const shape = reachedShape(x!.shape, sizeOf(inputs, attributes), attributes);
    return sameSizes(shape, x!.shape) ? undefined : own({ ...inputs, [input]: firstOf(x!, shape) }, attributes);
  };

/** The same for the transposes of such kernels: what no window reached is sent nothing. */
export const sentBack =
  (sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes, own) => {
    const { input } = inputs;
    const whole = input?.shape ?? (attributes["inputShape"] as number[]);
    const shape = reachedShape(whole, sizeOf(inputs, attributes), attributes);
    if (sameSizes(shape, whole)) return undefined;
    const part = input ? { ...inputs, input: firstOf(input, shape) } : inputs;
    return paddedTo(own(part, { ...attributes, inputShape: shape }), whole);
  };

export const filterSize = (axes: number) => (inputs: Inputs) => inputs["filter"]!.shape.slice(0, axes);
export const windowSize = (axes: number) => (_: Inputs, attributes: Attributes) =>
  perAxis(attributes["filterSize"], axes);

/**
 * Refuses windows that are larger than their input: of what would be nothing backends make numbers, tensors of negative size, or a crash.
 */
export const fitting =
  (sizeOf: (inputs: Inputs, attributes: Attributes) => number[]): Kernel =>
  (inputs, attributes) => {
    const { x } = inputs;
    const { pad } = attributes;
    if (pad === "same") return undefined;
    const size = sizeOf(inputs, attributes);
    const first = /^NC/.test(String(attributes["dataFormat"] ?? "")) ? 2 : 1;
    const dilations = perAxis(attributes["dilations"], size.length);
    const reach = size.map((entries, axis) => (entries - 1) * dilations[axis]! + 1);
    const padded = reach.map((_, axis) => {
      const own = typeof pad === "number" ? [pad, pad] : Array.isArray(pad) ? (pad[axis + first] as number[]) : [0, 0];
      return x!.shape[axis + first]! + own[0]! + own[1]!;
    });
    if (reach.every((entries, axis) => entries <= padded[axis]!)) return undefined;
    const [window, picture] = [reach, padded].map((sizes) => sizes.join(" × "));
    throw new ModelError(
      `A window of ${window} does not fit into ${picture} entries, so that nothing comes out: the model needs a larger input.`,
    );
  };

/** One kernel after the other, each on what the next computes. */
export const both =
  (first: Kernel, second: Kernel): Kernel =>
  (inputs, attributes, own) =>
    first(inputs, attributes, (given, settings) => second(given, settings, own) ?? own(given, settings)) ??
    second(inputs, attributes, own);

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
const KERNELS: { readonly [name: string]: Kernel } = {
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

/** Puts right kernels in the place of wrong ones; the WebAssembly backend must have been set. */
export const repairWasmKernels = (): void => repairKernels("wasm", KERNELS);

/** Puts kernels in the place of a backend's own, or among them where it has none. */
export function repairKernels(backendName: string, kernels: { readonly [name: string]: Kernel }): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    const config = tf.getKernel(kernelName, backendName) ?? lacking(kernelName, backendName);
    const kernelFunc: tf.KernelFunc = ({ inputs, attrs, backend }): Result => {
      const given = inputs as unknown as Inputs;
      const attributes = (attrs ?? {}) as Attributes;
      const asTensor = (result: TensorInfo | TensorInfo[]): Tensor => {
        const [info] = [result].flat();
        return info instanceof tf.Tensor ? info : tf.engine().makeTensorFromTensorInfo(info!);
      };
      const own = (with_: Inputs, settings: Attributes): Tensor =>
        asTensor(
          config.kernelFunc({
            inputs: with_ as unknown as tf.NamedTensorInfoMap,
            attrs: settings as unknown as tf.NamedAttrMap,
            backend,
          }),
        );
      const result = tf.engine().tidy(() => compute(given, attributes, own));
      return result ?? config.kernelFunc({ inputs, attrs, backend });
    };
    if (tf.getKernel(kernelName, backendName) != null) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ ...config, kernelFunc });
  }
}

const lacking = (kernelName: string, backendName: string): tf.KernelConfig => ({
  kernelName,
  backendName,
  kernelFunc() {
    throw new ModelError(`The backend ${backendName} has no kernel ${kernelName} for these settings.`);
  },
});
