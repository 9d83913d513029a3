import type { Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { lrp } from "../../methods/lrp/index.js";
import { type Model, type Recording, record } from "../../network/index.js";
import { chosenLayer, lowestLayers } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import { follow, type ProgressOptions } from "../../progress.js";
import { type Target, targetPart } from "../../target.js";
import { BestSamples, type Ranked } from "../best-samples.js";
import type { PictureSource } from "../picture-source.js";
import { arrivedAt } from "./concept-relevance.js";

/** What samples are ranked by: what a channel contributed to the output (RelMax), or how strongly it answered (ActMax). */
export type Ranking = "relevance" | "activation";

/** How positions of a channel become one number. */
export type Statistic = "sum" | "max";

/** The samples that show what a channel is for. */
export interface Reference {
  readonly channel: number;
  readonly samples: readonly number[];
  readonly values: readonly number[];
  /** Where in the layer each is strongest: the index of the position, row by row; 0 in layers without positions. */
  readonly positions: readonly number[];
}

export interface PassSettings {
  readonly layers: readonly string[];
  readonly rankings: readonly Ranking[];
  readonly statistic: Statistic;
  /** How many samples of each channel. */
  readonly count: number;
  /** Samples that pass through the model at once. */
  readonly batch: number;
  /** Gives relevance where samples are ranked by it. */
  readonly explain: ReturnType<typeof lrp>;
  readonly target: Target;
}

/** The best samples of one channel, and where in them it is strongest. */
type BestPlaces = BestSamples<Ranked & { readonly position: number }>;

/**
 * One pass over a data set in which samples are ranked for every channel of some layers: one forward pass and, where relevance is asked for,
 * one way back for all of them. A pass that was stopped goes on where it was.
 */
export class ReferencePass {
  /** Samples that have passed. */
  done = 0;
  readonly #found = new Map<string, BestPlaces[]>();

  constructor(
    readonly model: Model,
    readonly source: PictureSource,
    readonly settings: PassSettings,
  ) {}

  get total(): number {
    return this.source.count;
  }

  /** Passes the samples that have not. @throws LayerError, AbortedError, and what `lrp` throws */
  async run(asked: ProgressOptions): Promise<void> {
    const before = this.done;
    const progress = follow(this.total - before, {
      ...asked,
      onProgress: ({ done }) => asked.onProgress?.({ done: before + done, total: this.total }),
    });
    while (this.done < this.total) {
      const some = Math.min(this.settings.batch, this.total - this.done);
      await this.#pass(this.done, some);
      this.done += some;
      await progress.step(some);
    }
  }

  /** What has been found so far, of each channel. */
  references(layer: string, by: Ranking): Reference[] {
    return (this.#found.get(keyOf(layer, by)) ?? []).map(({ all }, channel) => ({
      channel,
      samples: all.map(({ sample }) => sample),
      values: all.map(({ value }) => value),
      positions: all.map(({ position }) => position),
    }));
  }

  async #pass(start: number, count: number): Promise<void> {
    const { layers, rankings, target } = this.settings;
    const x = this.source.take(start, count);
    const wanted = targetPart(target, start, count);
    try {
      const recording = record(this.model, x);
      try {
        if (rankings.includes("activation")) {
          for (const layer of layers) {
            const value = recording.value(chosenLayer(recording.graph, layer).id);
            this.#rank(layer, "activation", () => tf.clone(value), value.shape, start);
          }
        }
        if (rankings.includes("relevance")) await this.#relevance(recording, wanted, start);
      } finally {
        recording.dispose();
      }
    } finally {
      x.dispose();
      if (wanted instanceof tf.Tensor) wanted.dispose();
    }
  }

  async #relevance(recording: Recording, target: Target, start: number): Promise<void> {
    const { layers } = this.settings;
    using result = await this.settings.explain(recording, {
      target,
      keepLayers: true,
      until: lowestLayers(recording.graph, layers),
      onProgress: () => {},
    });
    for (const layer of layers) {
      const { shape } = recording.value(chosenLayer(recording.graph, layer).id);
      const arrived = arrivedAt(recording, result, layer);
      this.#rank(layer, "relevance", () => tf.tensor(arrived, shape), shape, start);
    }
  }

  #rank(layer: string, by: Ranking, values: () => tf.Tensor, shape: readonly number[], start: number): void {
    const channels = shape.at(-1)!;
    const key = keyOf(layer, by);
    const best =
      this.#found.get(key) ?? Array.from({ length: channels }, (): BestPlaces => new BestSamples(this.settings.count));
    this.#found.set(key, best);
    scoped(() => {
      const all = tf.reshape(values(), [shape[0]!, -1, channels]) as Tensor3D;
      const numbers = (this.settings.statistic === "sum" ? tf.sum(all, 1) : tf.max(all, 1)).dataSync<"float32">();
      const places = tf.argMax(all, 1).dataSync<"int32">();
      numbers.forEach((value, at) => {
        const sample = start + Math.floor(at / channels);
        best[at % channels]!.add({ sample, value, position: places[at]! });
      });
    });
  }
}

const keyOf = (layer: string, by: Ranking) => `${by} ${layer}`;
