import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Bytes } from "../../../comms/states/array.js";
import { ownWidget } from "../../../comms/states/module.js";
import { nullable } from "../../../comms/states/traits.js";
import { type UnitPageState, type UnitSource, unitPageState } from "../../../comms/states/unit-page.js";
import { modelKey } from "../../../explainers/concepts/data-pass/key.js";
import {
  type DataPass,
  DataPassAbortedError,
  DataPassError,
  type Dissection,
  dataPass,
} from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { LrpOptions } from "../../../explainers/methods/lrp/index.js";
import { record } from "../../../explainers/network/index.js";
import { AbortedError } from "../../../explainers/progress.js";
import { storedDataPass } from "../../concepts/data-pass-file.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto } from "../../pictures/input-bytes.js";
import { bundledPhotos, type LoadedImage, loadImage } from "../../pictures/load-image.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import type { Widget } from "../base/widget.js";
import { anyWidgetTrait } from "../base/widget-class.js";
import type { DrawDigit } from "../draw-digit/draw-digit.js";
import { ChannelPage, type PageParts, type UnitPageData, unitLayers } from "./channel-page.js";
import { thumbnails } from "./channel-pictures.js";
import { liveMaps } from "./live-maps.js";
import { unitPagePicture } from "./unit-page-picture.js";
import { unitPageWords } from "./unit-words.js";

/** The traits in the kernel. */
type UnitPageTraits = Omit<UnitPageState, "pad"> & { pad: Widget | null };

export interface UnitPageOptions
  extends Partial<Pick<UnitPageState, "layer" | "channel" | "source" | "playing" | "regularizers">> {
  data: UnitPageData;
  /** What `dataPass` found; without it the data set is passed here. */
  pass?: DataPass;
  /** Where the pass is stored, and read from the next time: ends in `.safetensors`. */
  file?: string;
  /** Layers whose channels have pages; by default all that compute something. */
  layers?: readonly string[];
  /** The picture whose activations are shown; by default the first one of the stream. */
  photo?: LoadedImage | Tensor;
  /** A pad whose digit can be shown live. Stays the caller's. */
  pad?: DrawDigit;
  /** What `dissect` found: the concept of each channel. */
  dissection?: Dissection;
  /** How relevance is propagated; default `{ composite: "epsilon-plus" }`. */
  lrp?: LrpOptions;
  /** How many of the strongest samples of each kind are shown; default 4. */
  top?: number;
  /** Steps of the preferred input's synthesis; default 60. */
  steps?: number;
}

interface Events {
  /** Of the pass over the data. */
  stop: object;
  again: object;
  /** The next picture of the stream. */
  step: object;
  /** Of the synthesis. */
  halt: object;
  prefer: object;
}

/** Time between two pictures of the stream, in milliseconds. */
const FRAME = 700;
/** Pictures of the data set that are streamed where the bundled photographs do not fit. */
const STREAMED = 24;
const DRAWN = 28;

/**
 * A microscope for a network's channels (Yosinski et al. 2015): all channels of a layer live, for a photo, a stream of pictures or a drawn
 * digit; and for the chosen one its strongest inputs of a data set by activation and by relevance with deconvolution and relevance of each,
 * what it prefers, its concept, statistics, and which channels it gets relevance from and passes some to. All but the live maps come from one pass
 * over the data set, which is stored where `file` says.
 *
 * Settings are traits: `page.channel = 3`, `page.layer = "conv2"`, `page.playing = true`. `close()` ends what runs.
 *
 * @throws DataPassError where `pass` is of another model; ParameterError, LayerError, TraitError
 * @example
 * const x = tf.tensor4d(Float32Array.from(digits.pixels, (ink) => ink / 255), [digits.count, 28, 28, 1]);
 * new UnitPage(model, { data: { count: digits.count, take: (start, n) => tf.slice(x, start, n), labels: digits.labels }, file: "units.safetensors" })
 */
