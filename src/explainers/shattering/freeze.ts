import { product } from "./double-precision.js";
import { type FrozenNet, type LineNet, VARIANCE_EPSILON } from "./net.js";

/**
 * Settles a net's normalizations to their statistics over a grid, which leaves a piecewise linear function.
 *
 * In double precision: units that bend at the same point (all of a mean-centered net's first layer do, at the middle of the
 * grid) would otherwise bend at as many points, a rounding error apart.
 *
 * @param points of the grid.
 */
export function freezeNet(net: LineNet, points: ArrayLike<number>): FrozenNet {
  const steps: FrozenNet["steps"] = [];
  let values: Float64Array = Float64Array.from(points);
  for (const { inputs, outputs, rectify, skip, gain, normalize, ...step } of net.steps) {
    const weights = Float64Array.from(step.weights, (weight) => gain * weight);
    const bias = step.bias && Float64Array.from(step.bias);
    let gate: FrozenNet["steps"][number]["gate"] = null;
    let normalized = values;
    if (normalize !== "none") {
      const { scale, shift } = statistics(values, inputs, normalize === "batch");
      normalized = values.map((value, i) => value * scale[i % inputs]! + shift[i % inputs]!);
      const before = steps.at(-1);
      // Nothing else reads what the step before gives: the normalization becomes part of it.
      if (before && !before.skip && !skip) {
        before.bias = Float64Array.from(scale, (factor, i) => (before.bias?.[i] ?? 0) * factor + shift[i]!);
        before.weights = before.weights.map((weight, i) => weight * scale[i % inputs]!);
        values = normalized;
      } else gate = { scale, shift };
    }
    const active = rectify ? normalized.map((value) => Math.max(value, 0)) : normalized;
    const result = product(active, weights, inputs, outputs);
    if (bias) for (let i = 0; i < result.length; i++) result[i]! += bias[i % outputs]!;
    if (skip) for (let i = 0; i < result.length; i++) result[i]! += values[i]!;
    steps.push({ inputs, outputs, rectify, skip, weights, bias, gate });
    values = result;
  }
  return { steps };
}

/** What brings each of the `units` in `[rows, units]` to mean 0, and with `whiten` to variance 1. */
function statistics(values: Float64Array, units: number, whiten: boolean) {
  const rows = values.length / units;
  const mean = new Float64Array(units);
  const variance = new Float64Array(units);
  for (let i = 0; i < values.length; i++) mean[i % units]! += values[i]! / rows;
  for (let i = 0; i < values.length; i++) variance[i % units]! += (values[i]! - mean[i % units]!) ** 2 / rows;
  const scale = variance.map((value) => (whiten ? 1 / Math.sqrt(value + VARIANCE_EPSILON) : 1));
  return { scale, shift: mean.map((value, i) => -value * scale[i]!) };
}
