import * as tf from "@tensorflow/tfjs-core";
import type { Bytes } from "../../../comms/states/array.js";
import type { UnitMapsWords } from "../../../comms/states/unit-page.js";
import { layerValues, type Recording } from "../../../explainers/network/index.js";

/** A channel's map is shown with at most so many places a side. */
const MOST = 28;

/** All channels of a layer as one sprite `[channels, height, width]`, on one scale: 0 to 255, about 128 where values are negative. */
export function liveMaps(recording: Recording, layer: string): { maps: Bytes; mapsWords: UnitMapsWords } {
  const { positions, values } = layerValues(recording, layer);
  const channels = values.shape.at(-1)!;
  // Of more axes than two the first ones lie below each other.
  const width = positions.at(-1) ?? 1;
  const height = Math.max(
    1,
    positions.slice(0, -1).reduce((a, b) => a * b, 1),
  );
  const [small, low, high] = tf.tidy(() => {
    const map = tf.reshape(values, [1, height, width, channels]) as tf.Tensor4D;
    const window: [number, number] = [Math.ceil(height / MOST), Math.ceil(width / MOST)];
    const pooled = Math.max(...window) > 1 ? tf.avgPool(map, window, window, "same") : map;
    const [least, most] = [tf.min(pooled).dataSync()[0]!, tf.max(pooled).dataSync()[0]!];
    const [low, high] = least < 0 ? [-Math.max(-least, most), Math.max(-least, most)] : [0, most];
    const scaled = tf.mul(tf.sub(pooled, low), high > low ? 255 / (high - low) : 0);
    const bytes = tf.cast(tf.round(tf.transpose(tf.squeeze(scaled, [0]), [2, 0, 1])), "int32");
    return [tf.keep(bytes), low, high] as const;
  });
  values.dispose();
  const data = Uint8Array.from(small.dataSync());
  const maps: Bytes = { shape: small.shape.slice(), dtype: "uint8", data };
  small.dispose();
  return { maps, mapsWords: { layer, channels, low, high, map: [...positions] } };
}
