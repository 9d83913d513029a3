import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Attribution,
  type Composite,
  deconvnet,
  deepLift,
  deepLiftShap,
  epsilon,
  expectedGradients,
  type GradCamOptions,
  type GradientTarget,
  gradCam,
  gradientTimesInput,
  guidedBackprop,
  guidedGradCam,
  integratedGradients,
  layerActivation,
  layerConductance,
  layerGradientTimesActivation,
  lrp,
  type QuadratureRule,
  type Rule,
  record,
  sensitivity,
  smoothGrad,
  squareGrad,
  varGrad,
} from "../../explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";

/** captum's gradients and what is made of them, and its LRP where it is usable. */
export const captum: Adapters = {
  Saliency: attribution(({ model, golden }) =>
    sensitivity(model(), { kind: golden.params["abs"] === false ? "signed" : "absolute" }),
  ),
  InputXGradient: attribution(({ model }) => gradientTimesInput(model())),
  // captum, like zennit, replaces the gradient of nn.ReLU alone.
  GuidedBackprop: attribution(({ model }) => guidedBackprop(model(), { rectifiers: ["relu"] })),
  Deconvolution: attribution(({ model }) => deconvnet(model(), { rectifiers: ["relu"] })),
  IntegratedGradients: attribution((context) =>
    integratedGradients(context.model(), {
      rule: ruleOf(context),
      steps: context.golden.params["n_steps"] as number,
      baseline: baselineOf(context),
    }),
  ),
  "DeepLift (Rescale)": attribution((context) => deepLift(context.model(), { reference: baselineOf(context) })),
  DeepLiftShap: attribution(({ model, tensor }) => deepLiftShap(model(), { references: tensor("baselines") })),
  GradientShap: attribution(({ model, golden, tensor }) =>
    expectedGradients(model(), {
      baselines: tensor("baselines"),
      samples: golden.params["n_samples"] as number,
      draws: {
        alphas: Array.from(tensor("alphas").dataSync()),
        baselineIndices: Array.from(tensor("baselineIndex").dataSync()),
      },
    }),
  ),
  "NoiseTunnel(smoothgrad) of signed Saliency": overNoise(smoothGrad),
  "NoiseTunnel(smoothgrad_sq) of signed Saliency": overNoise(squareGrad),
  "NoiseTunnel(vargrad) of signed Saliency": overNoise(varGrad),
  LayerActivation: attribution(({ model, golden }) => layerActivation(model(), { layer: layerOf(golden) })),
  LayerGradientXActivation: attribution(({ model, golden }) =>
    layerGradientTimesActivation(model(), { layer: layerOf(golden) }),
  ),
  LayerConductance: attribution((context) =>
    layerConductance(context.model(), {
      layer: layerOf(context.golden),
      steps: context.golden.params["n_steps"] as number,
      baseline: baselineOf(context),
      rule: ruleOf(context),
    }),
  ),
  LayerGradCam: async ({ model, input, golden }) => {
    const explain = async (upsampling: GradCamOptions["upsampling"]) => {
      const relu = golden.params["relu_attributions"] === true;
      const result = await gradCam(model(), { layer: layerOf(golden), relu, upsampling })(input(), targetOf(golden));
      return result.relevance;
    };
    const roles: Record<string, Float32Array> = {};
    for (const role of Object.keys(golden.tensors)) {
      roles[role] = await explain(
        role.includes("bilinear") ? "bilinear" : role.includes("nearest") ? "nearest" : "none",
      );
    }
    return { roles };
  },
  GuidedGradCam: attribution(({ model, golden }) =>
    guidedGradCam(model(), {
      layer: layerOf(golden),
      upsampling: golden.params["interpolate_mode"] as "nearest" | "bilinear",
    }),
  ),
  LRP: async ({ model, input, golden }) => {
    const rule = lrpRule(golden.params);
    // captum treats batch norm as one more linear layer, with ε 1e-9 like pools and sums.
    const norm = epsilon({ epsilon: 1e-9 });
    const composite: Composite = {
      name: `captum ${rule.name}`,
      parameters: rule.parameters,
      epsilon: 1e-9,
      rule: ({ operation }) => (operation.kind === "scale" ? norm : rule),
    };
    const bias = golden.params["set_bias_to_zero"] === true ? "ignore" : "absorb";
    const recording = record(model(), input(), { foldBatchNorm: false });
    try {
      const result = await lrp(model(), { composite, bias })(recording, { target: golden.target! });
      return { roles: { [golden.tensors["relevance"] ? "relevance" : "attribution"]: result.relevance } };
    } finally {
      recording.dispose();
    }
  },
};

function lrpRule(params: CaseContext["golden"]["params"]): Rule {
  const γ = params["gamma"] as number;
  switch (params["rule"]) {
    case "EpsilonRule":
      return epsilon({ epsilon: params["epsilon"] as number });
    case "GammaRule":
      return manipulated("gamma", (w) => tf.add(w, tf.mul(tf.relu(w), γ)));
    case "Alpha1_Beta0_Rule":
      return manipulated("alpha1-beta0", (w) => tf.relu(w));
    default:
      throw new Error(`captum's rule ${String(params["rule"])} is not known`);
  }
}

/** captum changes the weights and leaves the bias as it is, which neither rule's paper does. */
function manipulated(name: string, make: (w: Tensor) => Tensor): Rule {
  return {
    name,
    parameters: {},
    bias: undefined,
    proportional: true,
    share(layer, R, useBias) {
      const { a, b } = layer;
      const w = layer.variant(`captum ${name}`, make);
      const bias = useBias ? b : null;
      const linear = w.forward(a);
      const z = bias === null ? linear : tf.add(linear, bias);
      const stabilizer = tf.mul(tf.sign(tf.add(z, 1e-30)), 1e-9);
      const s = tf.div(R, tf.add(z, stabilizer));
      return { inputs: tf.mul(a, w.vjp(s, a.shape)), terms: [{ s, bias, stabilizer }] };
    },
  };
}

type Explain = (x: Tensor, target: GradientTarget) => Promise<Attribution>;

const targetOf = ({ target }: CaseContext["golden"]): GradientTarget => (target === undefined ? {} : { target });

const layerOf = ({ params }: CaseContext["golden"]): string => params["layer"] as string;

/** A method whose relevance is compared with the role `attribution`. */
function attribution(make: (context: CaseContext) => Explain): Adapter {
  return async (context) => ({
    roles: { attribution: (await make(context)(context.input(), targetOf(context.golden))).relevance },
  });
}

function overNoise(method: typeof smoothGrad): Adapter {
  return attribution(({ model, golden, tensor }) =>
    method(model(), { samples: golden.params["nt_samples"] as number, noise: tensor("noise") }),
  );
}

function ruleOf({ golden }: CaseContext): QuadratureRule {
  const name = String(golden.params["method"]);
  if (name === "gausslegendre") return "gauss-legendre";
  if (name === "riemann_trapezoid") return "trapezoid";
  return name.replace("_", "-") as QuadratureRule;
}

/** captum's baselines are zeros or a stored tensor. */
const baselineOf = ({ golden, tensor }: CaseContext): number | Tensor =>
  golden.tensors["baseline"] === undefined ? 0 : tensor("baseline");
