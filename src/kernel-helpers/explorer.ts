import { type ClassScore, type ExplorerState, explorerDefaults, explorerSettings } from "../comms/states/explorer.js";
import { type Recording, record } from "../explainers/trace/index.js";
import { composites, methodOf, methods, type Settings, subtitleOf } from "./explorer-methods.js";
import {
  describe,
  type HeatmapEvents,
  type HeatmapTraits,
  heatmapPreview,
  heatmapTraits,
  ownWidget,
  takeRelevance,
} from "./heatmap.js";
import type { LoadedImage } from "./images/load-image.js";
import { layerFlow } from "./layer-flow.js";
import { domWidgetClass } from "./layout.js";
import type { LoadedModel } from "./models/index.js";
import { choice, data, integer, invalid, list, nullable, number, type Trait, text } from "./traits.js";

type ExplorerTraits = HeatmapTraits<ExplorerState>;

const oneOf = (names: string[], initial: string): Trait<string> => ({
  expected: `one of ${names.join(", ")}`,
  initial: () => initial,
  check: (value) => (names.includes(value as string) ? (value as string) : invalid),
});

const atLeastZero = (initial: number): Trait<number> => ({
  ...number(initial),
  expected: "a number from 0 on",
  check: (value) => (typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : invalid),
});

/** How long, in milliseconds, a change of settings keeps back the next one from the same view. */
const PATIENCE = 300;

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    // A pause keeps no process alive.
    setTimeout(resolve, milliseconds).unref();
  });

/** What an explorer starts with. */
export interface ExplorerOptions extends Partial<Omit<Settings, "target">> {
  /** `lrp` (default), `sensitivity`, `gradient-x-input`, `integrated-gradients`, `smoothgrad`, `grad-cam`, `occlusion` … */
  method?: string;
  /** Index of the class explained first; by default the most probable. */
  target?: number;
  /** How many classes are listed; default 5. */
  top?: number;
}

/**
 * A photo, what a network sees in it, and why: click a class, choose method and composite, move ε and γ, and the relevance
 * is propagated again on the one recorded forward pass.
 *
 * Settings are traits and can be set from a cell too: `explorer.gamma = 0.5`. `close()` frees the recorded activations.
 *
 * @throws TraitError, InputShapeError
 * @example
 * const model = await loadModel("efficientnet-lite0");
 * const explorer = new Explorer(model, await loadImage("chelsea.png", model.input));
 * explorer
 */
export class Explorer extends domWidgetClass<ExplorerTraits, HeatmapEvents & { stop: object }>({
  ...ownWidget("Explorer"),
  traits: {
    ...heatmapTraits,
    classes: data<ClassScore[]>([]),
    target: integer(explorerDefaults.target),
    method: oneOf(
      methods.map(({ value }) => value),
      explorerDefaults.method,
    ),
    methods: data(methods.map(({ value, label, hint }) => ({ value, label, hint }))),
    composite: oneOf(
      composites.map(({ value }) => value),
      composites[0]!.value,
    ),
    composites: data(composites.map(({ value, label, hint }) => ({ value, label, hint }))),
    epsilon: atLeastZero(explorerDefaults.epsilon),
    gamma: atLeastZero(explorerDefaults.gamma),
    bias: choice("absorb", "ignore", "distribute"),
    uses: list(text()),
    layers: data<ExplorerState["layers"]>([]),
    request: integer(),
    answered: integer(),
    progress: nullable(number()),
  },
  events: ["click", "stop"],
  constrain: takeRelevance,
}) {
  readonly #model: LoadedModel;
  readonly #top: number;
  #recording: Recording;
  /** Settings changed after the running explanation took them. */
  #stale = false;
  #work: Promise<void> | undefined;
  #run = new AbortController();

  constructor(model: LoadedModel, photo: LoadedImage, options: ExplorerOptions = {}) {
    const { top = 5, target, ...settings } = options;
    super(settings);
    this.#model = model;
    this.#top = top;
    this.#recording = this.#look(photo, target);
    // A view sends its next values when these are dealt with. While something slow runs they must come through.
    this.observe(() => Promise.race([this.#answer(), pause(PATIENCE)]), [...explorerSettings, "request"]);
    this.on("stop", () => this.#run.abort());
    void this.#answer();
  }

  /** Explains another photo, at first its most probable class. */
  show(photo: LoadedImage): Promise<void> {
    this.#recording.dispose();
    this.#recording = this.#look(photo);
    return this.#answer();
  }

  /** Resolves when the picture shows what the settings say. */
  async settled(): Promise<void> {
    await this.#work;
  }

  override close(): void {
    this.#run.abort();
    super.close();
    this.#recording.dispose();
  }

  protected override preview(): Record<string, unknown> {
    return heatmapPreview(this);
  }

  override toString(): string {
    return describe("Explorer", this);
  }

  /** The one forward pass, and what the network sees. */
  #look(photo: LoadedImage, target?: number): Recording {
    const recording = record(this.#model, photo.tensor);
    const logits = recording.outputs[0]!.dataSync() as Float32Array;
    const classes = topClasses(logits, this.#model.classNames, this.#top);
    this.set({ image: photo, relevance: null, layers: [], classes, target: target ?? classes[0]!.index });
    return recording;
  }

  /** Explains until the newest settings are explained; what came in between is skipped or given up. */
  #answer(): Promise<void> {
    this.#stale = true;
    this.#run.abort();
    if (this.request === this.answered) this.request += 1;
    this.#work ??= this.#explainNewest().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #explainNewest(): Promise<void> {
    // One change may set several traits: take them together.
    await null;
    while (this.#stale && !this.closed) {
      this.#stale = false;
      this.#run = new AbortController();
      await this.#explain(this.#run.signal);
    }
  }

  async #explain(signal: AbortSignal): Promise<void> {
    const { request, target, composite, epsilon, gamma, bias } = this;
    const settings: Settings = { target, composite, epsilon, gamma, bias };
    const method = methodOf(this.method);
    const [title, subtitle] = [`Why *${this.#nameOf(target)}*?`, subtitleOf(method, settings)];
    const answer = { title, subtitle, answered: request, progress: null };
    this.uses = method.uses(settings);
    try {
      const result = await method.explain(this.#model, this.#recording, settings, {
        signal,
        onProgress: ({ done, total }) => this.set({ progress: done / total }),
      });
      this.set({
        ...answer,
        signed: method.signed,
        relevance: result,
        output: result.output[0] ?? null,
        layers: "layers" in result ? layerFlow(result.layers) : [],
        error: "",
        ...(!method.additive && { total: null }),
      });
    } catch (error) {
      // Stopped: the last picture stays, under its own heading. Given up for newer settings: those are next.
      if (signal.aborted) this.set({ answered: this.#stale ? this.answered : this.request, progress: null });
      else this.set({ ...answer, relevance: null, output: null, layers: [], error: (error as Error).message });
    }
  }

  #nameOf(index: number): string {
    return this.#model.classNames?.[index]?.split(",")[0] ?? `output ${index}`;
  }
}

/** The classes with the largest logits, best first, with their softmax. */
export function topClasses(logits: Float32Array, names: readonly string[] | undefined, count: number): ClassScore[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((all, logit) => all + Math.exp(logit - largest), 0);
  return Array.from(logits, (logit, index) => ({
    index,
    name: names?.[index] ?? `output ${index}`,
    probability: Math.exp(logit - largest) / sum,
    logit,
  }))
    .sort((a, b) => b.logit - a.logit)
    .slice(0, count);
}
