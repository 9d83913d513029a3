import { hasLedger } from "../../explanation.js";
import { everyKind } from "../../parameters.js";
import { measure } from "../measure.js";
import { gapScale, gapsOf, notAdditive, sumsOf } from "./sums.js";

/** One layer's part of what was sent back, one number a sample. */
export interface ConservedLayer {
  readonly name: string;
  /** Relevance at the layer's output. */
  readonly sum: Float64Array;
  /** Relevance that its inputs got from it. */
  readonly passedOn: Float64Array;
  /** What its bias, its stabilizer and units with nothing to pass on to kept. */
  readonly kept: Float64Array;
  /** What is neither passed on nor known to be kept: rounding. */
  readonly lost: Float64Array;
}

/**
 * Conservation (Bach et al. 2015; Montavon et al. 2018): the values add up to the output, `|Σ R − f(x)| / |f(x)|`, 0 where nothing
 * is lost. `layers` says of methods that send relevance from layer to layer what each layer passed on, and what its bias or its stabilizer kept.
 *
 * @example
 * const { values, layers } = await conservation(model)({ x, attribution });
 */
export const conservation = measure({
  id: "conservation",
  name: "Conservation",
  category: "axioms",
  reference: "Bach et al. 2015, PLoS ONE; Montavon, Samek and Müller 2018",
  question: "Do the values add up to the output, and what did each layer keep?",
  co12: ["completeness"],
  better: "lower",
  range: [0, Infinity],
  inputs: everyKind,
  needs: [],
  parameters: { scale: gapScale },
  measurer:
    (_, { scale }) =>
    ({ attribution }) => {
      const { values, warnings } = gapsOf(sumsOf(attribution), attribution.output, scale);
      const layers = hasLedger(attribution) ? attribution.layers : [];
      const batch = attribution.shape[0]!;
      return Promise.resolve({
        values,
        layers: layers
          .filter(({ samples }) => samples.length === batch)
          .map(({ name, kind, samples }): ConservedLayer => {
            const of = (part: (sample: (typeof samples)[number]) => number) => Float64Array.from(samples, part);
            const kept = of(({ absorbedByBias, absorbedByEmpty, masked }) => absorbedByBias + absorbedByEmpty + masked);
            const [sum, passedOn] = [of((sample) => sample.sum), of((sample) => sample.passedOn)];
            // What came to an input has arrived.
            const lost = sum.map((all, i) => (kind === "input" ? 0 : all - passedOn[i]! - kept[i]!));
            return { name, sum, passedOn, kept, lost };
          }),
        warnings: [...warnings, ...notAdditive(attribution)],
      });
    },
});
