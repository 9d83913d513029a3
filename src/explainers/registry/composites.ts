import { boundsOf, type Context } from "../context.js";
import { ParameterError } from "../errors.js";
import {
  alpha1Beta0,
  alphaBeta,
  attention,
  type Composite,
  contrastiveExcitationBackprop,
  deepTaylor,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  gamma,
  overview2019,
  recurrent,
  uniform,
  zero,
} from "../methods/lrp/index.js";
import { checked, type InputKind, type Parameters, real, type ValuesOf } from "../parameters.js";

/** One composite of layer-wise relevance propagation: which rule for which layer. */
export interface CompositeEntry {
  /** As written on a command line: `epsilon-gamma-box`. */
  readonly id: string;
  /** As published: `ε-γ-box`. */
  readonly name: string;
  /** Its rules in a few words. */
  readonly rules: string;
  /** What it is good for, in one sentence. */
  readonly description: string;
  readonly reference: string;
  readonly inputs: readonly InputKind[];
  readonly parameters: Parameters;
  /** @throws ParameterError */
  readonly make: (parameters?: Readonly<Record<string, unknown>>, context?: Context) => Composite;
}

interface Definition<P extends Parameters> extends Omit<CompositeEntry, "make"> {
  readonly parameters: P;
  readonly composite: (values: ValuesOf<P>, context: Context) => Composite;
}

const entry = <const P extends Parameters>({ composite, ...rest }: Definition<P>): CompositeEntry => ({
  ...rest,
  make: (parameters = {}, context = {}) => composite(checked(rest.id, rest.parameters, parameters), context),
});

const any: readonly InputKind[] = ["image", "sequence", "table"];
const BACH = "Bach et al. 2015, PLOS ONE";
const OVERVIEW = "Montavon et al. 2019, Explainable AI (LNCS 11700), chapter 10";

const ε = (initial: number, layers: string) =>
  real(initial, `ε of ${layers}: absorbs what is weak or contradictory`, {
    least: 0,
    label: "ε",
    span: { from: 1e-9, to: 10, step: 0.25, logarithmic: true },
  });
const γ = (layers: string) =>
  real(0.25, `γ of ${layers}: how much positive weights are favored`, {
    least: 0,
    label: "γ",
    span: { from: 0, to: 1, step: 0.01 },
  });
const convolutions = "the convolutions";
const dense = "the dense layers";