export class UnitPage extends domWidgetClass<UnitPageTraits, Events>({
  ...ownWidget("UnitPage"),
  traits: { ...unitPageState, pad: nullable(anyWidgetTrait) },
  events: ["stop", "again", "step", "halt", "prefer"],
  constrain(next, names, fail) {
    const layers = next.layers.map(({ name }) => name);
    const layer = next.layers.find(({ name }) => name === next.layer);
    if (names.has("layer") && next.layers.length > 0 && layer === undefined)
      fail("layer", `one of ${layers.join(", ")}`, layers);
    if (names.has("source") && !next.sources.includes(next.source))
      fail("source", `one of ${next.sources.join(", ")}`, next.sources);
    if (
      names.has("regularizers") &&
      next.regularizerSets.length > 0 &&
      !next.regularizerSets.includes(next.regularizers)
    )
      fail("regularizers", `one of ${next.regularizerSets.join(", ")}`, next.regularizerSets);
    if (layer !== undefined) next.channel = Math.min(Math.max(0, next.channel), layer.channels - 1);
    if (next.frames > 0) next.frame = ((next.frame % next.frames) + next.frames) % next.frames;
  },
}) {
  readonly #model: LoadedModel;
  readonly #options: UnitPageOptions;
  readonly #parts: PageParts;
  readonly #live = new LatestWins(() => this.#look());
  readonly #paging = new LatestWins((signal) => this.#open(signal));
  readonly #passes = new LatestWins((signal) => this.#passOver(signal));
  #pass: DataPass | undefined;
  /** What an earlier pass had found when it was stopped. */
  #part: DataPass | undefined;
  #photo: LoadedImage | undefined;
  #stream: readonly string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #halted = false;
  readonly #unfollow: (() => void) | undefined;

  constructor(model: LoadedModel, options: UnitPageOptions) {
    const { data, layers, photo, pad, source, layer, channel, playing, regularizers } = options;
    const known = unitLayers(model, layers);
    if (options.pass !== undefined) checkPass(options.pass, model, data);
    const photos = model.input.shape[2] === 3;
    const sources: UnitSource[] = ["photo", "stream", ...(pad === undefined ? [] : (["drawing"] as const))];
    super({
      layers: known,
      layer: layer ?? known.at(-1)!.name,
      sources,
      regularizerSets: ChannelPage.sets,
      frames: photos ? bundledPhotos.length : Math.min(STREAMED, data.count),
      subtitle: model.name,
      pad: pad ?? null,
      ...(channel !== undefined && { channel }),
      ...(source !== undefined && { source }),
      ...(playing !== undefined && { playing }),
      ...(regularizers !== undefined && { regularizers }),
    });
    this.#model = model;
    this.#options = options;
    this.#parts = { model, ...options, lrp: options.lrp ?? { composite: "epsilon-plus" } };
    this.#photo = photo && asPhoto(photo, model.input);
    this.#stream = photos ? bundledPhotos : [];
    this.#pass = options.pass;
    this.watch(() => void this.#live.start(), ["layer", "source", "frame"]);
    this.watch(() => void this.#paging.start(), ["layer", "channel", "regularizers"]);
    this.watch(() => this.#play(), ["playing", "source"]);
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#passes.start());
    this.on("step", () => {
      this.frame += 1;
    });
    this.on("halt", () => {
      this.#halted = true;
    });
    this.on("prefer", () => {
      this.#halted = false;
      void this.#paging.start();
    });
    this.#unfollow = pad?.observe(() => {
      if (this.source === "drawing") void this.#live.start();
    }, "digit");
    void this.#live.start();
    if (this.#pass === undefined) void this.#passes.start();
    else void this.#paging.start();
    this.#play();
  }

  /** What the pass over the data set found; undefined before. */
  get dataPass(): DataPass | undefined {
    return this.#pass;
  }

  /** Gives up the pass over the data; what it found is gone on with. */
  stop(): void {
    this.#passes.stop();
  }

  /** Resolves when everything that is shown belongs to what is chosen, and nothing is computed. */
  async settled(): Promise<void> {
    await this.#passes.settled();
    await this.#live.settled();
    await this.#paging.settled();
  }

  override close(): void {
    clearTimeout(this.#timer);
    this.#unfollow?.();
    for (const work of [this.#live, this.#paging, this.#passes]) work.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return unitPagePicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  override toString(): string {
    return unitPageWords(this);
  }

  #play(): void {
    clearTimeout(this.#timer);
    if (!this.playing || this.source !== "stream" || this.closed) return;
    this.#timer = setTimeout(async () => {
      await this.#live.settled();
      if (this.closed || !this.playing) return;
      if (isInterrupted()) this.playing = false;
      else this.frame += 1;
      this.#play();
    }, FRAME);
  }

  /** The picture whose activations are shown: a tensor, which ends with the look, and what it is called. */
  async #picture(source: string, frame: number): Promise<{ x: Tensor; name: string } | undefined> {
    const { data, pad } = this.#options;
    const { input } = this.#model;
    if (source === "drawing") {
      const digit = pad?.digit ?? null;
      if (digit === null) return undefined;
      const bytes = new Uint8Array(digit.data.buffer, digit.data.byteOffset, digit.data.byteLength);
      const entered = Float32Array.from(bytes, (byte) => (byte - (input.mean as number)) / (input.scale as number));
      return { x: tf.tensor4d(entered, [1, DRAWN, DRAWN, 1]), name: "your drawing" };
    }
    if (source === "photo" && this.#photo !== undefined) {
      return { x: tf.clone(this.#photo.tensor), name: this.#photo.name || "photo" };
    }
    const at = source === "photo" ? 0 : frame;
    if (this.#stream.length > 0) {
      const { tensor } = await loadImage(this.#stream[at]!, input);
      return { x: tensor, name: this.#stream[at]! };
    }
    return { x: data.take(at, 1), name: data.names?.[at] ?? `#${at}` };
  }

  async #look(): Promise<void> {
    const { layer, source, frame } = this;
    try {
      const picture = await this.#picture(source, frame);
      if (this.closed) {
        picture?.x.dispose();
        return;
      }
      if (picture === undefined) {
        this.set({ image: null, imageName: "", seen: "", maps: null, mapsWords: null, mapsError: "" });
        return;
      }
      const { x, name } = picture;
      try {
        const recording = record(this.#model, x, {
          keep: (graph) =>
            new Set([
              ...graph.outputs,
              ...graph.nodes.filter((node) => node.name === layer || node.folded.includes(layer)).map(({ id }) => id),
            ]),
        });
        try {
          const shown = thumbnails(x, this.#model.input);
          const image: Bytes = { ...shown, shape: shown.shape.slice(1) };
          const scores = recording.outputs[0]!.dataSync();
          const best = scores.indexOf(Math.max(...scores));
          const seen = scores.length > 1 ? (this.#model.classNames?.[best] ?? String(best)) : "";
          this.set({ image, imageName: name, seen, ...liveMaps(recording, layer), mapsError: "" });
        } finally {
          recording.dispose();
        }
      } finally {
        x.dispose();
      }
    } catch (error) {
      if (!this.closed) this.set({ maps: null, mapsWords: null, mapsError: (error as Error).message });
    }
  }

  async #passOver(signal: AbortSignal): Promise<void> {
    const { data, file, top = 4, lrp } = this.#parts;
    const layers = this.layers.map(({ name }) => name);
    const run = {
      signal,
      onProgress: ({ done, total }: { done: number; total: number }) => {
        if (isInterrupted()) this.stop();
        if (!this.closed) this.progress = done / total;
      },
    };
    this.set({ passing: true, progress: 0, stopped: null, passError: "" });
    try {
      const options = { ...lrp, layers, top };
      this.#pass =
        file !== undefined
          ? await storedDataPass(file, this.#model, data, { ...options, ...run })
          : await dataPass(this.#model, options as never)(data, { ...run, stored: this.#part });
      if (!this.closed) void this.#paging.start();
    } catch (error) {
      if (this.closed) return;
      if (error instanceof DataPassAbortedError) {
        this.#part = error.partial;
        this.stopped = error.partial.done / error.partial.count;
      } else if (error instanceof AbortedError) this.stopped = 0;
      else this.passError = (error as Error).message;
    } finally {
      if (!this.closed) this.set({ passing: false, progress: null });
    }
  }

  /** Opens the page of the chosen channel: what is there at once, then what has to be computed, part by part. */
  async #open(signal: AbortSignal): Promise<void> {
    const pass = this.#pass;
    if (pass === undefined || this.closed) return;
    const { layer, channel, regularizers } = this;
    let page: ChannelPage | undefined;
    try {
      page = new ChannelPage(this.#parts, pass, layer, channel, signal);
      this.set({ ...page.first(), title: `What does *channel ${channel} of ${layer}* look for?`, error: "" });
      for (const [stage, work] of page.stages) {
        await tf.nextFrame();
        if (signal.aborted || this.closed) return;
        this.stage = stage;
        const found = await work();
        if (signal.aborted || this.closed) return;
        this.set(found);
      }
      this.#halted = false;
      this.set({ stage: "", preferring: 0 });
      for await (const { done, ...found } of page.preference(regularizers)) {
        if (signal.aborted || this.closed) return;
        if (isInterrupted()) this.#halted = true;
        this.set({ ...found, preferring: this.#halted ? null : done });
        if (this.#halted) break;
      }
    } catch (error) {
      if (!this.closed && !signal.aborted) this.error = (error as Error).message;
    } finally {
      page?.dispose();
      if (!this.closed && !this.#paging.superseded) this.set({ stage: "", preferring: null });
    }
  }
}

/** @throws ParameterError, DataPassError where a pass is of other data or of another model */
function checkPass({ count, key }: DataPass, model: LoadedModel, data: UnitPageData): void {
  if (count !== data.count)
    throw new ParameterError("pass", `of ${count} samples`, `one of these ${data.count} samples`);
  if (key.model !== modelKey(model, () => data.take(0, 1)))
    throw new DataPassError("model", "a model of other weights");
}
