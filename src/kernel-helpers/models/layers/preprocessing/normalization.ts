import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront, type Shape } from "../define-layer.js";

interface Settings {
  axis?: number | number[] | null;
  mean?: number | number[] | null;
  variance?: number | number[] | null;
  invert?: boolean;
}

/** Axes whose entries have statistics of their own. */
const keptAxes = ({ axis }: Settings, rank: number): number[] =>
  axis === null ? [] : [axis ?? -1].flat().map((one) => fromFront(one, rank));

const isStated = ({ mean }: Settings): boolean => mean !== null && mean !== undefined;

/** `Normalization`: (x − mean) / √variance along `axis`, of statistics that the file's weights or its settings have; or the inverse. */
export const normalization = defineLayer<Settings>({
  className: "Normalization",
  weights(input, settings) {
    if (isStated(settings)) return {} as { [name: string]: Shape };
    const shape = keptAxes(settings, input.length).map((axis) => input[axis]!);
    return { mean: shape, variance: shape, count: [] };
  },
  call(x, settings, weights) {
    const kept = keptAxes(settings, x.rank);
    const sizes = x.shape.map((size, axis) => (kept.includes(axis) ? size : 1));
    const broadcast = (value: tf.Tensor): tf.Tensor =>
      value.size === 1 ? tf.reshape(value, []) : tf.reshape(value, sizes);
    const stated = (value: number | number[]) =>
      broadcast(tf.tensor([value].flat(Number.POSITIVE_INFINITY) as number[]));
    const mean = isStated(settings) ? stated(settings.mean!) : broadcast(weights["mean"]!);
    const variance = isStated(settings) ? stated(settings.variance!) : broadcast(weights["variance"]!);
    const deviation = tf.maximum(tf.sqrt(variance), 1e-7);
    return settings.invert ? tf.add(tf.mul(x, deviation), mean) : tf.div(tf.sub(x, mean), deviation);
  },
});

interface Scaling {
  scale: number | number[];
  offset?: number | number[];
}

const constant = (value: number | number[]): number | tf.Tensor => (Array.isArray(value) ? tf.tensor(value) : value);

/** `Rescaling`: x · scale + offset, one number or one for each entry of the last axis. */
export const rescaling = defineLayer<Scaling>({
  className: "Rescaling",
  call: (x, { scale, offset = 0 }) => tf.add(tf.mul(x, constant(scale)), constant(offset)),
  outputShape: (input): Shape => input,
  keepsMask: true,
});