/** Every composite, in the order of a list to choose from. */
export const composites: readonly CompositeEntry[] = [
  entry({
    id: "epsilon-gamma-box",
    name: "ε-γ-box",
    rules: "dense ε, convolutions γ, pixels zᴮ",
    description:
      "ε for dense layers, γ for convolutions, zᴮ for the pixels, whose bounds are known: sharp, mostly positive",
    reference: OVERVIEW,
    inputs: ["image"],
    parameters: { epsilon: ε(1e-6, dense), gamma: γ(convolutions) },
    composite: (values, context) => epsilonGammaBox({ ...values, ...boxOf(context) }),
  }),
  entry({
    id: "epsilon-plus",
    name: "ε-plus",
    rules: "dense ε, convolutions z⁺",
    description: "Convolutions pass on only what speaks for their output: no evidence against survives them",
    reference: "Kohlbrenner et al. 2020, IJCNN",
    inputs: any,
    parameters: { epsilon: ε(1e-6, dense) },
    composite: (values) => epsilonPlus(values),
  }),
  entry({
    id: "epsilon-plus-flat",
    name: "ε-plus-flat",
    rules: "ε-plus, pixels evenly",
    description: "As ε-plus; the first layer shares evenly among its pixels: smooth maps",
    reference: "Kohlbrenner et al. 2020, IJCNN",
    inputs: any,
    parameters: { epsilon: ε(1e-6, dense) },
    composite: (values) => epsilonPlusFlat(values),
  }),
  entry({
    id: "epsilon-alpha2-beta1",
    name: "ε-α2β1",
    rules: "dense ε, convolutions α2β1",
    description: "Twice what speaks for, minus once what speaks against: shows evidence of both signs",
    reference: "Lapuschkin et al. 2017, ICCV workshop; Kohlbrenner et al. 2020, IJCNN",
    inputs: any,
    parameters: { epsilon: ε(1e-6, dense) },
    composite: (values) => epsilonAlpha2Beta1(values),
  }),
  entry({
    id: "epsilon-alpha2-beta1-flat",
    name: "ε-α2β1-flat",
    rules: "ε-α2β1, pixels evenly",
    description: "As ε-α2β1; the first layer shares evenly among its pixels",
    reference: "Kohlbrenner et al. 2020, IJCNN",
    inputs: any,
    parameters: { epsilon: ε(1e-6, dense) },
    composite: (values) => epsilonAlpha2Beta1Flat(values),
  }),
  entry({
    id: "overview-2019",
    name: "LRP-0/ε/γ",
    rules: "LRP-0, ε, γ by depth (2019 overview)",
    description:
      "LRP-0 near the output, ε in the middle, γ near the pixels, zᴮ for them (w² where they have no bounds)",
    reference: OVERVIEW,
    inputs: any,
    parameters: {
      epsilon: ε(0.25, "the middle layers, in units of the root mean square of z"),
      gamma: γ(convolutions),
    },
    composite: (values, context) => overview2019({ ...values, ...boundsOf(context) }),
  }),
  entry({
    id: "alpha1-beta0",
    name: "α1β0",
    rules: "α1β0 everywhere",
    description: "Only what speaks for, in every layer",
    reference: `${BACH}, eq. 60`,
    inputs: any,
    parameters: {},
    composite: () => alpha1Beta0(),
  }),
  entry({
    id: "deep-taylor",
    name: "deep Taylor",
    rules: "z⁺, pixels zᴮ",
    description:
      "Deep Taylor decomposition: z⁺ for hidden layers, zᴮ for the pixels (w² where they have no bounds); positive by construction",
    reference: "Montavon et al. 2017, Pattern Recognition",
    inputs: any,
    parameters: {},
    composite: (_, context) => deepTaylor(boundsOf(context)),
  }),
  entry({
    id: "excitation-backprop",
    name: "excitation backprop",
    rules: "a⁺w⁺ normalized, no biases",
    description: "How likely a random walk down the excitatory connections from the winner ends here",
    reference: "Zhang et al. 2016, ECCV",
    inputs: any,
    parameters: {},
    composite: () => excitationBackprop(),
  }),
  entry({
    id: "contrastive-excitation-backprop",
    name: "contrastive excitation backprop",
    rules: "excitation backprop minus that of the negated top weights",
    description: "What excites the winner more than its opposite",
    reference: "Zhang et al. 2016, ECCV, section 3.3",
    inputs: any,
    parameters: {},
    composite: () => contrastiveExcitationBackprop(),
  }),
  entry({
    id: "epsilon",
    name: "ε",
    rules: "ε everywhere",
    description: "Close to gradient × input, freed of weak and contradictory evidence",
    reference: `${BACH}, eq. 58`,
    inputs: any,
    parameters: { epsilon: ε(1e-6, "all layers") },
    composite: (values) => uniform(epsilon(values)),
  }),
  entry({
    id: "zero",
    name: "LRP-0",
    rules: "LRP-0 everywhere",
    description: "On ReLU networks without biases the same as gradient × input",
    reference: `${BACH}, eq. 56`,
    inputs: any,
    parameters: {},
    composite: () => uniform(zero()),
  }),
  entry({
    id: "gamma",
    name: "γ",
    rules: "γ everywhere",
    description: "Favors what speaks for, by how much is a matter of γ",
    reference: `${OVERVIEW}, section 10.2.1`,
    inputs: any,
    parameters: { gamma: γ("all layers") },
    composite: (values) => uniform(gamma(values)),
  }),
  entry({
    id: "alpha-beta",
    name: "αβ",
    rules: "αβ everywhere, β = α − 1",
    description: "α times what speaks for, minus β times what speaks against, in every layer",
    reference: `${BACH}, eq. 60`,
    inputs: any,
    parameters: {
      alpha: real(2, "α, the weight of what speaks for; β = α − 1", {
        least: 1,
        label: "α",
        span: { from: 1, to: 4, step: 0.1 },
      }),
    },
    composite: ({ alpha }) => uniform(alphaBeta({ alpha, beta: alpha - 1 })),
  }),
  entry({
    id: "recurrent",
    name: "LRP for LSTM and GRU",
    rules: "ε for pre-activations, products to their source",
    description: "Relevance through time: gates get nothing, what they let through gets all",
    reference: "Arras et al. 2017, WASSA",
    inputs: ["sequence"],
    parameters: {
      epsilon: ε(1e-3, "all layers"),
      biasFactor: real(0, "Which part of the biases' and ε's share the lower units get: 1 conserves", {
        least: 0,
        most: 1,
        span: { from: 0, to: 1, step: 0.05 },
      }),
    },
    composite: (values) => recurrent(values),
  }),
  entry({
    id: "attention",
    name: "AttnLRP",
    rules: "ε, softmax by Taylor, products by halves",
    description: "Relevance through attention, layer norms and products",
    reference: "Achtibat et al. 2024, ICML",
    inputs: ["sequence", "image"],
    parameters: { epsilon: ε(1e-6, "all layers") },
    composite: (values) => attention(values),
  }),
];

/** @throws ParameterError naming the composites there are */
export function findComposite(id: string): CompositeEntry {
  const found = composites.find((composite) => composite.id === id);
  if (found === undefined) {
    throw new ParameterError("composite", id, `one of ${composites.map((composite) => composite.id).join(", ")}`);
  }
  return found;
}

function boxOf(context: Context) {
  const bounds = boundsOf(context);
  if (bounds === undefined) {
    throw new ParameterError(
      "composite",
      "epsilon-gamma-box",
      "another one: the bounds of this model's input are not known",
    );
  }
  return bounds;
}

/** The parameters of `composites` together, each left to the composite unless given. */
export function parametersOfComposites(): Parameters {
  const together: Record<string, Parameters[string]> = {};
  for (const { id, parameters } of composites) {
    for (const [name, parameter] of Object.entries(parameters)) {
      const users = composites.filter((other) => name in other.parameters).map((other) => other.id);
      together[name] ??= {
        ...parameter,
        description: `${parameter.description.split(" of ")[0]!} of the composite (${users.join(", ")}); by default the composite's own`,
        default: undefined,
      };
      if (together[name].range !== parameter.range) throw new Error(`${id} gives ${name} another range than others do`);
    }
  }
  return together;
}
