import type { Tensor } from "@tensorflow/tfjs-core";
import type { Context } from "../context.js";
import { given, type Method, method } from "../method.js";
import {
  betaSmooth,
  deconvnet,
  deepLift,
  deepLiftShap,
  expectedGradients,
  gradCam,
  gradCamPlusPlus,
  gradientTimesInput,
  guidedBackprop,
  guidedGradCam,
  integratedGradients,
  layerActivation,
  layerConductance,
  layerGradientTimesActivation,
  quadratureRules,
  sensitivity,
  simpleTaylor,
  smoothGrad,
  squareGrad,
  varGrad,
} from "../methods/gradient/index.js";
import { colors, type NamedReference, noise, reference, referenceOf, withTensors } from "../methods/reference.js";
import { choice, type InputKind, layerName, real, tensorOf, toggle, whole, without } from "../parameters.js";

const any: readonly InputKind[] = ["image", "sequence", "table"];
const maps: readonly InputKind[] = ["image", "sequence"];

const memoryBudget = whole(512 * 2 ** 20, "What activations and gradients of one batch of points may take", {
  least: 1,
  unit: "bytes",
  label: "Memory",
  minor: true,
});
const seed = whole(0, "The same seed gives the same numbers", { minor: true });
const pathSteps = { least: 1, span: { from: 1, to: 200, step: 1 } };
const draws = { least: 1, span: { from: 1, to: 200, step: 1 } };
const rules = {
  notes: {
    "gauss-legendre": { label: "Gauss–Legendre" },
    "riemann-left": { label: "Riemann, left ends" },
    "riemann-middle": { label: "Riemann, middles" },
    "riemann-right": { label: "Riemann, right ends" },
  },
};
const layer = layerName("The layer's name; by default the last one with a map of positions");
const upsampling = choice(["bilinear", "nearest", "none"], "bilinear", "How the map is brought to the input's size", {
  minor: true,
});
const deepLiftRule = choice(
  ["rescale", "reveal-cancel"],
  "rescale",
  "Multipliers Δy/Δx, or of the positive and the negative part of Δx apart, which sees what they hide from each other",
  { notes: { rescale: { label: "Rescale" }, "reveal-cancel": { label: "RevealCancel" } } },
);
const black = reference("black", "The reference input x'");

const background = {
  background: choice(
    ["colors", "noise"],
    "colors",
    "The reference inputs, where none are given: even colors from black to white, or uniform noise",
  ),
  count: whole(8, "How many of them", { least: 1, label: "References", span: { from: 1, to: 32, step: 1 } }),
  references: tensorOf("The reference inputs themselves, [count, …sample]", "optional"),
};

interface Background {
  readonly background: "colors" | "noise";
  readonly count: number;
  readonly references: Tensor | undefined;
}

const backgroundOf =
  ({ background: kind, count, references }: Background, noiseSeed: number, context: Context) =>
  (x: Tensor) => ({
    rows: references?.clone() ?? (kind === "colors" ? colors(count, context, x) : noise(count, noiseSeed, context, x)),
  });

const noisy = {
  samples: whole(50, "Noisy copies of the input", draws),
  noise: real(0.15, "Standard deviation σ of the noise", {
    least: 0,
    unit: "share of max x − min x",
    label: "Noise σ",
    span: { from: 0, to: 1, step: 0.01 },
  }),
  seed,
  memoryBudget,
};

