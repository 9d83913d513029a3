import { onesLike } from "@tensorflow/tfjs-core";
import {
  alphaBeta,
  type Bias,
  type Composite,
  composite,
  deconvnet,
  epsilon,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  flat,
  gamma,
  gradient,
  guidedBackprop,
  lrp,
  type Rule,
  record,
  type Stabilizer,
  smoothedGradient,
  uniform,
  wSquare,
  zBox,
  zPlus,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { mergedBatchNorms } from "./batch-norm.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";
import { gradientTargetOf, seedOf, targetOf } from "./target.js";

/** zennit's rules and composites, and its gradient modifications. */
export const zennit: Adapters = {
  Epsilon: byRule(({ golden }, { bias }) => epsilon({ bias, ...stabilizerOf(golden.params["epsilon"]) })),
  ZPlus: byRule((_, options) => zPlus(options)),
  AlphaBeta: byRule(({ golden }, options) =>
    alphaBeta({ ...options, alpha: numberIn(golden.params, "alpha", 2), beta: numberIn(golden.params, "beta", 1) }),
  ),
  Gamma: byRule((context, options) => gamma({ ...options, ...gammaOf(context) })),
  ZBox: byRule((context, options) =>
    zBox({ ...options, low: boundOf(context, "low"), high: boundOf(context, "high") }),
  ),
  WSquare: byRule((_, options) => wSquare(options)),
  Flat: byRule((_, options) => flat(options)),
  // No layer with weights is involved in these two.
  Norm: byComposite(({ golden }) => uniform(zPlus(), { guard: numberIn(golden.params, "stabilizer", 1e-6) })),
  "gradient (no rule: winner takes all)": byRule(() => zPlus()),

  EpsilonPlus: byComposite((context) => epsilonPlus(optionsOf(context))),
  EpsilonPlusFlat: byComposite((context) => epsilonPlusFlat(optionsOf(context))),
  EpsilonAlpha2Beta1: byComposite((context) => epsilonAlpha2Beta1(optionsOf(context))),
  EpsilonAlpha2Beta1Flat: byComposite((context) => epsilonAlpha2Beta1Flat(optionsOf(context))),
  EpsilonGammaBox: byComposite(gammaBox),
  EpsilonGammaBox_zfree: byComposite(gammaBox),
  ExcitationBackprop: byComposite(excitation),

  // zennit replaces the gradient of nn.ReLU alone, not that of ReLU6.
  GuidedBackprop: byGradient((model) => guidedBackprop(model, { rectifiers: ["relu"] })),
  DeconvNet: byGradient((model) => deconvnet(model, { rectifiers: ["relu"] })),
  BetaSmooth: byGradient((model, { golden }) =>
    smoothedGradient(model, { beta: numberIn(golden.params, "beta_smooth", 10), rectifiers: ["relu"] }),
  ),
};

function gammaBox(context: CaseContext): Composite {
  return epsilonGammaBox({
    ...optionsOf(context),
    ...gammaOf(context),
    low: boundOf(context, "low"),
    high: boundOf(context, "high"),
    boxOn: "convolution",
  });
}

/** zennit's passes activations and what else it has no rule for by their gradient, which is 0 where ReLU6 is saturated. */
function excitation(context: CaseContext): Composite {
  const guard = numberIn(context.golden.params, "stabilizer", 1e-6);
  const bias = biasOf(context);
  return composite("excitation backprop with gradients", {
    guard,
    byKind: { activation: gradient(), scale: gradient() },
    otherwise: bias === "ignore" ? excitationBackprop({ guard }) : zPlus({ bias, epsilon: guard }),
    start: onesLike,
  });
}

interface RuleOptions {
  readonly bias: Bias;
  readonly epsilon: number;
}

function byRule(make: (context: CaseContext, options: RuleOptions) => Rule): Adapter {
  return byComposite((context) => {
    const { params } = context.golden;
    const options = { bias: biasOf(context), epsilon: numberIn(params, "stabilizer", 1e-6) };
    const rule = make(context, options);
    const where = String(params["where"] ?? "");
    const norm = /\bNorm\(([\d.e+-]+)\)/.exec(where)?.[1];
    const others = /on the first linear layer, (\w+) on the other/.exec(where)?.[1];
    if (others !== undefined && others !== "ZPlus") throw new GoldensError(`The rule ${others} is not one of two.`);
    const guard = norm === undefined ? {} : { guard: Number(norm) };
    return others === undefined ? uniform(rule, guard) : uniform(zPlus(options), { first: rule, ...guard });
  });
}

function byComposite(make: (context: CaseContext) => Composite): Adapter {
  return async (context) => {
    const { golden } = context;
    expectIn(golden.params, golden.params["rule"] == null ? "composite" : "rule", golden.method);
    const seed = seedOf(context);
    const start = seed && { start: seed === "one" ? onesLike : undefined };
    const composite = inOrderOfModules({ ...make(context), ...start });
    const isMerged = mergesBatchNorm(golden.params);
    const explain = lrp(context.model(), { composite });
    const recording = record(context.model(), context.input(), {
      foldBatchNorm: isMerged && mergedBatchNorms(context.description),
    });
    try {
      const result = await explain(recording, {
        target: targetOf(context),
        keepLayers: golden.layerRelevance !== undefined,
      });
      const layers = Object.keys(golden.layerRelevance ?? {}).map((name) => {
        const layer = result.layers.findLast((layer) => layer.name === name || layer.folded.includes(name));
        if (layer === undefined) throw new GoldensError(`No layer is called ${name}.`);
        return [name, inPeerOrder(context, name, layer.relevance())] as const;
      });
      result.dispose();
      return { roles: { relevance: result.relevance }, layers: Object.fromEntries(layers) };
    } finally {
      recording.dispose();
    }
  };
}

const passesBatchNorm = "batch norm passed through unchanged (Pass)";

function mergesBatchNorm(params: CaseContext["golden"]["params"]): boolean {
  expectIn(params, "canonizers", "SequentialMergeBatchNorm");
  return params["canonizers"] !== null && params["where"] !== passesBatchNorm;
}

/** The first layer of zennit's composites is the first module with weights, even if it does not read the input, and no other. */
const inOrderOfModules = (composite: Composite): Composite => ({
  ...composite,
  rule: (node, place) => composite.rule(node, { ...place, first: place.index === 0 }),
});

/** zennit's flattened rows run over channels first: `[channel, height, width]`. */
function inPeerOrder({ description }: CaseContext, name: string, ours: Float32Array): Float32Array {
  const layer = description.layers?.find((layer) => layer.name === name);
  if (layer?.op !== "flatten") return ours;
  const before = description.layers?.find((other) => other.name === layer.inputs[0]);
  const shape = (before?.["outputShape"] ?? description.inputShape) as number[];
  const channels = shape.at(-1)!;
  const positions = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const row = channels * positions;
  return ours.map((_, index) => {
    const within = index % row;
    return ours[index - within + (within % positions) * channels + Math.floor(within / positions)]!;
  });
}

function byGradient(make: (model: object, context: CaseContext) => ReturnType<typeof guidedBackprop>): Adapter {
  return async (context) => {
    const { params, method } = context.golden;
    expectIn(params, "composite", method);
    // A gradient is the same with batch norms merged.
    expectIn(params, "canonizers", "SequentialMergeBatchNorm");
    const target = gradientTargetOf(context);
    const result = await make(context.model(), context)(context.input(), { target });
    return { roles: { relevance: result.relevance } };
  };
}

const biasOf = ({ golden }: CaseContext): Bias =>
  choiceIn<Bias>(golden.params, "zero_params", { bias: "ignore", none: "absorb" }, "none");

function optionsOf(context: CaseContext) {
  const { params } = context.golden;
  expectIn(params, "where", passesBatchNorm);
  const { epsilon, stabilizer } = stabilizerOf(params["epsilon"] ?? 1e-6);
  return { bias: biasOf(context), epsilon, stabilizer, guard: numberIn(params, "stabilizer", 1e-6) };
}

const gammaOf = ({ golden: { params } }: CaseContext) => ({
  gamma: numberIn(params, "gamma", 0.25),
  branch: choiceIn(
    params,
    "branch",
    { "z with bias": "biased", "bias-free z (zennit patched)": "linear" } as const,
    "z with bias",
  ),
});

function stabilizerOf(value: unknown): { epsilon: number; stabilizer: Stabilizer } {
  if (typeof value === "number") return { epsilon: value, stabilizer: "add" };
  const found = /^Stabilizer\(epsilon=([\d.e+-]+)(?:, (clip|norm_scale)=True)?\)/.exec(String(value));
  if (found === null) throw new GoldensError(`The stabilizer ${String(value)} is not known.`);
  const stabilizer = found[2] === "clip" ? "clip" : found[2] === "norm_scale" ? "rms" : "add";
  return { epsilon: Number(found[1]), stabilizer };
}

function boundOf(context: CaseContext, role: "low" | "high"): number | number[] {
  const value = context.golden.params[role];
  return typeof value === "number" ? value : Array.from(context.tensor(role).dataSync());
}
