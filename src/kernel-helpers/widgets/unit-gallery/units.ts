import {
  CARDS,
  type ConceptBar,
  foundWords,
  type LayerBar,
  type UnitCard,
  type UnitConcept,
  type UnitGalleryState,
} from "../../../comms/states/unit-gallery.js";
import type { DissectedUnit, Dissection } from "../../../explainers/index.js";
import type { ConceptPictures } from "../../data/concepts/concept-pictures.js";
import { Thumbnails } from "../../pictures/thumbnails.js";

/** What chooses units and their order. */
export type UnitFilter = Pick<UnitGalleryState, "layer" | "kind" | "concept" | "search" | "which" | "sort" | "page">;

/** What a gallery shows under a filter. */
export type Chosen = Pick<
  UnitGalleryState,
  "layers" | "concepts" | "page" | "pages" | "found" | "words" | "pageWords" | "cards" | "pictures" | "masks" | "side"
>;

interface Place {
  readonly layer: number;
  readonly unit: DissectedUnit;
}

/** The units of a dissection, filtered, sorted and counted. */
export class Units {
  readonly #dissection: Dissection;
  readonly #pictures: ConceptPictures;
  readonly #thumbnails: Thumbnails;
  readonly #all: readonly Place[];
  readonly kinds: readonly string[];

  constructor(dissection: Dissection, pictures: ConceptPictures) {
    this.#dissection = dissection;
    this.#pictures = pictures;
    this.#thumbnails = new Thumbnails(pictures);
    this.#all = dissection.layers.flatMap(({ units }, layer) => units.map((unit) => ({ layer, unit })));
    this.kinds = [...new Set(dissection.concepts.map(({ kind }) => kind))];
  }

  /** What is shown; the page is the nearest that there is. */
  chosen(filter: UnitFilter): Chosen {
    const found = this.#all.filter(this.#passes(filter)).sort(this.#order(filter.sort));
    const pages = Math.max(1, Math.ceil(found.length / CARDS));
    const page = Math.min(filter.page, pages - 1);
    const shown = found.slice(page * CARDS, (page + 1) * CARDS);
    const indices = [...new Set(shown.flatMap(({ unit }) => unit.topPictures.slice(0, this.kept)))];
    const side = this.#dissection.parameters["resolution"] as number;
    return {
      layers: this.#layerBars(filter),
      concepts: this.#conceptBars(filter),
      ...{ page, pages, side, found: found.length },
      words: foundWords({ ...filter, found: found.length }),
      pageWords: `page ${page + 1} of ${pages}`,
      cards: shown.map((place) => this.#card(place, indices)),
      pictures: this.#thumbnails.of(indices),
      masks: this.#masks(shown, side),
    };
  }

  /** What a unit overlaps, the most first. */
  overlaps({ layer, unit }: Pick<UnitCard, "layer" | "unit">): UnitConcept[] {
    const { concepts, layers } = this.#dissection;
    const own = layers.find((one) => one.layer === layer)!.overlaps;
    return concepts
      .map(({ kind, name }, index) => ({ kind, name, overlap: own[unit * concepts.length + index]! }))
      .filter(({ overlap }) => overlap > 0)
      .sort((a, b) => b.overlap - a.overlap)
      .slice(0, LISTED);
  }

  /** Of how many pictures of a unit it is known where it is on. */
  get kept(): number {
    return this.#dissection.parameters["keptMasks"] as number;
  }

  #passes({ layer, kind, concept, search, which }: UnitFilter): (place: Place) => boolean {
    const wanted = search.trim().toLowerCase();
    const number = /^#?\d+$/.test(wanted) ? Number(wanted.replace("#", "")) : null;
    return (place) => {
      const { isDetector, concept: own, unit } = place.unit;
      const name = this.#dissection.layers[place.layer]!.layer;
      if (which === "detectors" && !isDetector) return false;
      if (layer !== "" && name !== layer) return false;
      if (kind !== "" && own?.kind !== kind) return false;
      if (concept !== "" && own?.name !== concept) return false;
      if (wanted === "") return true;
      if (number !== null) return unit === number;
      return [name, own?.name ?? "", own?.kind ?? ""].some((words) => words.toLowerCase().includes(wanted));
    };
  }

