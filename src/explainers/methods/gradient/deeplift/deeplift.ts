import { type Findings, method } from "../../../method.js";
import { scoped } from "../../../network/tensors.js";
import { everyKind } from "../../../parameters.js";
import { referencePlaces, references } from "../engine/references.js";
import { findingsAtInputs, onRecording } from "../engine/seeded.js";
import { completeness, type PathAttribution } from "../paths/completeness.js";
import { contributions, rule } from "./contributions.js";

/**
 * DeepLIFT: the difference to a reference, `f(x) − f(x')`, shared over the inputs by multipliers `Δy/Δx` in place of
 * derivatives (Shrikumar, Greenside & Kundaje 2017). `Σ R = f(x) − f(x')`; `completenessGap` is what rounding takes of it.
 *
 * @throws UnsupportedOperationError for an operation that has no multiplier; ParameterError for a reference that does not fit
 * @example
 * const result = await deepLift(model, { reference: 0 })(photo, { target: "top1" });
 */
export const deepLift = method({
  id: "deeplift",
  name: "DeepLIFT",
  family: "gradient",
  reference: "Shrikumar, Greenside & Kundaje 2017, ICML",
  question: "Which entries' differences from a reference make the output differ from the reference's?",
  inputs: everyKind,
  signed: true,
  additive: true,
  result: "entries",
  parameters: { reference: references("black", "The reference input x'"), rule },
  explainer:
    (model, { reference, rule: multipliers }, context) =>
    (x, run = {}): Promise<Findings<PathAttribution>> =>
      onRecording(model, x, run, (seeded) =>
        scoped(() => {
          const places = referencePlaces("reference", reference, "black", context, seeded);
          const { relevances, referenceOutput } = contributions(seeded, places, multipliers);
          const found = findingsAtInputs(seeded, relevances);
          return { ...found, ...completeness(seeded, found, referenceOutput) };
        }),
      ),
});