export const gradientMethods: readonly Method[] = [
  method({
    id: "sensitivity",
    name: "Sensitivity",
    family: "gradient",
    reference: "Morch et al. 1995; Baehrens et al. 2010, JMLR; Simonyan, Vedaldi & Zisserman 2014, ICLR workshop",
    question: "Which entries would change the output most if they changed a little?",
    inputs: any,
    signed: false,
    additive: false,
    result: "entries",
    parameters: {
      kind: choice(["square", "absolute", "signed"], "square", "(∂f/∂x)², |∂f/∂x| or ∂f/∂x itself"),
      channels: choice(["none", "max"], "none", "max gives every channel of a position the largest of them"),
    },
    explainer: (model, values) => sensitivity(model, values),
  }),
  method({
    id: "gradient-times-input",
    name: "Gradient × input",
    family: "gradient",
    reference: "Shrikumar et al. 2016, arXiv:1605.01713",
    question: "What is each entry's share in the output, were the network linear?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: {},
    explainer: (model) => gradientTimesInput(model),
  }),
  method({
    id: "simple-taylor",
    name: "Simple Taylor decomposition",
    family: "gradient",
    reference: "Bach et al. 2015, PLOS ONE, eq. 9; Montavon, Samek & Müller 2018, DSP, section 4.2",
    question: "Which entries lift the output above a nearby input for which it is 0?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: {
      root: {
        ...reference("black", "The root point x̃, where line-search is not wanted"),
        range: "line-search, black, gray, white, mean, blurred, a number or a tensor",
        choices: ["line-search", "black", "gray", "white", "mean", "blurred"],
        default: "line-search" as "line-search" | NamedReference,
        description: "The root point x̃: found on the line through x along its gradient, or a reference",
        accepts: (value: unknown) => value === "line-search" || black.accepts(value),
      },
      tolerance: real(1e-3, "How near to 0 the output at a found root must be", {
        least: 0,
        open: true,
        unit: "share of the output at x",
        span: { from: 1e-6, to: 0.1, step: 0.5, logarithmic: true },
      }),
    },
    parametersWith: ({ root = "line-search" }, parameters) =>
      root === "line-search" ? parameters : without(parameters, "tolerance"),
    explainer: (model, { root, tolerance }, context) =>
      root === "line-search"
        ? simpleTaylor(model, { tolerance })
        : withTensors(
            (x) => ({ root: referenceOf("root", root, "black", context, x) }),
            (made) => simpleTaylor(model, { ...made, tolerance }),
          ),
  }),
  method({
    id: "integrated-gradients",
    name: "Integrated gradients",
    family: "gradient",
    reference: "Sundararajan, Taly & Yan 2017, ICML, eq. 1",
    question: "What did each entry add to the output on the way from a reference to this input?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: {
      baseline: reference("black", "Where the path begins, x'"),
      steps: whole(50, "Points on the path", pathSteps),
      rule: choice(quadratureRules, "gauss-legendre", "How the integral is taken", rules),
      memoryBudget,
    },
    explainer: (model, { baseline, ...options }, context) =>
      withTensors(
        (x) => ({ baseline: referenceOf("baseline", baseline, "black", context, x) }),
        (made) => integratedGradients(model, { ...options, ...made }),
      ),
  }),
  method({
    id: "expected-gradients",
    name: "Expected gradients (GradientSHAP)",
    family: "gradient",
    reference: "Erion et al. 2021, Nature Machine Intelligence, eq. 3; Lundberg & Lee 2017, NeurIPS",
    question: "What did each entry add to the output, on average over many references?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: {
      ...background,
      samples: whole(50, "Draws of a reference and a place on the path", draws),
      seed,
      memoryBudget,
    },
    explainer: (model, { samples, memoryBudget: budget, ...rest }, context) =>
      withTensors(backgroundOf(rest, rest.seed, context), ({ rows }) =>
        expectedGradients(model, { baselines: rows, samples, seed: rest.seed, memoryBudget: budget }),
      ),
  }),
  method({
    id: "smoothgrad",
    name: "SmoothGrad",
    family: "gradient",
    reference: "Smilkov et al. 2017, arXiv:1706.03825",
    question: "Which small changes move the output, once the gradient's noise is averaged out?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: noisy,
    explainer: (model, values) => smoothGrad(model, values),
  }),
  method({
    id: "squaregrad",
    name: "SquareGrad",
    family: "gradient",
    reference: "Hooker et al. 2019, NeurIPS",
    question: "To which entries is the output sensitive around this input, whatever the direction?",
    inputs: any,
    signed: false,
    additive: false,
    result: "entries",
    parameters: noisy,
    explainer: (model, values) => squareGrad(model, values),
  }),
  method({
    id: "vargrad",
    name: "VarGrad",
    family: "gradient",
    reference: "Adebayo et al. 2018, NeurIPS",
    question: "Where does the output's sensitivity vary most around this input?",
    inputs: any,
    signed: false,
    additive: false,
    result: "entries",
    parameters: noisy,
    explainer: (model, values) => varGrad(model, values),
  }),
  method({
    id: "deeplift",
    name: "DeepLIFT",
    family: "gradient",
    reference: "Shrikumar, Greenside & Kundaje 2017, ICML",
    question: "Which entries' differences from a reference make the output differ from the reference's?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: { reference: black, rule: deepLiftRule },
    explainer: (model, { reference: value, rule }, context) =>
      withTensors(
        (x) => ({ reference: referenceOf("reference", value, "black", context, x) }),
        (made) => deepLift(model, { ...made, rule }),
      ),
  }),
  method({
    id: "deeplift-shap",
    name: "DeepLIFT-SHAP",
    family: "gradient",
    reference: "Lundberg & Lee 2017, NeurIPS, section 4.2",
    question: "Which entries make the output differ from what it is on average over many references?",
    inputs: any,
    signed: true,
    additive: true,
    result: "entries",
    parameters: { ...background, rule: deepLiftRule, seed: whole(0, "Seed of the noise", { minor: true }) },
    explainer: (model, { rule, ...rest }, context) =>
      withTensors(backgroundOf(rest, rest.seed, context), ({ rows }) =>
        deepLiftShap(model, { references: rows, rule }),
      ),
  }),
  method({
    id: "deconvnet",
    name: "Deconvolution",
    family: "gradient",
    reference: "Zeiler & Fergus 2014, ECCV",
    question: "Which pattern in the input made the network say so, as far as positive signals carry it back?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {},
    explainer: (model) => deconvnet(model),
  }),
  method({
    id: "guided-backprop",
    name: "Guided backpropagation",
    family: "gradient",
    reference: "Springenberg et al. 2015, ICLR workshop",
    question: "Which pattern excited the units that speak for the output?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {},
    explainer: (model) => guidedBackprop(model),
  }),
  method({
    id: "smoothed-gradient",
    name: "Smoothed gradient (β)",
    family: "gradient",
    reference: "Dombrowski et al. 2019, NeurIPS",
    question: "Which small changes would move the output, were every ReLU a softplus?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      beta: real(10, "Sharpness β of the softplus", {
        least: 0,
        open: true,
        label: "β",
        span: { from: 0.1, to: 100, step: 0.1, logarithmic: true },
      }),
    },
    explainer: (model, values) => betaSmooth(model, values),
  }),
  method({
    id: "grad-cam",
    name: "Grad-CAM",
    family: "gradient",
    reference: "Selvaraju et al. 2017, ICCV, eq. 1 and 2",
    question: "Roughly where is what speaks for the output?",
    inputs: maps,
    signed: true,
    additive: false,
    result: "positions",
    parameters: { layer, relu: toggle(true, "Keeps only what speaks for the target", { label: "ReLU" }), upsampling },
    explainer: (model, values) => gradCam(model, given(values)),
  }),
  method({
    id: "grad-cam-plus-plus",
    name: "Grad-CAM++",
    family: "gradient",
    reference: "Chattopadhay et al. 2018, WACV, eq. 19",
    question: "Roughly where are all the objects that speak for the output, small ones included?",
    inputs: maps,
    signed: true,
    additive: false,
    result: "positions",
    parameters: { layer, relu: toggle(true, "Keeps only what speaks for the target", { label: "ReLU" }), upsampling },
    explainer: (model, values) => gradCamPlusPlus(model, given(values)),
  }),
  method({
    id: "guided-grad-cam",
    name: "Guided Grad-CAM",
    family: "gradient",
    reference: "Selvaraju et al. 2017, ICCV, section 3.2",
    question: "Which fine pattern, in the places that speak for the output?",
    inputs: maps,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      layer,
      upsampling: choice(["bilinear", "nearest"], "bilinear", "How the map is brought to the input's size"),
    },
    explainer: (model, values) => guidedGradCam(model, given(values)),
  }),
  method({
    id: "layer-activation",
    name: "Layer activation",
    family: "gradient",
    reference: "Yosinski et al. 2015, ICML workshop",
    question: "What do the units of a layer see in this input?",
    inputs: any,
    signed: true,
    additive: false,
    result: "units",
    parameters: { layer },
    explainer: (model, values) => layerActivation(model, given(values)),
  }),
  method({
    id: "layer-gradient-times-activation",
    name: "Layer gradient × activation",
    family: "gradient",
    reference: "Shrikumar et al. 2016, arXiv:1605.01713, at a hidden layer",
    question: "What is each hidden unit's share in the output, were the layers above it linear?",
    inputs: any,
    signed: true,
    additive: true,
    result: "units",
    parameters: { layer },
    explainer: (model, values) => layerGradientTimesActivation(model, given(values)),
  }),
  method({
    id: "layer-conductance",
    name: "Layer conductance",
    family: "gradient",
    reference: "Dhamdhere, Sundararajan & Yan 2019, ICLR, eq. 3",
    question: "How much of the output's rise from a reference flows through each unit of a layer?",
    inputs: any,
    signed: true,
    additive: true,
    result: "units",
    parameters: {
      layer,
      baseline: reference("black", "Where the path begins, x'"),
      steps: whole(50, "Intervals on the path", pathSteps),
      rule: choice(quadratureRules, "trapezoid", "Where the path is cut", { ...rules, minor: true }),
      memoryBudget,
    },
    explainer: (model, { baseline, ...options }, context) =>
      withTensors(
        (x) => ({ baseline: referenceOf("baseline", baseline, "black", context, x) }),
        (made) => layerConductance(model, { ...given(options), ...made }),
      ),
  }),
];