  #order(sort: UnitFilter["sort"]): (a: Place, b: Place) => number {
    const byPlace = (a: Place, b: Place) => a.layer - b.layer || a.unit.unit - b.unit.unit;
    const byOverlap = (a: Place, b: Place) => b.unit.overlap - a.unit.overlap || byPlace(a, b);
    if (sort === "layer") return byPlace;
    if (sort === "overlap") return byOverlap;
    if (sort === "value") {
      const ratio = ({ unit }: Place) => (unit.topValues[0] ?? 0) - unit.threshold;
      return (a, b) => ratio(b) - ratio(a) || byPlace(a, b);
    }
    const nameOf = ({ unit }: Place) =>
      unit.concept === null ? "\uffff" : `${unit.concept.kind} ${unit.concept.name}`;
    return (a, b) => nameOf(a).localeCompare(nameOf(b)) || byOverlap(a, b);
  }

  /** Detectors by layer under all filters but that of the layer. */
  #layerBars(filter: UnitFilter): LayerBar[] {
    const passes = this.#passes({ ...filter, layer: "", which: "detectors" });
    return this.#dissection.layers.map(({ layer: name, units, rotated }, layer) => {
      const own = units.filter((unit) => passes({ layer, unit }));
      return {
        name,
        units: units.length,
        byKind: this.kinds.map((kind) => own.filter(({ concept }) => concept!.kind === kind).length),
        concepts: new Set(own.map(({ concept }) => `${concept!.kind} ${concept!.name}`)).size,
        rotated: rotated?.detectors ?? null,
        rotatedConcepts: rotated?.concepts ?? null,
      };
    });
  }

  /** Detectors by concept under all filters but those of concept and kind, the most first. */
  #conceptBars(filter: UnitFilter): ConceptBar[] {
    const passes = this.#passes({ ...filter, concept: "", kind: "", which: "detectors" });
    const own = this.#all.filter(passes);
    return this.#dissection.concepts
      .map(({ kind, name }) => ({
        ...{ kind, name },
        detectors: own.filter(({ unit }) => unit.concept!.kind === kind && unit.concept!.name === name).length,
      }))
      .filter(({ detectors, name }) => detectors > 0 || name === filter.concept)
      .sort((a, b) => b.detectors - a.detectors || a.name.localeCompare(b.name));
  }

  #card({ layer, unit }: Place, indices: readonly number[]): UnitCard {
    const top = unit.topPictures.slice(0, this.kept);
    return {
      layer: this.#dissection.layers[layer]!.layer,
      unit: unit.unit,
      kind: unit.concept?.kind ?? "",
      concept: unit.concept?.name ?? "",
      overlap: unit.overlap,
      threshold: unit.threshold,
      isDetector: unit.isDetector,
      pictures: top.map((picture) => indices.indexOf(picture)),
      names: top.map((picture) => this.#pictures.names[picture] ?? String(picture)),
      values: unit.topValues.slice(0, this.kept),
    };
  }

  #masks(shown: readonly Place[], side: number) {
    const size = this.kept * Math.ceil(side ** 2 / 8);
    const data = new Uint8Array(shown.length * size);
    shown.forEach(({ layer, unit }, place) => {
      const { masks } = this.#dissection.layers[layer]!;
      if (masks !== null) data.set(masks.subarray(unit.unit * size, (unit.unit + 1) * size), place * size);
    });
    return { shape: [shown.length, this.kept, Math.ceil(side ** 2 / 8)], dtype: "uint8" as const, data };
  }
}

/** How many concepts of a unit are listed. */
const LISTED = 6;
