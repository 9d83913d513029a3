import { formatShort } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import {
  type DigitRule,
  type DrawDigitState,
  drawDigitSettings,
  drawDigitState,
} from "../../../comms/states/draw-digit.js";
import { ownWidget } from "../../../comms/states/module.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Digits } from "../../data/digits.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { scoreInWords } from "../explorer/explorer-picture.js";
import { describe, type HeatmapEvents, type HeatmapTraits, pictureTraits, takeRelevance } from "../heatmap/heatmap.js";
import { digitPicture } from "./digit-picture.js";
import { digitPrototype, explainDigit, SIZE } from "./explain-digit.js";

/** What the widget starts with. */
export interface DrawDigitOptions {
  /** A network from codes to digits, through which the winner's prototype is sought. Stays the caller's. */
  generator?: LoadedModel;
  /** Real digits that can be put on the pad. */
  samples?: Digits;
  /** Default "gamma". */
  rule?: DigitRule;
  epsilon?: number;
  gamma?: number;
  alpha?: number;
}

/** Real digits that are offered. */
const SAMPLES = 10;
/** For how long, in milliseconds, nothing is drawn before a prototype is sought. */
const REST = 150;

/**
 * Draw a digit and see, while drawing, what a network takes it for, why, and what it would rather see: class bars, relevance by an LRP rule
 * with its ε, γ or αβ, and the winner's prototype.
 *
 * @throws ParameterError when the model does not take 28 × 28 gray pixels, TraitError
 * @example
 * const [model, decoder] = await Promise.all([loadModel("mnist-cnn"), loadModel("mnist-decoder")]);
 * new DrawDigit(model, { generator: decoder, samples: await loadDigits() })
 */
export class DrawDigit extends domWidgetClass<HeatmapTraits<DrawDigitState>, HeatmapEvents>({
  ...ownWidget("DrawDigit"),
  traits: { ...drawDigitState, ...pictureTraits },
  events: ["click"],
  constrain: takeRelevance,
}) {
  readonly #model: LoadedModel;
  readonly #generator: LoadedModel | undefined;
  /** By class; the promise of one that is being sought. */
  readonly #prototypes = new Map<number, Promise<void>>();
  readonly #found = new Map<number, Bytes>();
  readonly #closing = new AbortController();
  readonly #explanations = new LatestWins(() => this.#explain());

  constructor(model: LoadedModel, options: DrawDigitOptions = {}) {
    if (model.input.shape.join() !== `${SIZE},${SIZE},1`) {
      throw new ParameterError("model", model.name, "a network on digits, 28 × 28 × 1: mnist-cnn or mnist-mlp");
    }
    const { generator: decoder, samples, ...settings } = options;
    super({ ...settings, samples: firstOfEach(samples), title: "Draw a digit", subtitle: model.name });
    this.#model = model;
    this.#generator = decoder;
    this.watch(() => this.#explanations.start(), drawDigitSettings);
  }

  /** Puts a digit on the pad: 784 bytes, white ink (255) on black. */
  draw(pixels: Uint8Array): Promise<void> {
    this.digit = { shape: [SIZE, SIZE, 1], dtype: "uint8", data: pixels.slice() };
    return this.settled();
  }

  /** Resolves when what is drawn is explained. */
  async settled(): Promise<void> {
    await this.#explanations.settled();
  }

  override close(): void {
    this.#closing.abort();
    this.#explanations.close();
    super.close();
  }

  override staticPicture(): StaticPicture {
    return digitPicture(this);
  }

  override async pictureReady(): Promise<void> {
    await this.settled();
    await this.#prototypes.get(this.explained);
  }

  override toString(): string {
    const seen = this.classes.find(({ index }) => index === this.explained);
    return `${describe("DrawDigit", this)}${seen ? ` · the network sees ${seen.name} ${scoreInWords(seen)}` : ""}`;
  }

  async #explain(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (!this.closed) this.set({ ...NOTHING, error: (error as Error).message });
    }
  }

  async #look(): Promise<void> {
    const bytes = bytesOf(this.digit);
    if (bytes === null || bytes.every((byte) => byte === 0)) {
      this.set({ ...NOTHING, error: "" });
      return;
    }
    // Taken now: settings may change while it computes, and the picture is of these.
    const { target, rule, epsilon, gamma, alpha } = this;
    const settings = { target, rule, epsilon, gamma, alpha };
    const { scores, explained, result } = await explainDigit(this.#model, bytes, settings);
    if (this.closed) return;
    const [name, winner] = [this.#nameOf(explained), scores[0]!];
    this.set({
      image: inverted(bytes),
      relevance: result,
      output: result.output[0] ?? null,
      classes: [...scores].sort((a, b) => a.index - b.index),
      explained,
      title: explained === winner.index ? `Why *${name}*?` : `What speaks for *${name}*, and against?`,
      subtitle: `${ruleName(settings)}, ${this.#model.name}`,
      // Another class's would stand under this one's name.
      prototype: this.#found.get(explained) ?? null,
      error: "",
    });
    // It comes when it is found; the drawing does not wait for it.
    if (!this.#prototypes.has(explained)) this.#prototypes.set(explained, this.#seek(explained));
  }

  /** Seeks the prototype of a class that is still explained when the pen rests: while it moves, the thread is the heatmap's. */
  async #seek(explained: number): Promise<void> {
    try {
      for (let digit: Bytes | null = null; digit !== this.digit; ) {
        digit = this.digit;
        await new Promise((resolve) => setTimeout(resolve, REST));
      }
      if (this.closed || this.explained !== explained) {
        this.#prototypes.delete(explained);
        return;
      }
      const found = await digitPrototype(this.#model, explained, {
        decoder: this.#generator,
        signal: this.#closing.signal,
      });
      const prototype: Bytes = { shape: [SIZE, SIZE, 1], dtype: "uint8", data: found };
      this.#found.set(explained, prototype);
      if (!this.closed && this.explained === explained) this.prototype = prototype;
    } catch (error) {
      this.#prototypes.delete(explained);
      if (!this.closed && this.explained === explained) this.error = (error as Error).message;
    }
  }

  #nameOf(index: number): string {
    return this.#model.classNames?.[index] ?? String(index);
  }
}

