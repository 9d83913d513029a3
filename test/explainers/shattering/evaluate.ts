import type { FrozenNet } from "../../../src/explainers/shattering/index.js";

/** A frozen net at one point, in double precision and by the definition. */
export function evaluate(net: FrozenNet, x: number): number {
  let values = [x];
  for (const { outputs, weights, bias, rectify, skip, gate } of net.steps) {
    const active = values.map((value, i) => {
      const gated = gate ? value * gate.scale[i]! + gate.shift[i]! : value;
      return rectify ? Math.max(gated, 0) : gated;
    });
    values = Array.from(
      { length: outputs },
      (_, o) =>
        active.reduce((sum, value, i) => sum + value * weights[i * outputs + o]!, bias?.[o] ?? 0) +
        (skip ? values[o]! : 0),
    );
  }
  return values[0]!;
}
