import { Tensor } from "@tensorflow/tfjs-core";
import { formatShort } from "../../../comms/format.js";
import {
  formulaNumbers,
  formulaSymbols,
  inLine,
  type LayerWalkState,
  layerWalkState,
  ruleWords,
} from "../../../comms/states/layer-walk.js";
import { ownWidget } from "../../../comms/states/module.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { LrpAttribution } from "../../../explainers/methods/lrp/index.js";
import { findMethod } from "../../../explainers/methods.js";
import { type Model, type Recording, record } from "../../../explainers/network/index.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import type { Photo } from "../../pictures/relevance-map.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { type HeatmapEvents, type HeatmapTraits, pictureTraits, takeRelevance } from "../heatmap/heatmap.js";
import { explainLayers, type FlowSettings, madeWords, targetWords } from "../relevance-flow/explained-layers.js";
import { type FoundLayer, flowLayers } from "../relevance-flow/flow-layers.js";
import { layerShown } from "../relevance-flow/layer-picture.js";
import { walkPicture } from "./walk-picture.js";
import { WalkedUnits } from "./walked-units.js";

type LayerWalkTraits = HeatmapTraits<LayerWalkState>;

/** What a walk starts with. */
export interface LayerWalkOptions
  extends FlowSettings,
    Partial<Pick<LayerWalkTraits, "title" | "mode" | "opacity" | "percentile" | "limit">> {
  /** Names of the classes; by default those that the model says. */
  classNames?: readonly string[];
}

type Walked = LrpAttribution & Partial<Disposable>;

/**
 * Relevance on three levels, for any model: the layers with their sums; one unit of a layer and what each of its inputs gets of it; and
 * the rule's formula with the numbers of one such share. From any share the walk goes on to the unit that got it, down to the input.
 *
 * @param model What explainers take: a loaded model, a Keras-like or graph model, a function of tensors.
 * @param input What `loadImage` gave, or a tensor of one sample.
 * @throws ParameterError for a method or parameter that does not exist or an input of several samples; InputShapeError, TargetError
 * @example
 * const walk = new LayerWalk(model, photo, { parameters: { composite: "epsilon-plus" } });
 * await walk.settled();
 * walk.choose("b5_project"); // its strongest unit, taken apart
 * walk.follow(0);            // on to what got most of it
 */
export class LayerWalk extends domWidgetClass<
  LayerWalkTraits,
  HeatmapEvents & { stop: object; again: object; follow: { share: number }; back: { step: number } }
