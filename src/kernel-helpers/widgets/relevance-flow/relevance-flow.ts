import type { Tensor } from "@tensorflow/tfjs-core";
import { formatShort } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import { type RelevanceFlowState, relevanceFlowState } from "../../../comms/states/relevance-flow.js";
import { ParameterError } from "../../../explainers/errors.js";
import { type Attribution, hasLedger } from "../../../explainers/explanation.js";
import { findMethod } from "../../../explainers/methods.js";
import { type Recording, record } from "../../../explainers/network/index.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import type { Photo } from "../../pictures/relevance-map.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { type HeatmapEvents, type HeatmapTraits, pictureTraits, takeRelevance } from "../heatmap/heatmap.js";
import { type Booked, explainLayers, type FlowSettings, madeWords, targetWords } from "./explained-layers.js";
import { type FoundLayer, flowLayers } from "./flow-layers.js";
import { flowPicture } from "./flow-picture.js";
import { layerShown } from "./layer-picture.js";

type RelevanceFlowTraits = HeatmapTraits<RelevanceFlowState>;

export type { FlowSettings } from "./explained-layers.js";

/** What the flow starts with. */
export interface RelevanceFlowOptions
  extends FlowSettings,
    Partial<Pick<RelevanceFlowTraits, "title" | "mode" | "opacity" | "percentile" | "limit">> {
  /** Which sample of a result's batch; default 0. */
  sample?: number;
  /** Names of the classes, where a result is given. */
  classNames?: readonly string[];
}

/**
 * Where relevance goes, layer by layer: what each layer gets, passes on, and what biases and empty parts keep of it. A click on a
 * layer (or the arrow keys) shows its relevance map, channels summed, over the photo where its positions are the photo's.
 *
 * @param source A model, which is explained by LRP here; or a result with layers, made with `keepLayers: true` for its maps to be
 *   seen. The result stays its maker's to dispose of.
 * @param photo What `loadImage` gave; of a model also a tensor `[1, height, width, channel]`. A result is shown without it, too.
 * @throws ParameterError for a result without layers or a sample that there is not; InputShapeError, TraitError
 * @example
 * new RelevanceFlow(model, photo, { parameters: { composite: "epsilon-plus" }, target: "tabby" })
 * @example
 * using result = await lrp(model)(photo.tensor, { keepLayers: true });
 * new RelevanceFlow(result, photo)
 */
