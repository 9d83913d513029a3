import { ParameterError } from "../errors.js";
import { type AbortLike, follow, type Progress } from "../progress.js";
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
  /** Called after each of 64 stretches of the interval, with the breakpoints found so far. */
  onProgress?: (progress: Progress & { found: number }) => void;
  /** Stops the count between two stretches. */
  signal?: AbortLike;
}

/** A crossing this close to a known breakpoint, as a share of its segment, is that breakpoint. */
const SAME_POINT = 1e-9;

/** A deep net has hundreds of thousands of pieces; stretch by stretch they fit into memory, and others get their turn. */
const STRETCHES = 64;

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
  // Single precision weights would be converted again at every use.
  const steps = net.steps.map((step) => ({ ...step, weights: Float64Array.from(step.weights) }));
  const points = [from];
  const values: number[] = [];
  const run = follow(STRETCHES, {
    signal,
    onProgress: (progress) => onProgress?.({ ...progress, found: points.length - 1 - progress.done }),
  });
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const [start, end] = [stretch, stretch + 1].map((i) => from + ((to - from) * i) / STRETCHES) as [number, number];
    const found = breakpoints({ steps }, start, end);
    if (values.length === 0) values.push(found.values[0]!);
    for (let i = 1; i < found.points.length; i++) {
      points.push(found.points[i]!);
      values.push(found.values[i]!);
    }
    await run.step(1);
  }
  const kinks = kinksAmong(Float64Array.from(points), Float64Array.from(values), { steps });
  return { count: kinks.length + 1, kinks };
}

/** Every point of an interval at which a unit crosses zero, the ends included, and the net's output there. */
function breakpoints(net: FrozenNet, from: number, to: number) {
  let points: Float64Array = Float64Array.of(from, to);
  let values: Float64Array = Float64Array.of(from, to);
  for (const step of net.steps) {
    const { inputs, outputs, bias } = step;
    let gated = applyGate(values, step.gate, inputs);
    if (step.rectify) {
      const split = splitAtCrossings(points, values, gated, inputs);
      points = split.points;
      values = split.values;
      gated = split.gated;
      for (let i = 0; i < gated.length; i++) if (gated[i]! < 0) gated[i] = 0;
    }
    const result = product(gated, step.weights, inputs, outputs);
    if (bias) for (let i = 0; i < result.length; i++) result[i]! += bias[i % outputs]!;
    if (step.skip) for (let i = 0; i < result.length; i++) result[i]! += values[i]!;
    values = result;
  }
  return { points, values };
}

function applyGate(values: Float64Array, gate: FrozenNet["steps"][number]["gate"], units: number): Float64Array {
  if (!gate) return values.slice();
  return values.map((value, i) => value * gate.scale[i % units]! + gate.shift[i % units]!);
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

/**
 * `[rows, inputs] · [inputs, outputs]`. Zeros, half of what a ReLU lets out, are skipped; four of the others at a time
 * share one pass over the result.
 */
function product(left: Float64Array, right: ArrayLike<number>, inputs: number, outputs: number): Float64Array {
  const rows = left.length / inputs;
  const result = new Float64Array(rows * outputs);
  const active = new Int32Array(inputs);
  for (let row = 0; row < rows; row++) {
    const start = row * outputs;
    const from = row * inputs;
    let count = 0;
    for (let i = 0; i < inputs; i++) if (left[from + i] !== 0) active[count++] = i;
    let k = 0;
    for (; k + 3 < count; k += 4) {
      const [i0, i1, i2, i3] = [active[k]!, active[k + 1]!, active[k + 2]!, active[k + 3]!];
      const [a0, a1, a2, a3] = [left[from + i0]!, left[from + i1]!, left[from + i2]!, left[from + i3]!];
      const [w0, w1, w2, w3] = [i0 * outputs, i1 * outputs, i2 * outputs, i3 * outputs];
      for (let o = 0; o < outputs; o++) {
        result[start + o]! += a0 * right[w0 + o]! + a1 * right[w1 + o]! + a2 * right[w2 + o]! + a3 * right[w3 + o]!;
      }
    }
    for (; k < count; k++) {
      const factor = left[from + active[k]!]!;
      const weights = active[k]! * outputs;
      for (let o = 0; o < outputs; o++) result[start + o]! += factor * right[weights + o]!;
    }
  }
  return result;
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
