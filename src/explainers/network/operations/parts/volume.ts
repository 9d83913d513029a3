import type { Tensor, Tensor5D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type LinearMap, lazily, type Owner } from "./linear-map.js";
import { samePadding } from "./window.js";

type Pair = readonly [number, number];
export type Triple = readonly [number, number, number];

/** How a window moves over `[batch, depth, height, width, channel]`. */
export interface Window3d {
  readonly size: Triple;
  readonly strides: Triple;
  readonly dilations: Triple;
  readonly padding: readonly [Pair, Pair, Pair];
}

const AXES = [0, 1, 2] as const;

const triple = (value: unknown): Triple => {
  if (value == null) return [1, 1, 1];
  if (typeof value === "number") return [value, value, value];
  const list = value as number[];
  const [first, second, third] =
    list.length === 5 ? list.slice(1, 4) : list.length === 1 ? [...list, ...list, ...list] : list;
  return [first!, second!, third!];
};

/** The window of a convolution or pooling kernel; `undefined` for a padding or an order of axes that kernels of this rank lack. */
export function window3dOf(
  attributes: Readonly<Record<string, unknown>>,
  inputShape: readonly number[],
  filterSize: unknown,
): Window3d | undefined {
  const [size, strides, dilations] = [filterSize, attributes["strides"], attributes["dilations"]].map(triple) as [
    Triple,
    Triple,
    Triple,
  ];
  const { pad } = attributes;
  if ((pad !== "valid" && pad !== "same") || (attributes["dataFormat"] ?? "NDHWC") !== "NDHWC") return undefined;
  const padding = AXES.map((axis) =>
    pad === "valid" ? [0, 0] : samePadding(inputShape[axis + 1]!, size[axis], strides[axis], dilations[axis]),
  ) as unknown as Window3d["padding"];
  return { size, strides, dilations, padding };
}

export const isUnpadded3d = ({ padding }: Window3d): boolean => padding.flat().every((entry) => entry === 0);

const isUnit = (numbers: Triple): boolean => numbers.every((number) => number === 1);

const around = (pads: readonly Pair[]): [number, number][] => [
  [0, 0],
  ...pads.map(([a, b]): [number, number] => [a, b]),
  [0, 0],
];

/** Pads every axis of space, or crops it where a number is negative. */
function fitted(x: Tensor, pads: readonly Pair[], value = 0): Tensor {
  const cropped = pads.flat().some((entry) => entry < 0)
    ? tf.slice(
        x,
        [0, ...pads.map(([before]) => Math.max(-before, 0)), 0],
        [
          -1,
          ...pads.map(([before, after], axis) => x.shape[axis + 1]! - Math.max(-before, 0) - Math.max(-after, 0)),
          -1,
        ],
      )
    : x;
  const grown = pads.map(([before, after]): Pair => [Math.max(before, 0), Math.max(after, 0)]);
  return grown.flat().every((entry) => entry === 0) ? cropped : tf.pad(cropped, around(grown), value);
}

/** Puts `steps − 1` zeros between the entries along the axes from `first` on. */
export function spread(x: Tensor, steps: readonly number[], first = 1): Tensor {
  let result = x;
  steps.forEach((step, index) => {
    if (step === 1) return;
    const axis = first + index;
    const { shape } = result;
    const size = shape[axis]!;
    const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const apart = tf.pad(tf.reshape(result, [-1, size, 1, inner]), [
      [0, 0],
      [0, 0],
      [0, step - 1],
      [0, 0],
    ]);
    const joined = tf.reshape(apart, [...shape.slice(0, axis), size * step, ...shape.slice(axis + 1)]);
    result = tf.slice(
      joined,
      joined.shape.map(() => 0),
      joined.shape.with(axis, (size - 1) * step + 1),
    );
  });
  return result;
}

const convolve = (x: Tensor, filter: Tensor, strides: Triple): Tensor =>
  tf.conv3d(x as Tensor5D, filter as Tensor5D, [...strides], "valid");

/**
 * The convolution of `[depth, height, width, in, out]`. Its transpose is a convolution with the turned filter as well: no
 * gradient kernel of TensorFlow.js is used, of which not every backend has one, nor explicit padding, which none has here.
 */
