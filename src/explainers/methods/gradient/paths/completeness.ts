import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribution } from "../../../explanation.js";
import type { Findings } from "../../../method.js";
import { everySample, type SeededRecording } from "../engine/seeded.js";

/** An explanation of the difference to a reference's output. */
export interface PathAttribution extends Attribution {
  /** The explained output at the baseline, for each sample. */
  readonly baselineOutput: readonly number[];
  /** `Σ R − (f(x) − f(x'))` of each sample: 0 where the integral is exact, and falling with `steps`. */
  readonly completenessGap: readonly number[];
}

/** The explained output of each sample at other values of the same shapes. */
export function outputsAt({ replayAt, recording, node, score }: SeededRecording, places: readonly Tensor[]): number[] {
  const there = replayAt(places);
  try {
    return score(there.value(node), everySample(recording));
  } finally {
    there.dispose();
  }
}

/** What the relevance lacks of `f(x) − f(x')`, where `baselineOutput` is `f(x')`. */
export function completeness(
  { recording: { batch } }: SeededRecording,
  { inputs, output }: Findings,
  baselineOutput: number[],
): { baselineOutput: number[]; completenessGap: number[] } {
  const completenessGap = baselineOutput.map((reference, sample) => {
    const sum = inputs.reduce((total, { relevance }) => {
      const size = relevance.length / batch;
      return total + relevance.subarray(sample * size, (sample + 1) * size).reduce((a, b) => a + b, 0);
    }, 0);
    return sum - (output[sample]! - reference);
  });
  return { baselineOutput, completenessGap };
}
