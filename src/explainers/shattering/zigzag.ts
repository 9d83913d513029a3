import { ParameterError } from "../errors.js";
import type { FrozenNet } from "./net.js";

/**
 * The net that folds [0, 1] over and over: each of its `layers` layers has `folds` ReLUs, whose alternating sum maps
 * [0, 1] onto itself `folds` times, to and fro. On [0, 1] it has `folds ** layers` linear pieces, each of slope
 * ± `folds ** layers` (Montufar, Pascanu, Cho & Bengio 2014, section 3.1).
 *
 * @throws ParameterError unless both are whole numbers of at least 1.
 */
export function zigzag(folds: number, layers: number): FrozenNet {
  for (const [name, value] of Object.entries({ folds, layers })) {
    if (!Number.isInteger(value) || value < 1) throw new ParameterError(name, value, "a whole number of at least 1");
  }
  // Unit j is ρ(slope_j · x − bend_j): the first rises from 0, each later one turns the sum around at x = j / folds.
  const units = Array.from({ length: folds }, (_, j) => j);
  const slopes = units.map((j) => (j === 0 ? folds : 2 * folds));
  const bias = Float64Array.from(units, (j) => -2 * j);
  const signs = units.map((j) => (j % 2 === 0 ? 1 : -1));
  const rest = { skip: false, gate: null };
  const steps: FrozenNet["steps"] = [
    { inputs: 1, outputs: folds, weights: Float64Array.from(slopes), bias, rectify: false, ...rest },
  ];
  for (let layer = 1; layer < layers; layer++) {
    const weights = Float64Array.from(signs.flatMap((sign) => slopes.map((slope) => sign * slope)));
    steps.push({ inputs: folds, outputs: folds, weights, bias, rectify: true, ...rest });
  }
  steps.push({ inputs: folds, outputs: 1, weights: Float64Array.from(signs), bias: null, rectify: true, ...rest });
  return { steps };
}

/**
 * A lower bound on the greatest number of linear regions that a ReLU net of these widths can have:
 * `Π_{l<L} ⌊n_l / n_0⌋^{n_0} · Σ_{j ≤ n_0} C(n_L, j)` (Montufar 2014, theorem 5). Infinity where it leaves the numbers.
 *
 * @param inputs `n_0`
 * @param widths `n_1 … n_L`, none below `n_0`.
 * @throws ParameterError for a width below the number of inputs.
 */
export function montufarLowerBound(inputs: number, widths: number[]): number {
  if (!Number.isInteger(inputs) || inputs < 1)
    throw new ParameterError("inputs", inputs, "a whole number of at least 1");
  for (const width of widths) {
    if (!Number.isInteger(width) || width < inputs) {
      throw new ParameterError("widths", width, `whole numbers of at least ${inputs}, the number of inputs`);
    }
  }
  const last = widths.at(-1);
  if (last === undefined) return 1;
  let choices = 1;
  let sum = 1;
  for (let j = 1; j <= inputs; j++) {
    choices = (choices * (last - j + 1)) / j;
    sum += choices;
  }
  return widths.slice(0, -1).reduce((bound, width) => bound * Math.floor(width / inputs) ** inputs, sum);
}
