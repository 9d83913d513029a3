import * as tf from "@tensorflow/tfjs-core";
import { Tensor } from "@tensorflow/tfjs-core";
import type { Attribution, Explain, RunOptions } from "../explanation.js";
import { given, inputOf, type Method, method } from "../method.js";
import {
  DEFAULT_MEMORY_BUDGET,
  featureAblation,
  fitPatchGaussian,
  kernelShap,
  lime,
  limeTable,
  meaningfulPerturbation,
  type PerturbationAttribution,
  predictionDifference,
  rise,
  shapleyValues,
} from "../methods/perturbation/index.js";
import { type Extent, sizedWindow, windowSize } from "../methods/perturbation/windows/windows.js";
import { type NamedReference, reference, referenceOf, withTensors } from "../methods/reference.js";
import type { Input, Recording } from "../network/index.js";
import { choice, extent, type InputKind, real, tensorOf, toggle, whole, without } from "../parameters.js";
import { targetOfSample } from "../target.js";
import { featureParameters, featuresOf, MANY, readFor } from "./features.js";

const any: readonly InputKind[] = ["image", "sequence", "table"];

const memoryBudget = whole(DEFAULT_MEMORY_BUDGET, "What perturbed inputs and their activations may take at once", {
  least: 1,
  unit: "bytes",
  label: "Memory",
  minor: true,
});
const seed = whole(0, "The same seed gives the same numbers", { minor: true });
/** How many perturbed inputs: from some to many. */
const draws = (least: number, step: number, to: number) => ({ least, span: { from: step, to, step } });
const hidden = (initial: NamedReference) => reference(initial, "What shows in the place of what is taken away");

/** All coalitions of up to 12 features are looked at. */
const FEW = { segments: 10, mostSegments: 12, cells: 3, mostCells: 3 };

const surrogate = {
  surrogate: choice(["ridge", "lasso", "leastSquares"], "ridge", "The linear model", {
    notes: { leastSquares: { label: "least squares" } },
  }),
  alpha: real(undefined, "Penalty of the linear model; by default 1 for ridge, 0.01 for the lasso", {
    least: 0,
    label: "Penalty",
    minor: true,
  }),
  featureSelection: choice(
    ["auto", "none", "forward_selection", "highest_weights", "lasso_path"],
    "auto",
    "How features are chosen where there are more than numFeatures",
    {
      label: "Selection",
      minor: true,
      notes: {
        forward_selection: { label: "forward selection" },
        highest_weights: { label: "highest weights" },
        lasso_path: { label: "lasso path" },
      },
    },
  ),
  numFeatures: whole(undefined, "How many features the linear model may use; by default all", {
    least: 1,
    label: "Use at most",
    minor: true,
  }),
};

/** Explains a batch sample by sample, where what a method needs is made from the sample. */
function sampleBySample(explainerOf: (sample: Tensor) => Explain<PerturbationAttribution>) {
  return async (given: Input | Recording, options: RunOptions = {}): Promise<Attribution> => {
    const x = inputOf(given);
    const results: Attribution[] = [];
    const batch = x.shape[0]!;
    for (let index = 0; index < batch; index++) {
      const sample = tf.slice(x, index, 1);
      const own = options.target === undefined ? undefined : targetOfSample(options.target, index, batch);
      try {
        results.push(
          await explainerOf(sample)(sample, {
            ...options,
            ...(own !== undefined && { target: own }),
            onProgress: ({ done, total }) => options.onProgress?.({ done: index * total + done, total: batch * total }),
          }),
        );
      } finally {
        sample.dispose();
        if (own instanceof Tensor) own.dispose();
      }
    }
    const relevance = Float32Array.from(results.flatMap((result) => [...result.relevance]));
    return {
      ...results[0]!,
      relevance,
      shape: [...x.shape],
      inputs: [{ relevance, shape: [...x.shape] }],
      output: results.flatMap(({ output }) => output),
      target: results.flatMap((result) => result.target),
    };
  };
}

