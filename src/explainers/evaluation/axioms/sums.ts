import type { Attribution } from "../../explanation.js";
import { choice } from "../../parameters.js";
import type { ScoreWarning } from "../measure.js";

/** Whether a gap is measured beside what it should be, or in the output's unit. */
export const gapScale = choice(
  ["relative", "absolute"],
  "relative",
  "Whether the gap is divided by what the sum should be, or in the output's unit",
);

/** The sum of each sample's values, over all inputs. */
export function sumsOf({ inputs, shape }: Attribution): Float64Array {
  const sums = new Float64Array(shape[0]!);
  for (const { relevance } of inputs) {
    const size = relevance.length / sums.length;
    relevance.forEach((value, entry) => {
      sums[Math.floor(entry / size)]! += value;
    });
  }
  return sums;
}

/** |sum − expected|, of each sample; divided by |expected| where it is relative. */
export function gapsOf(
  sums: Float64Array,
  expected: ArrayLike<number>,
  scale: "relative" | "absolute",
): { values: Float64Array; warnings: ScoreWarning[] } {
  const values = sums.map((sum, sample) => {
    const gap = Math.abs(sum - expected[sample]!);
    return scale === "absolute" ? gap : expected[sample] === 0 ? Number.NaN : gap / Math.abs(expected[sample]!);
  });
  const warnings = [...values].flatMap((value, sample): ScoreWarning[] =>
    Number.isNaN(value)
      ? [
          {
            kind: "undefined",
            message: 'The sum should be 0: no gap is small or large beside it. Use scale: "absolute".',
            sample,
          },
        ]
      : [],
  );
  return { values, warnings };
}

/** What is said of explanations whose values are no shares of the output. */
export function notAdditive({ additive, method }: Attribution): ScoreWarning[] {
  return additive
    ? []
    : [
        {
          kind: "meaningless",
          message: `The values of ${method} are no shares of the output: nobody promised that they add up to it.`,
          sample: null,
        },
      ];
}
