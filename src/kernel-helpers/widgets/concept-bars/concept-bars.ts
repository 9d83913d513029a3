import type { Tensor } from "@tensorflow/tfjs-core";
import { formatPercent, formatShort } from "../../../comms/format.js";
import type { Bytes } from "../../../comms/states/array.js";
import {
  type ConceptBarsState,
  conceptBarsState,
  conceptWords,
  pWords,
  SHOWN_PICTURES,
  shownValue,
} from "../../../comms/states/concept-bars.js";
import { ownWidget } from "../../../comms/states/module.js";
import { findClass } from "../../../explainers/class-names.js";
import { type ConceptScores, type TcavOptions, tcav } from "../../../explainers/concepts/index.js";
import { outputCountOf } from "../../../explainers/context.js";
import { pair, scoresContent } from "../../concepts/scores-content.js";
import { scoresPicture } from "../../concepts/scores-picture.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { inputBytes } from "../../pictures/input-bytes.js";
import { Thumbnails } from "../../pictures/thumbnails.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { shownRun } from "../base/shown-run.js";

/** What `tcav` takes, of which inputs, and how the widget looks at first. Tensors stay the caller's. */
export type ConceptBarsOptions = TcavOptions &
  Partial<Pick<ConceptBarsState, "layer" | "concept">> & {
    /** Pictures of the class, `[n, …input]`. */
    readonly inputs: Tensor;
    /** The class, by index or name. */
    readonly target: number | string;
    /** What is shown at first: the mean derivative (default), or the share of inputs that a concept moves up. */
    readonly show?: ConceptBarsState["statistic"];
  };

/**
 * Which concepts move a class (TCAV): layers × concepts with intervals, those that differ from random pictures after correction filled, with how
 * well a concept's pictures are told from others, which says what its direction is worth. A concept that is clicked shows its pictures, the inputs
 * that its direction ranks first and last, and how many random sets are enough.
 *
 * @see Kim et al. 2018, ICML
 * @throws ParameterError, TargetNameError, TraitError
 * @example new ConceptBars(model, { layers: ["conv2", "conv3"], concepts: { watermark }, random, inputs: discs, target: "disc" })
 */
