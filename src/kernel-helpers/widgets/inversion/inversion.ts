import type { Tensor } from "@tensorflow/tfjs-core";
import { formatPercent } from "../../../comms/format.js";
import {
  type InversionErrors,
  type InversionState,
  type InversionWay,
  inversionState,
} from "../../../comms/states/inversion.js";
import { ownWidget } from "../../../comms/states/module.js";
import { ParameterError } from "../../../explainers/errors.js";
import { nearest } from "../../../explainers/suggestions.js";
import { inversion, type InversionOptions as RunOptions } from "../../../explainers/synthesis/index.js";
import type { LoadedModel } from "../../models/index.js";
import { builtInInverters, type Inverter, loadInverter } from "../../models/inverters.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto, inputBytes } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { GrayLevels } from "./gray-levels.js";
import { inversionPicture } from "./inversion-picture.js";
import { inversionCaption, inversionWords } from "./inversion-words.js";
import { invertedLayers } from "./inverted-layers.js";

/** What is inverted, and how. */
export interface InversionWidgetOptions
  extends Partial<Pick<InversionState, "way" | "measure" | "title">>,
    Pick<
      RunOptions,
      "alphaNorm" | "alpha" | "totalVariation" | "beta" | "jitter" | "learningRate" | "parametrization"
    > {
  /** The layers of the slider, from the input on; by default all, or a dozen of them where there are more. */
  layers?: readonly string[];
  /** The one that is inverted first; by default the one in the middle. */
  layer?: string;
  /** Reconstructions side by side, from different starts. Default 3. */
  starts?: number;
  /** Steps of an optimization. Default 200. */
  steps?: number;
  seed?: number;
}

/** The pictures that were found of one layer in one way. */
interface Found {
  readonly layer: string;
  readonly way: InversionWay;
  readonly step: number | null;
  readonly pictures: Float32Array;
  readonly starts: number;
  readonly representationErrors: readonly number[];
  readonly pixelErrors: readonly number[];
  /** Whether it ran to its end. */
  readonly whole: boolean;
}

/** Settings that look well for photographs: broad shapes and colors come as readily as fine detail. */
const forPhotos: Partial<RunOptions> = { parametrization: "fourier", totalVariation: 0.1 };

/** Milliseconds between two pictures of a run. */
const FRAME = 100;

/**
 * What each layer of a network keeps of a picture: the picture is reconstructed from the layer's values alone, by optimization that can be
 * watched, or by a network that was trained to. A slider walks through the layers; the original, the reconstruction and their difference stand
 * side by side, and a chart shows the error by layer. What ran is kept; "Stop" ends a run, "Run again" begins from other starts.
 *
 * @see Mahendran & Vedaldi 2015; Dosovitskiy & Brox 2016
 * @throws ParameterError; TraitError
 * @example new Inversion(model, photo, { layer: "conv2", starts: 3 })
 */
