import {
  div,
  gather,
  matMul,
  mul,
  ones,
  reshape,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { ParameterError } from "../../../errors.js";
import { scoped } from "../../../network/tensors.js";
import { extent, type Parameter } from "../../../parameters.js";

/** How far a window reaches: one number for all axes but the channels, or one for each axis of a sample. */
export type Extent = number | readonly number[];

/** The parameter that says how large a window is. */
export const windowSize = (positions: string): Parameter<Extent | undefined> =>
  extent(`How large the window is: one number, or one for each axis; by default ${positions}`);

/** The parameter that says how far it moves. */
export const windowStrides = (otherwise = "half of it"): Parameter<Extent | undefined> =>
  extent(`How far the window moves, at most its size; by default ${otherwise}`);

/** A window for each axis of a sample: what is wanted for the positions (else a share of them), and all channels. */
export function sizedWindow(wanted: Extent | undefined, { shape }: Tensor, share: number, least: number): Extent {
  const sample = shape.slice(1);
  const [sides, channels] = sample.length > 1 ? [sample.slice(0, -1), sample.slice(-1)] : [sample, []];
  if (typeof wanted === "number") return wanted;
  if (wanted !== undefined) return wanted.length === sides.length ? [...wanted, ...channels] : wanted;
  return [...sides.map((side) => Math.max(1, Math.min(side, Math.max(least, Math.round(side / share))))), ...channels];
}

/** How windows lie along one axis of a sample. */
export interface WindowAxis {
  readonly entries: number;
  readonly size: number;
  readonly stride: number;
  /** Windows along this axis; the last one is cut at the border. */
  readonly count: number;
}

/**
 * Lays windows over a sample `[…shape]`, the last axis being channels wherever there are two or more.
 *
 * @throws ParameterError where a size or stride is not whole, below 1, too large, or of another number of axes.
 */
export function windowAxes(shape: readonly number[], window: Extent, strides?: Extent): WindowAxis[] {
  const sizes = perAxis("window", window, shape, true);
  const steps = strides === undefined ? sizes.map(halfOf(shape)) : perAxis("strides", strides, shape, false);
  return shape.map((entries, axis) => {
    const size = sizes[axis]!;
    const stride = Math.min(steps[axis]!, Math.max(entries, 1));
    if (stride > size) {
      throw new ParameterError(
        "strides",
        stride,
        `at most the window (${size}): entries between windows would have no relevance`,
      );
    }
    return { entries, size, stride, count: Math.ceil((entries - size) / stride) + 1 };
  });
}

/** Number of all windows. */
export function windowCount(axes: readonly WindowAxis[]): number {
  return axes.reduce((total, { count }) => total * count, 1);
}

/**
 * 1 where a window covers an entry, for windows `start` … `start + rows − 1` in row-major order: `[rows, …shape]`, with 1 for the
 * length of an axis that every window covers whole.
 */
export function coverage(axes: readonly WindowAxis[], start: number, rows: number): Tensor {
  return tidy(() => {
    let result: Tensor | undefined;
    let inner = windowCount(axes);
    axes.forEach((axis, position) => {
      inner /= axis.count;
      if (axis.size === axis.entries) return;
      const indices = Int32Array.from({ length: rows }, (_, row) => Math.floor((start + row) / inner) % axis.count);
      const shape = axes.map((other, at) => (at === position ? other.entries : 1));
      const covers = reshape(gather(axisCoverage(axis), tensor1d(indices, "int32")), [rows, ...shape]);
      result = result === undefined ? covers : mul(result, covers);
    });
    return result ?? ones([rows, ...axes.map(() => 1)]);
  });
}

/** The mean over the windows that cover each entry of one value a window: `[windows]` → `[…shape]`. */
export function meanOverWindows(axes: readonly WindowAxis[], values: Float32Array): Float32Array {
  return scoped(() => {
    const total = sumOverWindows(axes, values);
    const times = sumOverWindows(axes, new Float32Array(values.length).fill(1));
    return div(total, times).dataSync<"float32">();
  });
}

/** Coverage is a product over axes, so the sum over windows is one small matrix product an axis. */
function sumOverWindows(axes: readonly WindowAxis[], values: Float32Array): Tensor {
  let result: Tensor = tensor(values);
  let before = 1;
  let after = values.length;
  for (const axis of axes) {
    after /= axis.count;
    result = matMul(axisCoverage(axis), reshape(result, [before, axis.count, after]), true);
    before *= axis.entries;
  }
  return reshape(
    result,
    axes.map(({ entries }) => entries),
  );
}

/** `[windows, entries]` along one axis. */
function axisCoverage({ entries, size, stride, count }: WindowAxis): Tensor {
  const covers = new Float32Array(count * entries);
  for (let window = 0; window < count; window++) {
    const from = window * stride;
    covers.fill(1, window * entries + from, window * entries + Math.min(from + size, entries));
  }
  return tensor2d(covers, [count, entries]);
}

const halfOf = (shape: readonly number[]) => (size: number, axis: number) =>
  shape.length > 1 && axis === shape.length - 1 ? size : Math.ceil(size / 2);

function perAxis(parameter: string, given: Extent, shape: readonly number[], limited: boolean): number[] {
  const spatial = Math.max(1, shape.length - 1);
  const sizes =
    typeof given === "number"
      ? shape.map((entries, axis) => (axis < spatial ? Math.min(given, entries) : entries))
      : [...given];
  if (sizes.length !== shape.length) {
    throw new ParameterError(parameter, `[${sizes}]`, `one number, or one for each axis of a sample [${shape}]`);
  }
  sizes.forEach((size, axis) => {
    if (!Number.isInteger(size) || size < 1 || (limited && size > shape[axis]!)) {
      throw new ParameterError(
        parameter,
        size,
        `whole, and from 1 to ${shape[axis]} on axis ${axis} of a sample [${shape}]`,
      );
    }
  });
  return sizes;
}
