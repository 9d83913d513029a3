import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Bytes } from "../../../comms/states/array.js";
import type { ActivationWords } from "../../../comms/states/explorer.js";
import { layerValues, type Recording } from "../../../explainers/network/index.js";

/** How many channels are shown. */
const SHOWN = 24;

/** What the explorer shows of a layer. */
interface ActivationMaps {
  /** `[channel, height, width, 1]`. */
  activations: Bytes | null;
  activationWords: ActivationWords | null;
}

const NOTHING: ActivationMaps = { activations: null, activationWords: null };

/**
 * The channels of a layer with the largest mean magnitude, all on one scale: from 0, or symmetric about it where values are negative.
 * Values without positions are one row.
 */
export function activationMaps(recording: Recording, layer: string): ActivationMaps {
  if (layer === "") return NOTHING;
  try {
    const { shape, positions, values } = layerValues(recording, layer);
    const [maps, means, order] = strongest(values, positions);
    const [low, high] = scaleOf(maps.values);
    const factor = high > low ? 255 / (high - low) : 0;
    const data = Uint8Array.from(maps.values, (value) => Math.round((value - low) * factor));
    return {
      activations: { shape: [...maps.shape, 1], dtype: "uint8", data },
      activationWords: { layer, shape: [...shape], channels: order, means, low, high, error: "" },
    };
  } catch (error) {
    const words = { layer, shape: [], channels: [], means: [], low: 0, high: 0, error: (error as Error).message };
    return { activations: null, activationWords: words };
  }
}

/** The strongest channels as `[channel, height, width]`, the mean of each, and their numbers; ends `values`. */
function strongest(
  values: Tensor,
  positions: readonly number[],
): [maps: { shape: number[]; values: Float32Array }, means: number[], order: number[]] {
  const channels = values.shape.at(-1)!;
  const count = positions.length === 0 ? 1 : channels;
  const [height, width] = positions.length === 0 ? [1, channels] : planeOf(positions);
  const [all, means, sizes] = tf.tidy(() => {
    const byChannel = tf.transpose(tf.reshape(values, [-1, count]));
    return [byChannel, tf.mean(byChannel, 1), tf.mean(tf.abs(byChannel), 1)] as const;
  });
  values.dispose();
  const rated = sizes.dataSync() as Float32Array;
  const order = [...rated.keys()].toSorted((a, b) => rated[b]! - rated[a]!).slice(0, SHOWN);
  const chosen = tf.tidy(() => tf.gather(all, tf.tensor1d(order, "int32")));
  const maps = { shape: [order.length, height, width], values: chosen.dataSync() as Float32Array };
  const average = means.dataSync();
  for (const tensor of [all, means, sizes, chosen]) tensor.dispose();
  return [maps, order.map((channel) => average[channel]!), order];
}

/** Height and width: of more axes the first ones lie below each other. */
function planeOf(positions: readonly number[]): [height: number, width: number] {
  const width = positions.at(-1)!;
  return positions.length === 1 ? [1, width] : [positions.slice(0, -1).reduce((a, b) => a * b, 1), width];
}

function scaleOf(values: Float32Array): [low: number, high: number] {
  let [low, high] = [0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low < 0 ? [-Math.max(-low, high), Math.max(-low, high)] : [0, high];
}
