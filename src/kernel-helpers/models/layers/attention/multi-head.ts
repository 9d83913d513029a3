import * as tf from "@tensorflow/tfjs-core";
import { type CallArguments, storedCall } from "../call-arguments.js";
import { defineLayer, fromFront, type Shape } from "../define-layer.js";
import { einsum } from "../einsum.js";
import { jointMask, masked, softmaxOver } from "./attend.js";

interface Settings {
  numHeads: number;
  keyDim: number;
  valueDim?: number | null;
  useBias?: boolean;
  useGate?: boolean;
  outputShape?: number | number[] | null;
  attentionAxes?: number | number[] | null;
  slidingWindow?: number | null;
  dropout?: number;
  /** Whether a query that may look nowhere gets nothing, as in Keras 3; else it looks everywhere alike. */
  zeroesMasked?: boolean;
}

interface GroupedSettings extends Omit<Settings, "numHeads" | "keyDim"> {
  headDim: number;
  numQueryHeads: number;
  numKeyValueHeads: number;
}

/** What a layer of heads is called with: `(query, value, key, …)`. */
interface Given {
  query: tf.Tensor;
  value: tf.Tensor;
  key: tf.Tensor;
  named: { [name: string]: unknown };
}

const NAMES = ["query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask"];

function given(
  inputs: tf.Tensor[],
  { call, mask }: { call: CallArguments | undefined; mask: tf.Tensor | undefined },
): Given {
  const positional = call?.positional ?? inputs;
  const named: { [name: string]: unknown } = {
    // A mask that came with the inputs is the one of all of them.
    ...(mask && { query_mask: mask, value_mask: mask }),
    ...Object.fromEntries(positional.map((value, index) => [NAMES[index]!, value])),
    ...call?.named,
  };
  const { query, value } = named as { query: tf.Tensor; value: tf.Tensor };
  return { query, value, key: (named["key"] as tf.Tensor | null) ?? value, named };
}

/** Shapes of query, value and key; the file's call says which input is which. */
function givenShapes(inputs: Shape[], settings: object): { query: Shape; value: Shape; key: Shape } {
  const placed = storedCall(settings);
  const shapeAt = (name: string): Shape | undefined => {
    if (!placed) return inputs[NAMES.indexOf(name)];
    const place = (placed.named[name] ?? placed.positional[NAMES.indexOf(name)]) as { tensor: number } | undefined;
    return place ? inputs[place.tensor] : undefined;
  };
  const value = shapeAt("value")!;
  return { query: shapeAt("query")!, value, key: shapeAt("key") ?? value };
}

/** The kernel and bias of one projection. */
const projection = (name: string, kernel: Shape, bias: Shape, useBias = true): { [name: string]: Shape } => ({
  [`${name}/kernel`]: kernel,
  ...(useBias && { [`${name}/bias`]: bias }),
});

type Weights = { [name: string]: tf.Tensor };

/** `x` times the kernel over the last `bound` axes of `x`, and the bias. */
function project(x: tf.Tensor, weights: Weights, name: string, bound = 1): tf.Tensor {
  const kernel = weights[`${name}/kernel`]!;
  const outer = x.shape.slice(0, x.rank - bound);
  const inner = kernel.shape.slice(bound);
  const size = (shape: number[]) => shape.reduce((all, one) => all * one, 1);
  const rows = tf.reshape(x, [size(outer), size(kernel.shape.slice(0, bound))]);
  const y = tf.matMul(rows as tf.Tensor2D, tf.reshape(kernel, [-1, size(inner)]) as tf.Tensor2D);
  const bias = weights[`${name}/bias`];
  const shifted = bias ? tf.add(y, tf.reshape(bias, [-1])) : y;
  return tf.reshape(shifted, [...outer, ...inner]);
}

/** Heads that look at one another: `[batch, …, heads, channels]` each, along `axes`. Vaswani et al. 2017, equation 1. */
function headed(
  { query, key, value, named }: Given,
  axes: number[],
  settings: Pick<Settings, "slidingWindow" | "dropout" | "zeroesMasked"> & { channels: number },
): [output: tf.Tensor, scores: tf.Tensor] {
  const rank = query.rank;
  const letters = [..."abcdefghij"].slice(0, rank);
  const keyLetters = letters.map((letter, axis) => (axes.includes(axis) ? letter.toUpperCase() : letter));
  const [heads, channels] = [rank - 2, rank - 1];
  const fronts = letters.slice(0, heads).filter((_, axis) => !axes.includes(axis));
  const at = (from: string[]) => axes.map((axis) => from[axis]!).join("");
  const scoreLabels = [...fronts, letters[heads]!, at(letters), at(keyLetters)].join("");
  const valueLetters = keyLetters.with(channels, "z");
  const scaled = tf.mul(query, 1 / Math.sqrt(settings.channels));
  const scores = einsum(`${letters.join("")},${keyLetters.join("")}->${scoreLabels}`, scaled, key);
  const lengths = [query.shape[1]!, value.shape[1]!] as const;
  const asTensor = (name: string) => (named[name] as tf.Tensor | null | undefined) ?? undefined;
  let mask = jointMask(
    {
      query: asTensor("query_mask"),
      value: asTensor("value_mask"),
      key: asTensor("key_mask"),
      attention: asTensor("attention_mask"),
      causal: Boolean(named["use_causal_mask"]),
      window: settings.slidingWindow ?? undefined,
    },
    ...lengths,
  );
  // Axes are put in before those that attend, as Keras does.
  while (mask && mask.rank < scores.rank) mask = tf.expandDims(mask, mask.rank - axes.length * 2);
  let shares = softmaxOver(masked(scores, mask), axes.length);
  // Keras 3 gives nothing to a query that may look nowhere, except where it uses its fused attention.
  const isFused = !settings.dropout && !named["return_attention_scores"] && rank === 4;
  if (mask && !isFused && settings.zeroesMasked) shares = tf.mul(shares, tf.cast(mask, "float32"));
  const outLetters = letters.with(channels, "z").join("");
  return [einsum(`${scoreLabels},${valueLetters.join("")}->${outLetters}`, shares, value), shares];
}