export class RelevanceFlow extends domWidgetClass<RelevanceFlowTraits, HeatmapEvents & { stop: object; again: object }>(
  {
    ...ownWidget("RelevanceFlow"),
    traits: { ...relevanceFlowState, ...pictureTraits },
    events: ["click", "stop", "again"],
    constrain(next, names, fail) {
      takeRelevance(next, names);
      const count = next.layers.length;
      if (names.has("layer") && (next.layer < -1 || next.layer >= count)) {
        fail("layer", count === 0 ? "−1 while there are no layers" : `from −1 to ${count - 1}, or choose(name)`);
      }
    },
  },
) {
  readonly #model: LoadedModel | undefined;
  readonly #photo: Photo | null;
  readonly #sample: number;
  readonly #title: string | undefined;
  readonly #runs = new LatestWins((signal) => this.#explain(signal));
  #recording: Recording | undefined;
  #settings: Required<FlowSettings>;
  #classNames: readonly string[];
  #layers: FoundLayer[] = [];
  /** The relevance of the input; undefined where there are several. */
  #input: Float32Array | undefined;
  /** A result that was made here, and ends here. */
  #own: Booked | undefined;

  constructor(
    source: LoadedModel | Attribution,
    photo: LoadedImage | Photo | Tensor | null = null,
    options: RelevanceFlowOptions = {},
  ) {
    const { method = "lrp", parameters = {}, target = "top1", sample = 0, classNames, title, ...looks } = options;
    const isModel = "predict" in source;
    if (isModel) findMethod(method)(source, parameters);
    super(title === undefined ? looks : { ...looks, title });
    this.#title = title;
    this.#sample = sample;
    this.#settings = { method, parameters, target };
    this.watch(() => this.#show(), "layer");
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    if (isModel) {
      const loaded = asPhoto(photo as LoadedImage | Tensor, source.input);
      this.#model = source;
      this.#photo = loaded;
      this.#classNames = source.classNames ?? [];
      this.#recording = record(source, loaded.tensor);
      this.image = loaded;
      void this.#runs.start();
    } else {
      this.#photo = photo as Photo | null;
      this.#classNames = classNames ?? [];
      if (!hasLedger(source)) {
        throw new ParameterError(
          "source",
          source.method,
          "a model, or a result with layers, as lrp gives with keepLayers: true",
        );
      }
      this.#take(source);
    }
  }

  /**
   * Explains again, where a model was given: settings that are not stated stay as they are. Resolves when it is shown.
   *
   * @throws ParameterError
   */
  explain(settings: FlowSettings): Promise<void> {
    if (this.#model === undefined) {
      throw new ParameterError("settings", settings, "left alone: this flow shows a result that was given");
    }
    const next = { ...this.#settings, ...settings };
    if (settings.method !== undefined && settings.parameters === undefined) next.parameters = {};
    findMethod(next.method)(this.#model, next.parameters);
    this.#settings = next;
    return this.#runs.start();
  }

  /**
   * Shows the map of the layer of that name.
   *
   * @throws ParameterError
   */
  choose(name: string): void {
    const index = this.layers.findIndex((layer) => layer.name === name);
    if (index < 0)
      throw new ParameterError("name", name, `one of ${this.layers.map((layer) => layer.name).join(", ")}`);
    this.layer = index;
  }

  /** Gives up what is computed; the last picture stays. */
  stop(): void {
    this.#runs.stop();
  }

  /** Resolves when the picture shows what the settings say. */
  settled(): Promise<void> {
    return this.#runs.settled();
  }

  override close(): void {
    this.#runs.close();
    super.close();
    this.#recording?.dispose();
    this.#own?.[Symbol.dispose]?.();
  }

  override staticPicture(): StaticPicture | null {
    return flowPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The flow in plain text: a line for each layer. */
  override toString(): string {
    const head = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" ");
    const output = this.output === null ? "" : ` · output ${formatShort(this.output, 4)}`;
    const least = 1e-6 * Math.abs(this.output ?? 1);
    const lines = this.layers.map(({ name, kind, sum, byBias, byEmpty, masked }) => {
      const kept = [
        [byBias, "biases keep"],
        [byEmpty, "empty parts keep"],
        [masked, "a mask takes"],
      ] as const;
      const facts = kept
        .filter(([value]) => Math.abs(value) > least)
        .map(([value, words]) => `${words} ${formatShort(value, 4)}`);
      return `  ${[`${name} (${kind})`, `relevance ${formatShort(sum, 4)}`, ...facts].join(" · ")}`;
    });
    return [`RelevanceFlow: ${head}${output}${this.error === "" ? "" : ` · ${this.error}`}`, ...lines].join("\n");
  }

  #explain(signal: AbortSignal): Promise<void> {
    return explainLayers(this, {
      ...{ model: this.#model!, recording: this.#recording!, settings: this.#settings, classNames: this.#classNames },
      ...{ runs: this.#runs, signal },
      take: (result) => {
        const before = this.#own;
        this.#own = result;
        this.#take(result);
        before?.[Symbol.dispose]?.();
      },
      fail: (subtitle, error) => {
        this.#layers = [];
        const words = { title: this.#title ?? UNNAMED, subtitle, caption: "", error };
        this.set({ ...words, layers: [], layer: -1, image: this.#photo, relevance: null, output: null, total: null });
      },
    });
  }

  /** Shows the books of a result, and the map of the layer of the name that was chosen, else of the input. */
  #take(result: Booked): void {
    const found = flowLayers(result.layers, this.#sample, this.#photo === null ? "input" : "pixels");
    const chosen = this.layers[this.layer]?.name;
    const kept = found.findIndex(({ books }) => books.name === chosen);
    const name = targetWords(result.target[this.#sample] ?? null, this.#classNames);
    this.#layers = found;
    this.#input = result.inputs.length > 1 ? undefined : result.relevance;
    const layer = kept >= 0 ? kept : found.length - 1;
    const own = name === "" ? UNNAMED : `Why *${name}*, layer by layer?`;
    this.set({
      title: this.#title ?? own,
      subtitle: madeWords(result),
      output: finite(result.output[this.#sample]),
      layers: found.map(({ books }) => books),
      layer,
      ...this.#pictureOf(layer),
    });
  }

  #show(): void {
    if (this.layer >= 0) this.set(this.#pictureOf(this.layer));
  }

  #pictureOf(index: number): Partial<RelevanceFlowTraits> {
    const photo = this.#photo;
    const { onPhoto, ...shown } = layerShown(this.#layers[index]!, {
      ...{ sample: this.#sample, photo, input: this.#input },
    });
    if (shown.relevance === null) return shown;
    const image = onPhoto ? photo : null;
    // A photo that is there already is not sent again.
    return { ...shown, ...((image === null) !== (this.image === null) && { image }) };
  }
}

/** The title where no class is explained. */
const UNNAMED = "Relevance, layer by layer";

const finite = (value: number | undefined) => (Number.isFinite(value) ? value! : null);
