import { formatFixed } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import {
  type ClassPrototypeState,
  classPrototypeState,
  type PrototypeSettings,
  prototypeSettingNames,
  type Snapshot,
} from "../../../comms/states/class-prototype.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  activationMaximization,
  type Density,
  generator,
  type PrototypeOptions,
  type PrototypeRun,
  type PrototypeStep,
} from "../../../explainers/synthesis/index.js";
import { liveParameters } from "../../../explainers/synthesis/options.js";
import type { Digits } from "../../data/digits.js";
import { findClass } from "../../models/class-names.js";
import type { LoadedModel } from "../../models/index.js";
import { enlarged, inputBytes } from "../../pictures/input-bytes.js";
import { encodePng } from "../../pictures/png.js";
import { domWidgetClass } from "../base/layout.js";
import { channelLayers } from "./channel-layers.js";
import { Curves } from "./curves.js";
import { activationNameOf, captionOf, nameOf, questionOf } from "./prototype-words.js";

/** What a prototype widget starts with, beside its settings. */
export interface ClassPrototypeOptions extends Partial<PrototypeSettings> {
  /** Name or index of the class; default 0. */
  target?: string | number;
  maximize?: "logit" | "logProbability";
  drawnIn?: "pixels" | "fourier" | "generator";
  /** A network from codes to inputs: the prototype can then be sought among what it draws. Stays the caller's. */
  generator?: LoadedModel;
  /** Densities by name that the prototype can be held to. Stay the caller's. */
  densities?: Record<string, Density>;
  /** The one chosen at first; default none. */
  density?: string;
  /** Real pictures to be seen beside the prototype of their class. */
  examples?: Digits;
  seed?: number;
  /** Steps after which playing pauses by itself; default 400. */
  pauseEvery?: number;
}

interface Events {
  step: object;
  reset: object;
  keep: object;
  discard: { index: number };
  recall: { index: number };
}

/** Milliseconds between two pictures: ten a second, whatever the model's speed. */
const FRAME = 100;
/** Real pictures shown of a class. */
const EXAMPLES = 8;

/** Settings for whatever the network sees. */
const forAll: Partial<ClassPrototypeState> = { learningRate: liveParameters.learningRate.default, code: 0.3 };
/** Settings that look well for small gray digits and for photographs. */
const forDigits: Partial<ClassPrototypeState> = { maximize: "logit", l2: 0.02, totalVariation: 0.02, strength: 0.1 };
const forPhotos: Partial<ClassPrototypeState> = {
  maximize: "logit",
  drawnIn: "fourier",
  l2: 0.0003,
  totalVariation: 0.001,
  jitter: 16,
  rotation: 10,
  scale: 0.15,
};

/**
 * How a class, or a channel, looks to a network: activation maximization that can be watched, paused and steered.
 *
 * Settings are traits: `widget.totalVariation = 0.01` acts on the run while it goes on, `widget.playing = true` starts it. `close()` ends
 * the run.
 *
 * @throws TargetNameError, TraitError
 * @example
 * const model = await loadModel("mnist-cnn");
 * new ClassPrototype(model, { target: 3, generator: await loadModel("mnist-decoder"), examples: await loadDigits() })
 */
