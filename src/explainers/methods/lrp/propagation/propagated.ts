import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { DisposedError, ParameterError } from "../../../errors.js";
import type {
  Attribution,
  Balance,
  Explain,
  LayerRelevance,
  Ledger,
  RunOptions,
  Warning,
} from "../../../explanation.js";
import { type Graph, type Model, Recording, record } from "../../../network/index.js";
import { endsAt } from "../../../network/layers.js";
import { checkFinite } from "../../../network/recording/finite.js";
import { throwIfAborted } from "../../../progress.js";
import type { Target } from "../../../target.js";
import type { Composite } from "../composite.js";
import { recurrenceOf } from "../recurrent/recurrence.js";
import { type Bias, checkBias } from "../rule.js";
import { type InputShares, type UnitShares, unitShares } from "../shares/unit-shares.js";
import { balances, balancesOf, perSample } from "./ledger.js";
import type { Mask } from "./mask.js";
import { plan } from "./plan.js";
import { type Outcome, propagateRelevance, type Settings } from "./propagation.js";
import { type LayerTarget, type Start, startOf } from "./start.js";

/** What one run of LRP explains. */
export interface LrpRunOptions extends Omit<RunOptions, "target"> {
  /** An output, or `{ layer, channel }`, `{ layer, unit }` or `{ layer }` inside the model; default `"top1"`. */
  readonly target?: Target | LayerTarget;
  /** What of the relevance at a node goes on, as in concept-conditional relevance; by default all. */
  readonly mask?: Mask;
  /** Layers at which relevance ends, where what is before them is not asked for: there it is no number. */
  readonly until?: readonly string[];
}

/** It holds tensors where it was made with `keepLayers`: end it by `using`, or by `dispose()`. */
export interface LrpAttribution extends Omit<Attribution, keyof Ledger>, Ledger, Disposable {
  /** Frees what `keepLayers` kept. */
  readonly dispose: () => void;
  /**
   * How one unit of a layer shares out its relevance: what each input gets, with the numbers of the rule's formula. Needs
   * `keepLayers: true` and, of one sample, a `Recording` that is still there.
   *
   * @param layer index in `layers`
   * @param unit its index in the layer's value
   * @throws ParameterError where there is no such layer or unit, or the layer is the input; DisposedError
   */
  readonly shares: (layer: number, unit: number) => LayerShares;
}

/** Shares of a unit, where inputs are found by the layers that they come from. */
export interface LayerShares extends Omit<UnitShares, "inputs"> {
  /** `layer`: index in the explanation's `layers`; −1 for what has no part in relevance, such as a mask. */
  readonly inputs: readonly (Omit<InputShares, "node"> & { readonly layer: number })[];
}

/** What LRP finds; the method that was called gives it its name. */
type Found = Omit<LrpAttribution, "method" | "additive" | "channels">;

