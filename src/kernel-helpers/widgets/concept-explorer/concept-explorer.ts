import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { formatNumber, formatSigned } from "../../../comms/format.js";
import type { Bytes, Floats } from "../../../comms/states/array.js";
import {
  type ConceptExplorerEvents,
  type ConceptExplorerState,
  type ConceptRegion,
  conceptExplorerState,
  RANKING_WORDS,
  regionWords,
} from "../../../comms/states/concept-explorer.js";
import { ownWidget } from "../../../comms/states/module.js";
import { findClass } from "../../../explainers/class-names.js";
import { type ChannelMaps, channelMaps, type PictureSource, withinRegion } from "../../../explainers/concepts/index.js";
import { TargetError } from "../../../explainers/errors.js";
import type { LrpOptions } from "../../../explainers/methods/lrp/index.js";
import { type Recording, record } from "../../../explainers/network/index.js";
import { chosenLayer, LayerError, mapLayers } from "../../../explainers/network/layers.js";
import { AbortedError } from "../../../explainers/progress.js";
import { type ReferenceStore, referenceStore } from "../../concepts/reference-store.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { asPhoto, inputBytes } from "../../pictures/input-bytes.js";
import type { LoadedImage } from "../../pictures/load-image.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { type ChannelPanel, cropped, openPanel, sampleMaps, strongIn } from "./channel-panel.js";
import { conceptPicture } from "./concept-picture.js";

/** Samples that show what channels are for. */
interface ConceptData {
  /** `[samples, height, width, channels]`, or what gives a part of them, which is disposed of after use. */
  x: Tensor | PictureSource;
  /** Names of the samples; by default their numbers. */
  names?: readonly string[];
}

/** What is explored, and how the widget looks at first. */
export interface ConceptExplorerOptions extends Partial<Pick<ConceptExplorerState, "layer" | "region" | "channel">> {
  model: LoadedModel;
  /** What `loadImage` gave, or a tensor `[1, height, width, 1 or 3]`. */
  image: LoadedImage | Tensor;
  /** Where samples are looked for; it passes through the model once for each layer, and what is found is kept for all widgets. */
  data?: ConceptData;
  /** The class that is explained, by index or name; by default the most probable. */
  target?: number | string;
  /** How many channels have a map of their own; default 32. */
  most?: number;
  /** How relevance is propagated; default ε-plus. */
  rules?: LrpOptions;
}

/**
 * Concept relevance to look into (CRP; Achtibat et al. 2023): a region of a picture's heatmap, the channels that its relevance came through,
 * the samples of a data set in which such a channel contributed most (RelMax) or answered most (ActMax), and its map of each.
 *
 * Settings are traits: `explorer.layer = "conv1"`, `explorer.region = { top: 4, left: 4, height: 8, width: 8 }`, `explorer.channel = 17`.
 * `close()` ends what runs and frees what is kept of the model.
 *
 * @throws LayerError, TargetError, TraitError
 * @example
 * const explorer = new ConceptExplorer({ model, image: photo, data: { x: photos }, layer: "conv2" });
 * await explorer.settled();
 * explorer.channel = explorer.channels[0]!.channel;
 */
