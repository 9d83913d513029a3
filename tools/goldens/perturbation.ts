import { slice, type Tensor, zeros } from "@tensorflow/tfjs-core";
import {
  type Explain,
  exponentialKernel,
  featureAblation,
  fitSurrogate,
  kernelShap,
  lime as limeMethod,
  type OptionsOf,
  occlusion,
  shapleyValues,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { baselineOf } from "./baseline.js";
import { expectIn, numberIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";

type LimeOptions = OptionsOf<typeof limeMethod.parameters>;

/** captum's perturbation methods. */
export const captumPerturbation: Adapters = {
  Occlusion: async (context) => {
    const { params, target } = context.golden;
    const window = params["window (spatial.., channel)"] as number[];
    const strides = (params["strides (spatial.., channel)"] as number[] | undefined) ?? 1;
    const explain = occlusion(context.model(), { window, strides, baseline: baselineOf(context) });
    return { roles: { attribution: (await explain(context.input(), { target: target! })).relevance } };
  },
  FeatureAblation: async (context) => {
    const explain = featureAblation(context.model(), gameOf(context));
    return { roles: { attribution: (await explain(context.input(), { target: context.golden.target! })).relevance } };
  },
  ShapleyValues: async (context) => {
    const { relevance, features } = await first(context, shapleyValues(context.model(), gameOf(context)));
    const roles: Record<string, Float32Array> = { attribution: relevance };
    if (context.golden.tensors["phi"] !== undefined) roles["phi"] = features[0]!.values;
    return { roles };
  },
  "LimeBase with the Shapley kernel, all coalitions": async (context) => {
    // What stands for the infinite weights of none and all: ours are exact constraints.
    numberIn(context.golden.params, "weight_at_ends", Infinity);
    const { features } = await first(context, kernelShap(context.model(), gameOf(context)));
    return { roles: { attribution: features[0]!.values } };
  },
  "LimeBase, all coalitions, exponential kernel on the cosine distance of the binary vector to all-ones": async (
    context,
  ) => {
    const { params } = context.golden;
    expectIn(params, "similarity", "exp(-d^2/(2 w^2)), d=1-cos(z,1), d=1 for z=0");
    const options: LimeOptions = {
      ...gameOf(context),
      sampling: "all",
      kernelWidth: numberIn(params, "kernel_width"),
      ...surrogateOf(String(params["model"])),
    };
    const { features } = await first(context, limeMethod(context.model(), options));
    return { roles: { attribution: features[0]!.values } };
  },
};

/** lime's surrogate on a stored neighborhood. */
export const lime: Adapters = {
  "LimeBase.explain_instance_with_data": async ({ golden, stored }) => {
    const { params } = golden;
    const design = stored("Z");
    const outputs = stored("Y");
    const label = numberIn(params, "label");
    const width = numberIn(params, "kernel_width");
    const said = /^sqrt\(exp\(-d\^2\/([\d.e+-]+)\^2\)\)$/.exec(
      String(params["kernel"] ?? `sqrt(exp(-d^2/${width}^2))`),
    )?.[1];
    if (Number(said) !== width)
      throw new GoldensError(`The kernel ${String(params["kernel"])} is not that of the width.`);
    expectIn(params, "model", "weighted Ridge(alpha=1, fit_intercept)");
    const classes = outputs.shape[1]!;
    const surrogate = fitSurrogate(
      {
        design: design.data,
        columns: design.shape[1]!,
        outputs: outputs.data.filter((_, index) => index % classes === label),
        weights: exponentialKernel(stored("distances").data, width),
      },
      {
        featureSelection: params["feature_selection"] as "none",
        numFeatures: numberIn(params, "num_features"),
      },
    );
    const expected = { score: "score", intercept: "intercept", localPrediction: "local_pred" } as const;
    for (const [ours, theirs] of Object.entries(expected) as [keyof typeof expected, string][]) {
      if (params[theirs] == null) continue;
      const gap = Math.abs(surrogate[ours] - numberIn(params, theirs));
      if (!(gap <= (golden.tolerance["abs"] as number))) throw new Error(`${theirs} is off by ${gap}`);
    }
    return { roles: { coef: Float32Array.from(surrogate.coefficients) } };
  },
};

/** shap's values, class by class: `[sample, feature, class]`. */
export const shap: Adapters = {
  KernelExplainer: byClass((model, background) => kernelShap(model, { background })),
  "ExactExplainer(Independent)": byClass((model, background) => shapleyValues(model, { background })),
};

function byClass(make: (model: object, background: Tensor) => ReturnType<typeof kernelShap>): Adapter {
  return async (context) => {
    const { golden, model, input, tensor } = context;
    // Every coalition counts once, and no feature is left out: as good as exact.
    expectIn(golden.params, "l1_reg", false);
    expectIn(golden.params, "background", "one row of zeros");
    const x = input();
    const ofZeros = golden.params["background"] !== undefined;
    const background = ofZeros ? zeros([1, x.shape[1]!]) : tensor("background");
    const players = x.shape[1]!;
    const samples = numberIn(golden.params, "nsamples", 2 ** players);
    if (samples < 2 ** players - 2) throw new GoldensError(`${samples} samples are not all coalitions of ${players}.`);
    const [, features, classes] = context.stored(golden.tensors["values"]!).shape as [number, number, number];
    const values = new Float32Array(x.shape[0]! * features * classes);
    const expected = new Float32Array(classes);
    for (let index = 0; index < classes; index++) {
      const result = await make(model(), background)(x, { target: index });
      result.relevance.forEach((value, entry) => {
        values[entry * classes + index] = value;
      });
      expected[index] = result.expected[0]!;
    }
    if (ofZeros) background.dispose();
    const roles = { values, exact: values, expected_value: expected };
    return { roles: Object.fromEntries(Object.entries(roles).filter(([role]) => role in golden.tensors)) };
  };
}

/** The features that come and go together, each entry by itself without a mask, and what stands for absent ones. */
function gameOf(context: CaseContext) {
  const { golden, tensor } = context;
  expectIn(golden.params, "feature_mask", "tensor mask");
  const game = golden.tensors["mask"] === undefined ? { features: "entries" as const } : { ids: tensor("mask") };
  return { ...game, baseline: baselineOf(context) };
}

/** Some cases explain only the first samples of the stored input: as many as they have targets. */
async function first<Result>({ golden, input }: CaseContext, explain: Explain<Result>): Promise<Result> {
  const x = slice(input(), 0, golden.target!.length);
  try {
    return await explain(x, { target: golden.target! });
  } finally {
    x.dispose();
  }
}

function surrogateOf(model: string): Pick<LimeOptions, "surrogate" | "alpha"> {
  if (model === "ols") return { surrogate: "leastSquares" };
  const [, surrogate, alpha] = /^(ridge|lasso)([\d.e+-]+)$/.exec(model) ?? [];
  if (surrogate === undefined) throw new GoldensError(`The surrogate model ${model} is not known.`);
  return { surrogate: surrogate as "ridge" | "lasso", alpha: Number(alpha) };
}
