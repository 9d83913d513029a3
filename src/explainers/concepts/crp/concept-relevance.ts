import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, ParameterError } from "../../errors.js";
import type { LayerRelevance } from "../../explanation.js";
import { type LrpAttribution, type LrpOptions, type LrpRunOptions, lrp } from "../../methods/lrp/index.js";
import { type Input, type Model, Recording, record } from "../../network/index.js";
import { chosenLayer, LayerError } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import { follow } from "../../progress.js";

/** Channels by the names of layers: of the relevance that arrives at such a layer only theirs goes on. */
export type Condition = Readonly<Record<string, readonly number[]>>;

/** What one run explains; `keepLayers` and `mask` are what conditions are made of. */
export type ConceptRunOptions = Omit<LrpRunOptions, "keepLayers" | "mask" | "until">;

export type ConceptRelevanceOptions = LrpOptions & {
  /** The layer whose channels are asked about. */
  readonly layer: string;
  /** Conditions on other layers: what is asked is how much a channel has of their channels' relevance. */
  readonly within?: Condition;
};

/** How much each channel of a layer contributed. */
export interface ConceptRelevance {
  readonly layer: string;
  /** `[batch, channels]`: the relevance of each channel, summed over its positions. */
  readonly relevance: Float32Array;
  readonly channels: number;
  /** The sum over the channels of each sample. */
  readonly sums: readonly number[];
  /** The explained output of each sample. */
  readonly output: readonly number[];
  readonly target: readonly (number | null)[];
  /** Channels of a sample from the one with the most relevance, of either sign, on. */
  readonly most: (sample: number, count?: number) => number[];
}

/**
 * Concept relevance (Achtibat et al. 2023, Nature Machine Intelligence 5, eq. 4): how much of the output each channel of a layer accounts
 * for, by layer-wise relevance propagation down to it.
 *
 * @param options the layer, conditions on other layers, and all that `lrp` takes
 * @throws LayerError, ParameterError, and what `lrp` throws
 * @example
 * const concepts = await conceptRelevance(model, { layer: "conv2", composite: "epsilon-plus" })(photo, { target: "tabby" });
 * concepts.most(0, 5); // the five channels that matter most for it
 */
export function conceptRelevance(model: Model, { layer, within, ...options }: ConceptRelevanceOptions) {
  const explain = lrp(model, options as LrpOptions);
  return async (x: Input | Recording, run: ConceptRunOptions = {}): Promise<ConceptRelevance> => {
    using conditions = new Masks(model, x, within === undefined ? [] : [within]);
    const { recording } = conditions;
    const mask = conditions.masks[0];
    using found = await explain(recording, { ...run, keepLayers: true, until: [layer], ...(mask && { mask }) });
    const { channels, relevance } = channelSums(recording, found, layer);
    const batch = recording.batch;
    const of = (sample: number) => relevance.subarray(sample * channels, (sample + 1) * channels);
    return {
      layer,
      relevance,
      channels,
      sums: Array.from({ length: batch }, (_, sample) => of(sample).reduce((sum, value) => sum + value, 0)),
      output: found.output,
      target: found.target,
      most(sample, count = 10) {
        const own = of(sample);
        const order = Array.from(own.keys()).sort((a, b) => Math.abs(own[b]!) - Math.abs(own[a]!));
        return order.slice(0, count);
      },
    };
  };
}

export type ConditionalOptions = LrpOptions & {
  /** One map for each. */
  readonly conditions: readonly Condition[];
};

/**
 * Concept-conditional relevance: the map of what passed through certain channels (Achtibat et al. 2023, eq. 3). Maps of all channels of one
 * layer add up to the map without a condition.
 *
 * @param options the conditions, and all that `lrp` takes
 * @returns a function of an input that gives one attribution for each condition
 * @throws LayerError, ParameterError for a channel that a layer has not, AbortedError, and what `lrp` throws
 * @example
 * const [eyes] = await conditionalRelevance(model, { conditions: [{ conv2: [17] }] })(photo, { target: "tabby" });
 */
export function conditionalRelevance(model: Model, { conditions, ...options }: ConditionalOptions) {
  if (!Array.isArray(conditions) || conditions.length === 0) {
    throw new ParameterError("conditions", describe(conditions), "a list of channels by layers: [{ conv2: [17] }]");
  }
  const explain = lrp(model, options as LrpOptions);
  return async (x: Input | Recording, run: ConceptRunOptions = {}): Promise<LrpAttribution[]> => {
    using prepared = new Masks(model, x, conditions);
    const progress = follow(conditions.length, run);
    const { onProgress: _, ...once } = run;
    const found: LrpAttribution[] = [];
    for (const mask of prepared.masks) {
      found.push(await explain(prepared.recording, { ...once, mask, onProgress: () => {} }));
      await progress.step(1);
    }
    return found;
  };
}

/** A recording with masks for some conditions; what was made here ends here. */
class Masks implements Disposable {
  readonly recording: Recording;
  readonly masks: Readonly<Record<string, Tensor>>[] = [];
  readonly #isOwn: boolean;

  constructor(model: Model, x: Input | Recording, conditions: readonly Condition[]) {
    this.#isOwn = !(x instanceof Recording);
    this.recording = x instanceof Recording ? x : record(model, x);
    try {
      for (const condition of conditions) this.masks.push(masksOf(this.recording, condition));
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    tf.dispose(this.masks);
    if (this.#isOwn) this.recording.dispose();
  }
}

/** 1 for the channels of a condition, 0 for the others, by layer. */
function masksOf(recording: Recording, condition: Condition): Record<string, Tensor> {
  const checked = Object.entries(condition).map(([layer, channels]) => {
    const { shape } = recording.value(chosenLayer(recording.graph, layer).id);
    const count = shape.at(-1)!;
    const chosen = new Float32Array(count);
    for (const channel of channels) {
      if (!Number.isInteger(channel) || channel < 0 || channel >= count) {
        throw new ParameterError(`conditions.${layer}`, channel, `a channel of the layer, 0 to ${count - 1}`);
      }
      chosen[channel] = 1;
    }
    return [layer, chosen] as const;
  });
  return Object.fromEntries(checked.map(([layer, chosen]) => [layer, tf.tensor1d(chosen)]));
}

/** The relevance that arrived at a layer, in the shape of its value. @throws LayerError where none does */
export function arrivedAt(
  recording: Recording,
  { layers }: { readonly layers: readonly LayerRelevance[] },
  layer: string,
): Float32Array {
  const { id } = chosenLayer(recording.graph, layer);
  const { name } = recording.graph.nodes[id]!;
  const arrived = layers.find((entry) => entry.name === name && entry.shape === recording.value(id).shape);
  if (arrived === undefined) {
    throw new LayerError(layer, `No relevance reaches layer "${layer}": it has no part in the output.`);
  }
  return arrived.relevance();
}

/** The same, summed over the layer's positions: `[batch, channels]`. */
export function channelSums(recording: Recording, found: LrpAttribution, layer: string) {
  const { shape } = recording.value(chosenLayer(recording.graph, layer).id);
  const channels = shape.at(-1)!;
  const relevance = scoped(() => {
    const all = tf.tensor(arrivedAt(recording, found, layer), shape);
    const rows = tf.reshape(all, [recording.batch, -1, channels]);
    return Float32Array.from((tf.sum(rows, 1) as Tensor2D).dataSync<"float32">());
  });
  return { channels, relevance };
}
