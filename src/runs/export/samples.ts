import { formatBytes } from "../../comms/format.js";
import { LimpidError } from "../../explainers/index.js";
import type { RelevanceStore } from "../../kernel-helpers/relevance/relevance-store.js";

/** How a picture's axes lie: channels last, as in the store, or first, as captum, Quantus and ViRelAy have them. */
export type Layout = "nhwc" | "nchw";

/** What other programs are given of a store: samples that were explained, all in memory. */
export interface ExportedSamples {
  /** Places in the data set. */
  readonly index: Int32Array;
  readonly id: readonly string[];
  /** `[samples, …one]` */
  readonly relevance: Float32Array;
  readonly one: readonly number[];
  readonly output: Float32Array;
  readonly target: Int32Array;
  readonly label: Int32Array;
  /** `[samples, classes]`; empty where the model gives not one value a class. */
  readonly outputs: Float32Array;
  readonly classes: number;
}

/** What fits into the memory of a process and into one array. */
const MOST = 2 ** 31;

/**
 * Reads the samples from `from` up to `to` that are there and were explained.
 *
 * @throws LimpidError where they are none, or too large for one file
 */
export async function exportedSamples(
  store: RelevanceStore,
  {
    layout,
    sumChannels,
    from = 0,
    to = store.count,
  }: { layout: Layout; sumChannels: boolean; from?: number; to?: number },
): Promise<ExportedSamples> {
  const isPicture = store.shape.length === 3;
  if ((layout === "nchw" || sumChannels) && !isPicture)
    throw new LimpidError(
      `${store.location} holds no pictures, but relevance of [${store.shape.join(", ")}]: it has no channels to move or to sum`,
    );
  const [height = 0, width = 0, channels = 0] = store.shape;
  const kept = sumChannels ? 1 : channels;
  const one = !isPicture ? store.shape : layout === "nchw" ? [kept, height, width] : [height, width, kept];
  const size = one.reduce((a, b) => a * b, 1);
  const rows = (await store.table()).filter(({ index, error }) => error === "" && index >= from && index < to);
  if (rows.length === 0)
    throw new LimpidError(`${store.location} holds no sample from ${from} to ${to} that was explained`);
  if (4 * size * rows.length > MOST) {
    const fitting = Math.floor(MOST / (4 * size));
    throw new LimpidError(
      `${rows.length} samples are ${formatBytes(4 * size * rows.length)}, and one file holds ${formatBytes(MOST)}: export ${fitting} at a time by --from and --to, or read the store itself`,
    );
  }
  const relevance = new Float32Array(size * rows.length);
  const places = new Map(rows.map(({ index }, place) => [index, place]));
  const step = store.run.shard;
  for (let start = Math.floor(from / step) * step; start < to; start += step) {
    for (const { index, relevance: values } of await store.read(start, Math.min(to, start + step))) {
      const place = places.get(index);
      if (place === undefined) continue;
      relevance.set(arranged(values, { isPicture, height, width, channels, layout, sumChannels }), place * size);
    }
  }
  const classes = store.classNames.length;
  const outputs = new Float32Array(classes * rows.length);
  if (classes > 0) {
    const all = await store.outputs(from, to);
    for (const [place, { index }] of rows.entries())
      outputs.set(all.subarray((index - from) * classes, (index - from + 1) * classes), place * classes);
  }
  return {
    index: Int32Array.from(rows, ({ index }) => index),
    id: rows.map(({ id }) => id),
    relevance,
    one,
    output: Float32Array.from(rows, ({ output }) => output),
    target: Int32Array.from(rows, ({ target }) => target),
    label: Int32Array.from(rows, ({ label }) => label),
    outputs,
    classes,
  };
}

interface Arrangement {
  readonly isPicture: boolean;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly layout: Layout;
  readonly sumChannels: boolean;
}

function arranged(
  values: Float32Array,
  { isPicture, height, width, channels, layout, sumChannels }: Arrangement,
): Float32Array {
  if (!isPicture || (layout === "nhwc" && !sumChannels)) return values;
  const pixels = height * width;
  const result = new Float32Array(sumChannels ? pixels : values.length);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const value = values[pixel * channels + channel]!;
      if (sumChannels) result[pixel]! += value;
      else result[channel * pixels + pixel] = value;
    }
  }
  return result;
}
