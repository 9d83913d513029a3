import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { type LrpOptions, lrp } from "../../methods/lrp/index.js";
import { type Input, type Model, Recording, record } from "../../network/index.js";
import { scoped } from "../../network/tensors.js";
import { checked, whole } from "../../parameters.js";
import { follow, followed } from "../../progress.js";
import { type ConceptRunOptions, channelSums, conditionalRelevance } from "./concept-relevance.js";
import type { RegionBox } from "./reference-samples.js";

const parameters = {
  most: whole(32, "How many channels get a map of their own; the others have one together", {
    least: 1,
    unit: "channels",
  }),
};

export type ChannelMapsOptions = LrpOptions & { readonly layer: string; readonly most?: number };

/** A picture's map in parts: what passed through each of the channels of a layer that matter most, and through all others. */
export interface ChannelMaps {
  readonly layer: string;
  /** Height and width of the maps. */
  readonly size: readonly [number, number];
  /** The map without a condition, color channels summed. */
  readonly whole: Float32Array;
  /** The channels with the most relevance, of either sign, and the map of each. */
  readonly channels: readonly { readonly channel: number; readonly relevance: number; readonly map: Float32Array }[];
  /** The map of all others together, and how many these are. */
  readonly rest: { readonly count: number; readonly map: Float32Array };
  readonly output: number;
  readonly target: number | null;
}

/**
 * The map of one picture in parts by the channels of a layer: the most relevant ones each (Achtibat et al. 2023, eq. 3), the others together.
 * The parts add up to the whole map at every pixel.
 *
 * @param options the layer, how many channels have a map of their own, and all that `lrp` takes
 * @returns a function of a picture `[1, height, width, channels]`
 * @throws ParameterError for more than one picture; LayerError, AbortedError, and what `lrp` throws
 * @example
 * const maps = await channelMaps(model, { layer: "conv2", composite: "epsilon-plus" })(photo, { target: "tabby" });
 * const { channels, rest, sum } = withinRegion(maps, { top: 4, left: 4, height: 8, width: 8 });
 */
export function channelMaps(model: Model, { layer, most, ...options }: ChannelMapsOptions) {
  const values = checked("channelMaps", parameters, { most });
  const explain = lrp(model, options as LrpOptions);
  return (x: Input | Recording, run: ConceptRunOptions = {}): Promise<ChannelMaps> =>
    followed("Maps of channels", run, async (asked) => {
      const recording = x instanceof Recording ? x : record(model, x);
      try {
        const shape = recording.value(recording.graph.inputs[0]!).shape;
        if (shape.length !== 4 || shape[0] !== 1) {
          throw new ParameterError("x", `tensor [${shape}]`, "one picture, [1, height, width, channels]");
        }
        const { onProgress: _, ...once } = asked;
        using found = await explain(recording, { ...once, keepLayers: true, onProgress: () => {} });
        const { channels: count, relevance } = channelSums(recording, found, layer);
        const order = Array.from(relevance.keys()).sort((a, b) => Math.abs(relevance[b]!) - Math.abs(relevance[a]!));
        const own = order.slice(0, values.most);
        const others = order.slice(values.most);
        const progress = follow(own.length + 2, asked);
        await progress.step(1);
        const of = async (channels: readonly number[]): Promise<Float32Array> => {
          if (channels.length === 0) return new Float32Array(shape[1]! * shape[2]!);
          const explainOne = conditionalRelevance(model, {
            ...options,
            conditions: [{ [layer]: channels }],
          } as Parameters<typeof conditionalRelevance>[1]);
          const [map] = await explainOne(recording, { ...once, onProgress: () => {} });
          return summed(map!.relevance, shape);
        };
        const made: ChannelMaps["channels"][number][] = [];
        for (const channel of own) {
          made.push({ channel, relevance: relevance[channel]!, map: await of([channel]) });
          await progress.step(1);
        }
        const rest = { count: count - own.length, map: await of(others) };
        await progress.step(1);
        return {
          layer,
          size: [shape[1]!, shape[2]!],
          whole: summed(found.relevance, shape),
          channels: made,
          rest,
          output: found.output[0]!,
          target: found.target[0] ?? null,
        };
      } finally {
        if (recording !== x) recording.dispose();
      }
    });
}

const summed = (relevance: Float32Array, shape: readonly number[]): Float32Array =>
  scoped(() => Float32Array.from(tf.sum(tf.tensor(relevance, [...shape]), 3).dataSync<"float32">()));

/** What each channel has of the relevance within a part of the picture, the largest of either sign first. */
export interface RegionRelevance {
  readonly channels: readonly { readonly channel: number; readonly relevance: number }[];
  /** Of all channels without a map of their own. */
  readonly rest: number;
  /** The relevance of the region in the whole map, which all parts add up to. */
  readonly sum: number;
}

/** @throws ParameterError for a region that is not within the picture */
export function withinRegion(maps: ChannelMaps, region: RegionBox): RegionRelevance {
  const [height, width] = maps.size;
  const { top, left, height: rows, width: columns } = region;
  const isInside =
    [top, left, rows, columns].every(Number.isInteger) &&
    top >= 0 &&
    left >= 0 &&
    rows >= 1 &&
    columns >= 1 &&
    top + rows <= height &&
    left + columns <= width;
  if (!isInside) throw new ParameterError("region", JSON.stringify(region), `a part of the ${height} × ${width} map`);
  const sumOf = (map: Float32Array) => {
    let sum = 0;
    for (let row = top; row < top + rows; row++) {
      for (let column = left; column < left + columns; column++) sum += map[row * width + column]!;
    }
    return sum;
  };
  return {
    channels: maps.channels
      .map(({ channel, map }) => ({ channel, relevance: sumOf(map) }))
      .sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance)),
    rest: sumOf(maps.rest.map),
    sum: sumOf(maps.whole),
  };
}