/** What is left where heads have looked: gate, output, and on demand the scores. */
function finished(all: Given, weights: Weights, output: tf.Tensor, shares: tf.Tensor): tf.Tensor | tf.Tensor[] {
  const gated = weights["gate/kernel"] ? tf.mul(output, tf.sigmoid(project(all.query, weights, "gate"))) : output;
  const y = project(gated, weights, "attention_output", 2);
  return all.named["return_attention_scores"] ? [y, shares] : y;
}

/** `MultiHeadAttention`: Vaswani et al. 2017, section 3.2.2, over any axes. */
export const multiHeadAttention = defineLayer<Settings>({
  className: "MultiHeadAttention",
  weights(_input, settings, inputs) {
    const { numHeads, keyDim, useBias, useGate, outputShape } = settings;
    const valueDim = settings.valueDim ?? keyDim;
    const { query, value, key } = givenShapes(inputs, settings);
    const out = outputShape ? [outputShape].flat() : [query.at(-1)!];
    const heads = (name: string, from: Shape, channels: number) =>
      projection(name, [from.at(-1)!, numHeads, channels], [numHeads, channels], useBias);
    return {
      ...heads("query", query, keyDim),
      ...heads("key", key, keyDim),
      ...(useGate && heads("gate", query, valueDim)),
      ...heads("value", value, valueDim),
      ...projection("attention_output", [numHeads, valueDim, ...out], out, useBias),
    };
  },
  call(_x, settings, weights, inputs, beside) {
    const all = given(inputs, beside);
    const rank = all.query.rank;
    const axes = settings.attentionAxes
      ? [settings.attentionAxes].flat().map((axis) => fromFront(axis, rank))
      : Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
    const looking = {
      ...all,
      query: project(all.query, weights, "query"),
      key: project(all.key, weights, "key"),
      value: project(all.value, weights, "value"),
    };
    const [output, shares] = headed(looking, axes, { ...settings, channels: settings.keyDim });
    return finished(all, weights, output, shares);
  },
  outputShape: "computed",
  keepsMask: (settings) => !storedCall(settings)?.named["return_attention_scores"],
});

/** `GroupQueryAttention`: several heads of queries share one of keys and values. Ainslie et al. 2023. */
const groupedQueryAttention = (className: string) =>
  defineLayer<GroupedSettings>({
    className,
    weights(_input, settings, inputs) {
      const { headDim, numQueryHeads, numKeyValueHeads, useBias, useGate } = settings;
      const { query, value, key } = givenShapes(inputs, settings);
      const heads = (name: string, from: Shape, count: number) =>
        projection(name, [from.at(-1)!, count, headDim], [count, headDim], useBias);
      return {
        ...heads("query", query, numQueryHeads),
        ...heads("key", key, numKeyValueHeads),
        ...(useGate && heads("gate", query, numQueryHeads)),
        ...heads("value", value, numKeyValueHeads),
        ...projection("attention_output", [numQueryHeads, headDim, query.at(-1)!], [query.at(-1)!], useBias),
      };
    },
    call(_x, settings, weights, inputs, beside) {
      const all = given(inputs, beside);
      const repeats = settings.numQueryHeads / settings.numKeyValueHeads;
      const spread = (x: tf.Tensor): tf.Tensor => {
        if (repeats === 1) return x;
        const copies = tf.concat(Array<tf.Tensor>(repeats).fill(tf.expandDims(x, 3)), 3);
        return tf.reshape(copies, [...x.shape.slice(0, 2), settings.numQueryHeads, settings.headDim]);
      };
      const looking = {
        ...all,
        query: project(all.query, weights, "query"),
        key: spread(project(all.key, weights, "key")),
        value: spread(project(all.value, weights, "value")),
      };
      const [output, shares] = headed(looking, [1], { ...settings, channels: settings.headDim });
      return finished(all, weights, output, shares);
    },
    outputShape: "computed",
    keepsMask: (settings) => !storedCall(settings)?.named["return_attention_scores"],
  });

/** Under the name of its class and under the one that Keras exports. */
export const groupedQueryAttentions = ["GroupedQueryAttention", "GroupQueryAttention"].map(groupedQueryAttention);
