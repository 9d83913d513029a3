import { formatFixed } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import {
  type ClassPrototypeState,
  classPrototypeState,
  type PrototypeSettings,
  prototypeSettingNames,
} from "../../../comms/states/class-prototype.js";
import { ownWidget } from "../../../comms/states/module.js";
import { findClass } from "../../../explainers/class-names.js";
import { outputCountOf } from "../../../explainers/context.js";
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
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { inputBytes } from "../../pictures/input-bytes.js";
import { isInterrupted } from "../base/interrupted.js";
import { domWidgetClass } from "../base/layout.js";
import { channelLayers } from "./channel-layers.js";
import { Curves } from "./curves.js";
import { prototypePicture } from "./prototype-picture.js";
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

/** Settings that a run reads at each step. */
type Live = PrototypeSettings & Pick<ClassPrototypeState, "maximize" | "density">;

/** Settings that make a run. */
type Sought = Pick<ClassPrototypeState, "kind" | "target" | "layer" | "channel" | "drawnIn" | "seed">;

/** A step with all that made it: what is said about its picture is read from here, and from nowhere else. */
type Drawn = Live &
  Sought &
  Pick<ClassPrototypeState, "classNames" | "step" | "probability"> &
  Pick<PrototypeStep, "picture" | "shape">;

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
 * Settings are traits: `widget.totalVariation = 0.01` acts on the run while it goes on, another class, layer or canvas begins it anew at
 * the next step, `widget.playing = true` starts it. `close()` ends the run; an interrupt pauses it.
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
      fail("drawnIn", `one of ${next.canvases.join(", ")}`, next.canvases);
    if (names.has("density") && next.density !== "" && !next.densities.includes(next.density)) {
      fail("density", `empty or one of ${next.densities.join(", ") || "none"}`, next.densities);
    }
    if (names.has("target") && next.classNames.length > 0 && next.classNames[next.target] === undefined) {
      fail("target", `a class index below ${next.classNames.length}`);
    }
    if (!names.has("kind") && !names.has("layer") && !names.has("channel")) return;
    const layer = next.layers.find(({ name }) => name === next.layer);
    const layers = next.layers.map(({ name }) => name);
    if (next.kind === "channel" && layer === undefined) fail("layer", `one of ${layers.join(", ")}`, layers);
    if (layer !== undefined && next.channel >= layer.channels) next.channel = layer.channels - 1;
    if (next.channel < 0) next.channel = 0;
  },
}) {
  readonly #model: LoadedModel;
  readonly #options: ClassPrototypeOptions;
  readonly #curves = new Curves();
  #run: PrototypeRun | undefined;
  /** What the run reads: at its start what is sought, at each step the rest. */
  #asked: PrototypeOptions | undefined;
  #sought: Sought | undefined;
  /** The last step that was made, and the one that is seen. */
  #latest: Drawn | undefined;
  #shown: (Drawn & { image: Bytes }) | undefined;
  /** Whether the run is not of what is sought now. */
  #stale = false;
  /** Single steps that are asked for. */
  #steps = 0;
  #working: Promise<void> | undefined;

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
      outputs: outputCountOf(model) ?? 0,
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
    // Of a class and a channel only the one that is sought begins anew.
    const whatIsSought = ["kind", "target", "layer", "channel", "seed"] as const;
    this.watch(({ name }) => {
      const other = this.kind === "class" ? name === "layer" || name === "channel" : name === "target";
      if (!other) this.#restart();
    }, whatIsSought);
    // What was drawn in another way stays in the gallery, to be compared.
    this.watch(() => {
      if (this.step > 0) this.#keep();
      this.#restart();
    }, "drawnIn");
    this.watch(() => this.#wake(), "playing");
    this.on("step", () => {
      this.#steps += 1;
      this.#wake();
    });
    this.on("reset", () => this.#restart());
    this.on("keep", () => this.#keep());
    this.on("discard", ({ index }) => {
      this.gallery = this.gallery.filter((_, place) => place !== index);
    });
    this.on("recall", ({ index }) => this.#recall(index));
    this.#restart();
  }

  /** Resolves when nothing is under way: at the start, after single steps, or when playing has paused. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
  }

  /** Keeps the present picture in the gallery. */
  keep(): void {
    this.#keep();
  }

  override close(): void {
    super.close();
    void this.#run?.return();
  }

  /** Begins anew; goes on playing if it was. */
  #restart(): void {
    this.#stale = true;
    this.#steps = 0;
    this.#wake();
  }

  get #due(): boolean {
    return !this.closed && (this.#stale || this.#steps > 0 || this.playing);
  }

  #wake(): void {
    this.#working ??= this.#work()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#working = undefined;
        if (this.#due) this.#wake();
      });
  }

  #fail(error: unknown): void {
    this.#run = undefined;
    this.#stale = false;
    this.#steps = 0;
    if (!this.closed) this.set({ error: (error as Error).message, playing: false, rate: null });
  }

  /** Does what is due, one step after the other, and looks before each what is due now. */
  async #work(): Promise<void> {
    // One change may set several things: take them together.
    await null;
    const pauseEvery = this.#options.pauseEvery ?? 400;
    let [shown, before] = [Date.now(), this.#latest?.step ?? 0];
    while (this.#due) {
      if (isInterrupted()) {
        this.playing = false;
        break;
      }
      const starts = this.#stale || this.#run === undefined;
      if (starts) await this.#begin();
      const single = !starts && this.#steps > 0;
      if (single) this.#steps -= 1;
      if (!(await this.#advance())) continue;
      const now = Date.now();
      const { step } = this.#latest!;
      const enough = this.playing && !starts && step % pauseEvery === 0;
      if (starts || single || enough || now - shown >= FRAME) {
        this.#show(starts || single ? null : (1000 * (step - before)) / Math.max(1, now - shown));
        [shown, before] = [now, step];
      }
      if (enough) this.playing = false;
    }
    if (!this.closed && this.#latest && (this.rate !== null || this.#shown?.picture !== this.#latest.picture))
      this.#show();
  }

  async #begin(): Promise<void> {
    this.#stale = false;
    const last = this.#run;
    this.#run = undefined;
    await last?.return();
    const { drawnIn, kind, target, layer, channel, seed } = this;
    const decoder = this.#options.generator;
    this.#asked = {
      target: kind === "class" ? target : { layer, channel },
      parametrization:
        drawnIn === "generator" && decoder
          ? generator(decoder.net, { codeSize: decoder.input.shape[0]! })
          : (drawnIn as "pixels" | "fourier"),
      seed,
      steps: Number.POSITIVE_INFINITY,
    };
    this.#run = activationMaximization(this.#model, this.#asked);
    this.#curves.clear();
    this.#sought = { kind, target, layer, channel, drawnIn, seed };
  }

  /** One step under the settings as they are now; false when the run is not to be shown any more. */
  async #advance(): Promise<boolean> {
    const run = this.#run;
    if (run === undefined || this.closed) return false;
    const live = this.#live();
    const { density, strength } = live;
    const chosen = this.#options.densities?.[density];
    Object.assign(this.#asked!, live, { densities: chosen ? [{ density: chosen, strength }] : [] });
    const { value, done } = await run.next();
    if (done || value === undefined || this.closed || this.#stale) return false;
    // Another measure begins another curve.
    if (this.#latest?.maximize !== live.maximize) this.#curves.clear();
    const { step, probability, picture, shape } = value;
    this.#curves.add(step, value.activation[0]!, value.cost[0]!);
    const { classNames } = this;
    this.#latest = {
      ...live,
      ...this.#sought!,
      classNames,
      step,
      probability: probability?.[0] ?? null,
      picture,
      shape,
    };
    return true;
  }

  #live(): Live {
    const numbers = Object.fromEntries(prototypeSettingNames.map((name) => [name, this[name]]));
    return { ...(numbers as unknown as PrototypeSettings), maximize: this.maximize, density: this.density };
  }

  /** Picture and words of the last step: all of them at once, and all of them of the settings that made it. */
  #show(rate: number | null = null): void {
    const drawn = this.#latest!;
    const { picture, shape, step, probability } = drawn;
    const image: Bytes = { shape: [...shape], dtype: "uint8", data: inputBytes(picture, this.#model.input) };
    this.#shown = { ...drawn, image };
    this.set({
      title: questionOf(drawn),
      subject: nameOf(drawn),
      activationName: activationNameOf(drawn),
      examples: this.#examplesOf(drawn),
      curves: this.#curves.wire(),
      error: "",
      ...{ image, step, probability, rate },
    });
  }

  #keep(): void {
    const drawn = this.#shown;
    // Not twice: a picture that was kept by hand may be kept again because it is about to be left.
    if (drawn === undefined || this.gallery.at(-1)?.picture === drawn.image) return;
    const { image, picture: _, shape: __, kind, target, layer, channel, seed, classNames, ...made } = drawn;
    this.gallery = [...this.gallery, { ...made, name: nameOf(drawn), caption: captionOf(drawn), picture: image }];
  }

  /** Takes over the settings with which a kept picture was made. */
  #recall(index: number): void {
    const snapshot = this.gallery[index];
    if (snapshot === undefined) return;
    const { maximize, drawnIn, density } = snapshot;
    const settings = Object.fromEntries(prototypeSettingNames.map((name) => [name, snapshot[name]]));
    this.set({ ...settings, maximize, drawnIn, density });
  }

  #examplesOf({ kind, target }: Drawn): Bytes | null {
    const { examples } = this.#options;
    if (examples === undefined || kind !== "class") return null;
    const places = [...examples.labels.keys()].filter((place) => examples.labels[place] === target).slice(0, EXAMPLES);
    if (places.length === 0) return null;
    const bytes = new Uint8Array(places.length * 784);
    places.forEach((place, index) => {
      bytes.set(examples.pixels.subarray(place * 784, (place + 1) * 784), index * 784);
    });
    return { shape: [places.length, 28, 28, 1], dtype: "uint8", data: bytes };
  }

  override staticPicture(): StaticPicture | null {
    return prototypePicture(this, this.#shown ? captionOf(this.#shown) : "");
  }

  /** A run that plays is drawn as it stands; the file gets what it comes to. */
  override pictureReady(): Promise<void> | undefined {
    return this.playing ? undefined : this.settled();
  }

  override toString(): string {
    const sure = this.probability === null ? "" : `, p = ${formatFixed(this.probability, 3)}`;
    return `ClassPrototype: ${this.subject || nameOf(this)} after ${this.step} step${this.step === 1 ? "" : "s"}${sure}${this.error && ` · ${this.error}`}`;
  }
}
