import { ParameterError } from "../../errors.js";

/**
 * What becomes of the share that a rule ascribes to a layer's bias:
 * - `"absorb"`: the bias keeps it, as in the papers and in other software; sums shrink on the way;
 * - `"ignore"`: biases are left out of the denominators; units whose positive (or negative) part is empty still absorb;
 * - `"distribute"`: what a unit cannot pass on is shared over its inputs in proportion to `|z_ij|` (evenly where all are
 *   zero), which conserves relevance by construction.
 */
export type Bias = "absorb" | "ignore" | "distribute";

export function checkBias(bias: unknown): Bias | undefined {
  if (bias === undefined || bias === "absorb" || bias === "ignore" || bias === "distribute") return bias;
  throw new ParameterError("bias", bias, '"absorb", "ignore" or "distribute"');
}
