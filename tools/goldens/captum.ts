import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Bias,
  composite,
  deconvnet,
  deepLift,
  deepLiftShap,
  type Explain,
  epsilon,
  expectedGradients,
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
  type Recording,
  type Rule,
  type RunOptions,
  record,
  sensitivity,
  smoothGrad,
  squareGrad,
  varGrad,
} from "../../src/explainers/index.js";
import type { Adapter, Adapters, CaseContext } from "./adapter.js";
import { baselineOf } from "./baseline.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";

/** captum's gradients and what is made of them, and its LRP where it is usable. */
export const captum: Adapters = {
  Saliency: attribution(({ model, golden }) =>
    sensitivity(model(), {
      kind: choiceIn(golden.params, "abs", { true: "absolute", false: "signed" } as const, "true"),
    }),
  ),
  InputXGradient: attribution(({ model }) => gradientTimesInput(model())),
  // captum, like zennit, replaces the gradient of nn.ReLU alone.
  GuidedBackprop: attribution(({ model }) => guidedBackprop(model(), { rectifiers: ["relu"] })),
  Deconvolution: attribution(({ model }) => deconvnet(model(), { rectifiers: ["relu"] })),
  IntegratedGradients: attribution((context) =>
    integratedGradients(context.model(), {
      rule: ruleOf(context),
      steps: numberIn(context.golden.params, "n_steps", 50),
      baseline: baselineOf(context),
    }),
  ),
  "DeepLift (Rescale)": attribution((context) => {
    expectSmall(context, "eps");
    return deepLift(context.model(), { reference: baselineOf(context) });
  }),
  DeepLiftShap: attribution((context) => {
    expectSmall(context, "eps");
    return deepLiftShap(context.model(), { references: context.tensor("baselines") });
  }),
  GradientShap: attribution((context) => {
    const { model, golden, tensor } = context;
    // Noise on the inputs is not among the stored draws.
    expectIn(golden.params, "stdevs", 0);
    return expectedGradients(model(), {
      references: tensor("baselines"),
      samples: numberIn(golden.params, "n_samples", 5),
      draws: {
        alphas: Array.from(tensor("alphas").dataSync()),
        baselineIndices: Array.from(tensor("baselineIndex").dataSync()),
      },
    });
  }),
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
      steps: numberIn(context.golden.params, "n_steps", 50),
      baseline: baselineOf(context),
      rule: ruleOf(context),
    }),
  ),
  LayerGradCam: (context) =>
    recorded(context, async (recording) => {
      const { model, golden } = context;
      const relu = choiceIn(golden.params, "relu_attributions", { true: true, false: false }, "false");
      const roles: Record<string, Float32Array> = {};
      for (const role of Object.keys(golden.tensors)) {
        const upsampling = role.includes("bilinear") ? "bilinear" : role.includes("nearest") ? "nearest" : "none";
        const explain = gradCam(model(), { layer: layerOf(golden), relu, upsampling });
        roles[role] = (await explain(recording, targetOf(golden))).relevance;
      }
      return { roles };
    }),
  GuidedGradCam: attribution(({ model, golden }) =>
    guidedGradCam(model(), {
      layer: layerOf(golden),
      upsampling: choiceIn(
        golden.params,
        "interpolate_mode",
        { nearest: "nearest", bilinear: "bilinear" } as const,
        "nearest",
      ),
      rectifiers: ["relu"],
    }),
  ),
  LRP: (context) =>
    recorded(context, async (recording) => {
      const { model, golden } = context;
      const { params } = golden;
      expectIn(params, "seed", "output[target]");
      expectIn(
        params,
        "where",
        "every conv and dense; pools, batch norm and Addition_Module EpsilonRule(1e-9); ReLU ignored",
      );
      const rule = lrpRule(params);
      // captum treats batch norm as one more linear layer, with ε 1e-9 like pools and sums, and always with its bias.
      const norm = epsilon({ epsilon: 1e-9, bias: "absorb" });
      const rules = composite(`captum ${rule.name}`, { guard: 1e-9, byKind: { scale: norm }, otherwise: rule });
      const bias = choiceIn<Bias>(params, "set_bias_to_zero", { true: "ignore", false: "absorb" }, "false");
      const { relevance } = await lrp(model(), { composite: rules, bias })(recording, { target: golden.target! });
      return { roles: { [golden.tensors["relevance"] ? "relevance" : "attribution"]: relevance } };
    }),
};