/** How relevance is sent back by a composite, whose use of biases goes before the one given. */
export function propagated(
  model: Model,
  composite: Composite,
  { bias: called, fallback: otherwise }: { readonly bias: Bias; readonly fallback: "none" | "gradient" },
): Explain<Found, LrpRunOptions> {
  const bias = checkBias(composite.bias) ?? called;
  const fallback = otherwise === "gradient" ? otherwise : undefined;
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
  { target = "top1", output = 0, mask, until, keepLayers = false }: LrpRunOptions,
): Found {
  const { graph } = recording;
  const start = startOf(recording, target, output);
  let seed: Tensor | undefined;
  let outcome: Outcome | undefined;
  try {
    const value = recording.value(start.node);
    const settings: Settings = {
      choices: plan(graph, {
        composite,
        bias,
        fallback,
        start: start.node,
        startsProportional: !start.isSeed && composite.start === undefined,
        isOpen: typeof mask === "function",
      }),
      joint: composite.joint,
      bias,
      mask,
      keepLayers,
      ...(until !== undefined && { stop: endsAt(graph, until) }),
    };
    seed = tf.tidy(() => seedOf(start, value, composite));
    const explainedValues = tf.tidy(() =>
      Array.from(perSample(start.isSeed ? seed! : tf.mul(value, start.weights), recording.batch).dataSync()),
    );
    outcome = propagateRelevance(recording, start.node, seed, settings);
    const { relevance: arrived, posted, sums, kept } = outcome;
    const inputs = graph.inputs.map((id) => {
      const { shape } = recording.value(id);
      const relevance = arrived.get(id);
      const none = () => new Float32Array(shape.reduce((a, b) => a * b, 1));
      return { relevance: relevance === undefined ? none() : download(relevance), shape };
    });
    checkFinite(
      recording,
      [explainedValues, ...inputs.map(({ relevance }) => relevance)],
      "Try a larger epsilon or another rule.",
    );
    // What was not asked for is not nothing.
    if (until !== undefined) for (const { relevance } of inputs) relevance.fill(Number.NaN);
    const balances = balancesOf(posted, download(sums));
    const layers = layersOf(recording, settings, balances, kept);
    const nodes = graph.nodes.flatMap(({ id }) => (balances.has(id) ? [id] : []));
    const total = (entry: keyof Balance) => layers.reduce((sum, layer) => sum + layer[entry], 0);
    const dispose = () => freeAll(kept);
    return {
      parameters: { composite: composite.name, ...composite.parameters, bias },
      relevance: inputs[0]!.relevance,
      shape: inputs[0]!.shape,
      inputs,
      output: explainedValues,
      target: start.indices,
      layers,
      relevanceSum: layers
        .filter(({ kind }) => kind === "input")
        .reduce((total, { sum, masked }) => total + sum - masked, 0),
      biasRelevance: total("absorbedByBias"),
      emptyRelevance: total("absorbedByEmpty"),
      maskedRelevance: total("masked"),
      warnings: composite.joint === undefined ? recurrenceWarnings(graph) : [],
      shares: (layer, unit) => {
        const shares = sharesOf(recording, settings, kept, { node: nodes[layer], unit });
        const inputs = shares.inputs.map(({ node, ...rest }) => ({ ...rest, layer: nodes.indexOf(node) }));
        return { ...shares, inputs };
      },
      dispose,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    if (outcome !== undefined) freeAll(outcome.kept);
    throw error;
  } finally {
    start.weights.dispose();
    seed?.dispose();
    outcome?.sums.dispose();
    if (outcome !== undefined) freeAll(outcome.relevance);
  }
}

function sharesOf(
  recording: Recording,
  { choices, joint, mask, keepLayers }: Settings,
  kept: ReadonlyMap<number, Tensor>,
  { node: id, unit }: { node: number | undefined; unit: number },
): UnitShares {
  const node = id === undefined ? undefined : recording.graph.nodes[id]!;
  const choice = node && choices.get(node.id);
  if (node === undefined || choice === undefined) {
    throw new ParameterError("layer", node?.name, "the index of a layer that passes relevance on");
  }
  if (joint !== undefined || mask !== undefined) {
    const expected = "a layer that has a rule of its own, without a mask: recurrent cells share whole pre-activations";
    throw new ParameterError("layer", node.name, expected);
  }
  const arrived = kept.get(node.id);
  if (arrived === undefined) throw new DisposedError(notThere(node.name, keepLayers));
  return unitShares(recording, node, { unit, arrived, choice });
}

/** Why the relevance of a layer is not there. */
const notThere = (name: string, keepLayers: boolean) =>
  keepLayers
    ? `The relevance of layer "${name}" has been disposed of.`
    : `The relevance of layer "${name}" was not kept: explain with keepLayers: true.`;

/** A rule that looks at single nodes sees a cell's pre-activations in parts, whose shares may cancel. */
function recurrenceWarnings(graph: Graph): Warning[] {
  const found = recurrenceOf(graph);
  if (found === undefined) return [];
  const { layer, steps } = found;
  const message =
    `Layer "${layer}" is recurrent, and this composite shares relevance in each of its operations apart, where parts may cancel ` +
    "and grow from step to step. lrp-recurrent has one rule for a whole pre-activation (Arras et al. 2017).";
  return [{ kind: "recurrent", message, value: steps, sample: null }];
}

/** What is sent back from the start. */
function seedOf({ weights, isSeed }: Start, value: Tensor, { start }: Composite): Tensor {
  return isSeed ? tf.clone(weights) : tf.mul(start === undefined ? value : start(value), weights);
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
            throw new DisposedError(notThere(node.name, keepLayers));
          }
          return download(tensor);
        },
      },
    ];
  });
}
