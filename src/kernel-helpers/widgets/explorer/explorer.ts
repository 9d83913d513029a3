import { formatPercent } from "../../../comms/format.js";
import type { Json } from "../../../comms/message.js";
import {
  type ClassScore,
  type ClassTarget,
  type ExplorerEvents,
  type ExplorerState,
  explorerSettings,
  explorerState,
  targetOf,
} from "../../../comms/states/explorer.js";
import { ownWidget } from "../../../comms/states/module.js";
import { sameData } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Warning } from "../../../explainers/explanation.js";
import { findMethod, type MethodId } from "../../../explainers/methods.js";
import { computingLayers, mapLayers, type Recording, record } from "../../../explainers/network/index.js";
import { rankedClasses } from "../../models/class-scores.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { ImageError, type ImageOptions, type LoadedImage, loadImage } from "../../pictures/load-image.js";
import { hasSign } from "../../pictures/relevance-map.js";
import { sourcePreview } from "../../pictures/source-preview.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { Rehearsal } from "../base/rehearsal.js";
import { describe, type HeatmapEvents, type HeatmapTraits, pictureTraits, takeRelevance } from "../heatmap/heatmap.js";
import { activationMaps } from "./activation-maps.js";
import { explorerFile } from "./explorer-file.js";
import { methodChoices, remarkOf, subtitleOf } from "./explorer-methods.js";
import { explorerPicture, type MadeWith, madeWith, seenInWords } from "./explorer-picture.js";
import { checkComposite, type ExplorerSettings, settingsTraits, valuesRead } from "./explorer-settings.js";
import { type AskedTarget, askedTarget, byIndex, listedClasses, targetInWords } from "./explorer-target.js";
import { layerFlow } from "./layer-flow.js";

type ExplorerTraits = Omit<HeatmapTraits<ExplorerState>, keyof ExplorerSettings | "target"> &
  ExplorerSettings & { target: AskedTarget };

/** How long, in milliseconds, a change of settings keeps back the next one from the same view. */
const PATIENCE = 300;

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    // A pause keeps no process alive.
    setTimeout(resolve, milliseconds).unref?.();
  });

/** What an explorer starts with. */
export interface ExplorerOptions
  extends Partial<Pick<ExplorerSettings, "parameters" | "composite" | "epsilon" | "gamma" | "bias">> {
  /** A method of the registry (`docs/methods.md`) that needs no data: `lrp` (default), `integrated-gradients`, `occlusion` … */
  method?: MethodId | (string & {});
  /** The class explained first, by index or name, or what speaks against one: `{ not: "tabby" }`; by default the most probable. */
  target?: AskedTarget;
  /** How many classes are listed; default 5. */
  top?: number;
}

/**
 * A photo, what a network sees in it, and why: click a class or search for one, choose a method, move its parameters, and it is
 * explained again, from the one recorded forward pass where the method has use for it. Readers give photos of their own (by drop,
 * paste or file), crop them, look at what a layer computes, and keep picture and numbers as files.
 *
 * Settings are traits and can be set from a cell too: `explorer.gamma = 0.5`, or of any method
 * `explorer.set({ method: "smoothgrad", parameters: { samples: 20 } })`; `explorer.parameters = {}` brings the defaults back.
 * `explorer.target = "tabby"` or `{ not: "tabby" }` asks for another class. LRP shares biases out here, unless `bias` says otherwise.
 * `close()` frees the recorded activations.
 *
 * @throws TraitError, ParameterError, InputShapeError, TargetError
 * @example
 * const model = await loadModel("efficientnet-lite0");
 * const explorer = new Explorer(model, await loadImage("chelsea.png", model.input));
 * explorer
 */
