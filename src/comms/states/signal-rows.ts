import { formatNumber, formatPercent, formatShort, formatSigned } from "../format.js";
import type { Gain, RowOrder } from "./signal-heatmap.js";

/** What both sides read of a signal's state, with plain arrays. */
export interface SignalTimes {
  readonly rate: number | null;
  readonly start: number;
  readonly timeUnit: string;
}

/** When a sample is, in units of time, or its number from 1 on where there is no rate. */
export const timeOf = ({ rate, start }: SignalTimes, sample: number): number =>
  rate === null ? sample + 1 : start + sample / rate;

/** The same in words: “0.25 s”, “sample 12”. */
export function timeWords(times: SignalTimes, sample: number): string {
  if (times.rate === null) return `sample ${sample + 1}`;
  return `${timeNumber(times, sample)} ${times.timeUnit}`;
}

/** A time to a fraction of a sample's length. */
export function timeNumber(times: SignalTimes, sample: number): string {
  const { rate } = times;
  if (rate === null) return String(sample + 1);
  const decimals = Math.min(6, Math.max(0, Math.ceil(Math.log10(rate))));
  return formatShort(Number(timeOf(times, sample).toFixed(decimals)), 6);
}

/** Where a row's trace lies: the value in its middle, and how far its edges are from it. */
export interface RowRange {
  readonly middle: number;
  readonly half: number;
}

/** Of each channel. Channels of one unit share a gain, those without a unit never do. */
export function rowRanges(
  signal: Float32Array,
  channels: number,
  units: readonly string[],
  gain: Gain,
): readonly RowRange[] {
  const samples = signal.length / channels;
  const own = Array.from({ length: channels }, (_, channel): RowRange => {
    let [low, high] = [Infinity, -Infinity];
    for (let at = channel * samples; at < (channel + 1) * samples; at++) {
      const value = signal[at]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low > high ? { middle: 0, half: 1 } : { middle: (low + high) / 2, half: (high - low) / 2 };
  });
  const widest = new Map<string, number>();
  own.forEach(({ half }, channel) => {
    const unit = units[channel] ?? "";
    if (unit !== "") widest.set(unit, Math.max(widest.get(unit) ?? 0, half));
  });
  return own.map(({ middle, half }, channel) => {
    const shared = gain === "shared" ? widest.get(units[channel] ?? "") : undefined;
    return { middle, half: (shared ?? half) || 1 };
  });
}

/** Sums of values by channel, from one sample up to another. */
export function channelSums(values: Float32Array, channels: number, from: number, to: number): Float64Array {
  const samples = values.length / channels;
  return Float64Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let at = channel * samples + from; at < channel * samples + to; at++) sum += values[at]!;
    return sum;
  });
}

/** Sums of values over channels, sample by sample. */
export function timeSums(values: Float32Array, channels: number): Float32Array {
  const samples = values.length / channels;
  const sums = new Float32Array(samples);
  values.forEach((value, at) => {
    sums[at % samples]! += value;
  });
  return sums;
}

/** The channels from top to bottom. */
export function rowOrder(order: RowOrder, channels: number, relevance: Float32Array | null): readonly number[] {
  const given = Array.from({ length: channels }, (_, channel) => channel);
  if (order === "given" || relevance === null) return given;
  const sums = channelSums(relevance, channels, 0, relevance.length / channels).map(Math.abs);
  return given.sort((a, b) => sums[b]! - sums[a]! || a - b);
}

/**
 * Values in columns of a picture, `[channels, columns]`: where several samples share one, the value that is largest in magnitude, so
 * that none is lost between pixels. `columns` is at most the number of samples.
 */
export function strongest(
  values: Float32Array,
  channels: number,
  [from, to]: readonly [from: number, to: number],
  columns: number,
): Float32Array {
  const samples = values.length / channels;
  const found = new Float32Array(channels * columns);
  for (let channel = 0; channel < channels; channel++) {
    for (let column = 0; column < columns; column++) {
      const [first, last] = behind(column, from, to, columns);
      let best = values[channel * samples + first]!;
      for (let at = first + 1; at < last; at++) {
        const value = values[channel * samples + at]!;
        if (Math.abs(value) > Math.abs(best)) best = value;
      }
      found[channel * columns + column] = best;
    }
  }
  return found;
}

