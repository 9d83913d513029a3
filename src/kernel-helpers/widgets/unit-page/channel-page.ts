import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { LayerChannels } from "../../../comms/states/class-prototype.js";
import type { UnitAbout, UnitBox, UnitNeighbor, UnitPageState, UnitSample } from "../../../comms/states/unit-page.js";
import { attributionGraph } from "../../../explainers/concepts/crp/attribution-graph.js";
import { fieldOf } from "../../../explainers/concepts/crp/receptive-fields.js";
import { passedLayers } from "../../../explainers/concepts/data-pass/data-pass.js";
import { unitMaps } from "../../../explainers/concepts/data-pass/unit-maps.js";
import {
  type DataPass,
  type Dissection,
  type PassSource,
  type TopSample,
  topSamples,
} from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { LrpOptions } from "../../../explainers/methods/lrp/index.js";
import { type Graph, type Recording, record } from "../../../explainers/network/index.js";
import { layerMap } from "../../../explainers/network/layer-map.js";
import { chosenLayer, layersBelow } from "../../../explainers/network/layers.js";
import { activationMaximization, pixels, yosinskiSettings } from "../../../explainers/synthesis/index.js";
import type { LoadedModel } from "../../models/index.js";
import { inputBytes } from "../../pictures/input-bytes.js";
import { signedThumbnails, thumbnails } from "./channel-pictures.js";

/** The data set that a channel's strongest samples are of. */
export interface UnitPageData extends PassSource {
  /** What a sample is called; by default its number. */
  readonly names?: readonly string[];
}

/** What pages are made of. */
export interface PageParts {
  readonly model: LoadedModel;
  readonly data: UnitPageData;
  readonly file?: string;
  readonly dissection?: Dissection;
  readonly lrp: LrpOptions;
  readonly top?: number;
  readonly steps?: number;
}

type Found = Partial<Omit<UnitPageState, "pad">>;

/** Of how many samples neighbors are the mean, and how many are shown. */
const NEIGHBOR_SAMPLES = 3;
const NEIGHBORS = 5;
const CLASSES = 5;
const STEPS = 60;
/** How far pixels of the start lie from gray, as a share of their range, and how many starts are tried. */
const [START, STARTS] = [0.1, 8];
/** Steps between two pictures of what is synthesized. */
const EVERY = 4;

/** The layers that have pages, from input to output. @throws LayerError, ParameterError */
export function unitLayers(model: LoadedModel, layers: readonly string[] | undefined): LayerChannels[] {
  const x = tf.zeros([1, ...model.input.shape.map((size) => size ?? 1)]);
  const recording = record(model, x);
  try {
    const { graph } = recording;
    const names = layers ?? passedLayers(graph);
    if (names.length === 0) throw new ParameterError("layers", "none", "at least one layer of the model");
    return names.map((name) => {
      const { id } = chosenLayer(graph, name);
      const map = layerMap(graph, graph.nodes[id]!);
      const { shape } = recording.value(id);
      const channels = typeof map === "string" ? shape.slice(1).reduce((a, b) => a * b, 1) : shape.at(-1)!;
      return { name, channels };
    });
  } finally {
    recording.dispose();
    x.dispose();
  }
}

/** One channel's page, part by part. */
export class ChannelPage {
  static readonly sets: string[] = Object.keys(yosinskiSettings);

  readonly #best: readonly (TopSample & { readonly of: "unit" | "output" })[];
  readonly #rows: DataPass["layers"][number];
  #x: Tensor | undefined;
  #recording: Recording | undefined;

