import { ParameterError } from "../errors.js";
import { type AbortLike, follow, type Progress } from "../progress.js";
import { applyGate, product } from "./double-precision.js";
import type { FrozenNet } from "./net.js";

export interface LinearPieces {
  /** Number of maximal intervals on which the function is linear. */
  count: number;
  /** The inputs at which its slope changes, in ascending order, `[count − 1]`. */
  kinks: Float64Array;
}

export interface LinearPiecesOptions {
  from: number;
  to: number;
  /** Called from time to time with the percent of the interval that is done and the breakpoints found there. */
  onProgress?: (progress: Progress & { found: number }) => void;
  /** Stops the count. */
  signal?: AbortLike;
}

/** A crossing this close to a known breakpoint, as a share of its segment, is that breakpoint. */
const SAME_POINT = 1e-9;

/**
 * Breakpoints that go through a layer together. A deep net has hundreds of thousands: handful by handful they fit into
 * memory, and others get their turn.
 */
const HANDFUL = 128;

/**
 * Counts the linear pieces of a ReLU net along an interval exactly, not by sampling: each layer adds the points at which
 * one of its units crosses zero to those of the layers before it. In double precision; between two breakpoints every unit
 * is linear, so its values at both ends say where it crosses.
 *
 * Breakpoints at which the slope of the output does not change, because what changes there is closed off or cancels in
 * later layers, are not counted.
 *
 * @throws ParameterError for an empty interval; AbortedError when the signal stops it.
 * @example
 * const { count } = await linearPieces(zigzag(3, 4), { from: 0, to: 1 }); // 81
 */
export async function linearPieces(net: FrozenNet, options: LinearPiecesOptions): Promise<LinearPieces> {
  const { from, to, onProgress, signal } = options;
  if (!(Number.isFinite(from) && Number.isFinite(to) && to > from)) {
    throw new ParameterError("to", to, `a finite number above from (${from})`);
  }
  const { steps } = net;
  const found: Segments = { points: [], values: [] };
  const run = follow(100, {
    signal,
    onProgress: (progress) => onProgress?.({ ...progress, found: Math.max(0, found.points.length - 2) }),
  });
  let percent = 0;

  /** Takes breakpoints and the values there (`[points, units]`) from step `at` to the output. */
  async function descend(at: number, points: Float64Array, values: Float64Array): Promise<void> {
    for (let index = at; index < steps.length; index++) {
      const step = steps[index]!;
      if (points.length > 2 * HANDFUL) {
        for (let first = 0; first + 1 < points.length; first += HANDFUL) {
          const end = Math.min(first + HANDFUL + 1, points.length);
          const part = values.slice(first * step.inputs, end * step.inputs);
          await descend(index, points.slice(first, end), part);
        }
        return;
      }
      ({ points, values } = through(step, points, values));
    }
    // A handful begins where the last one ended.
    for (let i = found.points.length === 0 ? 0 : 1; i < points.length; i++) {
      found.points.push(points[i]!);
      found.values.push(values[i]!);
    }
    const done = Math.floor((100 * (points.at(-1)! - from)) / (to - from));
    await run.step(done - percent);
    percent = done;
  }

  await descend(0, Float64Array.of(from, to), Float64Array.of(from, to));
  const kinks = kinksAmong(Float64Array.from(found.points), Float64Array.from(found.values), net);
  return { count: kinks.length + 1, kinks };
}

interface Segments {
  points: number[];
  values: number[];
}

/** One step for all breakpoints, with those that its ReLUs add. */
function through(step: FrozenNet["steps"][number], points: Float64Array, values: Float64Array) {
  const { inputs, outputs, bias } = step;
  let gated = applyGate(values, step.gate, inputs);
  let entered = values;
  if (step.rectify) {
    const split = splitAtCrossings(points, values, gated, inputs);
    points = split.points;
    entered = split.values;
    gated = split.gated;
    for (let i = 0; i < gated.length; i++) if (gated[i]! < 0) gated[i] = 0;
  }
  const result = product(gated, step.weights, inputs, outputs);
  if (bias) for (let i = 0; i < result.length; i++) result[i]! += bias[i % outputs]!;
  if (step.skip) for (let i = 0; i < result.length; i++) result[i]! += entered[i]!;
  return { points, values: result };
}

