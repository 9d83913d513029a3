import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import { ParameterError } from "../../errors.js";
import { type LrpAttribution, type LrpOptions, lrp } from "../../methods/lrp/index.js";
import { type Graph, type Model, Recording, record } from "../../network/index.js";
import { valueLayers } from "../../network/layer-values.js";
import { chosenLayer, layersBelow, lowestLayers, nodesBetween } from "../../network/layers.js";
import { isRepeatable, repeated } from "../../network/recording/repeated.js";
import { sizeOf } from "../../network/shapes.js";
import { checked, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { type Target, targetPart } from "../../target.js";
import type { PictureSource } from "../picture-source.js";
import { arrivedAt, type Condition, channelSums } from "./concept-relevance.js";

const parameters = {
  strongest: whole(8, "How many channels of each layer are followed, those with the most relevance of either sign", {
    least: 1,
    unit: "channels",
  }),
  edges: whole(4, "How many edges into each of them are named, the strongest of either sign", { least: 1 }),
  memoryBudget: whole(512 * 2 ** 20, "What the values of all conditions that are computed at once may take", {
    least: 1,
    unit: "bytes",
    label: "Memory",
    minor: true,
  }),
};

export type AttributionGraphOptions = LrpOptions & {
  /** By default all that compute something. An edge joins layers with none of the others between them. */
  readonly layers?: readonly string[];
  /** Which channels of a layer are followed, instead of the `strongest`. */
  readonly channels?: Condition;
  readonly strongest?: number;
  readonly edges?: number;
  readonly memoryBudget?: number;
};

/** A channel of a layer. */
export interface ChannelName {
  readonly layer: string;
  readonly channel: number;
}

/** Relevance that one channel gets through another. */
export interface GraphEdge {
  /** The upper channel, through which relevance comes. */
  readonly from: ChannelName;
  /** The lower channel, which gets it. */
  readonly to: ChannelName;
  readonly relevance: number;
}

/** What became of one channel's relevance. */
export interface GraphChannel extends ChannelName {
  /** What it has. */
  readonly relevance: number;
  /** All channels of the layers below: `[channels]` each, what they get through this one. */
  readonly passed: readonly { readonly layer: string; readonly relevance: Float32Array }[];
  /** What none of them gets: what biases and stabilizers keep, and what goes around those layers. */
  readonly kept: number;
}

export interface GraphLayer {
  readonly layer: string;
  /** `[channels]`: of every channel, summed over its positions. */
  readonly relevance: Float32Array;
  /** Layers below that it is joined with. */
  readonly below: readonly string[];
  /** The channels that were followed, from the most relevant on. */
  readonly channels: readonly GraphChannel[];
}

/** Which channels an output came through, and what they passed to each other: means over the samples. */
export interface AttributionGraph {
  /** From the output's side to the input's. */
  readonly layers: readonly GraphLayer[];
  /** The strongest into each channel that was followed, in falling order. */
  readonly edges: readonly GraphEdge[];
  readonly samples: number;
  /** The mean of the explained output. */
  readonly output: number;
}

/**
 * Attribution graph (Achtibat et al. 2023, Nature Machine Intelligence 5): which channels of a layer get their relevance through which
 * channels of the layer above. An edge is the relevance of a lower channel under the condition of an upper one; edges through an upper
 * channel add up to its relevance but for what biases keep. All conditions of one sample are computed as one batch, from the upper layer to
 * the lower and no further.
 *
 * @param options layers, what is followed, and all that `lrp` takes
 * @returns a function of one sample, of many (their mean: the usual neighbors of a channel), or of a recording of one
 * @throws LayerError, ParameterError, AbortedError, and what `lrp` throws
 * @example
 * const graph = await attributionGraph(model, { layers: ["conv1", "conv2", "dense"] })(photo, { target: "tabby" });
 * graph.edges[0]; // { from: { layer: "conv2", channel: 17 }, to: { layer: "conv1", channel: 3 }, relevance: 0.8 }
 */
export function attributionGraph(model: Model, options: AttributionGraphOptions = {}) {
  const { layers, channels, strongest, edges, memoryBudget, ...how } = options;
  const values = checked("attributionGraph", parameters, { strongest, edges, memoryBudget });
  const explain = lrp(model, how as LrpOptions);
  return (
    x: Tensor | Recording | PictureSource,
    run: ProgressOptions & { readonly target?: Target } = {},
  ): Promise<AttributionGraph> =>
    followed("Attribution graph", run, async ({ target = "top1", ...asked }) => {
      const samples = new Samples(model, x, explain, target, layers);
      try {
        const count = samples.count;
        const progress = follow(2 * count, asked);
        const sums = new Map<string, { signed: Float64Array; size: Float64Array }>();
        let output = 0;
        for (let at = 0; at < count; at++) {
          const { recording, found, names } = await samples.at(at);
          output += found.output[0]! / count;
          for (const layer of names) {
            const { relevance } = channelSums(recording, found, layer);
            const sum = sums.get(layer) ?? {
              signed: new Float64Array(relevance.length),
              size: new Float64Array(relevance.length),
            };
            sums.set(layer, sum);
            relevance.forEach((value, channel) => {
              sum.signed[channel]! += value / count;
              sum.size[channel]! += Math.abs(value) / count;
            });
          }
          await progress.step(1);
        }
        const followedChannels = new Map(
          [...sums].map(([layer, { size }]) => [layer, chosen(layer, size, channels, values.strongest)] as const),
        );
        for (const layer of Object.keys(channels ?? {}))
          if (!sums.has(layer)) throw strayLayer(layer, [...sums.keys()]);
        const parts = new Parts();
        let below: ReadonlyMap<string, readonly string[]> = new Map();
        for (let at = 0; at < count; at++) {
          const sample = await samples.at(at);
          below = layersBelow(sample.recording.graph, sample.names);
          for (const [layer, lower] of below) {
            if (lower.length > 0) await pass(sample, layer, lower, followedChannels.get(layer)!, parts);
          }
          await progress.step(1);
        }
        const all = [...sums].map(([layer, { signed }]): GraphLayer => {
          const relevance = Float32Array.from(signed);
          const lower = below.get(layer) ?? [];
          return {
            layer,
            relevance,
            below: lower,
            channels: followedChannels.get(layer)!.map((channel) => {
              const passed = lower.map((name) => ({ layer: name, relevance: parts.mean(layer, channel, name, count) }));
              const gone = passed.reduce((sum, { relevance: part }) => sum + part.reduce((a, b) => a + b, 0), 0);
              return { layer, channel, relevance: signed[channel]!, passed, kept: signed[channel]! - gone };
            }),
          };
        });
        return { layers: all, edges: strongestEdges(all, values.edges), samples: count, output };
      } finally {
        samples.dispose();
      }
    });

  /** What the channels of a layer pass on in one sample, as many at once as the budget allows. */
  async function pass(
    { recording, found }: Sample,
    layer: string,
    lower: readonly string[],
    followedChannels: readonly number[],
    parts: Parts,
  ): Promise<void> {
    const { graph } = recording;
    const { id } = chosenLayer(graph, layer);
    const { shape } = recording.value(id);
    const needed = new Set(lower.flatMap((name) => [...nodesBetween(graph, chosenLayer(graph, name).id, id)]));
    const size = [...needed].reduce((sum, node) => sum + sizeOf(recording.value(node).shape), 0);
    const most = isRepeatable(recording)
      ? Math.max(1, Math.min(MOST_ROWS, Math.floor(values.memoryBudget / 4 / (4 * size))))
      : 1;
    const arrived = arrivedAt(recording, found, layer);
    for (let from = 0; from < followedChannels.length; from += most) {
      const some = followedChannels.slice(from, from + most);
      const rows = isRepeatable(recording) ? repeated(recording, needed, some.length) : recording;
      const relevance = tf.tidy(() => {
        const only = tf.oneHot(tf.tensor1d([...some], "int32"), shape.at(-1)!);
        const masks = tf.reshape(only, [some.length, ...shape.slice(1, -1).map(() => 1), shape.at(-1)!]);
        return tf.mul(tf.tensor(arrived, shape), tf.cast(masks, "float32"));
      });
      try {
        using passed = await explain(rows, {
          target: { layer, relevance },
          until: lower,
          keepLayers: true,
          onProgress: () => {},
        });
        for (const name of lower) {
          const { relevance: got, channels: count } = channelSums(rows, passed, name);
          some.forEach((channel, row) => {
            parts.add(layer, channel, name, got.subarray(row * count, (row + 1) * count));
          });
        }
      } finally {
        relevance.dispose();
        if (rows !== recording) rows.dispose();
      }
    }
  }
}

/** Larger batches gain no speed on a CPU. */
const MOST_ROWS = 32;

/** A sample with the relevance of the layers that are asked for. */
interface Sample {
  readonly recording: Recording;
  readonly found: LrpAttribution;
  /** From the output's side to the input's. */
  readonly names: readonly string[];
}

/** Samples one after the other; one alone is kept, several are computed again when they are asked for again. */
class Samples {
  readonly count: number;
  #held: { readonly at: number; readonly sample: Sample } | undefined;

  constructor(
    readonly model: Model,
    readonly x: Tensor | Recording | PictureSource,
    readonly explain: ReturnType<typeof lrp>,
    readonly target: Target,
    readonly layers: readonly string[] | undefined,
  ) {
    this.count = x instanceof Recording ? x.batch : x instanceof Tensor ? x.shape[0]! : x.count;
    if (this.count < 1) throw new ParameterError("x", "no samples", "at least one");
    if (x instanceof Recording && x.batch !== 1) {
      throw new ParameterError(
        "x",
        `a recording of ${x.batch} samples`,
        "a recording of one; give several as a tensor",
      );
    }
  }

  async at(index: number): Promise<Sample> {
    if (this.#held?.at === index) return this.#held.sample;
    this.dispose();
    const recording = this.#record(index);
    const wanted = targetPart(this.target, index, 1);
    try {
      const names = namesOf(recording.graph, this.layers);
      const found = await this.explain(recording, {
        target: wanted,
        keepLayers: true,
        until: lowestLayers(recording.graph, names),
        onProgress: () => {},
      });
      const sample = { recording, found, names };
      this.#held = { at: index, sample };
      return sample;
    } catch (error) {
      if (recording !== this.x) recording.dispose();
      throw error;
    } finally {
      if (wanted instanceof Tensor) wanted.dispose();
    }
  }

  #record(index: number): Recording {
    const { x } = this;
    if (x instanceof Recording) return x;
    const one = x instanceof Tensor ? tf.slice(x, index, 1) : x.take(index, 1);
    try {
      return record(this.model, one);
    } finally {
      one.dispose();
    }
  }

  dispose(): void {
    if (this.#held === undefined) return;
    const { recording, found } = this.#held.sample;
    found.dispose();
    if (recording !== this.x) recording.dispose();
    this.#held = undefined;
  }
}

/** Layers from the output's side on. */
function namesOf(graph: Graph, layers: readonly string[] | undefined): string[] {
  if (layers !== undefined && new Set(layers).size < 2) {
    throw new ParameterError("layers", layers.join(", ") || "none", "at least two layers, or left out for all");
  }
  const ids = new Map([...new Set(layers ?? valueLayers(graph))].map((name) => [chosenLayer(graph, name).id, name]));
  const named = [...ids].toSorted(([a], [b]) => b - a);
  // Those that have no part in the output have no relevance, which LRP says where they were named.
  return named.map(([, name]) => name);
}

const strayLayer = (layer: string, names: readonly string[]) =>
  new ParameterError("channels", layer, `a layer of the graph: ${names.join(", ")}`);

/** The channels of a layer that are followed. */
function chosen(
  layer: string,
  size: Float64Array,
  channels: Condition | undefined,
  strongest: number,
): readonly number[] {
  const given = channels?.[layer];
  if (given === undefined) {
    const order = Array.from(size.keys()).sort((a, b) => size[b]! - size[a]!);
    return order.slice(0, strongest).filter((channel) => size[channel]! > 0);
  }
  for (const channel of given) {
    if (!Number.isInteger(channel) || channel < 0 || channel >= size.length) {
      throw new ParameterError(`channels.${layer}`, channel, `a channel of the layer, 0 to ${size.length - 1}`);
    }
  }
  return [...new Set(given)].sort((a, b) => size[b]! - size[a]!);
}

/** What upper channels passed to lower ones, summed over samples. */
class Parts {
  readonly #sums = new Map<string, Float64Array>();

  add(layer: string, channel: number, lower: string, relevance: Float32Array): void {
    const key = JSON.stringify([layer, channel, lower]);
    const sum = this.#sums.get(key) ?? new Float64Array(relevance.length);
    this.#sums.set(key, sum);
    relevance.forEach((value, at) => {
      sum[at]! += value;
    });
  }

  mean(layer: string, channel: number, lower: string, count: number): Float32Array {
    const sum = this.#sums.get(JSON.stringify([layer, channel, lower])) ?? new Float64Array(0);
    return Float32Array.from(sum, (value) => value / count);
  }
}

function strongestEdges(layers: readonly GraphLayer[], count: number): GraphEdge[] {
  const bySize = (a: GraphEdge, b: GraphEdge) => Math.abs(b.relevance) - Math.abs(a.relevance);
  return layers
    .flatMap(({ channels }) =>
      channels.flatMap(({ layer, channel, passed }) =>
        passed
          .flatMap((lower) =>
            Array.from(lower.relevance, (relevance, at) => ({
              from: { layer, channel },
              to: { layer: lower.layer, channel: at },
              relevance,
            })),
          )
          .filter(({ relevance }) => relevance !== 0)
          .sort(bySize)
          .slice(0, count),
      ),
    )
    .sort(bySize);
}
