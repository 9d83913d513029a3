import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Node } from "./graph.js";
import { type Axis, type Positions, placesOf } from "./positions.js";
import { sizeOf } from "./shapes.js";

/** How positions of a layer are brought to those of the input. */
export type Interpolation = "bilinear" | "nearest";

/** A layer whose places lie on positions of one of the inputs. */
export interface LayerMap {
  readonly axes: readonly Axis[];
  /** Which of the model's inputs. */
  readonly input: number;
  /** In the order of the input's axes. */
  readonly positions: readonly Positions[];
}

/** The map that a layer's values lie on, or why there is none. */
export function layerMap(graph: Graph, { id, shape }: Node): LayerMap | string {
  const all = placesOf(graph)[id]!.axes;
  // The last axis holds channels, whatever they are made of.
  const outer = all.slice(0, -1).flat();
  const positions = outer.filter((part) => part.kind === "positions").toSorted((a, b) => b.stride - a.stride);
  const lost = all.findIndex((axis, index) => index < all.length - 1 && axis.some(({ kind }) => kind === "lost"));
  if (lost >= 0) {
    return `axis ${lost} of its shape [${shape.join(", ")}] does not lie along an axis of the input`;
  }
  if (!all.flat().some(({ kind }) => kind === "batch")) return "its values do not tell the samples apart";
  const [first] = positions;
  if (first === undefined) return "it has no map of positions of the input";
  if (positions.some(({ input }) => input !== first.input)) return "its positions are those of several inputs";
  const overlap = positions.some((one, index) => {
    const next = positions[index + 1];
    return next !== undefined && one.stride % (next.stride * next.whole) !== 0;
  });
  if (overlap) return "its axes lie along the same axis of the input";
  return { axes: all, input: first.input, positions };
}

/** The values of a layer as `[batch, …positions, channel]`. */
export function asMap({ axes, positions }: LayerMap, values: Tensor, batch: number): Tensor {
  const last = axes.length - 1;
  const parts = axes.flatMap((axis, index) => (index === last ? [] : axis));
  const sizes = parts.map((part) => (part.kind === "batch" ? batch : part.size));
  const channels = values.size / sizeOf(sizes);
  const order = [
    parts.findIndex(({ kind }) => kind === "batch"),
    ...positions.map((part) => parts.indexOf(part)),
    ...parts.flatMap(({ kind }, index) => (kind === "features" ? [index] : [])),
    parts.length,
  ];
  const split = tf.reshape(values, [...sizes, channels]);
  const sorted = order.every((axis, index) => axis === index) ? split : tf.transpose(split, order);
  return tf.reshape(sorted, [batch, ...positions.map(({ size }) => size), -1]);
}

/** The map at the input's own positions, in two shapes. */
interface InputMap {
  /** `[…, …input]`, of which axes that the map does not tell apart are 1. */
  readonly broadcast: Tensor;
  /** `[…, …positions, 1]`: without those axes. */
  readonly bare: Tensor;
}

/**
 * Brings a map `[n, …positions, 1]` to the positions of the input `[…sample]`. What lies between two places is interpolated
 * along each axis ("half-pixel centers": the middle of both borders coincide, as in the authors' code).
 */
export function toInput(map: Tensor, { positions }: LayerMap, sample: readonly number[], how: Interpolation): InputMap {
  const rows = map.shape[0]!;
  let values = tf.reshape(map, map.shape.slice(0, -1));
  positions.forEach((part, index) => {
    const isWhole = part.size === part.whole && part.begin === 0 && !part.reversed;
    if (!isWhole) values = alongAxis(values, index + 1, interpolation(part, how));
  });
  const strides = sample.map((_, axis) => sizeOf(sample.slice(axis + 1)));
  const cuts = new Set([
    ...strides,
    sizeOf(sample),
    ...positions.flatMap(({ stride, whole }) => [stride, stride * whole]),
  ]);
  const ends = [...cuts].toSorted((a, b) => b - a);
  // From the slowest stretch of the sample to the fastest: those within positions of the map, and those that it does not tell apart.
  const stretches = ends.slice(1).map((stride, index) => {
    const end = ends[index]!;
    const isCovered = positions.some((part) => part.stride <= stride && end <= part.stride * part.whole);
    const axis = strides.findIndex((from, at) => from <= stride && end <= from * sample[at]!);
    return { size: end / stride, isCovered, axis };
  });
  const isCovered = (axis: number) => stretches.some((stretch) => stretch.axis === axis && stretch.isCovered);
  const reached = tf.reshape(values, [rows, ...stretches.map((one) => (one.isCovered ? one.size : 1))]);
  const repeats = stretches.map((one) => (!one.isCovered && isCovered(one.axis) ? one.size : 1));
  const full = repeats.every((count) => count === 1) ? reached : tf.tile(reached, [1, ...repeats]);
  const kept = sample.map((size, axis) => (isCovered(axis) ? size : 1));
  const last = sample.length - 1;
  const bare = kept.filter((_, axis) => isCovered(axis) || (sample[axis] === 1 && axis < last));
  return { broadcast: tf.reshape(full, [rows, ...kept]), bare: tf.reshape(full, [rows, ...bare, 1]) };
}

/** `result[…, i, …] = Σ_j matrix[i, j] values[…, j, …]` */
function alongAxis(values: Tensor, axis: number, matrix: Tensor): Tensor {
  const before = sizeOf(values.shape.slice(0, axis));
  const after = sizeOf(values.shape.slice(axis + 1));
  const size = values.shape[axis]!;
  const lines = tf.reshape(tf.transpose(tf.reshape(values, [before, size, after]), [0, 2, 1]), [-1, size]);
  const wide = tf.reshape(tf.matMul(lines, matrix, false, true), [before, after, matrix.shape[0]!]);
  return tf.reshape(tf.transpose(wide, [0, 2, 1]), values.shape.with(axis, matrix.shape[0]!));
}

/** `[whole, size]`: the share of each place in each position; none where the layer saw nothing. */
function interpolation({ whole, begin, length, size, reversed }: Positions, how: Interpolation): Tensor {
  const shares = tf.buffer([whole, size], "float32");
  const last = size - 1;
  for (let position = Math.ceil(begin - 0.5); position < begin + length - 0.5; position++) {
    const add = (place: number, share: number) => {
      const at = reversed ? last - place : place;
      shares.set(shares.get(position, at) + share, position, at);
    };
    if (how === "nearest") {
      add(Math.min(last, Math.floor(((position - begin) * size) / length)), 1);
      continue;
    }
    const center = Math.min(last, Math.max(0, ((position - begin + 0.5) * size) / length - 0.5));
    const below = Math.floor(center);
    add(below, 1 - (center - below));
    if (center > below) add(below + 1, center - below);
  }
  return shares.toTensor();
}