export class Inversion extends domWidgetClass<InversionState, { stop: object; again: object; all: object }>({
  ...ownWidget("Inversion"),
  traits: inversionState,
  events: ["stop", "again", "all"],
  constrain(next, names, fail) {
    const last = Math.max(0, next.layers.length - 1);
    if (names.has("layer") && (next.layer < 0 || next.layer > last)) fail("layer", `from 0 to ${last}`);
    const starts = next.pictures?.shape[0] ?? 1;
    if (next.start >= starts) next.start = starts - 1;
    if (next.start < 0) next.start = 0;
  },
}) {
  readonly #model: LoadedModel;
  readonly #input: Tensor;
  readonly #options: InversionWidgetOptions & { readonly starts: number; readonly steps: number };
  readonly #levels: GrayLevels;
  readonly #runs = new LatestWins((signal) => this.#compute(signal));
  readonly #found = new Map<string, Found>();
  readonly #inverters = new Map<string, Inverter>();
  #shown: Found | undefined;
  #seed: number;
  #all = false;

  constructor(model: LoadedModel, photo: LoadedImage | Tensor, options: InversionWidgetOptions = {}) {
    const {
      layers: stated,
      layer,
      way,
      measure,
      title = "What does each layer keep of a picture?",
      seed = 0,
    } = options;
    const { starts = 3, steps = 200 } = options;
    if (!Number.isInteger(starts) || starts < 1)
      throw new ParameterError("starts", starts, "a whole number of at least 1");
    if (!Number.isInteger(steps) || steps < 1) throw new ParameterError("steps", steps, "a whole number of at least 1");
    const image = asPhoto(photo, model.input);
    const channels = image.tensor.shape[3];
    const layers = stated ?? invertedLayers(model, image.tensor);
    if (layers.length === 0) throw new ParameterError("layers", layers, "a list of at least one");
    const first = layer === undefined ? Math.floor((layers.length - 1) / 2) : layers.indexOf(layer);
    if (first < 0) throw new ParameterError("layer", layer, `one of ${layers.join(", ")}`, nearest(layer!, layers));
    const levels = new GrayLevels(image.tensor, model.input);
    const trained = builtInInverters[model.name] ?? [];
    super({
      title,
      subtitle: [image.name, model.name].filter((part) => part !== "").join(" · "),
      layers: [...layers],
      layer: first,
      ...(way !== undefined && { way }),
      ...(measure !== undefined && { measure }),
      networks: layers.filter((name) => trained.includes(name)),
      original: {
        shape: [image.height, image.width, channels],
        dtype: "uint8",
        data: inputBytes(levels.original, { ...model.input, shape: [image.height, image.width, channels] }),
      },
      errors: (["optimization", "network"] as const).map((name) => ({
        way: name,
        pixels: layers.map(() => null),
        representation: layers.map(() => null),
      })),
      running: true,
    });
    this.#model = model;
    this.#input = image.tensor;
    this.#options = { ...options, starts, steps };
    this.#levels = levels;
    this.#seed = seed;
    this.watch(() => {
      this.#all = false;
      void this.#runs.start();
    }, ["layer", "way"]);
    this.watch(() => {
      if (this.#shown !== undefined) this.#show(this.#shown);
    }, "start");
    this.on("stop", () => this.stop());
    this.on("again", () => this.runAgain());
    this.on("all", () => this.runAll());
    void this.#runs.start();
  }

  /** Ends what runs; its last pictures stay. */
  stop(): void {
    this.#runs.stop();
  }

  /** Inverts the chosen layer once more, by optimization from other starts. */
  runAgain(): void {
    this.#seed += 1;
    this.#found.delete(this.#key(this.layer));
    void this.#runs.start();
  }

  /** Inverts all layers that have not been yet in the chosen way, for the chart. */
  runAll(): void {
    this.#all = true;
    void this.#runs.start();
  }

  /** Resolves when nothing runs. */
  settled(): Promise<void> {
    return this.#runs.settled();
  }

  override close(): void {
    this.#runs.close();
    super.close();
    for (const inverter of this.#inverters.values()) inverter.dispose();
    this.#inverters.clear();
  }

  override staticPicture(): StaticPicture | null {
    return inversionPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** In plain text: what the chosen layer keeps. */
  override toString(): string {
    const stopped = this.stopped === null ? "" : ` · stopped at ${formatPercent(this.stopped)}`;
    return `Inversion: ${this.subtitle} · ${this.caption === "" ? this.layers[this.layer] : `${this.caption} · ${this.words}`}${stopped}${this.error === "" ? "" : ` · ${this.error}`}`;
  }

  #key(layer: number, way = this.way): string {
    return `${way} ${layer}`;
  }

  async #compute(signal: AbortSignal): Promise<void> {
    const wanted = this.layers.map((_, layer) => layer).filter((layer) => this.#isWanted(layer));
    const there = this.#found.get(this.#key(this.layer));
    if (there !== undefined) this.#show(there);
    if (wanted.length === 0) {
      this.set({ running: false, progress: null, stopped: null, error: "" });
      return;
    }
    this.set({ running: true, progress: 0, stopped: null, error: "" });
    try {
      for (const [done, layer] of wanted.entries()) {
        this.doing =
          wanted.length > 1 ? `Inverting ${this.layers[layer]}, ${done + 1} of ${wanted.length}` : "Inverting";
        await this.#invert(layer, signal, (share) => {
          if (!this.closed) this.progress = (done + share) / wanted.length;
        });
        if (this.closed) return;
      }
    } catch (error) {
      if (this.closed || this.#runs.superseded) return;
      if (signal.aborted) this.stopped = this.progress ?? 0;
      else this.#fail(error);
    } finally {
      if (!this.closed && !this.#runs.superseded) {
        this.#all = false;
        this.set({ running: false, progress: null });
      }
    }
  }

  /** Whether a layer is to be inverted now: the chosen one, or all where that was asked for and can be. */
  #isWanted(layer: number): boolean {
    if (this.#found.has(this.#key(layer))) return false;
    if (layer === this.layer) return true;
    return this.#all && (this.way === "optimization" || this.networks.includes(this.layers[layer]!));
  }

  /** What stood there was of another layer. */
  #fail(error: unknown): void {
    this.#shown = undefined;
    this.set({
      ...{ pictures: null, difference: null, pixelErrors: [], representationErrors: [], caption: "", words: "" },
      error: (error as Error).message,
    });
  }

  async #invert(layer: number, signal: AbortSignal, progress: (share: number) => void): Promise<void> {
    const way = this.way;
    const take = (found: Found) => {
      if (found.whole) {
        this.#found.set(this.#key(layer, way), found);
        this.#count(layer, found);
      }
      if (layer === this.layer && way === this.way) this.#show(found);
    };
    if (way === "network") {
      const found = await this.#byNetwork(layer);
      if (found !== undefined) take(found);
      return;
    }
    const { starts, steps } = this.#options;
    const name = this.layers[layer]!;
    const run = inversion(this.#model, {
      ...(this.original!.shape[2] === 3 && forPhotos),
      ...settingsOf(this.#options),
      ...{ starts, steps, layer: name, input: this.#input, seed: this.#seed, signal },
    });
    let shown = 0;
    for await (const { step, final, picture, representationError } of run) {
      if (this.closed) return;
      if (isInterrupted()) this.stop();
      progress(step / steps);
      const now = Date.now();
      if (!final && now - shown < FRAME) continue;
      shown = now;
      take({
        ...{ layer: name, way, step, pictures: picture, starts, whole: final },
        representationErrors: [...representationError],
        pixelErrors: this.#levels.errors(picture),
      });
    }
  }

  /** @returns nothing where the widget was closed meanwhile */
  async #byNetwork(layer: number): Promise<Found | undefined> {
    const name = this.layers[layer]!;
    const inverter = this.#inverters.get(name) ?? (await loadInverter(this.#model, name));
    if (this.closed) {
      inverter.dispose();
      return undefined;
    }
    this.#inverters.set(name, inverter);
    const { picture, representationError } = inverter.invert(this.#input);
    return {
      ...{ layer: name, way: "network", step: null, pictures: picture, starts: 1, whole: true },
      representationErrors: [...representationError],
      pixelErrors: this.#levels.errors(picture),
    };
  }

  /** Puts the errors of a layer into the chart. */
  #count(layer: number, { way, pixelErrors, representationErrors }: Found): void {
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    this.errors = this.errors.map((line): InversionErrors => {
      if (line.way !== way) return line;
      return {
        way,
        pixels: line.pixels.with(layer, finite(mean(pixelErrors))),
        representation: line.representation.with(layer, finite(mean(representationErrors))),
      };
    });
  }

  #show(found: Found): void {
    const { pictures, starts, representationErrors, pixelErrors } = found;
    this.#shown = found;
    const [height, width, channels] = this.original!.shape as [number, number, number];
    const shape = [height, width, channels];
    const start = Math.min(this.start, starts - 1);
    const said = {
      ...found,
      steps: this.#options.steps,
      pixelError: pixelErrors[start]!,
      representationError: representationErrors[start]!,
    };
    this.set({
      pictures: {
        shape: [starts, ...shape],
        dtype: "uint8",
        data: inputBytes(pictures, { ...this.#model.input, shape }),
      },
      start,
      pixelErrors: [...pixelErrors],
      representationErrors: representationErrors.map((value) => finite(value) ?? 0),
      difference: { shape: [height, width], dtype: "float32", data: this.#levels.difference(pictures, start) },
      caption: inversionCaption(said),
      words: inversionWords(said),
      error: "",
    });
  }
}

/** What of the options the runs take, where it is stated. */
function settingsOf(options: InversionWidgetOptions): Partial<RunOptions> {
  const { alphaNorm, alpha, totalVariation, beta, jitter, learningRate, parametrization } = options;
  const stated = { alphaNorm, alpha, totalVariation, beta, jitter, learningRate, parametrization };
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