export function volumeMap(weights: Tensor, { dilations, strides, padding }: Window3d, owner: Owner): LinearMap {
  // A filter with zeros between its entries: kernels know no dilations on a processor.
  const filter = isUnit(dilations) ? () => weights : lazily(owner, () => spread(weights, dilations, 0));
  const turned = lazily(owner, () => tf.transpose(tf.reverse(filter(), [0, 1, 2]), [0, 1, 2, 4, 3]));
  const reach = AXES.map((axis) => (weights.shape[axis]! - 1) * dilations[axis]);
  return {
    weights,
    forward: (a) => tf.tidy(() => convolve(fitted(a, padding), filter(), strides)),
    vjp: (s, shape) =>
      tf.tidy(() => {
        const apart = spread(s, strides);
        const pads = AXES.map((axis): Pair => {
          const [before] = padding[axis];
          return [reach[axis]! - before, shape[axis + 1]! + before - apart.shape[axis + 1]!];
        });
        return convolve(fitted(apart, pads), turned(), [1, 1, 1]);
      }),
  };
}

/** The places in a window: `[0, 0, 0]`, `[0, 0, 1]` … */
const placesIn = ([depth, height, width]: Triple): Triple[] =>
  Array.from({ length: depth * height * width }, (_, index) => [
    Math.floor(index / (height * width)),
    Math.floor(index / width) % height,
    index % width,
  ]);

/** Sends back what each place of the windows has: `part` gives it in the shape of the output. */
function sentBack(
  { size, strides, padding }: Window3d,
  shape: readonly number[],
  part: (place: Triple) => Tensor,
): Tensor {
  return placesIn(size)
    .map((place) => {
      const apart = spread(part(place), strides);
      return fitted(
        apart,
        AXES.map((axis): Pair => {
          const before = place[axis] - padding[axis][0];
          return [before, shape[axis + 1]! - before - apart.shape[axis + 1]!];
        }),
      );
    })
    .reduce((total, next) => tf.add(total, next));
}

/** What each place of the windows sees of `x`, in the shape of the output; beyond the border lies −∞. */
function seenFrom({ size, strides, padding }: Window3d, x: Tensor): { place: Triple; entries: () => Tensor }[] {
  const outputs = AXES.map((axis) => {
    const [before, after] = padding[axis];
    return Math.floor((x.shape[axis + 1]! + before + after - size[axis]) / strides[axis]) + 1;
  });
  const padded = fitted(x, padding, Number.NEGATIVE_INFINITY);
  return placesIn(size).map((place) => {
    const end = AXES.map((axis) => place[axis] + (outputs[axis]! - 1) * strides[axis] + 1);
    const entries = (): Tensor =>
      tf.stridedSlice(padded, [0, ...place, 0], [x.shape[0]!, ...end, x.shape[4]!], [1, ...strides, 1]);
    return { place, entries };
  });
}

/** A max pool by the largest of what each place of its windows sees, for backends whose kernel is wrong. */
export const maxPool3d = (window: Window3d, x: Tensor): Tensor =>
  tf.tidy(() =>
    seenFrom(window, x)
      .map(({ entries }) => entries())
      .reduce((most, next) => tf.maximum(most, next)),
  );

/** The transpose of a max pool on `x` with the values `y`: what arrives at a window goes to its winner, of several the first. */
export function maxPool3dGradient(window: Window3d, dy: Tensor, x: Tensor, y: Tensor): Tensor {
  const seen = new Map(seenFrom(window, x).map(({ place, entries }) => [String(place), entries]));
  let open = dy;
  return sentBack(window, x.shape, (place) => {
    const won = tf.mul(open, tf.cast(tf.equal(seen.get(String(place))!(), y), "float32"));
    open = tf.sub(open, won);
    return won;
  });
}

/** The transpose of an average pool on an input of `shape`: padding is not counted. */
export function averagePool3dGradient(window: Window3d, dy: Tensor, shape: readonly number[]): Tensor {
  const { size, strides, padding } = window;
  const counts = AXES.map((axis) => {
    const entries = Array.from({ length: dy.shape[axis + 1]! }, (_, output) => {
      const first = output * strides[axis] - padding[axis][0];
      return Math.min(first + size[axis], shape[axis + 1]!) - Math.max(first, 0);
    });
    const broadcast = [1, 1, 1, 1, 1].with(axis + 1, entries.length);
    return tf.tensor(entries, broadcast);
  });
  const each = counts.reduce((rest, count) => tf.div(rest, count), dy);
  return sentBack(window, shape, () => each);
}
