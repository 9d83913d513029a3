import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { ConceptRegion, ConceptSample } from "../../../comms/states/concept-explorer.js";
import { conditionalRelevance } from "../../../explainers/concepts/index.js";
import { type LrpOptions, lrp } from "../../../explainers/methods/lrp/index.js";
import { scoped } from "../../../explainers/network/tensors.js";
import type { ReferenceStore } from "../../concepts/reference-store.js";

/** Pixels along a side of a crop. */
const SIDE = 96;
/** A crop shows at least so many pixels: what a position of an early layer sees is a few. */
const LEAST = 16;
/** What is as relevant as this share of the largest is within the outline. */
const WITHIN = 0.2;

/** The samples of one channel, by both rankings, with their pictures: tensors, to be disposed of. */
export interface ChannelPanel {
  readonly samples: ConceptSample[];
  /** `[samples, height, width, channels]`; null where there are no samples. */
  readonly pictures: Tensor4D | null;
}

/** @returns what the store has found so far of a channel */
export function openPanel(
  store: ReferenceStore,
  layer: string,
  channel: number,
  nameOf: (sample: number) => string,
): ChannelPanel {
  const samples = (["relevance", "activation"] as const).flatMap((by): ConceptSample[] => {
    const found = store.references(layer, channel, by);
    return (found?.samples ?? []).map((sample, place) => ({
      by,
      sample,
      name: nameOf(sample),
      value: found!.values[place]!,
      field: store.field(layer, found!.positions[place]!),
    }));
  });
  // What never contributed, or never answered, shows nothing.
  const shown = samples.filter(({ value }) => value > 0);
  const parts = shown.map(({ sample }) => store.data.take(sample, 1));
  const pictures = parts.length === 0 ? null : (tf.concat(parts) as Tensor4D);
  tf.dispose(parts);
  return { samples: shown, pictures };
}

/** Pictures, or maps `[samples, height, width, 1]`, cut to what the channel's position sees; `[samples, side, side, channels]`. */
export function cropped(pictures: Tensor4D, samples: readonly ConceptSample[]): Tensor4D {
  const [, height, width] = pictures.shape;
  const boxes = samples.map(({ field }) => {
    const { top, left, height: rows, width: columns } = squared(field, height, width);
    // Middles of the first and of the last pixel.
    return [
      top / Math.max(1, height - 1),
      left / Math.max(1, width - 1),
      (top + rows - 1) / Math.max(1, height - 1),
      (left + columns - 1) / Math.max(1, width - 1),
    ];
  });
  const side = Math.min(SIDE, Math.max(...samples.map(({ field }) => Math.max(LEAST, field.height, field.width))));
  return tf.image.cropAndResize(
    pictures,
    tf.tensor2d(boxes),
    tf.range(0, samples.length, 1, "int32") as tf.Tensor1D,
    [side, side],
    side < SIDE ? "nearest" : "bilinear",
  );
}

/** A square around a part of a picture, inside of it, of at least so many pixels. */
function squared({ top, left, height, width }: ConceptRegion, rows: number, columns: number): ConceptRegion {
  const side = Math.max(height, width, LEAST);
  const along = (start: number, size: number, whole: number): [number, number] => {
    const extent = Math.min(side, whole);
    const first = Math.round(start + size / 2 - extent / 2);
    return [Math.min(Math.max(first, 0), whole - extent), extent];
  };
  const [y, h] = along(top, height, rows);
  const [x, w] = along(left, width, columns);
  return { top: y, left: x, height: h, width: w };
}

/**
 * The map of each sample under the condition of the channel, `[samples, height, width]`: of those ranked by relevance what passed through it
 * from their output, of those ranked by activation what its own answer came from.
 */
export async function sampleMaps(
  store: ReferenceStore,
  layer: string,
  channel: number,
  { samples, pictures }: ChannelPanel,
): Promise<Float32Array> {
  const [, height, width] = pictures!.shape;
  const maps = new Float32Array(samples.length * height * width);
  const { lrp: rules, target } = store.options;
  for (const by of ["relevance", "activation"] as const) {
    const own = samples.flatMap((sample, at) => (sample.by === by ? [at] : []));
    if (own.length === 0) continue;
    const x = tf.gather(pictures!, tf.tensor1d(own, "int32"));
    try {
      const relevance = by === "relevance" ? await throughChannel(store, layer, channel, x) : await fromChannel(x);
      const summed = scoped(() => tf.sum(tf.tensor(relevance, x.shape), 3).dataSync<"float32">());
      own.forEach((at, place) => {
        maps.set(summed.subarray(place * height * width, (place + 1) * height * width), at * height * width);
      });
    } finally {
      x.dispose();
    }
  }
  return maps;

  async function throughChannel(from: ReferenceStore, of: string, which: number, x: Tensor): Promise<Float32Array> {
    const options = { ...(rules as object), conditions: [{ [of]: [which] }] } as Parameters<
      typeof conditionalRelevance
    >[1];
    const [map] = await conditionalRelevance(from.model, options)(x, { target, onProgress: () => {} });
    return map!.relevance;
  }

  async function fromChannel(x: Tensor): Promise<Float32Array> {
    using found = await lrp(store.model, rules as LrpOptions)(x, { target: { layer, channel }, onProgress: () => {} });
    return found.relevance;
  }
}

/** Where maps `[samples, side, side, 1]` are strong, smoothed a little: 1, else 0. */
export function strongIn(maps: Tensor4D): Uint8Array {
  return scoped(() => {
    const window = Math.max(1, 2 * Math.floor(maps.shape[1] / 16) + 1);
    const smooth = tf.avgPool(tf.relu(maps), window, 1, "same");
    const most = tf.max(smooth, [1, 2, 3], true);
    const strong = tf.logicalAnd(tf.greater(smooth, tf.mul(most, WITHIN)), tf.greater(most, 0));
    return Uint8Array.from(strong.dataSync());
  });
}