/** What is shown while nothing is explained. */
const NOTHING = {
  image: null,
  relevance: null,
  output: null,
  classes: [],
  explained: -1,
  prototype: null,
  title: "Draw a digit",
};

function ruleName({ rule, epsilon, gamma, alpha }: Pick<DrawDigitState, "rule" | "epsilon" | "gamma" | "alpha">) {
  switch (rule) {
    case "epsilon":
      return `LRP-ε, ε = ${formatShort(epsilon)}`;
    case "gamma":
      return `LRP-γ, γ = ${formatShort(gamma)}`;
    case "alphaBeta":
      return `LRP-αβ, α = ${formatShort(alpha)}, β = ${formatShort(alpha - 1)}`;
  }
}

function bytesOf(digit: Bytes | null): Uint8Array | null {
  if (digit === null) return null;
  const { buffer, byteOffset, byteLength } = digit.data;
  if (byteLength !== SIZE * SIZE) throw new ParameterError("digit", `${byteLength} bytes`, "28 × 28 bytes");
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Gray ink on white, on which red and blue can be told apart. */
function inverted(bytes: Uint8Array) {
  const pixels = new Uint8Array(4 * bytes.length);
  bytes.forEach((byte, at) => {
    pixels.fill(255 - 0.4 * byte, 4 * at, 4 * at + 3);
    pixels[4 * at + 3] = 255;
  });
  return { pixels, width: SIZE, height: SIZE };
}

/** One real digit of each class. */
function firstOfEach(digits: Digits | undefined): Bytes | null {
  if (digits === undefined) return null;
  const places = Array.from({ length: SAMPLES }, (_, label) => digits.labels.indexOf(label)).filter(
    (place) => place >= 0,
  );
  const bytes = new Uint8Array(places.length * SIZE * SIZE);
  places.forEach((place, index) => {
    bytes.set(digits.pixels.subarray(place * SIZE * SIZE, (place + 1) * SIZE * SIZE), index * SIZE * SIZE);
  });
  return { shape: [places.length, SIZE, SIZE, 1], dtype: "uint8", data: bytes };
}
