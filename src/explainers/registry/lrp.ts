import { ParameterError } from "../errors.js";
import { given, type Method, method } from "../method.js";
import { type Composite, lrp, proportional } from "../methods/lrp/index.js";
import { type ChoiceNote, choice, type InputKind } from "../parameters.js";
import { type CompositeEntry, composites, findComposite, parametersOfComposites } from "./composites.js";

const bias = choice(
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
const fallback = choice(
  ["none", "gradient"],
  "none",
  "What becomes of an operation that no rule covers: an error, or relevance in proportion to gradient × input",
  { label: "Without rule", minor: true, notes: { none: { label: "error" } } },
);

const composite = choice(
  composites.map(({ id }) => id),
  "epsilon-gamma-box",
  "Which rule for which layer",
  { notes: Object.fromEntries(composites.map((entry): [string, ChoiceNote] => [entry.id, noteOf(entry)])) },
);

function noteOf({ name, rules, description, inputs }: CompositeEntry): ChoiceNote {
  return { label: `${name}: ${rules}`, description, inputs };
}

const maxPool = choice(
  ["winner-take-all", "proportional"],
  "winner-take-all",
  "Where a max pool's relevance goes: to the largest entry of a window, or to all in proportion to their values",
  { label: "Max pool", minor: true },
);

/** A composite whose max pools share in proportion. */
const sharingMaxima = (base: Composite): Composite => ({
  ...base,
  rule: (node, place) =>
    base.rule(node, place) ?? (place.usual.name === "winner" && "reduce" in node.operation ? sharing : undefined),
});

const sharing = proportional();

/** What a call of `lrp` says beyond its composite. */
const common = (values: { bias: string; fallback: string }) => ({
  bias: values.bias as "absorb",
  ...(values.fallback === "gradient" && { fallback: "gradient" as const }),
});

/** A composite that was published as a method of its own. */
function preset(id: string, of: string, name: string, question: string, inputs?: readonly InputKind[]): Method {
  const entry = findComposite(of);
  return method({
    id,
    name,
    family: "propagation",
    reference: entry.reference,
    question,
    inputs: inputs ?? entry.inputs,
    signed: of !== "excitation-backprop",
    additive: true,
    result: "entries",
    parameters: { ...entry.parameters, bias, fallback },
    explainer: (model, { bias: own, fallback: otherwise, ...values }, context) =>
      lrp(model, {
        composite: entry.make(values, context),
        ...common({ bias: own as string, fallback: otherwise as string }),
      }),
  });
}

export const lrpMethods: readonly Method[] = [
  method({
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
    parameters: { composite, bias, ...parametersOfComposites(), maxPool, fallback },
    parametersWith: ({ composite: id }) => ({
      composite,
      bias,
      ...findComposite((id as string | undefined) ?? composite.default).parameters,
      maxPool,
      fallback,
    }),
    explainer(model, { composite: id, maxPool: pooling, bias: own, fallback: otherwise, ...values }, context) {
      const entry = findComposite(id as string);
      const stated = given(values) as Record<string, unknown>;
      const stray = Object.keys(stated).find((name) => !(name in entry.parameters));
      if (stray !== undefined) throw new ParameterError(stray, stated[stray], `left out with ${entry.id}`);
      return lrp(model, {
        composite:
          pooling === "proportional" ? sharingMaxima(entry.make(stated, context)) : entry.make(stated, context),
        ...common({ bias: own as string, fallback: otherwise as string }),
      });
    },
  }),
  preset(
    "deep-taylor",
    "deep-taylor",
    "Deep Taylor decomposition",
    "How much evidence for the output lies in each entry, if every layer is expanded at its own root point?",
  ),
  preset(
    "excitation-backprop",
    "excitation-backprop",
    "Excitation backprop",
    "Where does a random walk down the excitatory connections from the winning unit end?",
  ),
  preset(
    "contrastive-excitation-backprop",
    "contrastive-excitation-backprop",
    "Contrastive excitation backprop",
    "What excites the winning unit more than its opposite?",
  ),
  preset(
    "lrp-recurrent",
    "recurrent",
    "LRP for LSTM and GRU",
    "How much did each word or time step contribute to the output of a recurrent network?",
  ),
  preset(
    "attn-lrp",
    "attention",
    "AttnLRP",
    "How much did each token or patch contribute to the output of a transformer?",
    ["sequence", "image"],
  ),
];
