import { ParameterError } from "../../explainers/errors.js";
import type { Volume } from "./records/records.js";

/** Volumes as samples: the voxels of the mask, in units of their own deviation at rest. */
export interface StackedVolumes {
  /** `[volumes, voxels]`, the voxels of the mask in C order. */
  readonly values: Float32Array;
  readonly shape: readonly [volumes: number, voxels: number];
  /** Index of each volume's class in `classNames`, which the baseline is not among. */
  readonly labels: readonly number[];
  readonly classNames: readonly string[];
  /** Of each volume: a run must not lie on both sides of a split. */
  readonly runs: readonly number[];
}

/**
 * The volumes of a recording as samples for a classifier. In each run, and of each voxel of the mask by itself, a straight line over time is taken off, as
 * the scanner drifts; the mean of the baseline's volumes becomes 0 and their standard deviation 1. The baseline's volumes are left out then.
 *
 * @param baseline the class that the others are measured against; default `rest`
 * @throws ParameterError for a recording without mask, classes or runs, and for a run without two volumes of the baseline
 * @example stackVolumes(await loadVolume("fmri-objects")).shape // [864, 530]
 */
export function stackVolumes(
  volume: Volume,
  { baseline = "rest" }: { readonly baseline?: string } = {},
): StackedVolumes {
  const { mask, labels, classNames, runs, values, shape, name } = volume;
  const rest = classNames.indexOf(baseline);
  if (rest < 0) throw ParameterError.notOneOf("baseline", baseline, classNames);
  if (mask === undefined || runs.length !== shape[0]) {
    throw new ParameterError("volume", name, "a recording with a mask and the run of each volume");
  }
  const size = shape[1] * shape[2] * shape[3];
  const voxels = Array.from({ length: size }, (_, at) => at).filter((at) => mask[at]! > 0);
  const kept = labels.flatMap((label, time) => (label === rest ? [] : [time]));
  const stacked = new Float32Array(kept.length * voxels.length);
  const place = new Map(kept.map((time, row) => [time, row]));
  for (const run of new Set(runs)) {
    const times = runs.flatMap((one, time) => (one === run ? [time] : []));
    const calm = times.filter((time) => labels[time] === rest);
    if (calm.length < 2)
      throw new ParameterError("baseline", baseline, `a class with two volumes or more in run ${run}`);
    const middle = (times.length - 1) / 2;
    const spread = times.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
    voxels.forEach((voxel, column) => {
      const series = times.map((time) => values[time * size + voxel]!);
      const slope = series.reduce((sum, value, at) => sum + value * (at - middle), 0) / (spread || 1);
      const straight = new Map(times.map((time, at) => [time, series[at]! - slope * (at - middle)]));
      const mean = calm.reduce((sum, time) => sum + straight.get(time)!, 0) / calm.length;
      const deviation = Math.sqrt(calm.reduce((sum, time) => sum + (straight.get(time)! - mean) ** 2, 0) / calm.length);
      for (const time of times) {
        const row = place.get(time);
        if (row !== undefined) stacked[row * voxels.length + column] = (straight.get(time)! - mean) / (deviation || 1);
      }
    });
  }
  const isBefore = (label: number) => label < rest;
  return {
    values: stacked,
    shape: [kept.length, voxels.length],
    labels: kept.map((time) => labels[time]! - (isBefore(labels[time]!) ? 0 : 1)),
    classNames: classNames.filter((_, label) => label !== rest),
    runs: kept.map((time) => runs[time]!),
  };
}
