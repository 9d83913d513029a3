import type { Tensor } from "@tensorflow/tfjs-core";
import { fieldOf } from "../../explainers/concepts/crp/receptive-fields.js";
import { type Ranking, ReferencePass } from "../../explainers/concepts/crp/reference-pass.js";
import type { PictureSource, Reference, RegionBox } from "../../explainers/concepts/index.js";
import { sourceOf } from "../../explainers/concepts/picture-source.js";
import { type LrpOptions, lrp } from "../../explainers/methods/lrp/index.js";
import { runnerOf } from "../../explainers/network/capture/model.js";
import { type Graph, type Model, record } from "../../explainers/network/index.js";
import { chosenLayer } from "../../explainers/network/layers.js";
import type { ProgressOptions } from "../../explainers/progress.js";
import type { Target } from "../../explainers/target.js";

/** How samples are ranked. Stores of the same model with the same weights, data and options are one. */
export interface StoreOptions {
  /** Default: ε-plus. */
  readonly lrp?: LrpOptions;
  /** What is explained of the samples; default each one's most probable class. */
  readonly target?: Target;
  /** Samples of each channel by each ranking; default 8. */
  readonly count?: number;
}

const RANKINGS: readonly Ranking[] = ["relevance", "activation"];

/** Pixels that pass at once: the relevance of every layer is kept meanwhile. */
const PIXELS_AT_ONCE = 200_000;

/**
 * The reference samples of a data set by all channels of the layers that were asked for, kept for whoever asks next: one pass finds them by
 * relevance and by activation. A pass that was stopped goes on when it is asked for again.
 */
export class ReferenceStore {
  readonly #passes = new Map<string, ReferencePass>();
  readonly #boxes = new Map<string, RegionBox>();
  readonly #weights: readonly object[] | undefined;
  #graph: Graph | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly model: Model,
    readonly data: PictureSource,
    readonly options: Required<StoreOptions>,
  ) {
    this.#weights = runnerOf(model).weights?.();
  }

  /** Whether the model still has the weights that it had at first: what was found with others is not its any more. */
  get isCurrent(): boolean {
    const now = runnerOf(this.model).weights?.();
    return now?.length === this.#weights?.length && (now ?? []).every((weight, at) => weight === this.#weights![at]);
  }

  /** Whether all samples have passed for that layer. */
  has(layer: string): boolean {
    const pass = this.#passes.get(layer);
    return pass !== undefined && pass.done === pass.total;
  }

  /** How many samples have passed for that layer. */
  passed(layer: string): number {
    return this.#passes.get(layer)?.done ?? 0;
  }

  /**
   * Passes the data set for layers that it has not passed for. Those who ask at the same time wait for one another.
   *
   * @throws AbortedError: what has passed is kept; LayerError, and what `lrp` throws
   */
  collect(layers: readonly string[], asked: ProgressOptions = {}): Promise<void> {
    const run = this.#turn.then(async () => {
      const missing = layers.filter((layer) => !this.has(layer));
      const fresh = missing.filter((layer) => !this.#passes.has(layer));
      if (fresh.length > 0) {
        const pass = new ReferencePass(this.model, this.data, {
          layers: fresh,
          rankings: RANKINGS,
          statistic: "sum",
          count: this.options.count,
          batch: this.#batch(),
          explain: lrp(this.model, this.options.lrp),
          target: this.options.target,
        });
        for (const layer of fresh) this.#passes.set(layer, pass);
      }
      for (const pass of new Set(missing.map((layer) => this.#passes.get(layer)!))) await pass.run(asked);
    });
    this.#turn = run.catch(() => {});
    return run;
  }

  /** The samples of a channel, as far as the data set has passed; none of a layer that was not asked for. */
  references(layer: string, channel: number, by: Ranking): Reference | undefined {
    return this.#passes.get(layer)?.references(layer, by)[channel];
  }

  /** The part of a picture that a position of a layer sees. */
  field(layer: string, position: number): RegionBox {
    const key = `${layer} ${position}`;
    const known = this.#boxes.get(key);
    if (known !== undefined) return known;
    const graph = this.#seen();
    const box = fieldOf(graph, chosenLayer(graph, layer).id, position);
    this.#boxes.set(key, box);
    return box;
  }

  /** What the model computes, where shapes are all that is asked. */
  #seen(): Graph {
    if (this.#graph !== undefined) return this.#graph;
    const x = this.data.take(0, 1);
    try {
      const recording = record(this.model, x);
      this.#graph = recording.graph;
      recording.dispose();
      return this.#graph;
    } finally {
      x.dispose();
    }
  }

  #batch(): number {
    const x = this.data.take(0, 1);
    const pixels = x.size / (x.shape.at(-1) ?? 1);
    x.dispose();
    return Math.max(1, Math.min(32, Math.floor(PIXELS_AT_ONCE / pixels)));
  }
}

const stores = new WeakMap<object, WeakMap<object, Map<string, ReferenceStore>>>();

/** The store of a model, a data set (the same tensor or source) and options. */
export function referenceStore(model: Model, data: Tensor | PictureSource, options: StoreOptions = {}): ReferenceStore {
  const { lrp: rules = { composite: "epsilon-plus" }, target = "top1", count = 8 } = options;
  const ofModel = stores.get(model as object) ?? new WeakMap<object, Map<string, ReferenceStore>>();
  stores.set(model as object, ofModel);
  const ofData = ofModel.get(data) ?? new Map<string, ReferenceStore>();
  ofModel.set(data, ofData);
  const key = keyOf({ rules, target, count });
  const known = ofData.get(key);
  if (known?.isCurrent) return known;
  const fresh = new ReferenceStore(model, sourceOf(data), { lrp: rules, target, count });
  ofData.set(key, fresh);
  return fresh;
}

const names = new WeakMap<object, number>();
let named = 0;

/** Options in words; functions and tensors in them by which they are. */
function keyOf(options: object): string {
  return JSON.stringify(options, (_, value: unknown) => {
    const isOwn = typeof value === "function" || (typeof value === "object" && value !== null && "dataSync" in value);
    if (!isOwn) return value;
    const key = value as object;
    if (!names.has(key)) names.set(key, ++named);
    return `#${names.get(key)}`;
  });
}