export class ClassPrototype extends domWidgetClass<ClassPrototypeState, Events>({
  ...ownWidget("ClassPrototype"),
  traits: classPrototypeState,
  events: ["step", "reset", "keep", "discard", "recall"],
  constrain(next, names, fail) {
    if (names.has("drawnIn") && !next.canvases.includes(next.drawnIn))
      fail("drawnIn", `one of ${next.canvases.join(", ")}`);
    if (names.has("density") && next.density !== "" && !next.densities.includes(next.density)) {
      fail("density", `empty or one of ${next.densities.join(", ") || "none"}`);
    }
    if (names.has("target") && next.classNames.length > 0 && next.classNames[next.target] === undefined) {
      fail("target", `a class index below ${next.classNames.length}`);
    }
    if (!names.has("kind") && !names.has("layer") && !names.has("channel")) return;
    const layer = next.layers.find(({ name }) => name === next.layer);
    if (next.kind === "channel" && layer === undefined)
      fail("layer", `one of ${next.layers.map(({ name }) => name).join(", ")}`);
    if (layer !== undefined && next.channel >= layer.channels) next.channel = layer.channels - 1;
    if (next.channel < 0) next.channel = 0;
  },
}) {
  readonly #model: LoadedModel;
  readonly #options: ClassPrototypeOptions;
  readonly #curves = new Curves();
  #run: PrototypeRun | undefined;
  #latest: PrototypeStep | undefined;
  /** Work is done one piece after the other; each waits for the one before. */
  #work: Promise<void> = Promise.resolve();

  constructor(model: LoadedModel, options: ClassPrototypeOptions = {}) {
    const { target = 0, generator: decoder, densities = {}, density = "", seed = 0, maximize, drawnIn } = options;
    const layers = channelLayers(model);
    const classNames = model.classNames?.map((name) => name.split(",")[0]!) ?? [];
    const settings = Object.fromEntries(
      prototypeSettingNames.map((name) => [name, options[name]]).filter(([, value]) => value !== undefined),
    );
    super({
      ...forAll,
      ...(model.input.shape[2] === 1 ? forDigits : forPhotos),
      ...settings,
      ...(maximize && { maximize }),
      classNames,
      layers,
      layer: layers.at(-1)?.name ?? "",
      target: findClass(target, model.classNames, Math.max(classNames.length, Number(target) + 1)).index,
      canvases: [...classPrototypeState.canvases.initial(), ...(decoder ? ["generator"] : [])],
      ...(drawnIn && { drawnIn }),
      densities: Object.keys(densities),
      density,
      seed,
      subtitle: `activation maximization, ${model.name}`,
    });
    this.#model = model;
    this.#options = options;
    this.observe(() => this.#start(), ["kind", "target", "layer", "channel", "seed"]);
    // What was drawn in another way stays in the gallery, to be compared.
    this.observe(() => {
      if (this.step > 0) this.#keep(this.#captionBefore);
      return this.#start();
    }, "drawnIn");
    this.observe(() => this.#play(), "playing");
    this.on("step", () => this.#do(() => this.#advance(true)));
    this.on("reset", () => this.#start());
    this.on("keep", () => this.#keep());
    this.on("discard", ({ index }) => {
      this.gallery = this.gallery.filter((_, place) => place !== index);
    });
    this.on("recall", ({ index }) => this.#recall(index));
    void this.#start();
  }

  /** Resolves when nothing is under way: at the start, after single steps, or when playing has paused. */
  async settled(): Promise<void> {
    let work: Promise<void>;
    do {
      work = this.#work;
      await work;
    } while (work !== this.#work);
  }

  /** Keeps the present picture in the gallery. */
  keep(): void {
    this.#keep();
  }

  override close(): void {
    super.close();
    void this.#run?.return();
  }

  #captionBefore = "";

  /** What the explainer reads at each step: the traits as they are then. */
  #settings(): PrototypeOptions {
    const widget = this;
    const { generator: decoder, densities = {} } = this.#options;
    const live = Object.fromEntries(
      prototypeSettingNames.map((name) => [name, { get: () => widget[name], enumerable: true }]),
    );
    const parametrization =
      widget.drawnIn === "generator" && decoder
        ? generator(decoder.net, { codeSize: decoder.input.shape[0]! })
        : (widget.drawnIn as "pixels" | "fourier");
    const options = {
      target: widget.kind === "class" ? widget.target : { layer: widget.layer, channel: widget.channel },
      parametrization,
      seed: widget.seed,
      get maximize() {
        return widget.maximize;
      },
      get densities() {
        const density = densities[widget.density];
        return density === undefined ? [] : [{ density, strength: widget.strength }];
      },
      steps: Number.POSITIVE_INFINITY,
    };
    return Object.defineProperties(options, live);
  }

  #do(piece: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(piece).catch((error: unknown) => this.#fail(error));
    return this.#work;
  }

  #fail(error: unknown): void {
    this.#run = undefined;
    if (!this.closed) this.set({ error: (error as Error).message, playing: false, rate: null });
  }

  /** Begins anew; goes on playing if it was. */
  #start(): Promise<void> {
    return this.#do(async () => {
      await this.#run?.return();
      if (this.closed) return;
      this.#run = activationMaximization(this.#model, this.#settings());
      this.#curves.clear();
      this.set({
        error: "",
        title: questionOf(this),
        examples: this.#examples(),
      });
      await this.#advance(true);
    }).then(() => (this.playing ? this.#play() : undefined));
  }

  /** One step; shown when it is due. */
  async #advance(show: boolean): Promise<void> {
    const { value, done } = (await this.#run?.next()) ?? { done: true, value: undefined };
    if (done || value === undefined || this.closed) return;
    this.#latest = value;
    this.#curves.add(value.step, value.activation[0]!, value.cost[0]!);
    if (show) this.#show();
  }

  #show(rate: number | null = null): void {
    const { picture, shape, step, probability } = this.#latest!;
    this.#captionBefore = captionOf(this);
    this.set({
      image: { shape: [...shape], dtype: "uint8", data: inputBytes(picture, this.#model.input) },
      step,
      probability: probability?.[0] ?? null,
      curves: this.#curves.wire(),
      activationName: activationNameOf(this),
      rate,
    });
  }

  #play(): Promise<void> {
    if (!this.playing) return Promise.resolve();
    void this.#do(async () => {
      const run = this.#run;
      const pauseEvery = this.#options.pauseEvery ?? 400;
      let [shown, before] = [Date.now(), this.#latest?.step ?? 0];
      while (this.playing && !this.closed && run !== undefined) {
        await this.#advance(false);
        const now = Date.now();
        const { step } = this.#latest!;
        const enough = step % pauseEvery === 0;
        if (now - shown >= FRAME || enough) {
          this.#show((1000 * (step - before)) / Math.max(1, now - shown));
          [shown, before] = [now, step];
        }
        if (enough) this.playing = false;
      }
      if (!this.closed && this.#latest) this.#show();
    });
    return Promise.resolve();
  }

  #keep(caption = captionOf(this)): void {
    // Not twice: a picture that was kept by hand may be kept again because it is about to be left.
    if (this.image === null || this.gallery.at(-1)?.picture === this.image) return;
    const { step, probability, maximize, drawnIn, density, image } = this;
    const settings = Object.fromEntries(
      prototypeSettingNames.map((name) => [name, this[name]]),
    ) as unknown as PrototypeSettings;
    const kept: Snapshot = {
      ...settings,
      name: nameOf(this),
      caption,
      step,
      probability,
      maximize,
      drawnIn,
      density,
      picture: image,
    };
    this.gallery = [...this.gallery, kept];
  }

  /** Takes over the settings with which a kept picture was made. */
  #recall(index: number): void {
    const snapshot = this.gallery[index];
    if (snapshot === undefined) return;
    const { maximize, drawnIn, density } = snapshot;
    const settings = Object.fromEntries(prototypeSettingNames.map((name) => [name, snapshot[name]]));
    this.set({ ...settings, maximize, drawnIn, density });
  }

  #examples(): Bytes | null {
    const { examples } = this.#options;
    if (examples === undefined || this.kind !== "class") return null;
    const places = [...examples.labels.keys()]
      .filter((place) => examples.labels[place] === this.target)
      .slice(0, EXAMPLES);
    if (places.length === 0) return null;
    const bytes = new Uint8Array(places.length * 784);
    places.forEach((place, index) => {
      bytes.set(examples.pixels.subarray(place * 784, (place + 1) * 784), index * 784);
    });
    return { shape: [places.length, 28, 28, 1], dtype: "uint8", data: bytes };
  }

  protected override preview(): Record<string, unknown> {
    if (this.image === null) return {};
    const { pixels, width, height } = enlarged(this.image, 336);
    return { "image/png": encodePng(pixels, width, height).toString("base64") };
  }

  override toString(): string {
    const sure = this.probability === null ? "" : `, p = ${formatFixed(this.probability, 3)}`;
    return `ClassPrototype: ${nameOf(this)} after ${this.step} steps${sure}${this.error && ` · ${this.error}`}`;
  }
}
