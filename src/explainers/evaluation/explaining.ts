import type { Attribution } from "../explanation.js";
import type { Input, Model } from "../network/index.js";
import type { ProgressOptions } from "../progress.js";
import type { Target } from "../target.js";
import { type Evidence, MissingEvidenceError } from "./evidence.js";

/**
 * What an attribution explained.
 *
 * @throws MissingEvidenceError where neither it nor the caller says so
 */
export function explainedTarget(
  measure: string,
  { attribution, target }: Pick<Evidence, "attribution" | "target">,
): Target {
  const indices = attribution.target.includes(null) ? undefined : (attribution.target as readonly number[]);
  // Of other inputs the largest output may be another one.
  const stated = target === "top1" ? indices : (target ?? indices);
  if (stated !== undefined) return stated;
  const advice = "the attribution's target was a tensor or a function; give the same as target.";
  throw new MissingEvidenceError(measure, "target", advice);
}

/** Explains other inputs or another model with the same method, what was explained before. */
export function explainAgain(
  measure: string,
  model: Model,
  evidence: Evidence,
  { signal }: ProgressOptions,
): (x: Input, target?: Target) => Promise<Attribution> {
  const initial = explainedTarget(measure, evidence);
  const explain = evidence.explain!(model);
  const { output } = evidence;
  return (x, target = initial) =>
    explain(x, {
      target,
      ...(output !== undefined && { output }),
      ...(signal !== undefined && { signal }),
      // The measurement is followed, not each of its explanations.
      onProgress: () => {},
    });
}
