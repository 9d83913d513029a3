import { bytes } from "./array.js";
import type { LayerChannels } from "./class-prototype.js";
import type { ModelReference } from "./model.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text } from "./traits.js";

/** Where the picture comes from whose activations are shown. */
export type UnitSource = "photo" | "stream" | "drawing";

/** What the sprite of activations shows. */
export interface UnitMapsWords {
  layer: string;
  channels: number;
  /** All maps are on one scale, from `low` to `high`: symmetric about 0 where there are negative values. */
  low: number;
  high: number;
  /** Sizes of the layer's map, before it was made smaller to be shown. */
  map: number[];
}

/** One of the samples in which a channel is strongest. */
export interface UnitSample {
  sample: number;
  name: string;
  value: number;
}

/** A rectangle of a picture, in shares of its sides. */
export interface UnitBox {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** What the data set says of the channel that is shown. */
export interface UnitAbout {
  layer: string;
  channel: number;
  samples: number;
  mean: number;
  largest: number;
  /** Share of positions where it is above 0. */
  active: number;
  threshold: number;
  /** Share of its activations above the threshold. */
  share: number;
  relevance: number;
  /** Mean activation by class, the largest first. */
  classes: { name: string; mean: number }[];
  /** Whether classes are labels, or what the network says. */
  classesBy: "label" | "prediction";
  /** What it overlaps most, where the network was dissected. */
  concept: { kind: string; name: string; overlap: number; isDetector: boolean } | null;
  byActivation: UnitSample[];
  byRelevance: UnitSample[];
}

export interface UnitNeighbor {
  layer: string;
  channel: number;
  relevance: number;
}

/** Channels that pass relevance to the one that is shown, and those that it passes some to. */
export interface UnitNeighbors {
  /** Layers above, nearest the output, from which its relevance comes. */
  upper: UnitNeighbor[];
  /** Layers below, that get theirs from it. */
  lower: UnitNeighbor[];
  /** Its own relevance. */
  relevance: number;
  /** Of how many samples they are the mean. */
  samples: number;
}

/** The microscope: channels of a layer live, and one channel's page. */
export const unitPageState = {
  title: text(),
  subtitle: text(),
  layers: data<LayerChannels[]>([]),
  /** The channel that is looked at. */
  layer: text(),
  channel: integer(),
  sources: list(text(), ["photo"]),
  source: choice("photo", "stream", "drawing"),
  /** Whether the stream plays. */
  playing: flag(),
  /** Which picture of the stream. */
  frame: integer(),
  frames: integer(1),
  /** The picture whose activations are shown: `[height, width, channel]`. */
  image: bytes(),
  imageName: text(),
  /** Its most probable class. */
  seen: text(),
  /** `[channels, height, width]`. */
  maps: bytes(),
  mapsWords: nullable(data<UnitMapsWords>({ layer: "", channels: 0, low: 0, high: 0, map: [] })),
  mapsError: text(),
  /** Whether the data set is being passed, how far, and where that was stopped. */
  passing: flag(),
  progress: nullable(number()),
  stopped: nullable(number()),
  passError: text(),
  /** Whether something of the channel's page is being computed, and what. */
  stage: text(),
  about: nullable(data<UnitAbout>({} as UnitAbout)),
  /** `[samples, height, width, channel]`: those by activation, then those by relevance; so are the next three. */
  pictures: bytes(),
  /** Each on its own scale: 128 is 0. */
  deconvolutions: bytes(),
  /** `[samples, height, width, 1]`, likewise. */
  relevances: bytes(),
  boxes: data<UnitBox[]>([]),
  neighbors: nullable(data<UnitNeighbors>({ upper: [], lower: [], relevance: 0, samples: 0 })),
  /** What the channel prefers, `[height, width, channel]`, so far. */
  preference: bytes(),
  preferenceWords: text(),
  /** How far its synthesis is; null where none runs. */
  preferring: nullable(number()),
  /** The regularizers, by the name of their set. */
  regularizers: text("blur"),
  regularizerSets: list(text()),
  error: text(),
  /** A pad that is drawn on, by reference; null for none. */
  pad: nullable(data<ModelReference>("" as ModelReference)),
};

export interface UnitPageState extends StateOf<typeof unitPageState> {}

/** How many columns the maps stand in, where there is room for so many. */
export const spriteColumns = (channels: number): number =>
  Math.min(channels, Math.max(4, Math.ceil(Math.sqrt(channels * 1.6))));
