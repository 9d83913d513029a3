import type { Tensor3D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { BestSamples, type Ranked } from "../best-samples.js";
import { LargestValues } from "../dissection/largest-values.js";
import type { PassedLayer, TopSamples } from "./passed.js";

type Place = Ranked & { readonly position: number };

interface Start {
  readonly top: number;
  /** How many of the largest activations of a channel are kept for its threshold. */
  readonly tail: number;
  readonly every: number;
  /** What an earlier part found. */
  readonly before: PassedLayer | undefined;
  readonly classes: readonly number[];
  readonly classSizes: readonly number[];
  readonly done: number;
}

/** What is known of a layer's channels so far. */
export class LayerSums {
  readonly #byActivation: BestSamples<Place>[];
  readonly #byRelevance: BestSamples<Place>[];
  readonly #tail: LargestValues;
  #tailTotal: number;
  readonly #mean: Float64Array;
  readonly #active: Float64Array;
  readonly #relevance: Float64Array;
  readonly #largest: Float32Array;
  readonly #classSums = new Map<number, Float64Array>();

  constructor(
    readonly layer: string,
    readonly channels: number,
    readonly map: readonly number[],
    readonly start: Start,
  ) {
    const { top, tail, before, classes, classSizes, done } = start;
    const times = (values: Float64Array | undefined, factor: number) =>
      values === undefined ? new Float64Array(channels) : values.map((value) => value * factor);
    this.#byActivation = ranked(channels, top, before?.byActivation);
    this.#byRelevance = ranked(channels, top, before?.byRelevance);
    this.#tail = new LargestValues(channels, tail);
    if (before !== undefined) this.#tail.add(before.tail);
    this.#tailTotal = before?.tailTotal ?? 0;
    this.#mean = times(before?.mean, done);
    this.#active = times(before?.active, done);
    this.#relevance = times(before?.relevance, done);
    this.#largest = before?.largest.slice() ?? new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
    classes.forEach((name, at) => {
      const means = before!.classMeans.subarray(at * channels, (at + 1) * channels);
      this.#classSums.set(name, times(means, classSizes[at]!));
    });
  }

  /** @param values activations and relevance `[samples, positions, channels]` of the samples from `first` on */
  add(values: Tensor3D, relevance: Tensor3D, first: number, classes: readonly number[]): void {
    const { channels, start } = this;
    const [count, places] = values.shape;
    const read = (tensor: tf.Tensor) => tensor.dataSync<"float32">();
    const largest = read(tf.max(values, 1));
    const at = tf.argMax(values, 1).dataSync();
    const means = read(tf.mean(values, 1));
    const active = read(tf.mean(tf.cast(tf.greater(values, 0), "float32"), 1));
    const sums = read(tf.sum(relevance, 1));
    const where = tf.argMax(relevance, 1).dataSync();
    for (let entry = 0; entry < count * channels; entry++) {
      const channel = entry % channels;
      const sample = first + Math.floor(entry / channels);
      this.#byActivation[channel]!.add({ sample, value: largest[entry]!, position: at[entry]! });
      this.#byRelevance[channel]!.add({ sample, value: sums[entry]!, position: where[entry]! });
      this.#mean[channel]! += means[entry]!;
      this.#active[channel]! += active[entry]!;
      this.#relevance[channel]! += sums[entry]!;
      if (largest[entry]! > this.#largest[channel]!) this.#largest[channel] = largest[entry]!;
    }
    classes.forEach((name, row) => {
      const sum = this.#classSums.get(name) ?? new Float64Array(channels);
      this.#classSums.set(name, sum);
      for (let channel = 0; channel < channels; channel++) sum[channel]! += means[row * channels + channel]!;
    });
    // The first place differs from batch to batch, so that a sample of places does not keep to some columns.
    const offset = first % start.every;
    this.#tail.add(read(values), offset, start.every);
    this.#tailTotal += Math.max(0, Math.ceil((count * places - offset) / start.every));
  }

  /** @param isPart whether more samples are to come */
  found(
    classes: readonly number[],
    classSizes: readonly number[],
    done: number,
    share: number,
    isPart: boolean,
  ): PassedLayer {
    const { layer, channels, map } = this;
    const { top } = this.start;
    const mean = (sums: Float64Array) => sums.map((sum) => sum / Math.max(1, done));
    const classMeans = new Float64Array(classes.length * channels);
    classes.forEach((name, at) => {
      const sums = this.#classSums.get(name)!;
      classMeans.set(
        sums.map((sum) => sum / classSizes[at]!),
        at * channels,
      );
    });
    return {
      layer,
      channels,
      map,
      mean: mean(this.#mean),
      largest: this.#largest.slice(),
      active: mean(this.#active),
      threshold: Float32Array.from({ length: channels }, (_, channel) =>
        done === 0 ? 0 : this.#tail.quantile(channel, share, this.#tailTotal),
      ),
      relevance: mean(this.#relevance),
      classMeans,
      byActivation: stored(this.#byActivation, top),
      byRelevance: stored(this.#byRelevance, top),
      tail: isPart ? this.#tail.rows : new Float32Array(0),
      tailTotal: this.#tailTotal,
    };
  }
}

function ranked(channels: number, top: number, before: TopSamples | undefined): BestSamples<Place>[] {
  return Array.from({ length: channels }, (_, channel) => {
    const best = new BestSamples<Place>(top);
    for (let at = channel * top; before !== undefined && at < (channel + 1) * top; at++) {
      const sample = before.samples[at]!;
      if (sample >= 0) best.add({ sample, value: before.values[at]!, position: before.positions[at]! });
    }
    return best;
  });
}

function stored(best: readonly BestSamples<Place>[], top: number): TopSamples {
  const samples = new Int32Array(best.length * top).fill(-1);
  const values = new Float32Array(best.length * top);
  const positions = new Int32Array(best.length * top);
  best.forEach(({ all }, channel) => {
    all.forEach(({ sample, value, position }, place) => {
      samples[channel * top + place] = sample;
      values[channel * top + place] = value;
      positions[channel * top + place] = position;
    });
  });
  return { samples, values, positions };
}