  constructor(
    readonly parts: PageParts,
    readonly pass: DataPass,
    readonly layer: string,
    readonly channel: number,
    readonly signal: AbortSignal,
  ) {
    const rows = pass.layers.find((one) => one.layer === layer);
    if (rows === undefined) {
      const known = pass.layers.map((one) => one.layer).join(", ");
      throw new ParameterError("layer", layer, `one that the data set was passed for: ${known}`);
    }
    this.#rows = rows;
    // What it has no part in is not among its strongest.
    const some = (by: "activation" | "relevance") =>
      topSamples(rows, channel, by)
        .filter(({ value }) => by === "activation" || value > 0)
        .slice(0, parts.top ?? 4);
    this.#best = [
      ...some("activation").map((one) => ({ ...one, of: "unit" as const })),
      ...some("relevance").map((one) => ({ ...one, of: "output" as const })),
    ];
  }

  /** What the pass says, and the samples themselves; of what comes later nothing. */
  first(): Found {
    const { data, model } = this.parts;
    this.#x = tf.tidy(() => tf.concat(this.#best.map(({ sample }) => data.take(sample, 1))));
    return {
      about: this.#about(),
      pictures: thumbnails(this.#x, model.input),
      deconvolutions: null,
      relevances: null,
      boxes: [],
      neighbors: null,
      preference: null,
      preferenceWords: "",
      preferring: null,
    };
  }

  /** What is computed, under its name, in the order in which it is shown. */
  get stages(): readonly (readonly [stage: string, work: () => Promise<Found>])[] {
    return [
      ["Deconvolution and relevance of its strongest inputs", () => this.#traced()],
      ["Its neighbors", () => this.#neighbors()],
    ];
  }

  /** What it prefers, while it is sought. */
  async *preference(set: string): AsyncGenerator<Found & { readonly done: number }> {
    const { model, steps = STEPS } = this.parts;
    const { layer, channel } = this;
    const settings = yosinskiSettings[set as keyof typeof yosinskiSettings];
    const { low, high } = model.input;
    const spread = START * (Math.max(...[high].flat()) - Math.min(...[low].flat()));
    const parametrization = pixels(Number.isFinite(spread) ? { spread } : {});
    for (let seed = 0; seed < STARTS; seed++) {
      const shared = { target: { layer, channel }, parametrization, seed, ...settings };
      const run = activationMaximization(model, { ...shared, steps, every: EVERY });
      for await (const { picture, shape, step, activation, final } of run) {
        // Where it is silent there is no slope to follow.
        if (step === 0 && activation[0] === 0 && seed < STARTS - 1) break;
        const silent = final && activation[0] === 0 ? ": it is silent on noise" : "";
        yield {
          preference: { shape: [...shape], dtype: "uint8", data: inputBytes(picture, model.input) },
          preferenceWords: `step ${step} of ${steps} · mean activation ${activation[0]!.toPrecision(3)}${silent}`,
          done: final ? 1 : step / steps,
        };
        if (final) return;
      }
    }
  }

  dispose(): void {
    this.#recording?.dispose();
    this.#x?.dispose();
    this.#recording = this.#x = undefined;
  }

  #about(): UnitAbout {
    const { layer, channel, pass } = this;
    const { dissection } = this.parts;
    const rows = this.#rows;
    const { channels } = rows;
    const classes = pass.classes
      .map((name, at) => ({ name: this.#className(name), mean: rows.classMeans[at * channels + channel]! }))
      .sort((a, b) => b.mean - a.mean)
      .slice(0, CLASSES);
    const unit = dissection?.layers.find((one) => one.layer === layer)?.units[channel];
    const concept = unit?.concept ?? null;
    const named = (of: "unit" | "output"): UnitSample[] =>
      this.#best
        .filter((one) => one.of === of)
        .map(({ sample, value }) => ({ sample, value, name: this.parts.data.names?.[sample] ?? `#${sample}` }));
    return {
      layer,
      channel,
      samples: pass.done,
      mean: rows.mean[channel]!,
      largest: rows.largest[channel]!,
      active: rows.active[channel]!,
      threshold: rows.threshold[channel]!,
      share: pass.parameters.share,
      relevance: rows.relevance[channel]!,
      classes,
      classesBy: pass.classesBy,
      concept:
        concept === null || unit === undefined
          ? null
          : { ...concept, overlap: unit.overlap, isDetector: unit.isDetector },
      byActivation: named("unit"),
      byRelevance: named("output"),
    };
  }

  #className(index: number): string {
    return this.parts.model.classNames?.[index]?.split(",")[0] ?? String(index);
  }

  #recorded(): Recording {
    this.#recording ??= record(this.parts.model, this.#x!);
    // The next channel of the layer is explained in the same way.
    this.#recording.repeats = true;
    return this.#recording;
  }

  async #traced(): Promise<Found> {
    const { model, lrp } = this.parts;
    const { layer, channel, signal } = this;
    const found = await unitMaps(model, lrp)(this.#recorded(), { layer, channel, places: this.#best, signal });
    return {
      boxes: this.#boxes(this.#recorded().graph),
      deconvolutions: signedThumbnails(found.deconvolution, found.shape, false),
      relevances: signedThumbnails(found.relevance, found.shape, true),
    };
  }

  /** What the unit at the strongest position sees of each input, in shares of its sides. */
  #boxes(graph: Graph): UnitBox[] {
    if (this.#rows.map.length !== 2) return [];
    const { id } = chosenLayer(graph, this.layer);
    const [, rows = 1, columns = 1] = this.#x!.shape;
    return this.#best.map(({ position }) => {
      const { top, left, height, width } = fieldOf(graph, id, position);
      return { top: top / rows, left: left / columns, height: height / rows, width: width / columns };
    });
  }

  async #neighbors(): Promise<Found> {
    const { model, lrp, data } = this.parts;
    const { layer, channel, signal } = this;
    const { graph: whole } = this.#recorded();
    // What a layer without a map has in the place of channels, its units, an attribution graph does not tell apart.
    const names = this.pass.layers
      .filter((one) => one.channels === whole.nodes[chosenLayer(whole, one.layer).id]!.shape.at(-1))
      .map((one) => one.layer);
    const below = layersBelow(whole, names);
    const lower = below.get(layer) ?? [];
    const upper = names.filter((name) => below.get(name)?.includes(layer));
    const samples = this.#best.filter(({ of }) => of === "output").slice(0, NEIGHBOR_SAMPLES);
    if (lower.length + upper.length === 0 || samples.length === 0) return { neighbors: null };
    const graph = await attributionGraph(model, {
      ...lrp,
      layers: [...upper, layer, ...lower],
      channels: { [layer]: [channel] },
    } as never)(
      { count: samples.length, take: (start: number) => data.take(samples[start]!.sample, 1) },
      { signal, onProgress: () => {} },
    );
    const strongest = (list: UnitNeighbor[]) =>
      list
        .filter(({ relevance }) => relevance !== 0)
        .sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance))
        .slice(0, NEIGHBORS);
    const own = graph.layers.find((one) => one.layer === layer)!;
    const fromAbove = graph.layers
      .filter((one) => upper.includes(one.layer))
      .flatMap(({ channels }) =>
        channels.map((one) => ({
          layer: one.layer,
          channel: one.channel,
          relevance: one.passed.find((part) => part.layer === layer)!.relevance[channel]!,
        })),
      );
    const toBelow = own.channels[0]!.passed.flatMap((part) =>
      Array.from(part.relevance, (relevance, at) => ({ layer: part.layer, channel: at, relevance })),
    );
    return {
      neighbors: {
        upper: strongest(fromAbove),
        lower: strongest(toBelow),
        relevance: own.channels[0]!.relevance,
        samples: samples.length,
      },
    };
  }
}
