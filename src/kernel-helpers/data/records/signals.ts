import { ParameterError } from "../../../explainers/errors.js";
import type { Annotation } from "../../formats/signals/edf.js";

/** One channel of signals. */
export interface SignalChannel {
  readonly name: string;
  /** Unit of its values, such as "µV"; empty where nothing says one. */
  readonly unit: string;
}

/** One series of values, of a trial or a whole recording. */
export interface SignalSeries {
  /** `channels · samples`, channel by channel. */
  readonly values: Float32Array;
  readonly samples: number;
  /** Index of its class. */
  readonly label?: number;
  readonly split?: Split;
  /** Whose it is or when it was: what must not lie on both sides of a split, such as a subject. */
  readonly group?: string;
  /** Seconds from the begin of the recording that it was cut out of to its first sample. */
  readonly at?: number;
}

/** What a part of the data is meant for. */
export type Split = "train" | "test";

/** Signals of one or more channels in time. */
export interface Signals {
  readonly name: string;
  readonly channels: readonly SignalChannel[];
  /** Samples a second; undefined where nothing says it. */
  readonly rate: number | undefined;
  /** Seconds from the event that the series are about to their first sample. */
  readonly start: number;
  /** What that event is, where there is one. */
  readonly event?: string;
  readonly series: readonly SignalSeries[];
  readonly classNames: readonly string[];
  /** What `group` tells, such as "subject". */
  readonly groups?: string;
  /** Notes in a recording. */
  readonly annotations: readonly Annotation[];
}

/** Series of equal length as one block. */
export interface StackedSignals {
  /** `[series, channels, samples]`. */
  readonly values: Float32Array;
  readonly shape: readonly [series: number, channels: number, samples: number];
  /** Index of each one's class; −1 where it has none. */
  readonly labels: Int32Array;
  /** Of each one, where it has some. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * Series of equal length as one block of numbers, as models take them.
 *
 * @param options.split Only those meant for training, or for testing. Default all.
 * @throws ParameterError where lengths differ: `windowSignals` cuts series into equal ones
 * @example const { values, shape, labels } = stackSignals(await loadSignals("eeg-finger-movements"), { split: "train" });
 */
export function stackSignals(signals: Signals, { split }: { split?: Split } = {}): StackedSignals {
  const kept = signals.series.filter((one) => split === undefined || one.split === split);
  const samples = kept[0]?.samples ?? 0;
  const other = kept.find((one) => one.samples !== samples);
  if (other !== undefined) {
    const lengths = `series of ${samples} and ${other.samples} samples`;
    throw new ParameterError("signals", lengths, "of one length (windowSignals cuts them into equal parts)");
  }
  const size = signals.channels.length * samples;
  const values = new Float32Array(kept.length * size);
  kept.forEach((one, index) => {
    values.set(one.values, index * size);
  });
  return {
    values,
    shape: [kept.length, signals.channels.length, samples],
    labels: Int32Array.from(kept, ({ label }) => label ?? -1),
    groups: kept.map(({ group }) => group),
  };
}

/**
 * Cuts every series into windows of equal length, which keep its class, group and split; what is left at its end is left out.
 *
 * @param options.samples Length of a window.
 * @param options.step Samples from one window's begin to the next one's. Default `samples`: they touch.
 * @throws ParameterError
 * @example const windows = windowSignals(await loadSignals("motion-shoulder-exercises"), { samples: 200, step: 100 });
 */
export function windowSignals(
  signals: Signals,
  { samples, step = samples }: { samples: number; step?: number },
): Signals {
  const longest = Math.max(0, ...signals.series.map((one) => one.samples));
  if (!Number.isInteger(samples) || samples < 1 || samples > longest) {
    throw new ParameterError("samples", samples, `a whole number from 1 to ${longest}, the longest series`);
  }
  if (!Number.isInteger(step) || step < 1) throw new ParameterError("step", step, "a whole number from 1 on");
  const channels = signals.channels.length;
  const series = signals.series.flatMap((one) =>
    Array.from({ length: Math.max(0, Math.floor((one.samples - samples) / step) + 1) }, (_, window) => {
      const values = new Float32Array(channels * samples);
      for (let channel = 0; channel < channels; channel++) {
        const from = channel * one.samples + window * step;
        values.set(one.values.subarray(from, from + samples), channel * samples);
      }
      const at = signals.rate === undefined ? {} : { at: (one.at ?? 0) + (window * step) / signals.rate };
      return { ...one, values, samples, ...at };
    }),
  );
  return { ...signals, series };
}
