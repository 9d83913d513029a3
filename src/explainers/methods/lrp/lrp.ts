import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { DisposedError, ParameterError } from "../../errors.js";
import type { Attribution, Balance, Explain, LayerRelevance, Ledger, RunOptions } from "../../explanation.js";
import { type Model, Recording, record } from "../../network/index.js";
import { checkFinite } from "../../network/recording/finite.js";
import { throwIfAborted } from "../../progress.js";
import { resolveTarget } from "../../target.js";
import { balances, balancesOf, perSample } from "./books.js";
import type { Composite } from "./composite.js";
import { plan } from "./plan.js";
import { type Outcome, propagateRelevance, type Settings } from "./propagation.js";
import { type Bias, checkBias } from "./rule.js";

export interface LrpOptions {
  /** Which rule for which layer, e.g. `epsilonPlus()`. */
  readonly composite: Composite;
  /** What becomes of the biases' share, where the composite does not say; default `"absorb"`. */
  readonly bias?: Bias;
  /** `"gradient"` sends relevance through operations that no rule covers in proportion to their gradient × input. */
  readonly fallback?: "gradient";
}

/** It holds tensors where it was made with `keepLayers`: end it by `using`, or by `dispose()`. */
export interface LrpAttribution extends Omit<Attribution, keyof Ledger>, Ledger, Disposable {
  /** Frees what `keepLayers` kept. */
  readonly dispose: () => void;
}

/**
 * Layer-wise relevance propagation: how much every input entry contributed to an output, found by sending the output back
 * through the layers by rules (Bach et al. 2015; Montavon et al. 2019).
 *
 * @throws UnsupportedOperationError where the model contains what no rule covers; NonFiniteError; TargetError; InputShapeError;
 *   ModelError; AbortedError
 * @example
 * const explain = lrp(model, { composite: epsilonGammaBox({ low: -1, high: 1 }) });
 * const result = await explain(photo, { target: "top1" });
 * result.relevance; // as many numbers as the photo has
 */
export function lrp(model: Model, options: LrpOptions): Explain<LrpAttribution> {
  const { composite, fallback } = options;
  if (typeof composite?.rule !== "function") {
    throw new ParameterError("composite", composite, "a composite such as epsilonPlus()");
  }
  const { maxPool } = composite;
  if (maxPool !== undefined && maxPool !== "winner-take-all" && maxPool !== "proportional") {
    throw new ParameterError("composite.maxPool", maxPool, '"winner-take-all" or "proportional"');
  }
  if (fallback !== undefined && fallback !== "gradient") throw new ParameterError("fallback", fallback, '"gradient"');
  const called = checkBias(options.bias);
  const bias = checkBias(composite.bias) ?? called ?? "absorb";
  return async (x, explainOptions = {}) => {
    throwIfAborted(explainOptions);
    if (x instanceof Recording) return attribute(x, composite, bias, fallback, explainOptions);
    const recording = record(model, x);
    try {
      return attribute(recording, composite, bias, fallback, explainOptions);
    } finally {
      recording.dispose();
    }
  };
}

function attribute(
  recording: Recording,
  composite: Composite,
  bias: Bias,
  fallback: "gradient" | undefined,
  { target = "top1", output = 0, keepLayers = false }: RunOptions,
): LrpAttribution {
  const { graph } = recording;
  const explained = graph.outputs[output];
  if (explained === undefined) {
    throw new ParameterError("output", output, `one of the model's outputs, 0 to ${graph.outputs.length - 1}`);
  }
  const value = recording.value(explained);
  const resolved = resolveTarget(target, value);
  const seedIsOutput = !resolved.isSeed && composite.seed !== "one";
  const settings: Settings = {
    composite,
    bias,
    choices: plan(graph, composite, bias, seedIsOutput),
    weightless: {
      epsilon: composite.epsilon ?? 1e-6,
      bias,
      fallback,
      activations: composite.activations ?? "pass",
      maxPool: composite.maxPool ?? "winner-take-all",
    },
    keepLayers,
  };
  let seed: Tensor | undefined;
  let outcome: Outcome | undefined;
  try {
    seed = seedIsOutput ? tf.mul(resolved.weights, value) : tf.clone(resolved.weights);
    const explainedValues = tf.tidy(() =>
      Array.from(perSample(resolved.isSeed ? seed! : tf.mul(resolved.weights, value), recording.batch).dataSync()),
    );
    outcome = propagateRelevance(recording, explained, seed, settings);
    const { relevance: arrived, ledger, sums, kept } = outcome;
    const inputs = graph.inputs.map((id) => {
      const { shape } = recording.value(id);
      const relevance = arrived.get(id);
      return {
        relevance: relevance === undefined ? new Float32Array(shape.reduce((a, b) => a * b, 1)) : download(relevance),
        shape,
      };
    });
    checkFinite(
      recording,
      [explainedValues, ...inputs.map(({ relevance }) => relevance)],
      "Try a larger epsilon or another rule.",
    );
    const layers = layersOf(recording, settings, balancesOf(ledger, download(sums)), kept);
    const total = (entry: keyof Balance) => layers.reduce((sum, layer) => sum + layer[entry], 0);
    const dispose = () => freeAll(kept);
    return {
      method: "lrp",
      parameters: { composite: composite.name, ...composite.parameters, bias },
      relevance: inputs[0]!.relevance,
      shape: inputs[0]!.shape,
      inputs,
      output: explainedValues,
      target: resolved.indices,
      layers,
      relevanceSum: layers.filter(({ kind }) => kind === "input").reduce((sum, layer) => sum + layer.sum, 0),
      biasRelevance: total("absorbedByBias"),
      emptyRelevance: total("absorbedByEmpty"),
      dispose,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    if (outcome !== undefined) freeAll(outcome.kept);
    throw error;
  } finally {
    resolved.weights.dispose();
    seed?.dispose();
    outcome?.sums.dispose();
    if (outcome !== undefined) freeAll(outcome.relevance);
  }
}

const download = (tensor: Tensor): Float32Array => Float32Array.from(tensor.dataSync());

function freeAll(tensors: Map<number, Tensor>): void {
  for (const tensor of tensors.values()) tensor.dispose();
  tensors.clear();
}

function layersOf(
  recording: Recording,
  { choices, keepLayers }: Settings,
  sums: ReturnType<typeof balancesOf>,
  kept: Map<number, Tensor>,
): LayerRelevance[] {
  return recording.graph.nodes.flatMap((node): LayerRelevance[] => {
    const sum = sums.get(node.id);
    if (sum === undefined) return [];
    const { all, samples } = balances(sum, recording.batch);
    return [
      {
        name: node.name,
        folded: node.folded,
        kind: node.operation.kind,
        rule: choices.get(node.id)?.rule.name,
        shape: recording.value(node.id).shape,
        ...all,
        samples,
        relevance() {
          const tensor = kept.get(node.id);
          if (tensor === undefined) {
            throw new DisposedError(
              keepLayers
                ? `The relevance of layer "${node.name}" has been disposed of.`
                : `The relevance of layer "${node.name}" was not kept: explain with keepLayers: true.`,
            );
          }
          return download(tensor);
        },
      },
    ];
  });
}