function lrpRule(params: CaseContext["golden"]["params"]): Rule {
  const make = choiceIn(
    params,
    "rule",
    {
      EpsilonRule: () => epsilon({ epsilon: numberIn(params, "epsilon", 1e-9) }),
      GammaRule: () => {
        const γ = numberIn(params, "gamma", 0.25);
        return manipulated(`gamma ${γ}`, (w) => tf.add(w, tf.mul(tf.relu(w), γ)));
      },
      Alpha1_Beta0_Rule: () => manipulated("alpha1-beta0", (w) => tf.relu(w)),
    },
    "EpsilonRule",
  );
  return make();
}

/** captum changes the weights and leaves the bias as it is, which neither rule's paper does. */
function manipulated(name: string, make: (w: Tensor) => Tensor): Rule {
  return {
    name,
    weighted: true,
    zero: "nothing",
    share(layer, R) {
      const { a, b, usesBias } = layer;
      const w = layer.variant(`captum ${name}`, make);
      const bias = usesBias ? b : null;
      const linear = w.forward(a);
      const z = bias === null ? linear : tf.add(linear, bias);
      const stabilizer = tf.mul(tf.sign(tf.add(z, 1e-30)), 1e-9);
      const s = tf.div(R, tf.add(z, stabilizer));
      return { inputs: tf.mul(a, w.vjp(s, a.shape)), terms: [{ s, bias, stabilizer }] };
    },
  };
}

const targetOf = ({ target }: CaseContext["golden"]): RunOptions => (target === undefined ? {} : { target });

const layerOf = ({ params }: CaseContext["golden"]): string => params["layer"] as string;

/** A method whose relevance is compared with the role `attribution`. */
function attribution(make: (context: CaseContext) => Explain): Adapter {
  return (context) =>
    recorded(context, async (recording) => ({
      roles: { attribution: (await make(context)(recording, targetOf(context.golden))).relevance },
    }));
}

/** captum merges no batch norm, and may be asked for the layer before one. */
async function recorded<T>({ model, input }: CaseContext, use: (recording: Recording) => Promise<T>): Promise<T> {
  const recording = record(model(), input(), { foldBatchNorm: false });
  try {
    return await use(recording);
  } finally {
    recording.dispose();
  }
}

function overNoise(method: typeof smoothGrad | typeof squareGrad | typeof varGrad): Adapter {
  return attribution(({ model, golden, tensor }) => {
    // The noise is stored, so that its spread is known.
    numberIn(golden.params, "stdevs", 1);
    return method(model(), { samples: numberIn(golden.params, "nt_samples", 5), noise: tensor("noise") });
  });
}

const ruleOf = ({ golden }: CaseContext): QuadratureRule =>
  choiceIn<QuadratureRule>(
    golden.params,
    "method",
    {
      gausslegendre: "gauss-legendre",
      riemann_left: "riemann-left",
      riemann_middle: "riemann-middle",
      riemann_right: "riemann-right",
      riemann_trapezoid: "trapezoid",
    },
    "gausslegendre",
  );

/** Below which differences captum takes a derivative for a multiplier: float32 sees none as small as it may say. */
function expectSmall({ golden }: CaseContext, name: string): void {
  const value = numberIn(golden.params, name, 1e-10);
  if (value > 1e-6) throw new GoldensError(`The parameter ${name} is ${value}, which would change multipliers.`);
}
