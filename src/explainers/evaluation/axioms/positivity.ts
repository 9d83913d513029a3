import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";

/**
 * Positivity (Montavon et al. 2017): every value speaks for the output. The value is the share of what speaks against it,
 * `Σ max(0, −R) / Σ |R|`: 0 where the explanation is positive, 1 where it is negative throughout. Of methods that mean to show both sides it says how
 * much of each there is.
 *
 * @example
 * const { values } = await positivity(model)({ x, attribution });
 */
export const positivity = measure({
  id: "positivity",
  name: "Positivity",
  category: "axioms",
  reference: "Montavon et al. 2017, Pattern Recognition 65",
  question: "Which share of the explanation speaks against the output?",
  co12: ["correctness"],
  better: "lower",
  range: [0, 1],
  inputs: everyKind,
  needs: [],
  parameters: {},
  measurer:
    () =>
    ({ attribution: { inputs, shape } }) => {
      const batch = shape[0]!;
      const against = new Float64Array(batch);
      const all = new Float64Array(batch);
      for (const { relevance } of inputs) {
        const size = relevance.length / batch;
        relevance.forEach((value, entry) => {
          const sample = Math.floor(entry / size);
          all[sample]! += Math.abs(value);
          if (value < 0) against[sample]! -= value;
        });
      }
      const values = against.map((share, sample) => share / all[sample]!);
      return Promise.resolve({
        values,
        warnings: [...values].flatMap((value, sample) =>
          Number.isNaN(value)
            ? [{ kind: "constant" as const, message: "The explanation is zero everywhere: it has no shares.", sample }]
            : [],
        ),
      });
    },
});
