import * as tf from "@tensorflow/tfjs-core";
import { type CallArguments, storedCall } from "../call-arguments.js";
import { defineLayer } from "../define-layer.js";
import { jointMask, masked } from "./attend.js";

interface Settings {
  useScale?: boolean;
  scoreMode?: "dot" | "concat";
  causal?: boolean;
}

interface Given {
  query: tf.Tensor;
  value: tf.Tensor;
  key: tf.Tensor;
  masks: (tf.Tensor | null | undefined)[];
  causal: boolean;
  withScores: boolean;
}

function given(inputs: tf.Tensor[], { causal }: Settings, call: CallArguments | undefined): Given {
  const [query, value, key] = (call ? (call.positional[0] ?? call.named["inputs"]) : inputs) as tf.Tensor[];
  const { mask, use_causal_mask: causalMask, return_attention_scores: withScores } = call?.named ?? {};
  const masks = (call?.positional[1] ?? mask ?? []) as (tf.Tensor | null)[];
  return {
    query: query!,
    value: value!,
    key: key ?? value!,
    masks,
    causal: Boolean(causal || causalMask),
    withScores: Boolean(withScores),
  };
}

/** tanh of every query plus every key: `[batch, queries, keys, channels]`. */
const meeting = (query: tf.Tensor, key: tf.Tensor, scale?: tf.Tensor): tf.Tensor => {
  const sum = tf.add(tf.expandDims(query, -2), tf.expandDims(key, -3));
  return tf.tanh(scale ? tf.mul(sum, scale) : sum);
};

type Score = (given: Given, settings: Settings, weights: { [name: string]: tf.Tensor }) => tf.Tensor;

const attention = (
  className: string,
  weights: (channels: number, settings: Settings) => { [name: string]: number[] | undefined },
  score: Score,
) =>
  defineLayer<Settings>({
    className,
    weights: (input, settings) => weights(input.at(-1)!, settings) as { [name: string]: number[] },
    call(_x, settings, values, inputs, { call, mask: same }) {
      const all = given(inputs, settings, call);
      const [queryMask, valueMask] = all.masks.length > 0 ? all.masks : [same, same];
      const scores = score(all, settings, values);
      const [queries, keys] = scores.shape.slice(-2) as [number, number];
      const mask = jointMask({ value: valueMask ?? undefined, causal: all.causal }, queries, keys);
      const share = tf.softmax(masked(scores, mask));
      let y = tf.matMul(share, all.value);
      if (queryMask) y = tf.mul(y, tf.expandDims(tf.cast(queryMask, "float32"), -1));
      return all.withScores ? [y, share] : y;
    },
    outputShape: "computed",
    keepsMask: (settings) => !storedCall(settings)?.named["return_attention_scores"],
  });

/** Attention without heads. Luong et al. 2015: by the product of query and key, or ("concat") by tanh of their sum. */
export const dotProductAttention = attention(
  "Attention",
  (_channels, { useScale, scoreMode }) => ({
    ...(useScale && { scale: [] }),
    ...(scoreMode === "concat" && { concat_score_weight: [] }),
  }),
  ({ query, key }, { scoreMode }, { scale, concat_score_weight: weight }) => {
    if (scoreMode === "concat") return tf.mul(tf.sum(meeting(query, key, scale), -1), weight!);
    const scores = tf.matMul(query, key, false, true);
    return scale ? tf.mul(scores, scale) : scores;
  },
);

/** Attention by a weighted sum of tanh(query + key): Bahdanau et al. 2015. */
export const additiveAttention = attention(
  "AdditiveAttention",
  (channels, { useScale = true }) => (useScale ? { scale: [channels] } : {}),
  ({ query, key }, _settings, { scale }) => {
    const met = meeting(query, key);
    return tf.sum(scale ? tf.mul(met, scale) : met, -1);
  },
);