export class ConceptBars extends domWidgetClass<ConceptBarsState, { stop: object; again: object }>({
  ...ownWidget("ConceptBars"),
  traits: conceptBarsState,
  events: ["stop", "again"],
  constrain(next, names, fail) {
    for (const [name, known] of [
      ["layer", next.layers],
      ["concept", next.concepts],
    ] as const) {
      if (names.has(name) && known.length > 0 && next[name] !== "" && !known.includes(next[name])) {
        fail(name, `one of ${known.join(", ")}`, known);
      }
    }
  },
}) {
  readonly #model: LoadedModel;
  readonly #given: ConceptBarsOptions;
  readonly #explain: ReturnType<typeof tcav>;
  /** What is explained: of a lone output that tells two classes apart, what speaks for it or against it. */
  readonly #target: number | { readonly not: number };
  readonly #runs = new LatestWins((signal) => this.#compute(signal));
  readonly #pictures = new Map<string, Bytes | null>();
  #scores: ConceptScores | undefined;

  constructor(model: LoadedModel, options: ConceptBarsOptions) {
    const { inputs, target, show = "derivative", layer = "", concept = "", ...asked } = options;
    const found = findClass(target, model.classNames, outputCountOf(model) ?? Number.POSITIVE_INFINITY);
    const explain = tcav(model, asked);
    const name = (found.name ?? `class ${found.index}`).split(",")[0]!;
    super({
      title: `Which concepts move *${name}*?`,
      subtitle: `TCAV, ${model.name}, ${inputs.shape[0]} inputs`,
      target: name,
      statistic: show,
      ...{ layer, concept },
      running: true,
    });
    this.#model = model;
    this.#given = options;
    this.#explain = explain;
    this.#target = found.target ?? found.index;
    this.watch(() => this.#look(), ["layer", "concept"]);
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    void this.#runs.start();
  }

  /** What is shown, as plain data; undefined before there is any. */
  get scores(): ConceptScores | undefined {
    return this.#scores;
  }

  /** Gives up what is computed. */
  stop(): void {
    this.#runs.stop();
  }

  /** Resolves when nothing is computed any more. */
  settled(): Promise<void> {
    return this.#runs.settled();
  }

  override close(): void {
    this.#runs.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return this.cells.length === 0 ? null : scoresPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** In plain text: what came out, and a line for each layer and concept. */
  override toString(): string {
    const lines = this.cells.map((cell) => {
      const { value } = shownValue(cell, this.statistic);
      const told = `told apart ${formatPercent(cell.accuracy)}`;
      return `  ${cell.layer} · ${cell.concept}: ${formatShort(value, 2)}, ${pWords(cell, this.statistic)}, ${told}`;
    });
    const stopped = this.stopped === null ? "" : `stopped at ${formatPercent(this.stopped)}`;
    return [
      `ConceptBars: ${this.title.replaceAll("*", "")} ${this.subtitle}`,
      conceptWords(this).replaceAll("*", ""),
      ...[this.error, stopped],
      ...lines,
    ]
      .filter((line) => line !== "")
      .join("\n");
  }

  #compute(signal: AbortSignal): Promise<void> {
    return shownRun(this, async (onProgress) => {
      const found = await this.#explain(this.#given.inputs, { target: this.#target, signal, onProgress });
      if (this.closed) return;
      this.#scores = found;
      this.#keepPictures(found);
      this.set(scoresContent(found, this.#model.name, this.target));
      if (this.layer === "" || this.concept === "") {
        this.set({ layer: this.layer || found.layers[0]!, concept: this.concept || found.concepts[0]! });
      } else this.#look();
    });
  }

  /** Shows the chosen concept at the chosen layer. */
  #look(): void {
    const score = this.#scores?.scores.find(({ layer, concept }) => layer === this.layer && concept === this.concept);
    if (score === undefined) return;
    this.set({
      examples: this.#pictures.get(`of ${score.concept}`) ?? null,
      first: this.#pictures.get(`first ${score.layer} ${score.concept}`) ?? null,
      last: this.#pictures.get(`last ${score.layer} ${score.concept}`) ?? null,
      enough: score.bySets.map(({ sets, score: share, interval, magnitude, magnitudeInterval }) => ({
        ...{ sets, score: share, magnitude },
        interval: pair(interval),
        magnitudeInterval: pair(magnitudeInterval),
      })),
    });
  }

  /** Takes the pictures that may be looked at, while the tensors are there. */
  #keepPictures({ scores }: ConceptScores): void {
    const { concepts, inputs } = this.#given;
    for (const [name, pictures] of Object.entries(concepts)) {
      this.#pictures.set(`of ${name}`, this.#bytes(pictures, upTo(pictures.shape[0]!)));
    }
    for (const { layer, concept, order } of scores) {
      this.#pictures.set(`first ${layer} ${concept}`, this.#bytes(inputs, order.slice(0, SHOWN_PICTURES)));
      const last = order.slice(Math.max(SHOWN_PICTURES, order.length - SHOWN_PICTURES)).reverse();
      this.#pictures.set(`last ${layer} ${concept}`, this.#bytes(inputs, last));
    }
  }

  /** Some pictures of a tensor; null where they are none. */
  #bytes(tensor: Tensor, indices: readonly number[]): Bytes | null {
    const [height = 0, width = 0, channels = 0] = tensor.shape.slice(1);
    if (tensor.rank !== 4 || (channels !== 1 && channels !== 3) || indices.length === 0) return null;
    const size = height * width * channels;
    const pixels = new Uint8Array(indices.length * size);
    indices.forEach((index, place) => {
      const one = tensor.slice(index, 1);
      pixels.set(
        inputBytes(one.dataSync<"float32">(), { ...this.#model.input, shape: [height, width, channels] }),
        place * size,
      );
      one.dispose();
    });
    return new Thumbnails({ pixels, shape: [height, width, channels] }).of(indices.map((_, place) => place));
  }
}

const upTo = (count: number) => Array.from({ length: Math.min(SHOWN_PICTURES, count) }, (_, index) => index);
