import type { Tensor } from "@tensorflow/tfjs-core";
import {
  type FlippingCurveEvents,
  type FlippingCurveState,
  type FlippingRun,
  type FlippingSettings,
  flippingCurveState,
  READER,
  sameFrame,
  sameSettings,
  wantedFrame,
} from "../../../comms/states/flipping-curve.js";
import { ownWidget } from "../../../comms/states/module.js";
import { list } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import { pixelFlipping } from "../../../explainers/evaluation/faithfulness/pixel-flipping.js";
import { AbortedError } from "../../../explainers/progress.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto, inputBytes } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import type { Widget } from "../base/widget.js";
import { anyWidgetTrait } from "../base/widget-class.js";
import { type Compared, comparedColumn } from "../method-grid/compared.js";
import { GridCell } from "../method-grid/grid-cell.js";
import { Explaining, explainedClass } from "./explaining.js";
import { Flipping, type FlippingOptions } from "./flipping.js";
import { flippingPicture } from "./flipping-picture.js";
import {
  flippingTitle,
  flippingWords,
  INITIAL_REPLACEMENT,
  labelOf,
  replacementChoices,
  settingsWords,
} from "./flipping-words.js";

/** The traits in the kernel: widgets where the wire has references. */
export type FlippingCurveTraits = Omit<FlippingCurveState, "cells"> & { cells: GridCell[] };

/** What is flipped, by whom, and how the widget looks at first. */
export interface FlippingCurveOptions
  extends FlippingOptions,
    Partial<
      Pick<FlippingCurveState, "replacement" | "order" | "followed" | "summary" | "sort" | "tab" | "range" | "cursor">
    > {
  model: LoadedModel;
  /** What `loadImage` gave, or a tensor `[1, height, width, 1 or 3]`. */
  image: LoadedImage | Tensor;
  /** Methods, or results of this picture; an object gives them names of your own. */
  methods: readonly Compared[] | Readonly<Record<string, Compared>>;
  /** The class that is explained, by index or name; by default the most probable. */
  target?: number | string;
}

/** The settings that have everything measured again. */
const settings = ["replacement", "order", "followed"] as const;

/**
 * Pixel flipping to look into: how the explained output falls while regions of a picture are replaced in the order that each method
 * gives them, the picture at every step, what the curves come to over any range of steps, and how the ranking depends on what is put
 * in place. With `tab: "reader"` the reader flips first, before he sees what the methods say.
 *
 * Settings are traits: `widget.replacement = "blurred"` measures again, `widget.picks = [27, 28]` flips for the reader. A method that
 * fails is named in its place. `close()` ends what runs and frees what is kept of the model.
 *
 * @throws ParameterError for a method, a replacement or an option that does not exist; TargetError, TraitError
 * @see Bach et al. 2015; Samek et al. 2017, eq. 12
 * @example
 * const curves = new FlippingCurve({ model, image: photo, methods: ["lrp", "sensitivity", "occlusion"] });
 * await curves.settled();
 */
