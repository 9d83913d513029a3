import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type LrpOptions, lrp, uniform } from "../../methods/lrp/index.js";
import { flat } from "../../methods/lrp/rules/index.js";
import { type Model, type Recording, record } from "../../network/index.js";
import { chosenLayer } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import { checked, choice, whole } from "../../parameters.js";
import { follow, followed, type ProgressOptions } from "../../progress.js";
import { type Target, targetPart } from "../../target.js";
import { BestSamples, type Ranked } from "../best-samples.js";
import type { PictureSource } from "../dissection/concept-maps.js";
import { arrivedAt } from "./concept-relevance.js";

const parameters = {
  by: choice(["relevance", "activation"], "relevance", "What a sample is ranked by", {
    notes: {
      relevance: { description: "What the channel contributed to the output (relevance maximization, RelMax)" },
      activation: { description: "How strongly the channel answered (activation maximization, ActMax)" },
    },
  }),
  statistic: choice(["sum", "max"], "sum", "How positions of a channel become one number"),
  count: whole(8, "How many samples of each channel", { least: 1, unit: "samples" }),
  batch: whole(16, "Samples that pass through the model at once", { least: 1, minor: true }),
};

export type ReferenceOptions = LrpOptions & {
  readonly layer: string;
  readonly by?: "relevance" | "activation";
  readonly statistic?: "sum" | "max";
  readonly count?: number;
  readonly batch?: number;
};

/** The samples that show what a channel is for. */
export interface Reference {
  readonly channel: number;
  readonly samples: readonly number[];
  readonly values: readonly number[];
  /** Where in the layer each is strongest: the index of the position, row by row; 0 in layers without positions. */
  readonly positions: readonly number[];
}

export interface ReferenceSamples {
  readonly layer: string;
  readonly by: "relevance" | "activation";
  /** Of each channel. */
  readonly channels: readonly Reference[];
}

/**
 * Reference samples of a data set for every channel of a layer (Achtibat et al. 2023): those in which it contributed most to the output (RelMax) or
 * answered most (ActMax). What a channel answers is often not what it is used for.
 *
 * @param options the layer, what samples are ranked by, and all that `lrp` takes
 * @throws LayerError, AbortedError, and what `lrp` throws
 * @example
 * const { channels } = await referenceSamples(model, { layer: "conv2", count: 6 })({ count: 500, take: (start, n) => tf.slice(x, start, n) });
 * channels[17].samples;
 */
export function referenceSamples(model: Model, { layer, by, statistic, count, batch, ...options }: ReferenceOptions) {
  const values = checked("referenceSamples", parameters, { by, statistic, count, batch });
  const explain = lrp(model, options as LrpOptions);
  return (source: PictureSource, run: ProgressOptions & { readonly target?: Target } = {}): Promise<ReferenceSamples> =>
    followed("Reference samples", run, async ({ target = "top1", ...asked }) => {
      const progress = follow(source.count, asked);
      let found: BestPlaces[] = [];
      for (let start = 0; start < source.count; start += values.batch) {
        const some = Math.min(values.batch, source.count - start);
        const x = source.take(start, some);
        const wanted = targetPart(target, start, some);
        try {
          const recording = record(model, x);
          try {
            const rows =
              values.by === "activation"
                ? activations(recording, layer)
                : await relevances(recording, layer, explain, wanted);
            if (found.length === 0)
              found = Array.from({ length: rows.channels }, (): BestPlaces => new BestSamples(values.count));
            rank(rows, start, some, values.statistic, found);
          } finally {
            recording.dispose();
          }
        } finally {
          x.dispose();
          if (wanted instanceof tf.Tensor) wanted.dispose();
        }
        await progress.step(some);
      }
      return {
        layer,
        by: values.by,
        channels: found.map(({ all }, channel) => ({
          channel,
          samples: all.map(({ sample }) => sample),
          values: all.map(({ value }) => value),
          positions: all.map(({ position }) => position),
        })),
      };
    });
}

/** The best samples of one channel, and where in them it is strongest. */
type BestPlaces = BestSamples<Ranked & { readonly position: number }>;

/** `[samples, positions, channels]` */
interface Rows {
  readonly values: Float32Array;
  readonly positions: number;
  readonly channels: number;
}

function activations(recording: Recording, layer: string): Rows {
  const value = recording.value(chosenLayer(recording.graph, layer).id);
  return rowsOf(Float32Array.from(value.dataSync()), value.shape);
}

async function relevances(
  recording: Recording,
  layer: string,
  explain: ReturnType<typeof lrp>,
  target: Target,
): Promise<Rows> {
  using result = await explain(recording, { target, keepLayers: true, onProgress: () => {} });
  const { shape } = recording.value(chosenLayer(recording.graph, layer).id);
  return rowsOf(arrivedAt(recording, result, layer), shape);
}

function rowsOf(values: Float32Array, shape: readonly number[]): Rows {
  const channels = shape.at(-1)!;
  return { values, channels, positions: values.length / channels / shape[0]! };
}

function rank(
  { values, positions, channels }: Rows,
  start: number,
  count: number,
  statistic: "sum" | "max",
  found: readonly BestPlaces[],
): void {
  scoped(() => {
    const all = tf.tensor3d(values, [count, positions, channels]);
    const numbers = (statistic === "sum" ? tf.sum(all, 1) : tf.max(all, 1)).dataSync<"float32">();
    const places = tf.argMax(all, 1).dataSync<"int32">();
    numbers.forEach((value, at) => {
      const sample = start + Math.floor(at / channels);
      found[at % channels]!.add({ sample, value, position: places[at]! });
    });
  });
}

/** A part of a picture: its first row and column, and how many of each. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The part of a picture that one position of a layer sees: where relevance by the flat rule, which every connection shares alike, arrives;
 * through a max pool what its largest entry sees.
 *
 * @param x any picture `[1, height, width, channels]` of the model
 * @param position the index of the position, row by row
 */
export async function receptiveField(model: Model, x: Tensor, layer: string, position: number): Promise<Box> {
  const recording = record(model, x);
  try {
    const { shape } = recording.value(chosenLayer(recording.graph, layer).id);
    const unit = position * shape.at(-1)!;
    using found = await lrp(model, { composite: seen, bias: "ignore" })(recording, { target: { layer, unit } });
    return scoped(() => {
      const sizes = tf.sum(tf.abs(tf.tensor(found.relevance, [...found.shape])), [0, 3]);
      const [rows, columns] = [tf.sum(sizes, 1), tf.sum(sizes, 0)].map((sums) =>
        Array.from(sums.dataSync(), (sum) => sum > 0),
      );
      const extent = (on: boolean[]) => [on.indexOf(true), on.lastIndexOf(true) - on.indexOf(true) + 1] as const;
      const [[top, height], [left, width]] = [extent(rows!), extent(columns!)];
      return { top, left, height, width };
    });
  } finally {
    recording.dispose();
  }
}

/** Starts from 1, whatever the unit's value is. */
const seen = { ...uniform(flat()), start: (value: Tensor) => tf.onesLike(value) };
