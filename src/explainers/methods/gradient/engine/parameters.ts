import { whole } from "../../../parameters.js";

/** Bytes: planned with a share of it, since programs hold more than operations do that run one by one. */
export const memoryBudget = whole(512 * 2 ** 20, "What activations and gradients of one batch of points may take", {
  least: 1,
  unit: "bytes",
  label: "Memory",
  minor: true,
});

/** How many points or draws are worth trying. */
export const pointCount = { least: 1, span: { from: 1, to: 200, step: 1 } };

export const pathStart = ["black", "Where the path begins, x'"] as const;

/** What the rules of quadrature are called. */
export const quadratureNotes = {
  "gauss-legendre": { label: "Gauss–Legendre" },
  "riemann-left": { label: "Riemann, left ends" },
  "riemann-middle": { label: "Riemann, middles" },
  "riemann-right": { label: "Riemann, right ends" },
};
