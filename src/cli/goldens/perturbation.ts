import { slice, type Tensor, zeros } from "@tensorflow/tfjs-core";
import {
  exponentialKernel,
  featureAblation,
  fitSurrogate,
  kernelShap,
  type LimeOptions,
  lime as limeMethod,
  occlusion,
  type PerturbationAttribution,
  shapleyValues,
} from "../../explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";

/** captum's perturbation methods. */
export const captumPerturbation: Adapters = {
  Occlusion: async (context) => {
    const { params, target } = context.golden;
    const window = params["window (spatial.., channel)"] as number[];
    const strides = params["strides (spatial.., channel)"] as number[];
    const explain = occlusion(context.model(), { window, strides, baseline: baselineOf(context) });
    return { roles: { attribution: (await explain(context.input(), { target: target! })).relevance } };
  },
  FeatureAblation: async (context) => {
    const explain = featureAblation(context.model(), {
      features: context.tensor("mask"),
      baseline: baselineOf(context),
    });
    return { roles: { attribution: (await explain(context.input(), { target: context.golden.target! })).relevance } };
  },
  ShapleyValues: async (context) => {
    const game = { features: context.tensor("mask"), baseline: baselineOf(context) };
    const { relevance, features } = await first(context, shapleyValues(context.model(), game));
    return { roles: { attribution: relevance, phi: features![0]!.values } };
  },
  "LimeBase with the Shapley kernel, all 64 coalitions": async (context) => {
    const game = { features: context.tensor("mask"), baseline: baselineOf(context) };
    const { features } = await first(context, kernelShap(context.model(), game));
    return { roles: { attribution: features![0]!.values } };
  },
  "LimeBase, all 64 coalitions, exponential kernel on the cosine distance of the binary vector to all-ones": async (
    context,
  ) => {
    const options: LimeOptions = {
      features: context.tensor("mask"),
      baseline: baselineOf(context),
      sampling: "all",
      kernelWidth: context.golden.params["kernel_width"] as number,
      ...surrogateOf(String(context.golden.params["model"])),
    };
    const { features } = await first(context, limeMethod(context.model(), options));
    return { roles: { attribution: features![0]!.values } };
  },
};

/** lime's surrogate on a stored neighborhood. */
export const lime: Adapters = {
  "LimeBase.explain_instance_with_data": async ({ golden, stored }) => {
    const { params } = golden;
    const design = stored("Z");
    const outputs = stored("Y");
    const label = params["label"] as number;
    const classes = outputs.shape[1]!;
    const surrogate = fitSurrogate(
      {
        design: design.data,
        columns: design.shape[1]!,
        outputs: outputs.data.filter((_, index) => index % classes === label),
        weights: exponentialKernel(stored("distances").data, params["kernel_width"] as number),
      },
      {
        featureSelection: params["feature_selection"] as "none",
        numFeatures: params["num_features"] as number,
      },
    );
    const expected = { score: "score", intercept: "intercept", localPrediction: "local_pred" } as const;
    for (const [ours, theirs] of Object.entries(expected) as [keyof typeof expected, string][]) {
      const gap = Math.abs(surrogate[ours] - (params[theirs] as number));
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
    const x = input();
    const background = golden.params["background"] === undefined ? tensor("background") : zeros([1, x.shape[1]!]);
    const [, features, classes] = context.stored(golden.tensors["values"]!).shape as [number, number, number];
    const values = new Float32Array(x.shape[0]! * features * classes);
    const expected = new Float32Array(classes);
    for (let index = 0; index < classes; index++) {
      const result = await make(model(), background)(x, { target: index });
      result.relevance.forEach((value, entry) => {
        values[entry * classes + index] = value;
      });
      expected[index] = result.expected![0]!;
    }
    if (golden.params["background"] !== undefined) background.dispose();
    const roles = { values, exact: values, expected_value: expected };
    return { roles: Object.fromEntries(Object.entries(roles).filter(([role]) => role in golden.tensors)) };
  };
}

const baselineOf = ({ golden, tensor }: CaseContext): Tensor | number =>
  golden.tensors["baseline"] === undefined ? 0 : tensor("baseline");

/** Some cases explain only the first samples of the stored input: as many as they have targets. */
async function first(
  { golden, input }: CaseContext,
  explain: ReturnType<typeof kernelShap>,
): Promise<PerturbationAttribution> {
  const x = slice(input(), 0, golden.target!.length);
  try {
    return await explain(x, { target: golden.target! });
  } finally {
    x.dispose();
  }
}

function surrogateOf(model: string): Pick<LimeOptions, "surrogate" | "alpha"> {
  if (model === "ols") return { surrogate: "leastSquares" };
  const [, surrogate, alpha] = /^(ridge|lasso)([\d.]+)$/.exec(model) ?? [];
  if (surrogate === undefined) throw new Error(`the surrogate model ${model} is not known`);
  return { surrogate: surrogate as "ridge" | "lasso", alpha: Number(alpha) };
}