export class ConceptExplorer extends domWidgetClass<ConceptExplorerState, ConceptExplorerEvents>({
  ...ownWidget("ConceptExplorer"),
  traits: conceptExplorerState,
  events: ["stop", "again"],
  constrain(next, names, fail) {
    const [height = 0, width = 0] = next.image?.shape ?? [];
    if (names.has("layer") && !next.layers.includes(next.layer)) {
      fail("layer", `one of ${next.layers.join(", ")}`, [...next.layers]);
    }
    if (names.has("region") && next.region !== null && !isWithin(next.region, height, width)) {
      fail("region", `{ top, left, height, width } within the picture of ${height} × ${width}, or null`, []);
    }
    if (names.has("target") && !(next.target >= 0 && next.target < next.outputs)) {
      fail("target", `an output, 0 to ${next.outputs - 1}`, []);
    }
    if (names.has("sample") && !(next.sample >= -1 && next.sample < next.samples.length)) {
      fail("sample", `one of the samples, 0 to ${next.samples.length - 1}, or −1`, []);
    }
  },
}) {
  readonly #model: LoadedModel;
  readonly #recording: Recording;
  readonly #names: readonly string[] | undefined;
  readonly #store: ReferenceStore | undefined;
  readonly #most: number;
  readonly #rules: LrpOptions;
  readonly #explaining = new LatestWins((signal) => this.#explain(signal));
  readonly #opening = new LatestWins((signal) => this.#open(signal));
  readonly #passing = new LatestWins((signal) => this.#pass(signal));
  #maps: { of: string; found: ChannelMaps } | undefined;
  /** Works that are under way: while one is, the widget runs. */
  #works = 0;
  #panel: (ChannelPanel & { maps: Float32Array | null }) | undefined;

  constructor({
    model,
    image,
    data,
    target,
    layer,
    most = 32,
    rules = { composite: "epsilon-plus" },
    ...looks
  }: ConceptExplorerOptions) {
    const photo = asPhoto(image, model.input);
    const recording = record(model, photo.tensor);
    const { pixels, width, height, name } = photo;
    try {
      const { graph } = recording;
      const layers = mapLayers(graph).filter((one) => graph.nodes[chosenLayer(graph, one).id]!.shape.length === 4);
      const first = layer ?? chosenLayer(graph, undefined).name;
      if (!layers.includes(first)) throw LayerError.unknown(first, layers);
      const logits = recording.outputs[0]!.dataSync<"float32">();
      const best = logits.reduce((top, logit, index) => (logit > logits[top]! ? index : top), 0);
      const named = findClass(
        target === undefined || target === "top1" ? best : target,
        model.classNames,
        logits.length,
      );
      if (typeof named.target === "object") {
        throw new TargetError(
          `Only what speaks for an output is explored: give ${model.classNames!.at(-1)}, or the index 0`,
        );
      }
      const store = data && referenceStore(model, data.x, { lrp: rules });
      super({
        image: bytesOf([height, width, 4], new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.length)),
        subtitle: name,
        layers,
        layer: first,
        classNames: [...(logits.length > 1 ? (model.classNames ?? []) : [])],
        outputs: logits.length,
        target: named.target ?? named.index,
        size: store?.data.count ?? 0,
        ...looks,
      });
      this.#store = store;
    } catch (error) {
      recording.dispose();
      throw error;
    }
    this.#model = model;
    this.#recording = recording;
    this.#names = data?.names;
    this.#most = most;
    this.#rules = rules;
    this.title = this.#titleOf(this);
    // Not waited for: the front end would hold its next message, such as to stop, until the end.
    this.watch(() => void this.#start(), ["layer", "target"]);
    this.watch(() => this.#sum(), "region");
    this.watch(() => this.#choose(), "channel");
    this.watch(() => this.#look(), "sample");
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#start());
    void this.#start();
  }

  /** Gives up what is computed; what is there stays, and samples that have passed are kept. */
  stop(): void {
    for (const one of [this.#explaining, this.#passing, this.#opening]) one.stop();
  }

  /** Resolves when everything shown is of the settings. */
  async settled(): Promise<void> {
    await this.#explaining.settled();
    await this.#passing.settled();
    await this.#opening.settled();
  }

  override close(): void {
    const work = [this.#explaining, this.#passing, this.#opening];
    for (const one of work) one.close();
    super.close();
    void Promise.all(work.map((one) => one.settled())).finally(() => {
      this.#recording.dispose();
      this.#panel?.pictures?.dispose();
      this.#panel = undefined;
    });
  }

  override staticPicture(): StaticPicture | null {
    return conceptPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The widget in plain text: the channels that matter, and samples of the one that is looked at. */
  override toString(): string {
    const head = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" · ");
    const channels = this.channels
      .slice(0, 5)
      .map(({ channel, relevance }) => `  channel ${channel}: ${formatNumber(relevance)}`);
    const within = channels.length === 0 ? "" : `${regionWords(this.summed)}: relevance ${formatNumber(this.sum)}`;
    const samples = this.samples.slice(0, 3).map(({ name, by, value }) => `  ${name}: ${by} ${formatNumber(value)}`);
    return [`ConceptExplorer: ${head}`, within, ...channels, this.samplesOf, ...samples, this.error]
      .filter((line) => line !== "")
      .join("\n");
  }

  #titleOf({ target, layer }: Pick<ConceptExplorerState, "target" | "layer">): string {
    const name = this.classNames[target]?.split(",")[0] ?? `output ${target}`;
    return `Concepts of *${name}* in ${layer}`;
  }

  #start(): Promise<void> {
    this.stopped = null;
    const done = this.#explaining.start();
    void this.#passing.start();
    return done;
  }

  #signal(signal: AbortSignal) {
    return {
      get aborted() {
        return signal.aborted || isInterrupted();
      },
    };
  }

  async #explain(signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    const { layer, target } = this;
    const of = `${target} ${layer}`;
    if (this.#maps?.of === of) {
      this.error = "";
      return;
    }
    this.#works++;
    this.set({ running: true, stage: `Explaining by the channels of ${layer}`, progress: 0, error: "" });
    try {
      const options = { ...(this.#rules as object), layer, most: this.#most } as Parameters<typeof channelMaps>[1];
      const found = await channelMaps(this.#model, options)(this.#recording, {
        target,
        signal: this.#signal(signal),
        onProgress: ({ done, total }) => {
          if (!this.closed) this.progress = done / total;
        },
      });
      if (this.closed) return;
      const before = this.#maps?.found.layer;
      this.#maps = { of, found };
      this.set({
        title: this.#titleOf({ target, layer }),
        relevance: floatsOf([...found.size], found.whole),
        output: found.output,
        total: found.whole.reduce((sum, value) => sum + value, 0),
        ...(before !== undefined && before !== layer && { channel: -1 }),
      });
      this.#sum();
      this.#choose();
    } catch (error) {
      this.#failed(error, this.#explaining.superseded);
    } finally {
      this.#rest();
    }
  }

  /** What each channel has of the region: sums of maps that are there. */
  #sum(): void {
    const found = this.#maps?.found;
    if (found === undefined) return;
    const [height, width] = found.size;
    const within = withinRegion(found, this.region ?? { top: 0, left: 0, height, width });
    const whole = new Map(found.channels.map(({ channel, relevance }) => [channel, relevance]));
    this.set({
      channels: within.channels.map((one) => ({ ...one, whole: whole.get(one.channel)! })),
      others: found.rest.count,
      rest: within.rest,
      sum: within.sum,
      summed: this.region === null ? null : { ...this.region },
    });
  }

  #choose(): void {
    const found = this.#maps?.found;
    const own = found?.channels.find(({ channel }) => channel === this.channel);
    this.set({
      channelMap: own === undefined ? null : floatsOf([...found!.size], own.map),
      seen: own === undefined ? "whole" : "channel",
    });
    void this.#opening.start();
  }

  /** Lets the data set pass, once for each layer. */
  async #pass(signal: AbortSignal): Promise<void> {
    await this.#explaining.settled();
    const store = this.#store;
    if (this.closed || store === undefined || signal.aborted) return;
    const { layer } = this;
    this.passed = store.passed(layer);
    if (!store.has(layer)) {
      this.#works++;
      this.set({
        running: true,
        stage: "Passing the data set, once for this layer",
        progress: this.passed / this.size,
      });
      try {
        await store.collect([layer], {
          signal: this.#signal(signal),
          onProgress: ({ done, total }) => {
            if (!this.closed) this.set({ passed: done, progress: done / total });
          },
        });
      } catch (error) {
        this.#failed(error, this.#passing.superseded);
      } finally {
        this.#rest();
      }
    }
    if (this.closed) return;
    this.passed = store.passed(layer);
    if (this.channel >= 0) await this.#opening.start();
  }

  /** Shows the samples of the channel: pictures at once, then where in them it is. */
  async #open(signal: AbortSignal): Promise<void> {
    const { channel, layer } = this;
    const store = this.#store;
    if (this.closed) return;
    if (store === undefined || channel < 0 || this.#maps?.found.layer !== layer) {
      this.#empty();
      return;
    }
    try {
      const panel = openPanel(store, layer, channel, (sample) => this.#names?.[sample] ?? `sample ${sample}`);
      this.#empty();
      this.#panel = { ...panel, maps: null };
      const { samples, pictures } = panel;
      if (pictures === null) return;
      const crops = tf.tidy(() => cropped(pictures, samples));
      const shape = crops.shape.slice();
      const values = crops.dataSync<"float32">() as Float32Array;
      crops.dispose();
      this.set({
        samples,
        crops: bytesOf(shape, inputBytes(values, { ...this.#model.input, shape: shape.slice(1) })),
        samplesOf: `channel ${channel} of ${layer}`,
      });
      // The page sees the samples ahead of what blocks.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.closed || signal.aborted) return;
      const maps = await sampleMaps(store, layer, channel, panel);
      if (this.closed || signal.aborted || this.#panel?.pictures !== pictures) return;
      this.#panel.maps = maps;
      const [count, height, width] = pictures.shape;
      const strong = tf.tidy(() => cropped(tf.tensor4d(maps, [count, height, width, 1]), samples));
      const masks = strongIn(strong as Tensor4D);
      const side = strong.shape[1];
      strong.dispose();
      this.masks = bytesOf([count, side, side], masks);
      this.#look();
    } catch (error) {
      this.#failed(error, this.#opening.superseded);
    }
  }

  #empty(): void {
    this.#panel?.pictures?.dispose();
    this.#panel = undefined;
    this.set({
      sample: -1,
      samples: [],
      crops: null,
      masks: null,
      samplesOf: "",
      sampleImage: null,
      sampleMap: null,
      caption: "",
    });
  }

  /** The sample that is looked at, at large. */
  #look(): void {
    const { sample } = this;
    const panel = this.#panel;
    const own = this.samples[sample];
    if (own === undefined || panel?.pictures == null) {
      if (this.sampleImage !== null) this.set({ sampleImage: null, sampleMap: null, caption: "" });
      return;
    }
    const [, height, width, channels] = panel.pictures.shape;
    const picture = tf.tidy(() => tf.slice(panel.pictures!, sample, 1).dataSync<"float32">() as Float32Array);
    const map = panel.maps?.slice(sample * height * width, (sample + 1) * height * width);
    const sum = map?.reduce((total, value) => total + value, 0);
    const words = own.by === "relevance" ? "through it from the output" : "what its answer came from";
    this.set({
      sampleImage: bytesOf(
        [height, width, channels],
        inputBytes(picture, { ...this.#model.input, shape: [height, width, channels] }),
      ),
      sampleMap: map === undefined ? null : floatsOf([height, width], map),
      caption: [
        own.name,
        `channel ${this.channel} ${RANKING_WORDS[own.by].replace(/ \(.*/, "")}: ${formatNumber(own.value)}`,
        sum === undefined ? "" : `${words}: ${formatSigned(sum)}`,
      ]
        .filter((part) => part !== "")
        .join(" · "),
    });
  }

  #failed(error: unknown, superseded: boolean): void {
    if (this.closed) return;
    if (!(error instanceof AbortedError)) this.error = (error as Error).message;
    else if (!superseded) this.stopped = this.progress ?? 0;
  }

  #rest(): void {
    this.#works--;
    if (!this.closed && this.#works === 0) this.set({ running: false, progress: null, stage: "" });
  }
}

const floatsOf = (shape: number[], data: Float32Array): Floats => ({ shape, dtype: "float32", data });
const bytesOf = (shape: number[], data: Uint8Array): Bytes => ({ shape, dtype: "uint8", data });

const isWithin = ({ top, left, height, width }: ConceptRegion, rows: number, columns: number): boolean =>
  [top, left, height, width].every(Number.isInteger) &&
  top >= 0 &&
  left >= 0 &&
  height >= 1 &&
  width >= 1 &&
  top + height <= rows &&
  left + width <= columns;
