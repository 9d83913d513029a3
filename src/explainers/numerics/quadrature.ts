import { ParameterError } from "../errors.js";

/** Where and with what weight an integral over [0, 1] is sampled; the weights sum to 1. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

export const quadratureRules = [
  "gauss-legendre",
  "riemann-left",
  "riemann-middle",
  "riemann-right",
  "trapezoid",
] as const;

export type QuadratureRule = (typeof quadratureRules)[number];

/**
 * The nodes and weights of a rule with `steps` nodes. Gauss–Legendre is exact for polynomials of degree `2·steps − 1`.
 *
 * @throws ParameterError for steps below 1 (2 for the trapezoid) or an unknown rule
 */
export function quadrature(rule: QuadratureRule, steps: number): Quadrature {
  if (!quadratureRules.includes(rule)) throw ParameterError.notOneOf("rule", rule, quadratureRules);
  const least = rule === "trapezoid" ? 2 : 1;
  if (!Number.isInteger(steps) || steps < least) {
    throw new ParameterError("steps", steps, `a whole number of at least ${least}`);
  }
  const count = Array.from({ length: steps }, (_, step) => step);
  switch (rule) {
    case "gauss-legendre":
      return gaussLegendre(steps);
    case "riemann-left":
      return { nodes: count.map((step) => step / steps), weights: count.map(() => 1 / steps) };
    case "riemann-middle":
      return { nodes: count.map((step) => (step + 0.5) / steps), weights: count.map(() => 1 / steps) };
    case "riemann-right":
      return { nodes: count.map((step) => (step + 1) / steps), weights: count.map(() => 1 / steps) };
    case "trapezoid": {
      const width = 1 / (steps - 1);
      const ends = (step: number) => step === 0 || step === steps - 1;
      return {
        nodes: count.map((step) => step * width),
        weights: count.map((step) => (ends(step) ? width / 2 : width)),
      };
    }
  }
}

/** Roots of the Legendre polynomial by Newton's method from Chebyshev-like guesses (Abramowitz & Stegun 25.4.29). */
function gaussLegendre(steps: number): Quadrature {
  const nodes = new Array<number>(steps);
  const weights = new Array<number>(steps);
  for (let i = 0; i < steps; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (steps + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 100; iteration++) {
      let previous = 1;
      let current = x;
      for (let n = 2; n <= steps; n++) {
        [previous, current] = [current, ((2 * n - 1) * x * current - (n - 1) * previous) / n];
      }
      slope = (steps * (x * current - previous)) / (x * x - 1);
      const change = current / slope;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    nodes[steps - 1 - i] = (x + 1) / 2;
    weights[steps - 1 - i] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
