import * as tf from "@tensorflow/tfjs-core";
import { defineLayer, fromFront, type Shape } from "../define-layer.js";
import { normalized } from "./normalized.js";

interface Settings {
  groups?: number;
  axis?: number;
  epsilon?: number;
  center?: boolean;
  scale?: boolean;
}

/** Normalizes groups of channels over all axes but the batch: Wu and He 2018, equations 1 and 2. `groups: -1` is one a channel. */
export const groupNormalization = defineLayer<Settings>({
  className: "GroupNormalization",
  weights(input, { axis = -1, scale = true, center = true }) {
    const channels = input[fromFront(axis, input.length)]!;
    return { ...(scale && { gamma: [channels] }), ...(center && { beta: [channels] }) };
  },
  call(x, { groups = 32, axis = -1, epsilon = 1e-3 }, { gamma, beta }) {
    const channelAxis = fromFront(axis, x.rank);
    const channels = x.shape[channelAxis]!;
    const count = groups === -1 ? channels : groups;
    const grouped = [...x.shape];
    grouped.splice(channelAxis, 1, count, channels / count);
    const axes = grouped.map((_, index) => index).filter((index) => index > 0 && index !== channelAxis);
    const result = tf.reshape(normalized(tf.reshape(x, grouped), axes, epsilon), x.shape);
    const along = (weight: tf.Tensor) => tf.reshape(weight, alongAxis(x.rank, channelAxis, channels));
    const scaled = gamma ? tf.mul(result, along(gamma)) : result;
    return beta ? tf.add(scaled, along(beta)) : scaled;
  },
});

const alongAxis = (rank: number, axis: number, size: number): number[] =>
  Array.from({ length: rank }, (_, index) => (index === axis ? size : 1)) satisfies Shape as number[];
