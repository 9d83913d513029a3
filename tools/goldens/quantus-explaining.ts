import * as tf from "@tensorflow/tfjs-core";
import {
  type Explain,
  maxSensitivity,
  ParameterError,
  parameterRandomization,
  sensitivity,
} from "../../src/explainers/index.js";
import type { Adapters, CaseContext, Computed } from "./adapter.js";
import { choiceIn, expectIn, numberIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";
import { attributionOf } from "./stated-attribution.js";

/** quantus' measures that explain again. */
export const quantusExplaining: Adapters = {
  MPRT: randomization,
  MaxSensitivity: async (context) => {
    const { golden } = context;
    expectIn(golden.params, "explainer", "signed gradient of the logit");
    expectIn(golden.params, "norm", "frobenius of the difference / frobenius of a");
    return { roles: { scores: await largestMove(context, golden["y"] as readonly number[], "nr_samples") } };
  },
};

/** captum's measure of the same name. */
export const captumExplaining: Adapters = {
  "metrics.sensitivity_max of signed Saliency": async (context) => {
    expectIn(context.golden.params, "norm_ord", "fro");
    return { roles: { score: await largestMove(context, context.golden.target!, "n_perturb_samples") } };
  },
};

/** Max-sensitivity of the signed gradient, by the case's own perturbations `D`: quantus has the samples first, captum the images. */
async function largestMove(
  { golden, model, input, tensor }: CaseContext,
  target: readonly number[],
  count: string,
): Promise<Float32Array> {
  const samples = numberIn(golden.params, count);
  const x = input();
  const [stored, shape] = [tensor("D"), [...x.shape]];
  const draws = tf.tidy(() => {
    if (stored.rank > x.rank) return stored.clone();
    const perImage = tf.reshape(stored, [shape[0]!, samples, ...shape.slice(1)]);
    return tf.transpose(perImage, [1, 0, ...shape.slice(1).map((_, axis) => axis + 2)]);
  });
  try {
    const explain = (net: object): Explain => sensitivity(net, { kind: "signed" });
    const attribution = await explain(model())(x, { target: [...target] });
    const { values } = await maxSensitivity(model(), { draws, samples })({ x, attribution, explain });
    return Float32Array.from(values);
  } finally {
    draws.dispose();
  }
}

/**
 * The peer's weights after each randomization are not stored, but its explanations are: an explainer that gives those, one after the
 * other, stands in for ours.
 */
async function randomization(context: CaseContext): Promise<Computed> {
  const { golden, tensor, input, model } = context;
  const labels = golden.params["labels"];
  if (!Array.isArray(labels)) throw new GoldensError("The case has no labels of its states.");
  const order = choiceIn(
    golden.params,
    "layer_order",
    { top_down: "cascading", bottom_up: "bottom-up", independent: "independent" } as const,
    "independent",
  );
  const similarity = choiceIn(golden.params, "similarity", { spearman: "spearman" } as const, "spearman");
  expectIn(golden.params, "abs", false);
  const stored = tf.unstack(tensor("attributions"));
  try {
    const maps = stored.map((map) =>
      attributionOf(map.dataSync<"float32">(), map.shape, golden["y"] as readonly number[]),
    );
    // The original's come first, more than once.
    const states = maps.slice(-labels.length);
    let state = 0;
    const x = input();
    // The peer's maps are of one state each: asked for several at once, they are refused, and then asked for one by one.
    const explain = (): Explain => (asked) => {
      const rows = asked instanceof tf.Tensor ? asked.shape[0] : undefined;
      if (rows !== x.shape[0]) return Promise.reject(new ParameterError("x", rows, `a batch of ${x.shape[0]}`));
      return Promise.resolve(states[state++]!);
    };
    const check = parameterRandomization(model(), { order, similarity, channels: "apart", similarities: [similarity] });
    const { steps } = await check({ x, attribution: maps[0]!, explain });
    return {
      roles: { scores: Float32Array.from(steps.flatMap(({ similarities }) => [...similarities.signed[similarity]!])) },
    };
  } finally {
    tf.dispose(stored);
  }
}
