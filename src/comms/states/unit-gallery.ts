import { bytes } from "./array.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, wholeBetween } from "./traits.js";

/** The detectors of a layer, of what is not filtered away. */
export interface LayerBar {
  name: string;
  /** All units of the layer. */
  units: number;
  /** Detectors in the order of the kinds. */
  byKind: number[];
  /** Different concepts among them. */
  concepts: number;
  /** Detectors of a random rotation of the layer, whatever the filter; null where there is none. */
  rotated: number | null;
  /** Different concepts among those. */
  rotatedConcepts: number | null;
}

/** How many units detect a concept, of what is not filtered away. */
export interface ConceptBar {
  kind: string;
  name: string;
  detectors: number;
}

/** One unit as a card. */
export interface UnitCard {
  layer: string;
  unit: number;
  kind: string;
  /** The concept that it overlaps most; empty where it overlaps none. */
  concept: string;
  overlap: number;
  threshold: number;
  isDetector: boolean;
  /** Its top pictures, as places in `pictures`. */
  pictures: number[];
  /** Their names. */
  names: string[];
  /** The largest value in each. */
  values: number[];
}

/** A concept that a unit overlaps. */
export interface UnitConcept {
  kind: string;
  name: string;
  overlap: number;
}

/** How many cards a page has. */
export const CARDS = 12;

/** Units of a network as cards, with counts of detectors by layer and by concept that filter them. */
export const unitGalleryState = {
  title: text(),
  subtitle: text(),
  /** Kinds of concepts, in the order of their colors. */
  kinds: list(text()),
  layers: data<LayerBar[]>([]),
  concepts: data<ConceptBar[]>([]),
  /** The layer that is shown; empty for all. */
  layer: text(),
  /** The kind of concept that is shown; empty for all. */
  kind: text(),
  /** The concept that is shown; empty for all. */
  concept: text(),
  /** Part of a layer's or concept's name, or the number of a unit. */
  search: text(),
  which: choice<"detectors" | "all">("detectors", "all"),
  sort: choice<"overlap" | "layer" | "concept" | "value">("overlap", "layer", "concept", "value"),
  /** From 0. */
  page: wholeBetween(0, Number.POSITIVE_INFINITY, 0),
  pages: integer(),
  /** How many units there are after filters. */
  found: integer(),
  /** What the cards are of, and which page of them: as the kernel made them, which may follow what was chosen. */
  words: text(),
  pageWords: text(),
  /** The units of the page. */
  cards: data<UnitCard[]>([]),
  /** What the cards show: `[pictures, height, width, 1 or 3]`. */
  pictures: bytes(),
  /** Where each card's unit is on in each of its pictures: `[cards, pictures, ⌈side²/8⌉]`, a bit a place, row by row. */
  masks: bytes(),
  /** Places a side of the masks. */
  side: integer(),
  /** The card that is open, its place on the page; −1 for none. */
  selected: integer(-1),
  /** What the open unit overlaps most. */
  overlaps: data<UnitConcept[]>([]),
  /** Above it a unit is a detector. */
  leastOverlap: number(),
  /** A unit is on at this share of its largest values. */
  share: number(),
  warnings: list(text()),
  running: flag(),
  /** Share of the work that is done, 0 to 1; null while none is. */
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
};

export interface UnitGalleryState extends StateOf<typeof unitGalleryState> {}

/** Whether place `at` of a mask is on. */
export const isOn = (mask: Uint8Array, at: number): boolean => ((mask[at >> 3]! >> (at & 7)) & 1) === 1;

/** `3 of 24 units detect something`, and how they are filtered. */
export function foundWords(state: Pick<UnitGalleryState, "found" | "which" | "layer" | "kind" | "concept" | "search">) {
  const { found, which, layer, kind, concept, search } = state;
  const what = which === "detectors" ? "detector" : "unit";
  const filters = [
    concept !== "" ? `of “${concept}”` : kind !== "" ? `of a ${kind}` : "",
    layer !== "" ? `in ${layer}` : "",
    search !== "" ? `matching “${search}”` : "",
  ].filter((words) => words !== "");
  return [`${found === 0 ? "No" : found} ${what}${found === 1 ? "" : "s"}`, ...filters].join(" ");
}