/** Adds every point at which a unit of `gated` crosses zero; both arrays are `[points, units]`. */
function splitAtCrossings(points: Float64Array, values: Float64Array, gated: Float64Array, units: number) {
  /** Crossings by segment: share of the way, unit. */
  const crossings: { share: number; unit: number }[][] = [];
  let added = 0;
  for (let segment = 0; segment + 1 < points.length; segment++) {
    const found: { share: number; unit: number }[] = [];
    for (let unit = 0; unit < units; unit++) {
      const left = segment * units + unit;
      const right = left + units;
      if (!(gated[left]! * gated[right]! < 0)) continue;
      const share = gated[left]! / (gated[left]! - gated[right]!);
      if (share < SAME_POINT) gated[left] = 0;
      else if (share > 1 - SAME_POINT) gated[right] = 0;
      else found.push({ share, unit });
    }
    found.sort((a, b) => a.share - b.share);
    crossings.push(found);
    added += found.length;
  }
  const rows = points.length + added;
  const split = {
    points: new Float64Array(rows),
    values: new Float64Array(rows * units),
    gated: new Float64Array(rows * units),
  };
  let row = 0;
  const between = (source: Float64Array, target: Float64Array, segment: number, share: number) => {
    const left = segment * units;
    for (let unit = 0; unit < units; unit++) {
      const start = source[left + unit]!;
      target[row * units + unit] = share === 0 ? start : start + (source[left + units + unit]! - start) * share;
    }
  };
  for (let segment = 0; segment < points.length; segment++) {
    split.points[row] = points[segment]!;
    between(values, split.values, segment, 0);
    between(gated, split.gated, segment, 0);
    row++;
    let last = Number.NEGATIVE_INFINITY;
    for (const { share, unit } of crossings[segment] ?? []) {
      if (share - last > SAME_POINT) {
        split.points[row] = points[segment]! + (points[segment + 1]! - points[segment]!) * share;
        between(values, split.values, segment, share);
        between(gated, split.gated, segment, share);
        row++;
        last = share;
      }
      split.gated[(row - 1) * units + unit] = 0;
    }
  }
  return {
    points: split.points.subarray(0, row),
    values: split.values.subarray(0, row * units),
    gated: split.gated.subarray(0, row * units),
  };
}

/** Keeps the inner breakpoints at which the slope of `values` changes. */
function kinksAmong(points: Float64Array, values: Float64Array, net: FrozenNet): Float64Array {
  const last = points.length - 1;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const lengths = Float64Array.from({ length: last }, (_, i) => points[i + 1]! - points[i]!);
  const slopes = lengths.map((length, i) => (values[i + 1]! - values[i]!) / length);
  const steepest = slopes.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0);
  const exact = new Map<number, number>();
  const slopeOf = (segment: number) => {
    if (!exact.has(segment)) exact.set(segment, slopeAt(net, points[segment]! + lengths[segment]! / 2));
    return exact.get(segment)!;
  };
  const kinks: number[] = [];
  for (let i = 1; i < last; i++) {
    // What rounding of the values can do to a difference quotient over segments this short.
    const doubt = 1e-12 * largest * (1 / lengths[i - 1]! + 1 / lengths[i]!);
    let change = Math.abs(slopes[i]! - slopes[i - 1]!);
    let floor = doubt;
    if (change <= doubt && doubt > 1e-9 * steepest) {
      change = Math.abs(slopeOf(i) - slopeOf(i - 1));
      floor = 1e-12 * steepest;
    }
    if (change > floor) kinks.push(points[i]!);
  }
  return Float64Array.from(kinks);
}

/** The slope at a point that is no breakpoint, from which units are on there. */
function slopeAt(net: FrozenNet, point: number): number {
  let values: Float64Array = Float64Array.of(point);
  let slopes: Float64Array = Float64Array.of(1);
  for (const { inputs, outputs, weights, bias, rectify, skip, gate } of net.steps) {
    const gated = applyGate(values, gate, inputs);
    const rates = gate ? slopes.map((slope, i) => slope * gate.scale[i]!) : slopes.slice();
    if (rectify) {
      for (let i = 0; i < inputs; i++) if (!(gated[i]! > 0)) gated[i] = rates[i] = 0;
    }
    const nextValues = product(gated, weights, inputs, outputs);
    const nextSlopes = product(rates, weights, inputs, outputs);
    for (let o = 0; o < outputs; o++) {
      if (bias) nextValues[o]! += bias[o]!;
      if (skip) {
        nextValues[o]! += values[o]!;
        nextSlopes[o]! += slopes[o]!;
      }
    }
    values = nextValues;
    slopes = nextSlopes;
  }
  return slopes[0]!;
}