>({
  ...ownWidget("LayerWalk"),
  traits: { ...layerWalkState, ...pictureTraits },
  events: ["click", "stop", "again", "follow", "back"],
  constrain(next, names, fail) {
    takeRelevance(next, names);
    const layers = next.layers.length;
    if (names.has("layer") && (next.layer < -1 || next.layer >= layers)) {
      fail("layer", layers === 0 ? "−1 while there are no layers" : `from −1 to ${layers - 1}, or choose(name)`);
    }
    const size = next.layers[next.layer]?.shape.reduce((product, extent) => product * extent, 1) ?? 0;
    if (names.has("unit") && (next.unit < -1 || next.unit >= size)) {
      fail("unit", `from −1 to ${size - 1}: “${next.layers[next.layer]?.name ?? "no layer"}” has ${size} units`);
    }
    const shares = next.node?.shares.length ?? 0;
    if (names.has("share") && (next.share < 0 || next.share >= Math.max(1, shares))) {
      fail("share", shares === 0 ? "0 while nothing is taken apart" : `from 0 to ${shares - 1}, of those listed`);
    }
  },
}) {
  readonly #model: Model;
  readonly #photo: Photo | null;
  readonly #title: string | undefined;
  readonly #classNames: readonly string[];
  readonly #runs = new LatestWins((signal) => this.#explain(signal));
  readonly #recording: Recording;
  #settings: Required<FlowSettings>;
  #found: FoundLayer[] = [];
  #units: WalkedUnits | undefined;
  #result: Walked | undefined;
  /** Whether what is shown is being put together here. */
  #isOwn = false;

  constructor(model: Model, input: LoadedImage | Tensor, options: LayerWalkOptions = {}) {
    const { method = "lrp", parameters = {}, target = "top1", classNames, title, ...looks } = options;
    findMethod(method)(model, parameters);
    const loaded = "net" in model && "input" in model ? (model as LoadedModel) : undefined;
    const tensor = input instanceof Tensor ? input : input.tensor;
    if (tensor.shape[0] !== 1) {
      throw new ParameterError("input", `tensor [${tensor.shape.join(", ")}]`, "one sample, [1, …]");
    }
    const photo = photoOf(input, loaded);
    const recording = record(model, tensor);
    try {
      super(title === undefined ? looks : { ...looks, title });
    } catch (error) {
      recording.dispose();
      throw error;
    }
    this.#model = model;
    this.#photo = photo;
    this.#title = title;
    this.#classNames = classNames ?? loaded?.classNames ?? [];
    this.#settings = { method, parameters, target };
    this.#recording = recording;
    this.image = photo;
    this.watch(() => this.#isOwn || this.#enter(this.layer), "layer");
    this.watch(() => this.#isOwn || this.#stand(this.unit, true), "unit");
    this.on("click", ({ row, column }) => this.#point(row, column));
    this.on("follow", ({ share }) => this.follow(share));
    this.on("back", ({ step }) => this.back(step));
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    void this.#runs.start();
  }

  /**
   * Explains again: settings that are not stated stay as they are. Resolves when it is shown.
   *
   * @throws ParameterError
   */
  explain(settings: FlowSettings): Promise<void> {
    const next = { ...this.#settings, ...settings };
    if (settings.method !== undefined && settings.parameters === undefined) next.parameters = {};
    findMethod(next.method)(this.#model, next.parameters);
    this.#settings = next;
    return this.#runs.start();
  }

  /**
   * Goes to a layer, and takes one of its units apart.
   *
   * @param unit its index in the layer's value; by default the one with most relevance
   * @throws ParameterError for a layer that is not shown; TraitError for a unit that there is not
   */
  choose(name: string, unit?: number): void {
    const index = this.layers.findIndex((layer) => layer.name === name);
    if (index < 0) {
      throw new ParameterError("name", name, `one of ${this.layers.map((layer) => layer.name).join(", ")}`);
    }
    if (index !== this.layer) this.layer = index;
    if (unit !== undefined) this.unit = unit;
  }

  /**
   * Walks on to the unit that got a share, in the layer that it is of.
   *
   * @param share index in `node.shares`; default the one whose formula is shown
   * @throws ParameterError where there is no such share, or it leads nowhere
   */
  follow(share = this.share): void {
    const found = this.node?.shares[share];
    if (found === undefined || found.to < 0) {
      const count = this.node?.shares.length ?? 0;
      throw new ParameterError(
        "share",
        share,
        count === 0 ? "left out: nothing is taken apart" : `from 0 to ${count - 1}, with a unit behind it`,
      );
    }
    this.#show(found.to, found.unit, this.path);
  }

  /**
   * Goes back to a unit that was walked through.
   *
   * @throws ParameterError
   */
  back(step: number): void {
    const found = this.path[step];
    if (found === undefined) throw new ParameterError("step", step, `from 0 to ${this.path.length - 1}`);
    this.#show(found.layer, found.unit, this.path.slice(0, step));
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
    this.#recording.dispose();
    this.#result?.[Symbol.dispose]?.();
  }

  override staticPicture(): StaticPicture | null {
    return walkPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The walk in plain text: the layers, the unit with its shares, the formula of the chosen one. */
  override toString(): string {
    const head = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" ");
    const output = this.output === null ? "" : ` · output ${formatShort(this.output, 4)}`;
    const { node } = this;
    const chosen = node?.shares[this.share];
    return [
      `LayerWalk: ${head}${output}${this.error === "" ? "" : ` · ${this.error}`}`,
      ...this.layers.map(({ name, kind, sum }) => `  ${name} (${kind}) · relevance ${formatShort(sum, 4)}`),
      ...(node === null
        ? []
        : [
            `  ${node.layer}, ${node.name} · relevance ${formatShort(node.relevance, 4)} · ${node.rule}`,
            ...node.shares.map(({ layer, name, share }) => `    ${layer}, ${name} · ${formatShort(share, 4)}`),
            `    ${node.others.count} others · ${formatShort(node.others.share, 4)} · kept ${formatShort(node.kept, 4)}`,
          ]),
      ...(node === null || chosen === undefined
        ? []
        : node.terms === null
          ? [`  ${ruleWords(node.rule)}`]
          : [
              `  Rᵢ←ₖ = ${inLine(formulaSymbols(node))}`,
              `  = ${inLine(formulaNumbers(node, chosen))} = ${formatShort(chosen.share, 4)}`,
            ]),
    ].join("\n");
  }

  #explain(signal: AbortSignal): Promise<void> {
    return explainLayers(this, {
      ...{ model: this.#model, recording: this.#recording, settings: this.#settings, classNames: this.#classNames },
      ...{ runs: this.#runs, signal },
      take: (result) => {
        const before = this.#result;
        this.#result = result as Walked;
        this.#take(this.#result);
        before?.[Symbol.dispose]?.();
      },
      fail: (subtitle, error) => {
        this.#found = [];
        this.#own({
          ...{ title: this.#title ?? UNNAMED, subtitle, caption: "", error },
          ...{ layers: [], layer: -1, units: [], unit: -1, node: null, apart: "", share: 0, path: [] },
          ...{ image: this.#photo, relevance: null, output: null, total: null },
        });
      },
    });
  }

  /** Shows a result at the unit of the layer that was chosen, else at the output. */
  #take(result: Walked): void {
    const chosen = this.layers[this.layer]?.name;
    const found = flowLayers(result.layers, 0, this.#photo === null ? "input" : "pixels");
    const kept = found.findIndex(({ books }) => books.name === chosen);
    const name = targetWords(result.target[0] ?? null, this.#classNames);
    this.#found = found;
    this.#units = new WalkedUnits(result, found, this.#classNames);
    const unit = kept > 0 ? this.unit : -1;
    this.#own({
      title: this.#title ?? (name === "" ? UNNAMED : `Why *${name}*, step by step?`),
      subtitle: madeWords(result),
      output: Number.isFinite(result.output[0]) ? result.output[0]! : null,
      layers: found.map(({ books }) => books),
      layer: Math.max(kept, 0),
    });
    this.#show(Math.max(kept, 0), unit, []);
  }

  /** Sets what follows from one another, without answering to it. */
  #own(traits: Partial<LayerWalkTraits>): void {
    this.#isOwn = true;
    try {
      this.set(traits);
    } finally {
      this.#isOwn = false;
    }
  }

  /** A layer was chosen: its strongest unit begins a new walk. */
  #enter(index: number): void {
    if (index >= 0) this.#show(index, -1, []);
  }

  /** A unit was chosen in the layer that is shown: it takes the last one's place on the way. */
  #stand(unit: number, isChosen: boolean): void {
    if (this.layer >= 0) this.#show(this.layer, unit, isChosen ? this.path.slice(0, -1) : this.path);
  }

  #point(row: number, column: number): void {
    const map = this.relevance as { shape: readonly number[] } | null;
    if (this.#units === undefined || this.layer < 0 || map === null) return;
    this.#stand(this.#units.at(this.layer, row, column, map.shape[1]!), true);
  }

  /** Shows a unit of a layer, −1 the strongest one, at the end of what was walked before. */
  #show(index: number, unit: number, before: readonly LayerWalkState["path"][number][]): void {
    const units = this.#units!;
    const strongest = units.strongest(index);
    const chosen = unit >= 0 ? unit : (strongest[0]?.unit ?? 0);
    const [own] = units.named(index, [chosen]);
    const listed = strongest.some((one) => one.unit === chosen) ? strongest : [...strongest.slice(0, -1), own!];
    let [node, apart]: [LayerWalkState["node"], string] = [null, ""];
    try {
      node = units.apart(index, chosen);
    } catch (error) {
      apart = (error as Error).message;
    }
    const photo = this.#photo;
    const shown = layerShown(this.#found[index]!, { sample: 0, photo, input: undefined });
    const { onPhoto, ...map } = shown;
    const image = onPhoto ? photo : null;
    const step = { ...own!, layer: index, layerName: this.#found[index]!.books.name };
    this.#own({
      ...map,
      ...((image === null) !== (this.image === null) && { image }),
      layer: index,
      units: listed,
      unit: chosen,
      node,
      apart,
      share: 0,
      path: [...before, step],
    });
  }
}

/** The title where no class is explained. */
const UNNAMED = "Relevance, step by step";

/** The picture that an input is; null of one that is none. */
function photoOf(input: LoadedImage | Tensor, model: LoadedModel | undefined): Photo | null {
  if (!(input instanceof Tensor)) return input;
  const isPicture =
    input.rank === 4 && [1, 3].includes(input.shape[3]!) && Math.min(input.shape[1]!, input.shape[2]!) > 1;
  return model !== undefined && isPicture ? asPhoto(input, model.input) : null;
}
