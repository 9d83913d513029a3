import { type ExplorerState, explorerSettings, explorerState } from "../../../comms/states/explorer.js";
import { ownWidget } from "../../../comms/states/module.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Warning } from "../../../explainers/explanation.js";

import { findMethod } from "../../../explainers/methods.js";
import { mapLayers, type Recording, record } from "../../../explainers/network/index.js";
import { topClasses } from "../../models/class-scores.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { Rehearsal } from "../base/rehearsal.js";
import { describe, type HeatmapEvents, type HeatmapTraits, pictureTraits, takeRelevance } from "../heatmap/heatmap.js";
import { methodChoices, remarkOf, subtitleOf } from "./explorer-methods.js";
import { explorerPicture, type MadeWith, madeWith, seenInWords } from "./explorer-picture.js";
import { checkComposite, type ExplorerSettings, settingsTraits, valuesRead } from "./explorer-settings.js";
import { layerFlow } from "./layer-flow.js";

type ExplorerTraits = Omit<HeatmapTraits<ExplorerState>, keyof ExplorerSettings> & ExplorerSettings;

/** How long, in milliseconds, a change of settings keeps back the next one from the same view. */
const PATIENCE = 300;

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    // A pause keeps no process alive.
    setTimeout(resolve, milliseconds).unref();
  });

/** What an explorer starts with. */
export interface ExplorerOptions
  extends Partial<Pick<ExplorerSettings, "parameters" | "composite" | "epsilon" | "gamma" | "bias">> {
  /** A method of the registry (`docs/methods.md`) that needs no data: `lrp` (default), `integrated-gradients`, `occlusion` … */
  method?: string;
  /** Index of the class explained first; by default the most probable. */
  target?: number;
  /** How many classes are listed; default 5. */
  top?: number;
}

/**
 * A photo, what a network sees in it, and why: click a class, choose a method, move its parameters, and it is explained
 * again, from the one recorded forward pass where the method has use for it.
 *
 * Settings are traits and can be set from a cell too: `explorer.gamma = 0.5`, or of any method
 * `explorer.set({ method: "smoothgrad", parameters: { samples: 20 } })`; `explorer.parameters = {}` brings the defaults back.
 * `close()` frees the recorded activations.
 *
 * @throws TraitError, ParameterError, InputShapeError
 * @example
 * const model = await loadModel("efficientnet-lite0");
 * const explorer = new Explorer(model, await loadImage("chelsea.png", model.input));
 * explorer
 */
export class Explorer extends domWidgetClass<ExplorerTraits, HeatmapEvents & { stop: object }>({
  ...ownWidget("Explorer"),
  traits: { ...explorerState, ...pictureTraits, ...settingsTraits },
  events: ["click", "stop"],
  constrain(next, names) {
    takeRelevance(next, names);
    checkComposite(next);
  },
}) {
  readonly #model: LoadedModel;
  readonly #top: number;
  #recording: Recording;
  readonly #explanations = new LatestWins((signal) => this.#explain(signal));
  readonly #rehearsal = new Rehearsal();
  /** What the picture was made with: settings may have changed since. */
  #made: { target: number; settings: MadeWith } = { target: -1, settings: [] };

  constructor(model: LoadedModel, photo: LoadedImage, options: ExplorerOptions = {}) {
    const { top = 5, target, ...settings } = options;
    super(settings);
    this.#model = model;
    this.#top = top;
    this.#recording = this.#look(photo, target);
    // A view sends its next values when these are dealt with. While something slow runs they must come through.
    this.observe(() => Promise.race([this.#answer(), pause(PATIENCE)]), [...explorerSettings, "request"]);
    this.on("stop", () => this.#explanations.stop());
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
    await this.#explanations.settled();
  }

  override close(): void {
    this.#explanations.close();
    this.#rehearsal.cancel();
    super.close();
    this.#recording.dispose();
  }

  override staticPicture(): StaticPicture | null {
    return explorerPicture(this, this.#made.target, this.#made.settings);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  override toString(): string {
    const seen = this.classes.length === 0 ? "" : ` · the network sees ${seenInWords(this.classes)}`;
    return `${describe("Explorer", this)}${seen}`;
  }

  /** The one forward pass, and what the network sees. */
  #look(photo: LoadedImage, target?: number): Recording {
    const recording = record(this.#model, photo.tensor);
    recording.repeats = true;
    const logits = recording.outputs[0]!.dataSync() as Float32Array;
    const classes = topClasses(logits, this.#model.classNames, this.#top, recording.graph.tails[0]);
    const maps = mapLayers(recording.graph);
    this.set({
      image: photo,
      relevance: null,
      layers: [],
      classes,
      target: target ?? classes[0]!.index,
      methods: methodChoices(maps),
      _maps: maps,
    });
    return recording;
  }

  /** Explains the newest settings; what came in between is skipped or given up. */
  #answer(): Promise<void> {
    if (this.request === this.answered) this.request += 1;
    this.#rehearsal.cancel();
    return this.#explanations.start();
  }

  async #explain(signal: AbortSignal): Promise<void> {
    const { request, target } = this;
    const recording = this.#recording;
    const method = findMethod(this.method);
    // Taken now: settings may change while it computes, and the picture is of these.
    const [title, subtitle] = [`Why *${this.#nameOf(target)}*?`, subtitleOf(method, this.composite)];
    const remark = remarkOf(this);
    const form = [method.id, this.composite, this.bias].join(" ");
    const made = { target, settings: madeWith(this) };
    const answer = { title, subtitle, remark, answered: request, progress: null };
    try {
      const explain = method(this.#model, valuesRead(this));
      const start = performance.now();
      const result = await explain(recording, {
        target,
        signal,
        onProgress: ({ done, total }) => {
          if (!this.closed) this.set({ progress: done / total });
        },
      });
      // Of a photo that is gone.
      if (this.closed || recording !== this.#recording) return;
      this.#rehearsal.plan(form, performance.now() - start, () => explain(this.#recording, { target }));
      this.#made = made;
      this.set({
        ...answer,
        subtitle: [subtitle, ...spoken(result.warnings)].join(" · "),
        signed: method.signed || hasSign(result.relevance),
        relevance: result,
        output: result.output[0] ?? null,
        layers: layerFlow(result.layers ?? []),
        error: "",
        fault: "",
        ...(!method.additive && { total: null }),
      });
    } catch (error) {
      if (this.closed) return;
      // Stopped: the last picture stays, under its own heading. Given up for newer settings: those are next.
      if (signal.aborted) {
        this.set({ answered: this.#explanations.superseded ? this.answered : this.request, progress: null });
        return;
      }
      this.#made = made;
      const fault = error instanceof ParameterError ? error.parameter : "";
      this.set({ ...answer, relevance: null, output: null, layers: [], error: (error as Error).message, fault });
    }
  }

  #nameOf(index: number): string {
    return this.#model.classNames?.[index]?.split(",")[0] ?? `output ${index}`;
  }
}

/** The warnings that the heading says; what biases kept stands beneath the bars of the layers already. */
const spoken = (warnings: readonly Warning[]): string[] =>
  warnings.filter(({ kind }) => kind !== "bias").map(({ message }) => `⚠ ${message}`);

/** Whether values have a sign that is more than rounding, as a gradient that is asked for with its sign. */
function hasSign(values: Float32Array): boolean {
  let [low, high] = [0, 0];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low < -1e-3 * high;
}
