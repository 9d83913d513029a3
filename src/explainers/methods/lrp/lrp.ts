import type { Context } from "../../context.js";
import { ParameterError } from "../../errors.js";
import { given } from "../../knowing.js";
import { method } from "../../method.js";
import { type ChoiceNote, choice, type OptionsOf, type Parameter, type ValuesOf } from "../../parameters.js";
import type { Composite } from "./composite.js";
import { composites, findComposite, type Published, parametersOfComposites } from "./composites/index.js";
import { propagated } from "./propagation/propagated.js";
import { proportional } from "./rules/proportional.js";

export const bias = choice(
  ["absorb", "ignore", "distribute"],
  "absorb",
  "What becomes of the biases' share: they keep it, are left out, or it is shared out, which conserves the sum",
  {
    label: "Biases",
    notes: {
      absorb: { description: "Biases keep their share, as in the papers: deep networks lose most on the way" },
      ignore: { description: "Biases are left out of the denominators" },
      distribute: {
        label: "share out",
        description: "What the biases would keep is shared over the inputs: nothing is lost",
      },
    },
  },
);

export const fallback = choice(
  ["none", "gradient"],
  "none",
  "What becomes of an operation that no rule covers: an error, or relevance in proportion to gradient × input",
  { label: "Without rule", minor: true, notes: { none: { label: "error" } } },
);

const ids = composites.map(({ id }) => id);
const noteOf = ({ name, rules, description, inputs }: Published): ChoiceNote => ({
  label: `${name}: ${rules}`,
  description,
  inputs,
});

/** A published composite by its id, or one that was made: `epsilonPlus()`. */
const composite: Parameter<string | Composite> = {
  ...choice(ids, "epsilon-gamma-box", "Which rule for which layer", {
    notes: Object.fromEntries(composites.map((entry) => [entry.id, noteOf(entry)])),
  }),
  accepts: (value) => ids.includes(value as string) || isComposite(value),
};

const isComposite = (value: unknown): value is Composite =>
  typeof value === "object" && value !== null && "rule" in value && typeof value.rule === "function";

const maxPool = choice(
  ["winner-take-all", "proportional"],
  "winner-take-all",
  "Where a max pool's relevance goes: to the largest entry of a window, or to all in proportion to their values",
  { label: "Max pool", minor: true },
);

const parameters = { composite, bias, ...parametersOfComposites(), maxPool, fallback };

/** What a call of `lrp` may say. */
export type LrpOptions = OptionsOf<typeof parameters>;

/**
 * Layer-wise relevance propagation: how much every input entry contributed to an output, found by sending the output back
 * through the layers by rules (Bach et al. 2015; Montavon et al. 2019).
 *
 * @throws ParameterError; its explainer UnsupportedOperationError where the model contains what no rule covers, NonFiniteError,
 *   TargetError, LayerError, InputShapeError, ModelError, AbortedError
 * @example
 * const explain = lrp(model, { composite: epsilonGammaBox({ low: -1, high: 1 }) }); // or: composite: "epsilon-gamma-box", gamma: 0.1
 * const result = await explain(photo, { target: "top1" });
 * result.relevance; // as many numbers as the photo has
 */
export const lrp = method({
  id: "lrp",
  name: "Layer-wise relevance propagation",
  short: "LRP",
  family: "propagation",
  reference: "Bach et al. 2015, PLOS ONE; Montavon et al. 2019, Explainable AI, chapter 10",
  question: "How much did each entry contribute to the output, layer by layer?",
  inputs: ["image", "sequence", "table"],
  signed: true,
  additive: true,
  result: "entries",
  parameters,
  parametersWith: ({ composite: chosen = composite.default }) => ({
    composite,
    bias,
    ...(typeof chosen === "string" && findComposite(chosen).parameters),
    maxPool,
    fallback,
  }),
  // A composite stands in results by its name and with its own parameters, and its use of biases goes before the call's.
  stated: ({ composite: _, bias: __, ...values }) => values,
  explainer(model, values, context) {
    const chosen = compositeOf(values, context);
    return propagated(model, values.maxPool === "proportional" ? sharingMaxima(chosen) : chosen, values);
  },
});

function compositeOf(
  { composite: chosen, bias: _, maxPool: __, fallback: ___, ...values }: ValuesOf<typeof parameters>,
  context: Context,
): Composite {
  const stated: Readonly<Record<string, unknown>> = given(values);
  const owner = typeof chosen === "string" ? findComposite(chosen) : undefined;
  const stray = Object.keys(stated).find((name) => owner === undefined || !(name in owner.parameters));
  if (stray !== undefined) {
    const whose = owner?.id ?? "a composite that has parameters of its own";
    throw new ParameterError(stray, stated[stray], `left out with ${whose}`);
  }
  return owner === undefined ? (chosen as Composite) : owner(stated, context);
}

/** A composite whose max pools share in proportion. */
const sharingMaxima = (base: Composite): Composite => ({
  ...base,
  rule: (node, place) =>
    base.rule(node, place) ?? (place.usual.name === "winner" && "reduce" in node.operation ? sharing : undefined),
});

const sharing = proportional();
