import type { Tensor } from "@tensorflow/tfjs-core";
import {
  type Attribution,
  type Explain,
  hasLedger,
  LimpidError,
  type Method,
  record as recorded,
  type Target,
} from "../../explainers/index.js";
import type { LoadedModel } from "../../kernel-helpers/models/index.js";
import { tensorflow } from "../../kernel-helpers/tensorflow/backend.js";

/** What was found for one sample. */
export interface ExplainedSample {
  readonly relevance: Float32Array;
  readonly output: number;
  /** Index of the explained output, −1 where it is none. */
  readonly target: number;
  readonly outputs: Float32Array;
  readonly layerSums: Float32Array;
}

/** What was found for a batch. */
export interface ExplainedBatch {
  readonly samples: readonly ExplainedSample[];
  readonly attribution: Attribution;
}

/** Explains samples together. Their tensor always has the same shape: what runs as a program then always does, to the last bit. */
export class BatchExplainer {
  readonly #explain: Explain;
  readonly #isRecorded: boolean;

  constructor(
    readonly model: LoadedModel,
    method: Method,
    parameters: Readonly<Record<string, unknown>>,
    readonly shape: readonly number[],
    readonly batch: number,
  ) {
    this.#explain = (method as Method)(model, parameters);
    // Methods that send something back record the pass anyway, and then the outputs can be read from it.
    this.#isRecorded = method.family === "propagation" && model.output === "logits";
  }

  /**
   * Explains up to `batch` samples; what is left of the tensor is filled with the first of them.
   *
   * @param targets one of each sample, or the same for all
   */
  async explain(samples: readonly Float32Array[], targets: Target | readonly number[]): Promise<ExplainedBatch> {
    const tf = await tensorflow();
    const size = this.shape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(this.batch * size);
    for (let at = 0; at < this.batch; at++) values.set(samples[at] ?? samples[0]!, at * size);
    const target = Array.isArray(targets)
      ? Array.from({ length: this.batch }, (_, at) => (targets as readonly number[])[at] ?? targets[0]!)
      : (targets as Target);
    const x = tf.tensor(values, [this.batch, ...this.shape]);
    const pass = this.#isRecorded ? recorded(this.model, x) : undefined;
    try {
      const outputs = await outputsOf(pass?.outputs[0] ?? tf.tidy(() => this.model.predict(x)), pass === undefined);
      const attribution = await this.#explain(pass ?? x, { target });
      return { attribution, samples: samples.map((_, at) => sampleOf(attribution, outputs, at)) };
    } finally {
      pass?.dispose();
      x.dispose();
    }
  }
}

interface Outputs {
  readonly values: Float32Array;
  /** Of one sample; 0 where there is not one value a class. */
  readonly count: number;
}

async function outputsOf(y: Tensor, isOwn: boolean): Promise<Outputs> {
  try {
    if (y.rank !== 2) return { values: new Float32Array(), count: 0 };
    return { values: Float32Array.from(await y.data()), count: y.shape[1]! };
  } finally {
    if (isOwn) y.dispose();
  }
}

function sampleOf(result: Attribution, { values, count }: Outputs, at: number): ExplainedSample {
  if (result.inputs.length > 1)
    throw new LimpidError("The method explains several inputs, which a store does not hold");
  const size = result.relevance.length / result.shape[0]!;
  const layers = hasLedger(result) ? keptLayers(result) : [];
  return {
    relevance: result.relevance.slice(at * size, (at + 1) * size),
    output: result.output[at] ?? Number.NaN,
    target: result.target[at] ?? -1,
    outputs: values.slice(at * count, (at + 1) * count),
    layerSums: Float32Array.from(layers, ({ samples }) => samples[at]?.sum ?? Number.NaN),
  };
}

/** Layers whose sums say something: activations and reshapes pass on what they get. */
export const keptLayers = (result: Attribution) =>
  (result.layers ?? []).filter(({ kind }) => kind !== "activation" && kind !== "rearrange");
