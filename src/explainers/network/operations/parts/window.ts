import type { Tensor } from "@tensorflow/tfjs-core";

/** Rows then columns: `[[top, bottom], [left, right]]`, in entries. */
export type Padding = readonly [readonly [number, number], readonly [number, number]];

/** How a window moves over `[batch, height, width, channel]`. */
export interface Window {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: Padding;
}

/** Height and width of a filter, whose weights have them first. */
export const sizeOfFilter = (filter: Tensor): [number, number] => [filter.shape[0]!, filter.shape[1]!];

export const isChannelsLast = (attributes: Readonly<Record<string, unknown>>): boolean =>
  (attributes["dataFormat"] ?? "NHWC") === "NHWC";

/** A window attribute as kernels take it. */
export type KernelPadding = "valid" | "same" | [[number, number], [number, number], [number, number], [number, number]];

type Pair = [number, number];

const pair = (value: unknown, fallback = 1): Pair => {
  if (value == null) return [fallback, fallback];
  if (typeof value === "number") return [value, value];
  const list = value as number[];
  return list.length === 1 ? [list[0]!, list[0]!] : list.length === 4 ? [list[1]!, list[2]!] : [list[0]!, list[1]!];
};

/** TensorFlow's SAME: output size `ceil(input / stride)`, the odd entry at the end. */
export function samePadding(input: number, size: number, stride: number, dilation: number): Pair {
  const total = Math.max((Math.ceil(input / stride) - 1) * stride + (size - 1) * dilation + 1 - input, 0);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** The window of a convolution or pooling kernel on an input of `[batch, height, width, channel]`. */
export function windowOf(
  attributes: Readonly<Record<string, unknown>>,
  inputShape: readonly number[],
  size: readonly [number, number],
): Window {
  const strides = pair(attributes["strides"]);
  const dilations = pair(attributes["dilations"]);
  const pad = attributes["pad"];
  let padding: Padding;
  if (pad === "valid")
    padding = [
      [0, 0],
      [0, 0],
    ];
  else if (pad === "same") {
    padding = [
      samePadding(inputShape[1]!, size[0], strides[0], dilations[0]),
      samePadding(inputShape[2]!, size[1], strides[1], dilations[1]),
    ];
  } else if (typeof pad === "number")
    padding = [
      [pad, pad],
      [pad, pad],
    ];
  else {
    const explicit = pad as Pair[];
    padding = [explicit[1]!, explicit[2]!];
  }
  return { size: [size[0], size[1]], strides, dilations, padding };
}

/** Pooling kernels keep their size in an attribute. */
export function poolWindow(attributes: Readonly<Record<string, unknown>>, inputShape: readonly number[]): Window {
  return windowOf(attributes, inputShape, pair(attributes["filterSize"]));
}

export const isUnpadded = ([[top, bottom], [left, right]]: Padding): boolean =>
  top === 0 && bottom === 0 && left === 0 && right === 0;

/** `"valid"` and `"same"` where they say the same thing, since backends know them best. */
export function kernelPadding(window: Window, inputShape: readonly number[]): KernelPadding {
  const { padding, size, strides, dilations } = window;
  if (isUnpadded(padding)) return "valid";
  const same = [0, 1].every((axis) => {
    const [before, after] = samePadding(inputShape[axis + 1]!, size[axis]!, strides[axis]!, dilations[axis]!);
    return padding[axis]![0] === before && padding[axis]![1] === after;
  });
  return same ? "same" : [[0, 0], [...padding[0]], [...padding[1]], [0, 0]];
}

export const isUnit = ([first, second]: readonly [number, number]): boolean => first === 1 && second === 1;