export const perturbationMethods: readonly Method[] = [
  method({
    id: "feature-ablation",
    name: "Feature ablation",
    family: "perturbation",
    reference: "Robnik-Šikonja & Kononenko 2008, IEEE TKDE; Merrick 2019, arXiv:1908.08474",
    question: "How much does the output fall when one feature is taken away?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: { ...featureParameters(MANY), baseline: hidden("gray"), memoryBudget },
    parametersWith: readFor("superpixels"),
    explainer: (model, { baseline, memoryBudget: budget, ...features }, context) =>
      withTensors(
        (x) => ({ baseline: referenceOf("baseline", baseline, "gray", context, x), x: x.clone() }),
        ({ baseline: made, x }) =>
          featureAblation(model, { features: featuresOf(features, x), baseline: made, memoryBudget: budget }),
      ),
  }),
  method({
    id: "prediction-difference",
    name: "Prediction difference analysis",
    family: "perturbation",
    reference: "Zintgraf et al. 2017, ICLR; Robnik-Šikonja & Kononenko 2008, IEEE TKDE",
    question: "How much evidence for the class is lost when a window's values are unknown?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      window: windowSize("a fourteenth of each side, at least 2"),
      strides: extent(
        "How far the window moves, at most its size; by default half of it, in a picture all of it: 1960 passes with the " +
          "other defaults, about a minute; by halves four times that",
      ),
      samples: whole(10, "How often each window is filled", draws(1, 1, 50)),
      background: tensorOf(
        "Other inputs [rows, …sample] whose values fill the window (marginal sampling); without them values are drawn " +
          "from a Gaussian of the input's own patches, given what surrounds the window",
        "optional",
      ),
      clip: toggle(true, "Keeps drawn values in the range of the input", { minor: true }),
      trainingSize: real(1e6, "N of the Laplace correction (p N + 1) / (N + K)", {
        least: 0,
        open: true,
        unit: "samples",
        label: "N",
        minor: true,
      }),
      seed,
      memoryBudget,
    },
    explainer: (model, { window: wanted, background, ...options }) =>
      sampleBySample((sample) => {
        const size = sizedWindow(wanted, sample, 14, 2);
        // A picture has many windows, and each takes many passes: there they do not overlap.
        const apart = sample.rank === 4 && { strides: size };
        const rest = { ...apart, ...given(options), window: size };
        if (background !== undefined) return predictionDifference(model, { ...rest, background });
        return predictionDifference(model, { ...rest, gaussian: ownPatches(sample, size, options.seed) });
      }),
  }),
  method({
    id: "meaningful-perturbation",
    name: "Meaningful perturbation",
    family: "perturbation",
    reference: "Fong & Vedaldi 2017, ICCV, eq. 5",
    question: "Which smallest smooth region must be deleted for the class to vanish?",
    inputs: ["image"],
    signed: false,
    additive: false,
    result: "entries",
    parameters: {
      perturbation: choice(["blur", "noise"], "blur", "What shows where the mask deletes"),
      blur: real(10, "Standard deviation of the blur", {
        least: 0,
        open: true,
        unit: "pixels",
        span: { from: 1, to: 40, step: 1 },
      }),
      area: real(1e-4, "λ₁, weight of the deleted area", {
        least: 0,
        label: "Area λ₁",
        span: { from: 1e-6, to: 0.1, step: 0.25, logarithmic: true },
      }),
      variation: real(1e-2, "λ₂, weight of the mask's total variation", {
        least: 0,
        label: "Variation λ₂",
        span: { from: 1e-4, to: 1, step: 0.25, logarithmic: true },
      }),
      beta: real(3, "β, exponent of the total variation", {
        least: 1,
        label: "β",
        minor: true,
        span: { from: 1, to: 6, step: 0.1 },
      }),
      jitter: whole(4, "How far the image moves at random in every iteration", {
        least: 0,
        unit: "pixels",
        minor: true,
        span: { from: 0, to: 16, step: 1 },
      }),
      iterations: whole(300, "Steps of Adam", draws(1, 10, 1000)),
      learningRate: real(0.1, "Adam's step size", {
        least: 0,
        open: true,
        label: "Step size",
        minor: true,
        span: { from: 0.001, to: 1, step: 0.25, logarithmic: true },
      }),
      initial: real(1, "The mask's first value: 1 deletes nothing", {
        least: 0,
        most: 1,
        label: "First mask",
        minor: true,
        span: { from: 0, to: 1, step: 0.05 },
      }),
      objective: choice(
        ["probability", "output"],
        "probability",
        "What is driven down: the class probability or the logit",
        { minor: true },
      ),
      seed,
    },
    parametersWith: ({ perturbation }, parameters) =>
      perturbation === "noise" ? without(parameters, "blur") : parameters,
    explainer: (model, values) => meaningfulPerturbation(model, values),
  }),
  method({
    id: "lime",
    name: "LIME",
    family: "perturbation",
    reference: "Ribeiro, Singh & Guestrin 2016, KDD",
    question: "Which features would a linear model, fitted around this input, weigh most?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      ...featureParameters(MANY),
      baseline: {
        ...hidden("mean"),
        description:
          "What shows in the place of absent features: a reference, or (by default) each feature's own mean in a picture, else 0",
        default: undefined as NamedReference | undefined,
      },
      samples: whole(1000, "Perturbed copies, the input itself included", draws(2, 100, 5000)),
      sampling: choice(
        ["independent", "count", "all"],
        "independent",
        "Each feature present with probability ½; a uniformly drawn number absent; or all coalitions of up to 12",
        { minor: true },
      ),
      kernelWidth: real(0.25, "Width of the kernel √exp(−d² / width²)", {
        least: 0,
        open: true,
        unit: "cosine distance",
        minor: true,
        span: { from: 0.05, to: 2, step: 0.05 },
      }),
      ...surrogate,
      seed,
      memoryBudget,
    },
    parametersWith: readFor("superpixels"),
    explainer: (model, { features, segments, cells, ids, baseline, ...options }, context) =>
      withTensors(
        (x) => ({
          x: x.clone(),
          ...(baseline !== undefined && { baseline: referenceOf("baseline", baseline, "black", context, x) }),
        }),
        ({ x, baseline: made }) =>
          lime(model, {
            ...given(options),
            features: featuresOf({ features, segments, cells, ids }, x),
            ...(made !== undefined && { baseline: made }),
          }),
      ),
  }),
  method({
    id: "lime-table",
    name: "LIME for tables",
    family: "perturbation",
    reference: "Ribeiro, Singh & Guestrin 2016, KDD, and the authors' package",
    question: "Which columns of this row would a linear model, fitted to rows like it, weigh most?",
    inputs: ["table"],
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      training: tensorOf("Training rows [rows, columns], from which values are drawn", "required"),
      discretize: choice(["quartile", "decile", "none"], "quartile", "Whether quantities are cut into bins or kept"),
      samples: whole(5000, "Perturbed rows, the row itself included", draws(2, 500, 20_000)),
      kernelWidth: real(undefined, "Width of the kernel; by default ¾ √columns", {
        least: 0,
        open: true,
        unit: "Euclidean distance",
      }),
      ...surrogate,
      seed,
      memoryBudget,
    },
    explainer: (model, { training, ...options }) => limeTable(model, { ...given(options), training: training! }),
  }),
  method({
    id: "kernel-shap",
    name: "Kernel SHAP",
    family: "perturbation",
    reference: "Lundberg & Lee 2017, NeurIPS, theorem 2",
    question: "What is each feature's fair share in the output (approximately, for many features)?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      ...featureParameters(MANY),
      baseline: hidden("gray"),
      background: tensorOf(
        "Inputs [rows, …sample] over which absent features are averaged, instead of a baseline",
        "optional",
      ),
      samples: whole(2048, "Coalitions to draw; exact where all of up to 12 features' are no more", {
        least: 2,
        span: { from: 256, to: 8192, step: 256 },
      }),
      seed,
      memoryBudget,
    },
    parametersWith: readFor("superpixels"),
    explainer: (model, { features, segments, cells, ids, baseline, background, ...options }, context) =>
      withTensors(
        (x) => ({ x: x.clone(), baseline: referenceOf("baseline", baseline, "gray", context, x) }),
        ({ x, baseline: made }) =>
          kernelShap(model, {
            ...options,
            features: featuresOf({ features, segments, cells, ids }, x),
            ...(background === undefined ? { baseline: made } : { background }),
          }),
      ),
  }),
  method({
    id: "shapley-values",
    name: "Shapley values",
    family: "perturbation",
    reference: "Shapley 1953; Štrumbelj & Kononenko 2010, JMLR",
    question: "What is each feature's fair share in the output, exactly (up to 12 features)?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      ...featureParameters(FEW),
      features: {
        ...featureParameters(FEW).features,
        description:
          "The players: by default the cells of a grid (pictures), positions of a sequence, entries of a row",
      },
      baseline: hidden("gray"),
      background: tensorOf(
        "Inputs [rows, …sample] over which absent features are averaged, instead of a baseline",
        "optional",
      ),
      memoryBudget,
    },
    parametersWith: readFor("grid"),
    explainer: (model, { features, segments, cells, ids, baseline, background, ...options }, context) =>
      withTensors(
        (x) => ({ x: x.clone(), baseline: referenceOf("baseline", baseline, "gray", context, x) }),
        ({ x, baseline: made }) =>
          shapleyValues(model, {
            ...options,
            features: featuresOf(
              { features: features ?? (x.rank === 4 ? "grid" : undefined), segments, cells, ids },
              x,
            ),
            ...(background === undefined ? { baseline: made } : { background }),
          }),
      ),
  }),
  method({
    id: "rise",
    name: "RISE",
    family: "perturbation",
    reference: "Petsiuk, Das & Saenko 2018, BMVC, eq. 6",
    question: "How high is the output, on average, when this place is visible?",
    inputs: any,
    signed: true,
    additive: false,
    result: "entries",
    parameters: {
      masks: whole(2000, "How many random masks", draws(1, 100, 8000)),
      cells: whole(7, "Cells of the coarse grid along the longer side", {
        least: 1,
        span: { from: 1, to: 28, step: 1 },
      }),
      probability: real(0.5, "How likely a cell is kept", {
        least: 0,
        most: 1,
        open: true,
        span: { from: 0.05, to: 0.95, step: 0.05 },
      }),
      interpolation: choice(
        ["bilinear", "nearest"],
        "bilinear",
        "Smooth masks with random shifts, or cells of 0 and 1",
        { minor: true },
      ),
      estimate: choice(
        ["mean", "difference"],
        "mean",
        "The mean output where visible, or minus the mean where hidden",
        {
          minor: true,
        },
      ),
      baseline: hidden("black"),
      seed,
      memoryBudget,
    },
    explainer: (model, { baseline, ...options }, context) =>
      withTensors(
        (x) => ({ baseline: referenceOf("baseline", baseline, "black", context, x) }),
        (made) => rise(model, { ...options, ...made }),
      ),
  }),
];

/** How the patches of one input are distributed, larger than the window by half of it on every axis of positions. */
function ownPatches(sample: Tensor, window: Extent, seed: number) {
  const sides = sample.shape.slice(1);
  const patch = sides.map((side, axis) => {
    if (axis > 0 && axis === sides.length - 1) return side;
    const size = typeof window === "number" ? window : window[axis]!;
    return Math.min(side, size + 2 * Math.ceil(size / 4));
  });
  return fitPatchGaussian(sample, { patch, seed });
}