export class Explorer extends domWidgetClass<ExplorerTraits, HeatmapEvents & ExplorerEvents>({
  ...ownWidget("Explorer"),
  traits: { ...explorerState, ...pictureTraits, ...settingsTraits, target: askedTarget },
  events: ["click", "stop", "again", "back", "photo", "source", "crop", "file"],
  constrain(next, names, fail) {
    takeRelevance(next, names);
    checkComposite(next);
    if (names.has("target")) next.target = byIndex(next.target, next.classNames, next.outputs);
    const { activationLayer: layer, activationLayers: layers } = next;
    if (names.has("activationLayer") && layer !== "" && !layers.includes(layer)) {
      fail("activationLayer", `empty or one of ${layers.join(", ")}`, layers);
    }
  },
}) {
  readonly #model: LoadedModel;
  readonly #top: number;
  #recording: Recording;
  #photo: LoadedImage;
  /** Counts the pictures that were given: the last one counts. */
  #given = 0;
  #ranked: ClassScore[] = [];
  #taking: Promise<void> | undefined;
  /** Of a file that comes in parts, those that have come. */
  #parts: Uint8Array[] = [];
  readonly #explanations = new LatestWins((signal) => this.#explain(signal));
  readonly #rehearsal = new Rehearsal();
  /** What the picture was made with: settings may have changed since. */
  #made: { chosen: Chosen | null; settings: MadeWith } = { chosen: null, settings: [] };
  /** While settings are those of the picture again, there is nothing to explain. */
  #returning = false;

  constructor(model: LoadedModel, photo: LoadedImage, options: ExplorerOptions = {}) {
    const { top = 5, target, ...settings } = options;
    super(settings);
    this.#model = model;
    this.#top = top;
    this.#photo = photo;
    this.#recording = this.#look(photo, target);
    // A view sends its next values when these are dealt with. While something slow runs they must come through.
    this.watch(
      () => (this.#returning ? undefined : Promise.race([this.#answer(), pause(PATIENCE)])),
      [...explorerSettings, "request"],
    );
    this.watch(() => this.#activate(), "activationLayer");
    this.on("stop", () => this.#explanations.stop());
    this.on("again", () => this.#answer());
    this.on("back", () => this.#back());
    this.on("photo", ({ name, part, parts, buffers: [bytes] }) => {
      if (part === 0) this.#parts = [];
      this.#parts.push(bytesOf(bytes));
      if (part < parts - 1) return;
      const file = Buffer.concat(this.#parts.splice(0));
      return this.#take(() => this.#open(file, { name }));
    });
    this.on("crop", ({ left, top, width, height, fit }) => {
      const region = { left, top, width, height };
      return this.#take(() => this.#open(this.#source, { name: this.#photo.name, region, fit }));
    });
    this.on("source", () => this.#reply("source", () => sourcePreview(this.#source)));
    this.on("file", ({ format }) => this.#reply("file", () => explorerFile(this, this.#photo.name, format)));
    void this.#answer();
  }

  /** Explains another photo, at first its most probable class. */
  show(photo: LoadedImage): Promise<void> {
    this.#given++;
    this.#recording.dispose();
    this.#photo = photo;
    this.#recording = this.#look(photo);
    return this.#answer();
  }

  /** @throws ImageError for a photo that was made of numbers */
  get #source(): string | Uint8Array {
    const { source, name } = this.#photo;
    if (source !== undefined) return source;
    throw new ImageError(`There is no file of ${name || "this photo"} to see more of: load it with loadImage`);
  }

  /** Sends a view the bytes that it asked for, or says why there are none. */
  async #reply<Answer extends { bytes: Uint8Array }>(
    event: string,
    make: () => Answer | Promise<Answer>,
  ): Promise<void> {
    try {
      const { bytes, ...answer } = await make();
      if (!this.closed) this.send({ ...answer, event } as unknown as Json, [bytes]);
    } catch (error) {
      if (!this.closed) this.refusal = (error as Error).message;
    }
  }

  #open(file: string | Uint8Array, options: ImageOptions): Promise<LoadedImage> {
    return loadImage(file, this.#model.input, options);
  }

  /** Shows the picture that a reader gave, or says what is wrong with it; one that comes meanwhile takes its place. */
  #take(open: () => Promise<LoadedImage>): Promise<void> {
    this.#taking = this.#takeLast(open, ++this.#given);
    return this.#taking;
  }

  async #takeLast(open: () => Promise<LoadedImage>, given: number): Promise<void> {
    let photo: LoadedImage;
    try {
      photo = await open();
    } catch (error) {
      if (!this.closed && given === this.#given) this.refusal = (error as Error).message;
      return;
    }
    try {
      if (!this.closed && given === this.#given) void this.show(photo);
    } finally {
      // The recording holds what it needs of it.
      photo.dispose();
    }
  }

  /** Resolves when the picture shows what the settings say. */
  async settled(): Promise<void> {
    await this.#taking;
    await this.#explanations.settled();
  }

  override close(): void {
    this.#explanations.close();
    this.#rehearsal.cancel();
    super.close();
    this.#recording.dispose();
  }

  override staticPicture(): StaticPicture | null {
    return explorerPicture(this, this.#made.chosen?.target ?? null, this.#made.settings);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  override toString(): string {
    const seen = this.classes.length === 0 ? "" : ` · the network sees ${seenInWords(this.classes)}`;
    const stopped =
      this.stopped === null ? "" : ` · stopped at ${formatPercent(this.stopped)}: the picture is of earlier settings`;
    return `${describe("Explorer", this)}${seen}${stopped}`;
  }

  /** The one forward pass, and what the network sees. */
  #look(photo: LoadedImage, target?: AskedTarget): Recording {
    const recording = record(this.#model, photo.tensor);
    recording.repeats = true;
    const { classNames } = this.#model;
    const logits = recording.outputs[0]!.dataSync() as Float32Array;
    this.#ranked = rankedClasses(logits, classNames, recording.graph.tails[0]);
    const maps = mapLayers(recording.graph);
    this.set({
      image: photo,
      relevance: null,
      layers: [],
      classNames: classNames ?? [],
      outputs: logits.length,
      target: target ?? targetOf(this.#ranked[0]!),
      methods: methodChoices(maps),
      activationLayers: computingLayers(recording.graph),
      region: (photo.source !== undefined && photo.region) || null,
      fit: photo.fit ?? "crop",
      refusal: "",
      _maps: maps,
    });
    this.#list();
    this.#activate(recording);
    return recording;
  }

  /** The class that is asked for is always among those that are listed. */
  #list(): void {
    const listed = listedClasses(this.#ranked, this.target as ClassTarget, this.#top);
    if (!sameData(listed, this.classes)) this.classes = listed;
  }

  #activate(recording = this.#recording): void {
    const layer = this.activationLayers.includes(this.activationLayer) ? this.activationLayer : "";
    this.set({ activationLayer: layer, ...activationMaps(recording, layer) });
  }

  /** Explains the newest settings; what came in between is skipped or given up. */
  #answer(): Promise<void> {
    this.set({ stopped: null, ...(this.request === this.answered && { request: this.request + 1 }) });
    this.#list();
    this.#rehearsal.cancel();
    return this.#explanations.start();
  }

  /** Method, parameters and class are again those of the picture that stayed when its successor was stopped. */
  #back(): void {
    const { chosen } = this.#made;
    if (chosen === null || this.relevance === null || this.stopped === null) return;
    this.#returning = true;
    try {
      this.set({ ...chosen, stopped: null });
    } finally {
      this.#returning = false;
    }
    this.#list();
  }

  async #explain(signal: AbortSignal): Promise<void> {
    const { request } = this;
    const target = this.target as ClassTarget;
    const recording = this.#recording;
    const method = findMethod(this.method);
    // Taken now: settings may change while it computes, and the picture is of these.
    const { title, ends } = targetInWords(target, this.#ranked);
    const subtitle = subtitleOf(method, this.composite);
    const remark = remarkOf(this);
    const form = [method.id, this.composite, this.bias].join(" ");
    const chosen = { target, method: method.id, parameters: this.parameters };
    const made = { chosen, settings: madeWith(this) };
    const answer = { title, subtitle, remark, ends, answered: request, progress: null };
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
      this.#rehearsal.plan(form, performance.now() - start, () =>
        explain(this.#recording, { target, onProgress: () => {} }),
      );
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
        const { superseded } = this.#explanations;
        this.set({
          answered: superseded ? this.answered : this.request,
          stopped: superseded ? null : (this.progress ?? 0),
          progress: null,
        });
        return;
      }
      this.#made = made;
      const fault = error instanceof ParameterError ? error.parameter : "";
      this.set({ ...answer, relevance: null, output: null, layers: [], error: (error as Error).message, fault });
    }
  }
}

/** What a reader chooses of an explanation. */
type Chosen = Pick<ExplorerSettings, "method" | "parameters"> & { target: ClassTarget };

/** The file that a view sent; without one, nothing, which is no picture. */
const bytesOf = (file: ArrayBufferView | undefined): Uint8Array =>
  file === undefined ? new Uint8Array() : new Uint8Array(file.buffer, file.byteOffset, file.byteLength);

/** The warnings that the heading says; what biases kept stands beneath the bars of the layers already. */
const spoken = (warnings: readonly Warning[]): string[] =>
  warnings.filter(({ kind }) => kind !== "bias").map(({ message }) => `⚠ ${message}`);