export class FlippingCurve extends domWidgetClass<FlippingCurveTraits, FlippingCurveEvents>({
  ...ownWidget("FlippingCurve"),
  traits: { ...flippingCurveState, cells: list(anyWidgetTrait as never) },
  events: ["stop", "again", "all"],
  constrain(next, names, fail) {
    const known = next.replacements.map(({ value }) => value);
    if (names.has("replacement") && !known.includes(next.replacement)) {
      fail("replacement", `one of ${known.join(", ")}`, known);
    }
    const regions = next.rows * next.columns;
    const isRegion = (pick: number) => pick >= 0 && pick < regions;
    if (names.has("picks") && (!next.picks.every(isRegion) || new Set(next.picks).size < next.picks.length)) {
      fail("picks", `different regions, 0 to ${regions - 1}`, []);
    }
    const last = next.shares.length - 1;
    const { range } = next;
    if (
      names.has("range") &&
      range !== null &&
      !(range.length === 2 && range[0]! >= 0 && range[0]! <= range[1]! && range[1]! <= last)
    ) {
      fail("range", `two steps of 0 to ${last}, the first one first, or null`, []);
    }
    if (names.has("watched") && !(next.watched >= READER && next.watched < next.methods.length)) {
      fail("watched", `a method, 0 to ${next.methods.length - 1}, or −1 for the reader`, []);
    }
    if (names.has("cursor") && !(next.cursor >= -1 && next.cursor <= last)) {
      fail("cursor", `a step, 0 to ${last}, or −1`, []);
    }
  },
}) {
  readonly #photo: LoadedImage;
  readonly #input: LoadedModel["input"];
  readonly #flipping: Flipping;
  readonly #explaining: Explaining;
  readonly #measuring = new LatestWins((signal) => this.#measure(signal));
  readonly #asking = new LatestWins((signal) => this.#ask(signal));
  readonly #framing = new LatestWins(() => this.#frame());
  /** Whether every replacement is asked for, and those that failed. */
  #all = false;
  readonly #failed = new Set<string>();
  /** Parts of the work that are done, and those that there are: the maps, and a part for each choice of settings. */
  #parts = { done: 0, all: 1 };

  constructor({
    model,
    image,
    methods,
    target,
    region,
    steps,
    orders,
    seed,
    replacement = INITIAL_REPLACEMENT,
    ...looks
  }: FlippingCurveOptions) {
    const given = Array.isArray(methods) ? methods.map((one) => [undefined, one] as const) : Object.entries(methods);
    if (given.length === 0) throw new ParameterError("methods", methods, "a list of at least one method or result");
    const photo = asPhoto(image, model.input);
    const columns = given.map(([name, one]) => comparedColumn(model, one, name));
    const explained = explainedClass(model, photo, columns, target);
    const flipping = new Flipping(model, photo, explained.index, { region, steps, orders, seed });
    const cells = columns.map(() => new GridCell());
    const { pixels, width, height, name } = photo;
    try {
      super({
        cells,
        image: {
          shape: [height, width, 4],
          dtype: "uint8",
          data: new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length),
        },
        methods: columns.map(({ label, note, hint }) => ({ label, note, hint })),
        ...{ rows: flipping.rows, columns: flipping.columns, shares: flipping.shares },
        replacements: replacementChoices(pixelFlipping.parameters.replacement.choices ?? []),
        title: flippingTitle(explained.name, looks.order ?? "morf"),
        subtitle: name,
        target: explained.name,
        replacement,
        ...looks,
      });
    } catch (error) {
      for (const cell of cells) cell.close();
      flipping.dispose();
      throw error;
    }
    this.#photo = photo;
    this.#input = model.input;
    this.#flipping = flipping;
    this.#explaining = new Explaining(model, photo, columns, cells, explained);
    // Not waited for: the front end would hold its next message, such as to stop, until the end.
    this.watch(() => void this.#start(), settings);
    this.watch(() => void this.#asking.start(), ["picks", ...settings]);
    this.watch(() => void this.#framing.start(), ["cursor", "watched", "tab", "drawn", "reader"]);
    this.on("stop", () => this.stop());
    this.on("again", () => {
      this.#explaining.retry();
      this.#failed.clear();
      void this.#start();
    });
    this.on("all", () => void this.measureAll());
    void this.#start();
    void this.#asking.start();
  }

  /** Measures with every replacement, the chosen one first; what does not fit the picture is left out. */
  measureAll(): Promise<void> {
    this.#all = true;
    return this.#start();
  }

  /** Gives up what is measured; the curves that are there stay. */
  stop(): void {
    this.#measuring.stop();
  }

  /** Resolves when curves and picture show what the settings say. */
  async settled(): Promise<void> {
    await this.#measuring.settled();
    await this.#asking.settled();
    await this.#framing.settled();
  }

  override close(): void {
    const work = [this.#measuring, this.#asking, this.#framing];
    for (const one of work) one.close();
    const { cells } = this;
    super.close();
    for (const cell of cells) cell.close();
    void Promise.all(work.map((one) => one.settled())).finally(() => this.#flipping.dispose());
  }

  override staticPicture(): StaticPicture | null {
    return flippingPicture(this);
  }

  override pictured(): Iterable<Widget> {
    return this.cells;
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The widget in plain text: a line for each method. */
  override toString(): string {
    return flippingWords(this);
  }

  get #chosen(): FlippingSettings {
    return { replacement: this.replacement, order: this.order, followed: this.followed };
  }

  #start(): Promise<void> {
    this.stopped = null;
    return this.#measuring.start();
  }

  async #measure(signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    // Curves that are there are drawn at once.
    if (this.#explaining.complete && this.#show(this.#chosen) && !this.#all) {
      this.set({ error: "", running: false, progress: null, stage: "" });
      return;
    }
    this.set({ running: true, progress: null, error: "", stage: "Explaining the picture" });
    this.#parts = { done: 0, all: Number(!this.#explaining.complete) + Math.max(1, this.#missing().length) };
    try {
      const came = await this.#explaining.run(signal, (stage, progress) => this.#say(stage, progress));
      if (this.closed) return;
      if (came) {
        // What was measured has no curves of maps that were missing then.
        this.set({ runs: [], drawn: -1, before: -1 });
        this.#parts = { done: 1, all: 1 + Math.max(1, this.#missing().length) };
      }
      if (this.#explaining.maps.every((map) => map === null)) {
        this.error = "No method gave a map: each says in its place why.";
        return;
      }
      if (!this.#show(this.#chosen)) {
        const run = await this.#run(this.#chosen, signal);
        if (this.closed) return;
        this.runs = [...this.runs, run];
        this.#show(run);
      }
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        if (signal.aborted) break;
        try {
          const run = await this.#run(next, signal);
          if (this.closed) return;
          this.runs = [...this.runs, run];
        } catch (error) {
          if (error instanceof AbortedError) throw error;
          this.#failed.add(JSON.stringify(next));
          const label = labelOf(next.replacement, this.replacements);
          this.error = `Replaced by ${label}, nothing could be measured: ${(error as Error).message}`;
        }
      }
      this.#all &&= this.#measuring.superseded;
    } catch (error) {
      if (this.closed) return;
      if (!(error instanceof AbortedError)) this.error = (error as Error).message;
      // Given up for newer settings: those are next. Stopped: what is drawn stays, under its own heading.
      else if (!this.#measuring.superseded) {
        this.#all = false;
        this.stopped = this.progress ?? 0;
      }
    } finally {
      if (!this.closed && !this.#measuring.superseded) this.set({ running: false, progress: null, stage: "" });
    }
  }

  /** What is to be measured: the chosen settings, or those with every replacement. */
  #missing(): FlippingSettings[] {
    const wanted = this.#all ? this.replacements.map(({ value }) => value) : [this.replacement];
    return wanted
      .map((replacement) => ({ ...this.#chosen, replacement }))
      .filter((one) => !this.runs.some((run) => sameSettings(run, one)) && !this.#failed.has(JSON.stringify(one)));
  }

  /** The next replacement, where all are measured. */
  #next(): FlippingSettings | undefined {
    return this.#all && !this.#measuring.superseded ? this.#missing()[0] : undefined;
  }

  async #run(settings: FlippingSettings, signal: AbortSignal): Promise<FlippingRun> {
    const stage = `Replacing by ${labelOf(settings.replacement, this.replacements)}`;
    this.#say(stage, 0);
    const run = await this.#flipping.run(settings, this.#explaining.maps, {
      signal: {
        get aborted() {
          return signal.aborted || isInterrupted();
        },
      },
      onProgress: ({ done, total }) => this.#say(stage, done / total),
    });
    this.#parts.done++;
    return run;
  }

  /** @param share of the part that is being done */
  #say(stage: string, share: number): void {
    const { done, all } = this.#parts;
    if (!this.closed) this.set({ stage, progress: Math.min(1, (done + share) / all) });
  }

  /** Draws curves that were measured, under a heading of their own; false where there are none. */
  #show(wanted: FlippingSettings): boolean {
    const drawn = this.runs.findIndex((run) => sameSettings(run, wanted));
    const run = this.runs[drawn];
    if (run === undefined) return false;
    const last = this.runs[this.drawn];
    const isOther = last !== undefined && last !== run;
    const alike = isOther && last.order === run.order && last.followed === run.followed;
    this.set({
      drawn,
      ...(isOther && { before: alike ? this.drawn : -1 }),
      title: flippingTitle(this.target, run.order),
      subtitle: settingsWords(run, this, this.#photo.name),
    });
    return true;
  }

  /** Asks the network about the reader's regions, as many as it was not asked about with these settings. */
  async #ask(signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    const [picks, before] = [[...this.picks], this.reader];
    // What he flips first is what he was asked for when he began.
    const order = picks.length > 0 && (before?.picks.length ?? 0) > 0 ? before!.order : this.order;
    const settings = { ...this.#chosen, order };
    const known = before !== null && sameSettings({ ...before, order }, settings) ? before : null;
    let shared = 0;
    while (known !== null && shared < known.picks.length && known.picks[shared] === picks[shared]) shared++;
    const values = known === null ? [] : known.values.slice(0, shared + 1);
    const tell = () => {
      this.reader = { ...settings, picks: picks.slice(0, values.length - 1), values: [...values] };
    };
    try {
      if (known !== null && (known.order !== order || values.length < known.values.length)) tell();
      // One by one: the value falls while he sweeps.
      while (values.length <= picks.length && !signal.aborted) {
        values.push(await this.#flipping.ask(settings, picks.slice(0, values.length)));
        if (this.closed) return;
        tell();
      }
    } catch (error) {
      if (!this.closed) this.error = (error as Error).message;
    }
  }

  /** Shows the picture at the step that is looked at. */
  async #frame(): Promise<void> {
    if (this.closed) return;
    const wanted = wantedFrame(this);
    if (wanted === null || sameFrame(wanted, this.frameOf)) return;
    const regions = wanted.curve === READER ? wanted.picks : this.#flippedBy(wanted);
    const values = await this.#flipping.picture(wanted.replacement, regions);
    if (this.closed) return;
    const shape = this.#photo.tensor.shape.slice(1);
    const data = inputBytes(values, { ...this.#input, shape });
    this.set({ frame: { shape, dtype: "uint8", data }, frameOf: wanted });
  }

  #flippedBy({ curve, step }: { curve: number; step: number }): number[] {
    const count = this.rows * this.columns;
    const steps = (this.runs[this.drawn]!.steps!.data as Float32Array).subarray(curve * count, (curve + 1) * count);
    return [...steps.keys()].filter((region) => steps[region]! >= 1 && steps[region]! <= step);
  }
}