/** The samples behind a column, the first and the one behind the last. */
const behind = (column: number, from: number, to: number, columns: number): [first: number, last: number] => [
  from + Math.floor((column * (to - from)) / columns),
  from + Math.max(Math.floor(((column + 1) * (to - from)) / columns), Math.floor((column * (to - from)) / columns) + 1),
];

/**
 * A channel's trace as lines through `(x, value)`, x from 0 to 1 over the samples in sight, with a gap where values are not finite. Where there are more
 * samples than columns, each column has its smallest and its largest value.
 */
export function traceLines(
  signal: Float32Array,
  offset: number,
  [from, to]: readonly [from: number, to: number],
  columns: number,
): (readonly [x: number, value: number])[][] {
  const count = to - from;
  const lines: [number, number][][] = [[]];
  const put = (sample: number) => {
    const value = signal[offset + sample]!;
    if (Number.isFinite(value)) lines.at(-1)!.push([(sample - from + 0.5) / count, value]);
    else if (lines.at(-1)!.length > 0) lines.push([]);
  };
  if (count <= 2 * columns) {
    for (let sample = from; sample < to; sample++) put(sample);
  } else {
    for (let column = 0; column < columns; column++) {
      const [first, last] = behind(column, from, to, columns);
      let [least, most] = [first, first];
      for (let at = first; at < last; at++) {
        if (!(signal[offset + at]! >= signal[offset + least]!)) least = at;
        if (!(signal[offset + at]! <= signal[offset + most]!)) most = at;
      }
      put(Math.min(least, most));
      if (least !== most) put(Math.max(least, most));
    }
  }
  return lines.filter((line) => line.length > 0);
}

/** From when to when, in words: what is brushed, or all. */
export function windowWords(times: SignalTimes, [from, to]: readonly number[], samples: number): string {
  const [first, last] = [from ?? 0, to ?? samples];
  const count = `${last - first} ${last - first === 1 ? "sample" : "samples"}`;
  if (times.rate === null) return `Samples ${first + 1} to ${last}`;
  return `${timeNumber(times, first)} to ${timeNumber(times, last)} ${times.timeUnit} (${count})`;
}

/** What is brushed, in words: when, its relevance as a share of all, and the channels that have most of it. */
export function brushWords(
  state: SignalTimes & { readonly channels: readonly string[]; readonly signed: boolean },
  relevance: Float32Array | null,
  [from = 0, to = 0]: readonly number[],
): string {
  const span = windowWords(state, [from, to], to).replace("Samples", "samples");
  if (relevance === null) return `Brushed: ${span}`;
  const channels = state.channels.length;
  const sums = channelSums(relevance, channels, from, to);
  const sum = sums.reduce((all, one) => all + one, 0);
  const size = (a: number, b: number) =>
    relevance.reduce((all, value, at) => {
      const sample = at % (relevance.length / channels);
      return sample >= a && sample < b ? all + Math.abs(value) : all;
    }, 0);
  const whole = size(0, relevance.length / channels);
  const share = whole > 0 ? `, ${formatPercent(size(from, to) / whole)} of the magnitude` : "";
  const write = state.signed ? formatSigned : formatNumber;
  const best = [...sums.keys()].sort((a, b) => Math.abs(sums[b]!) - Math.abs(sums[a]!)).slice(0, 3);
  const most =
    channels > 1
      ? ` · most in ${best.map((channel) => `${state.channels[channel]} ${write(sums[channel]!)}`).join(", ")}`
      : "";
  return `Brushed: ${span} · ${state.signed ? "relevance" : "sum"} ${write(sum)}${share}${most}`;
}

/** What stands below the axis of times. */
export const axisWords = ({ rate, timeUnit, event }: SignalTimes & { readonly event: string }): string =>
  rate === null ? "sample" : `time (${timeUnit})${event === "" ? "" : `; 0: ${event}`}`;
