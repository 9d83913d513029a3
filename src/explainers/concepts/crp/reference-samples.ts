import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type LrpOptions, lrp, uniform } from "../../methods/lrp/index.js";
import { flat } from "../../methods/lrp/rules/index.js";
import { type Model, record } from "../../network/index.js";
import { chosenLayer } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import { checked, choice, whole } from "../../parameters.js";
import { followed, type ProgressOptions } from "../../progress.js";
import type { Target } from "../../target.js";
import type { PictureSource } from "../picture-source.js";
import { type Ranking, type Reference, ReferencePass, type Statistic } from "./reference-pass.js";

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
  readonly by?: Ranking;
  readonly statistic?: Statistic;
  readonly count?: number;
  readonly batch?: number;
};

export interface ReferenceSamples {
  readonly layer: string;
  readonly by: Ranking;
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
      const pass = new ReferencePass(model, source, {
        layers: [layer],
        rankings: [values.by],
        statistic: values.statistic,
        count: values.count,
        batch: values.batch,
        explain,
        target,
      });
      await pass.run(asked);
      return { layer, by: values.by, channels: pass.references(layer, values.by) };
    });
}

/** A part of a picture: its first row and column, and how many of each. */
export interface RegionBox {
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
export async function receptiveField(model: Model, x: Tensor, layer: string, position: number): Promise<RegionBox> {
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
