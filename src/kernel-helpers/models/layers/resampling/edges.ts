import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, type LayerDefinition, perAxis, type Shape } from "../define-layer.js";

interface Settings {
  size?: number | number[];
  padding?: number | (number | [number, number])[];
  cropping?: number | (number | [number, number])[];
}

/** What is added or taken before and behind each axis. */
function edges(value: number | (number | [number, number])[] | undefined, axes: number): [number, number][] {
  if (axes === 1 && Array.isArray(value) && value.length === 2) return [value as [number, number]];
  const sides = typeof value === "object" && value.length === axes ? value : Array(axes).fill([value ?? 1].flat()[0]);
  return sides.map((side) => (typeof side === "number" ? [side, side] : side)) as [number, number][];
}

const inner = (input: Shape, change: (size: number, axis: number) => number): Shape =>
  input.map((size, axis) => (axis === 0 || axis === input.length - 1 || size === null ? size : change(size, axis - 1)));

const upSampling = (axes: number): LayerDefinition<Settings> => ({
  className: `UpSampling${axes}D`,
  call(x, { size }) {
    // Repeats each entry along one axis after the other, by copies behind one another that are then laid in line.
    return perAxis(size, axes, 2).reduce((grown, factor, index) => {
      if (factor === 1) return grown;
      const axis = index + 1;
      const copies = tf.concat(Array<tf.Tensor>(factor).fill(tf.expandDims(grown, axis + 1)), axis + 1);
      return tf.reshape(copies, grown.shape.with(axis, grown.shape[axis]! * factor));
    }, x);
  },
  outputShape: (input, { size }) => inner(input, (entries, axis) => entries * perAxis(size, axes, 2)[axis]!),
});

const zeroPadding = (axes: number): LayerDefinition<Settings> => ({
  className: `ZeroPadding${axes}D`,
  call: (x, { padding }) => tf.pad(x, [[0, 0], ...edges(padding, axes), [0, 0]]),
  outputShape: (input, { padding }) =>
    inner(input, (size, axis) => size + edges(padding, axes)[axis]![0] + edges(padding, axes)[axis]![1]),
});

const cropping = (axes: number): LayerDefinition<Settings> => ({
  className: `Cropping${axes}D`,
  call(x, { cropping: given }) {
    const cut = edges(given, axes);
    const begin = [0, ...cut.map(([before]) => before), 0];
    const size = inner(x.shape, (entries, axis) => entries - cut[axis]![0] - cut[axis]![1]) as number[];
    return tf.slice(x, begin, [-1, ...size.slice(1, -1), -1]);
  },
  outputShape: (input, { cropping: given }) =>
    inner(input, (size, axis) => size - edges(given, axes)[axis]![0] - edges(given, axes)[axis]![1]),
});

/** Repeating, padding and cropping along one and three axes, which TensorFlow.js knows for two. */
export const edgeLayers = [1, 3].flatMap((axes) =>
  [upSampling(axes), zeroPadding(axes), cropping(axes)].map((definition) => defineLayer(definition)),
);
