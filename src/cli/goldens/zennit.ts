import { sub, type Tensor } from "@tensorflow/tfjs-core";
import {
  alphaBeta,
  type Bias,
  betaSmooth,
  type Composite,
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
  guidedBackprop,
  lrp,
  type Rule,
  record,
  type Stabilizer,
  type Target,
  uniform,
  wSquare,
  zBox,
  zPlus,
} from "../../explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";

/** zennit's rules and composites, and its gradient modifications. */
export const zennit: Adapters = {
  Epsilon: byRule(({ golden }, options) => epsilon({ ...options, ...stabilizerOf(golden.params["epsilon"]) })),
  ZPlus: byRule((_, options) => zPlus(options)),
  AlphaBeta: byRule(({ golden }, options) =>
    alphaBeta({ ...options, alpha: number(golden.params["alpha"]), beta: number(golden.params["beta"]) }),
  ),
  Gamma: byRule(({ golden }, options) =>
    gamma({ ...options, gamma: number(golden.params["gamma"]), branch: branchOf(golden.params["branch"]) }),
  ),
  ZBox: byRule((context, options) =>
    zBox({ ...options, low: boundOf(context, "low"), high: boundOf(context, "high") }),
  ),
  WSquare: byRule((_, options) => wSquare(options)),
  Flat: byRule((_, options) => flat(options)),
  // No layer with weights is involved in these two.
  Norm: byRule(() => zPlus()),
  "gradient (no rule: winner takes all)": byRule(() => zPlus()),

  EpsilonPlus: byComposite((_, bias) => epsilonPlus({ bias })),
  EpsilonPlusFlat: byComposite((_, bias) => epsilonPlusFlat({ bias })),
  EpsilonAlpha2Beta1: byComposite((_, bias) => epsilonAlpha2Beta1({ bias })),
  EpsilonAlpha2Beta1Flat: byComposite((_, bias) => epsilonAlpha2Beta1Flat({ bias })),
  EpsilonGammaBox: byComposite(gammaBox),
  EpsilonGammaBox_zfree: byComposite(gammaBox),
  // zennit's passes activations by their gradient, which is 0 where ReLU6 is saturated.
  ExcitationBackprop: byComposite(() => ({ ...excitationBackprop(), activations: "gradient" as const })),

  // zennit replaces the gradient of nn.ReLU alone, not that of ReLU6.
  GuidedBackprop: byGradient((model) => guidedBackprop(model, { rectifiers: ["relu"] })),
  DeconvNet: byGradient((model) => deconvnet(model, { rectifiers: ["relu"] })),
  BetaSmooth: byGradient((model, { golden }) =>
    betaSmooth(model, { beta: number(golden.params["beta_smooth"]), rectifiers: ["relu"] }),
  ),
};

function gammaBox(context: CaseContext, bias: Bias): Composite {
  const { params } = context.golden;
  return epsilonGammaBox({
    bias,
    gamma: number(params["gamma"]),
    low: boundOf(context, "low"),
    high: boundOf(context, "high"),
    branch: branchOf(params["branch"]),
  });
}

type RuleOptions = { bias: Bias; epsilon?: number };

function byRule(make: (context: CaseContext, options: RuleOptions) => Rule): Adapter {
  return byComposite((context, bias) => {
    const { params } = context.golden;
    const stabilizer = params["stabilizer"];
    const rule = make(context, { bias, ...(typeof stabilizer === "number" && { epsilon: stabilizer }) });
    const isFirst = typeof params["where"] === "string" && params["where"].includes("on the first linear layer");
    return isFirst ? uniform(zPlus({ bias }), rule) : uniform(rule);
  });
}

function byComposite(make: (context: CaseContext, bias: Bias) => Composite): Adapter {
  return async (context) => {
    const { golden } = context;
    const bias: Bias = golden.params["zero_params"] === "bias" ? "ignore" : "absorb";
    const explain = lrp(context.model(), { composite: make(context, bias) });
    const unmerged = String(golden.params["where"] ?? "").startsWith("batch norm passed through");
    const recording = record(context.model(), context.input(), { foldBatchNorm: !unmerged });
    try {
      const result = await explain(recording, {
        target: targetOf(context),
        keepLayers: golden.layerRelevance !== undefined,
      });
      const layers = Object.keys(golden.layerRelevance ?? {}).map((name) => {
        const layer = result.layers.findLast((layer) => layer.name === name || layer.folded.includes(name));
        if (layer === undefined) throw new Error(`no layer is called ${name}`);
        return [name, inPeerOrder(context, name, layer.relevance())] as const;
      });
      result.dispose();
      return { roles: { relevance: result.relevance }, layers: Object.fromEntries(layers) };
    } finally {
      recording.dispose();
    }
  };
}

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
    const result = await make(context.model(), context)(context.input(), { target: targetOf(context) });
    return { roles: { relevance: result.relevance } };
  };
}

/** The case's target, or the relevance it gives at the output. */
function targetOf(context: CaseContext): Target {
  const { golden } = context;
  if (golden.tensors["seed"] !== undefined) return (): Tensor => sub(context.tensor("seed"), 0);
  if (golden.target === undefined) throw new Error("the case has neither a seed nor a target");
  return golden.target;
}

const number = (value: unknown): number => {
  if (typeof value !== "number") throw new Error(`a parameter is ${String(value)}, not a number`);
  return value;
};

function stabilizerOf(value: unknown): { epsilon: number; stabilizer?: Stabilizer } {
  if (typeof value === "number") return { epsilon: value };
  const text = String(value);
  const found = /epsilon=([\d.e+-]+)/.exec(text);
  if (found === null) throw new Error(`the stabilizer ${text} is not known`);
  const stabilizer = text.includes("clip=True") ? "clip" : text.includes("norm_scale=True") ? "rms" : "add";
  return { epsilon: Number(found[1]), stabilizer };
}

function branchOf(value: unknown): "linear" | "biased" {
  return String(value).startsWith("bias-free") ? "linear" : "biased";
}

function boundOf(context: CaseContext, role: "low" | "high"): number | number[] {
  const value = context.golden.params[role];
  return typeof value === "number" ? value : Array.from(context.tensor(role).dataSync());
}
