import { bootstrapInterval } from "../../numerics/bootstrap.js";
import { holm, wilcoxonSignedRank } from "../../numerics/paired-tests.js";
import { mean, median, standardDeviation } from "../../numerics/summary.js";
import type { Comparison, MeanRow } from "./evaluation.js";
import { finite, sideOf, type Values } from "./table.js";

interface Settings {
  readonly level: number;
  readonly seed: number;
  /** Of the bootstrap; default 2000. */
  readonly resamples?: number;
}

/** What each method reaches by each measure, with the bootstrap interval of the mean. */
export function meansOf(values: Values, settings: Settings): MeanRow[] {
  return values.methods.flatMap((method) =>
    values.measures.map(({ label: measure }): MeanRow => {
      const present = values.of(method, measure).filter((value) => !Number.isNaN(value));
      const { low, high } = bootstrapInterval(present, settings);
      const count = present.length;
      return {
        method,
        measure,
        count,
        missing: values.reached(method, measure) - count,
        mean: finite(mean(present)),
        low: finite(low),
        high: finite(high),
        median: finite(median(present)),
        deviation: count < 2 ? null : finite(standardDeviation(present)),
      };
    }),
  );
}

/** Every two methods by every measure, sample by sample; p corrected over the pairs of a measure. */
export function comparisonsOf(values: Values, settings: Settings): Comparison[] {
  return values.measures.flatMap((measure) => {
    const { label } = measure;
    const side = sideOf(measure);
    const pairs = values.methods.flatMap((a, i) => values.methods.slice(i + 1).map((b) => compared(a, b)));
    const corrected = holm(pairs.map(({ p }) => p ?? Number.NaN));
    return pairs.map((pair, at): Comparison => {
      const { a, b, difference } = pair;
      const isDifferent = corrected[at]! < 1 - settings.level && difference !== null && difference !== 0;
      const better = isDifferent && side !== 0 ? (difference * side > 0 ? a : b) : null;
      return { ...pair, corrected: finite(corrected[at]!), better };
    });

    function compared(a: string, b: string): Omit<Comparison, "corrected" | "better"> {
      const [ofA, ofB] = [values.of(a, label), values.of(b, label)];
      const differences = ofA.map((value, at) => value - ofB[at]!).filter((value) => !Number.isNaN(value));
      const { low, high } = bootstrapInterval(differences, settings);
      return {
        measure: label,
        a,
        b,
        count: differences.length,
        difference: finite(mean(differences)),
        low: finite(low),
        high: finite(high),
        p: differences.length === 0 ? null : wilcoxonSignedRank(differences).p,
      };
    }
  });
}
