import * as tf from "@tensorflow/tfjs-core";
import { type Attribution, type Explain, parameterRandomization } from "../../src/explainers/index.js";
import type { Adapters, CaseContext, Computed } from "./adapter.js";
import { choiceIn, expectIn } from "./parameters.js";
import { GoldensError } from "./safetensors.js";

/** quantus' measures that explain again. */
export const quantusExplaining: Adapters = {
  MPRT: randomization,
};

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
    const maps = stored.map((map) => attributionOf(map, golden["y"] as readonly number[]));
    // The original's come first, more than once.
    const states = maps.slice(-labels.length);
    let state = 0;
    const explain = (): Explain => () => Promise.resolve(states[state++]!);
    const check = parameterRandomization(model(), { order, similarity, channels: "apart", similarities: [similarity] });
    const { steps } = await check({ x: input(), attribution: maps[0]!, explain });
    return {
      roles: { scores: Float32Array.from(steps.flatMap(({ similarities }) => [...similarities.signed[similarity]!])) },
    };
  } finally {
    tf.dispose(stored);
  }
}

/** A stored explanation as one of ours. */
export function attributionOf(map: tf.Tensor, target: readonly number[]): Attribution {
  const relevance = map.dataSync<"float32">();
  const { shape } = map;
  return {
    method: "stored",
    parameters: {},
    relevance,
    shape,
    inputs: [{ relevance, shape }],
    output: target.map(() => Number.NaN),
    target: [...target],
    additive: false,
    channels: "apart",
    warnings: [],
  };
}
