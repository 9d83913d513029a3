import { ParameterError } from "../../explainers/errors.js";
import { kMeans } from "../../explainers/numerics/k-means.js";
import type { SignalSeries, Signals } from "./records/signals.js";

/** How heartbeats are cut out. */
export interface HeartbeatOptions {
  /** Length of a beat's window in seconds, in whose middle its steepest part lies. Default 0.6. */
  seconds?: number;
  /** Share of the 97th percentile of the energy of the slope that a beat exceeds. Default 0.25. */
  threshold?: number;
}

/** Seconds: how long a beat's steep part lasts, and how soon no other one follows. */
const [STEEP, REFRACTORY] = [0.15, 0.3];

/**
 * Cuts the heartbeats out of an electrocardiogram of one channel, and groups them by shape: `"narrow"` and `"wide"`.
 *
 * Beats are where the energy of the slope peaks (after Pan & Tompkins 1985), aligned by that energy's center. The classes are two clusters of their
 * shapes (k-means), not what a physician says of them; the wider of the two is called wide. Beats of the first half of the recording are
 * for training, those of the second for testing; `group` tells the minute.
 *
 * @param signals One channel and one series with a rate, as `loadSignals("ecg")` gives.
 * @throws ParameterError where there is more, or fewer than eight beats
 * @example const beats = heartbeats(await loadSignals("ecg"));
 */
export function heartbeats(signals: Signals, { seconds = 0.6, threshold = 0.25 }: HeartbeatOptions = {}): Signals {
  const { rate, series, channels } = signals;
  if (rate === undefined || series.length !== 1 || channels.length !== 1) {
    const given = `${channels.length} channels, ${series.length} series, ${rate ?? "no"} samples a second`;
    throw new ParameterError("signals", given, "one channel and one series with a rate");
  }
  if (!(seconds > 0.1 && seconds < 3)) throw new ParameterError("seconds", seconds, "between 0.1 and 3");
  if (!(threshold > 0 && threshold < 1)) throw new ParameterError("threshold", threshold, "between 0 and 1");
  const { values } = series[0]!;
  const energy = slopeEnergy(values);
  const half = Math.round((seconds / 2) * rate);
  const centers = peaksOf(energy, rate, threshold)
    .map((peak) => centerOf(energy, peak, Math.round(0.8 * STEEP * rate)))
    .filter((center) => center >= half && center + half <= values.length);
  if (centers.length < 8) {
    throw new ParameterError("signals", `${centers.length} beats`, "a recording of eight beats or more");
  }
  const samples = 2 * half;
  const windows = centers.map((center) => values.slice(center - half, center + half));
  const { classes, isWide } = byShape(windows, energy, centers, Math.round(STEEP * rate));
  const beats = windows.map((window, index): SignalSeries => {
    const begin = centers[index]! - half;
    return {
      values: window,
      samples,
      label: isWide(classes[index]!) ? 1 : 0,
      split: centers[index]! < values.length / 2 ? "train" : "test",
      group: `minute ${Math.floor(centers[index]! / rate / 60) + 1}`,
      at: begin / rate,
    };
  });
  return {
    ...signals,
    series: beats,
    classNames: ["narrow", "wide"],
    start: -half / rate,
    event: "the center of a beat's steep part",
    groups: "minute",
  };
}

/** Squares of the derivative that Pan and Tompkins take. */
function slopeEnergy(values: Float32Array): Float64Array {
  const energy = new Float64Array(values.length);
  for (let i = 2; i < values.length - 2; i++) {
    energy[i] = ((2 * values[i + 2]! + values[i + 1]! - values[i - 1]! - 2 * values[i - 2]!) / 8) ** 2;
  }
  return energy;
}

/** Where the mean energy over a beat's length peaks above the threshold, the higher of two that are too near. */
function peaksOf(energy: Float64Array, rate: number, threshold: number): number[] {
  const width = Math.round(STEEP * rate);
  const smooth = new Float64Array(energy.length);
  let sum = 0;
  for (let i = 0; i < energy.length; i++) {
    sum += energy[i]! - (i >= width ? energy[i - width]! : 0);
    smooth[Math.max(0, i - (width >> 1))] = sum / width;
  }
  const least = threshold * smooth.toSorted()[Math.floor(0.97 * (smooth.length - 1))]!;
  const peaks: number[] = [];
  for (let i = 1; i < smooth.length - 1; i++) {
    if (!(smooth[i]! > least && smooth[i]! >= smooth[i - 1]! && smooth[i]! > smooth[i + 1]!)) continue;
    const last = peaks.at(-1);
    if (last === undefined || i - last >= REFRACTORY * rate) peaks.push(i);
    else if (smooth[i]! > smooth[last]!) peaks[peaks.length - 1] = i;
  }
  return peaks;
}

/** The center of the energy around a peak. */
function centerOf(energy: Float64Array, peak: number, reach: number): number {
  let [moment, sum] = [0, 0];
  for (let i = Math.max(0, peak - reach); i <= Math.min(energy.length - 1, peak + reach); i++) {
    moment += i * energy[i]!;
    sum += energy[i]!;
  }
  return Math.round(moment / sum);
}

/** Two clusters of windows whose means are taken off, and which of them spreads its energy wider. */
function byShape(windows: readonly Float32Array[], energy: Float64Array, centers: readonly number[], reach: number) {
  const samples = windows[0]!.length;
  const points = new Float64Array(windows.length * samples);
  windows.forEach((window, index) => {
    const mean = window.reduce((sum, value) => sum + value, 0) / samples;
    window.forEach((value, at) => {
      points[index * samples + at] = value - mean;
    });
  });
  const classes = kMeans(points, samples, 2, { seed: 1 }).groups;
  const widths = [0, 1].map((group) => {
    const own = centers.filter((_, index) => classes[index] === group);
    return own.reduce((sum, center) => sum + spread(energy, center, reach), 0) / own.length;
  });
  const wide = widths[1]! > widths[0]! ? 1 : 0;
  return { classes, isWide: (group: number) => group === wide };
}

/** Standard deviation of the energy in time, in samples. */
function spread(energy: Float64Array, center: number, reach: number): number {
  let [moment, sum] = [0, 0];
  for (let i = Math.max(0, center - reach); i <= Math.min(energy.length - 1, center + reach); i++) {
    moment += (i - center) ** 2 * energy[i]!;
    sum += energy[i]!;
  }
  return Math.sqrt(moment / sum);
}
