import type { Tensor } from "@tensorflow/tfjs-core";
import { type Attribution, hasLedger, type InputRelevance, LimpidError, type Method } from "../../explainers/index.js";
import { type RankedScore, rankedSoftmax } from "../../explainers/numerics/softmax.js";
import { findClass, type LoadedModel, tensorflow } from "../../kernel-helpers/index.js";

/** What `limpid explain --json` prints. */
export interface Explanation {
  model: string;
  /** The file's name; of several inputs, all of them. */
  input: string;
  /** As asked for: `integrated-gradients`. */
  method: string;
  /** As published. */
  name: string;
  /** By the names that `limpid methods METHOD` lists, defaults included. */
  parameters: { readonly [name: string]: unknown };
  target: { index: number; name: string };
  /** The explained output; a logit, also where the model ends in a softmax. */
  output: number;
  top5: { index: number; name: string; output: number; probability: number }[];
  /** Where the numbers do not mean what they seem to, and what helps. */
  warnings: Attribution["warnings"];
  /** All relevance of the input's entries; it has a meaning where values are shares of the output. */
  relevanceSum: number;
  additive: boolean;
  /** All that biases kept; null for methods that do not propagate relevance. */
  biasRelevance: number | null;
  /** All that was kept by units with nothing to pass on to; null likewise. */
  emptyRelevance: number | null;
  /** From the input to the output: relevance at each layer, and what it kept. */
  layers: {
    name: string;
    shape: readonly number[];
    sum: number;
    rule: string | null;
    absorbedByBias: number;
    absorbedByEmpty: number;
  }[];
  shape: readonly number[];
  /** From the input's tensor to its relevance: forward pass and propagation, without loading. */
  milliseconds: number;
}

/** Every class with its output and probability, the largest first. */
export async function rankedOutputs(model: LoadedModel, inputs: Tensor[]) {
  const tf = await tensorflow();
  const values = tf.tidy(() => {
    const y = model.predict(inputs);
    if (y.rank !== 2)
      throw new LimpidError(`${model.name} gives an output of shape [${y.shape.join(", ")}], not one value a class`);
    return y.dataSync();
  });
  if (values.length === 1 && model.classNames?.length === 2) {
    // One output tells two classes apart: the second by its value, the first by what is left.
    const [{ score, probability }] = rankedSoftmax(values) as [RankedScore];
    const isProbability = model.output === "probabilities";
    const second = isProbability ? score : probability;
    return [
      { ...findClass(1, model.classNames, 1), output: score, probability: second },
      { ...findClass(0, model.classNames, 1), output: isProbability ? 1 - score : -score, probability: 1 - second },
    ].sort((a, b) => b.probability - a.probability);
  }
  return rankedSoftmax(values).map(({ index, score, probability }) => ({
    ...findClass(index, model.classNames, values.length),
    output: score,
    probability: model.output === "probabilities" ? score : probability,
  }));
}

/**
 * The values that a run used, as they could be given again; of a file the tensor's shape. What methods note beyond the
 * method's parameters is left out, also under the name of one.
 */
export function parametersUsed({ parameters }: Method, used: Attribution["parameters"]): Explanation["parameters"] {
  const isStated = ([name, value]: [string, unknown]) =>
    Object.hasOwn(parameters, name) && (parameters[name]!.accepts(value) || /^tensor \[/.test(String(value)));
  return Object.fromEntries(Object.entries(used).filter(isStated));
}

/** Relevance input by input; of methods that explain by a layer's units, the layer's. */
export function mapsOf(result: Attribution): readonly InputRelevance[] {
  return result.inputs.length > 1 ? result.inputs : [result];
}

/** What became of the output on its way to the input. */
export function balanceOf(
  result: Attribution,
): Pick<Explanation, "relevanceSum" | "biasRelevance" | "emptyRelevance" | "layers"> {
  if (!hasLedger(result)) {
    const relevanceSum = mapsOf(result).reduce(
      (sum, { relevance }) => relevance.reduce((part, value) => part + value, sum),
      0,
    );
    return { relevanceSum, biasRelevance: null, emptyRelevance: null, layers: [] };
  }
  // Activations and reshapes pass on what they get: their numbers are their neighbors'.
  const layers = result.layers.filter(({ kind }) => kind !== "activation" && kind !== "rearrange");
  return {
    relevanceSum: result.relevanceSum,
    biasRelevance: result.biasRelevance,
    emptyRelevance: result.emptyRelevance,
    layers: layers.map(({ name, shape, sum, rule, absorbedByBias, absorbedByEmpty }) => ({
      name,
      shape,
      sum,
      rule: rule ?? null,
      absorbedByBias,
      absorbedByEmpty,
    })),
  };
}
