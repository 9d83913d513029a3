import { formatFixed, formatPercent, formatShort } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import { type UnitGalleryState, unitGalleryState } from "../../../comms/states/unit-gallery.js";
import { type Dissection, type DissectOptions, dissect } from "../../../explainers/concepts/index.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { ConceptPictures } from "../../data/concepts/concept-pictures.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { shownRun } from "../base/shown-run.js";
import { galleryPicture } from "./gallery-picture.js";
import { Units } from "./units.js";

/** What `dissect` takes, and how the gallery looks at first. */
export type UnitGalleryOptions = DissectOptions &
  Partial<Pick<UnitGalleryState, "layer" | "kind" | "concept" | "which" | "sort">> & {
    /** What `dissect` gave of these pictures with `keptMasks`: it is shown, and nothing is computed. */
    readonly dissection?: Dissection;
  };

const FILTERS = ["layer", "kind", "concept", "search", "which", "sort"] as const;

/** Of how many of its top pictures a unit is shown. */
const PICTURES = 4;

/**
 * Which units of a network detect which concepts (network dissection): counts of detectors by layer and by concept, which filter the
 * units when they are clicked, and each unit as a card with its top pictures, lit where it is on. Beside each layer's count stands that of a
 * random rotation, which has no reason to have any. "Stop" gives the run up; thousands of units stay fast, since the page sees a page of them.
 *
 * @param pictures what `loadConcepts` gives
 * @see Bau, Zhou et al. 2017, CVPR
 * @throws ParameterError, TraitError
 * @example
 * const model = await loadModel("planted-scenes");
 * new UnitGallery(model, await loadConcepts("planted", model.input), { share: 0.05 })
 */
export class UnitGallery extends domWidgetClass<UnitGalleryState, { stop: object; again: object }>({
  ...ownWidget("UnitGallery"),
  traits: unitGalleryState,
  events: ["stop", "again"],
  constrain(next, names, fail) {
    const layers = next.layers.map(({ name }) => name);
    if (names.has("layer") && next.layer !== "" && layers.length > 0 && !layers.includes(next.layer)) {
      fail("layer", `"" or one of ${layers.join(", ")}`, layers);
    }
    if (names.has("kind") && next.kind !== "" && next.kinds.length > 0 && !next.kinds.includes(next.kind)) {
      fail("kind", `"" or one of ${next.kinds.join(", ")}`, next.kinds);
    }
    // Other units: what was open is no more, and the first page is.
    const isOther = FILTERS.some((name) => names.has(name));
    if (isOther && !names.has("page")) next.page = 0;
    if ((isOther || names.has("page")) && !names.has("selected")) next.selected = -1;
  },
}) {
  readonly #model: LoadedModel;
  readonly #pictures: ConceptPictures;
  readonly #options: DissectOptions;
  readonly #runs = new LatestWins((signal) => this.#dissect(signal));
  #units: Units | undefined;
  #dissection: Dissection | undefined;

  constructor(model: LoadedModel, pictures: ConceptPictures, options: UnitGalleryOptions = {}) {
    const { dissection, layer = "", kind = "", concept = "", which, sort, ...rest } = options;
    super({
      title: "What do units detect?",
      subtitle: `network dissection, ${model.name}, ${pictures.x.count} pictures`,
      ...(which && { which }),
      ...(sort && { sort }),
    });
    this.#model = model;
    this.#pictures = pictures;
    this.#options = { rotated: true, keptMasks: PICTURES, ...rest };
    // Bad settings are told at once, and not by a failed run.
    const run = dissect(model, this.#options);
    this.#explain = run;
    this.#first = { layer, kind, concept };
    this.watch(() => this.#show(), [...FILTERS, "page"]);
    this.watch(() => this.#open(), "selected");
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    if (dissection === undefined) {
      this.running = true;
      void this.#runs.start();
    } else this.#take(dissection);
  }

  readonly #explain: ReturnType<typeof dissect>;
  readonly #first: Pick<UnitGalleryState, "layer" | "kind" | "concept">;

  /** What is shown, as plain data; undefined before there is any. */
  get dissection(): Dissection | undefined {
    return this.#dissection;
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
    return this.layers.length === 0 ? null : galleryPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** The gallery in plain text: a line for each layer, then the units of the page. */
  override toString(): string {
    const lines = this.layers.map(({ name, units, byKind, rotated }) => {
      const sum = byKind.reduce((all, count) => all + count, 0);
      return `  ${name}: ${sum} of ${units} units are detectors${rotated === null ? "" : `, ${rotated} of a random rotation`}`;
    });
    const cards = this.cards.map(
      ({ layer, unit, concept, overlap }) =>
        `  ${layer} unit ${unit}: ${concept === "" ? "no concept" : `${concept}, IoU ${formatFixed(overlap, 3)}`}`,
    );
    const stopped = this.stopped === null ? "" : `stopped at ${formatPercent(this.stopped)}`;
    return [
      `UnitGallery: ${this.title} ${this.subtitle}`,
      ...[this.error, stopped].filter((words) => words !== ""),
      ...lines,
      ...(this.layers.length > 0 ? [this.words, ...cards] : []),
    ].join("\n");
  }

  #dissect(signal: AbortSignal): Promise<void> {
    return shownRun(this, async (onProgress) => {
      const found = await this.#explain(this.#pictures, { signal, onProgress });
      if (!this.closed) this.#take(found);
    });
  }

  #take(dissection: Dissection): void {
    if (dissection.pictures !== this.#pictures.x.count) {
      const wanted = `one of these ${this.#pictures.x.count} pictures`;
      throw new ParameterError("dissection", `of ${dissection.pictures} pictures`, wanted);
    }
    this.#dissection = dissection;
    this.#units = new Units(dissection, this.#pictures);
    const { share, leastOverlap } = dissection.parameters as { share: number; leastOverlap: number };
    const of = [`${this.#pictures.x.count} pictures`, `on at the largest ${formatShort(100 * share)}\u202f%`];
    const { layer, kind, concept } = this;
    this.set({
      kinds: [...this.#units.kinds],
      ...this.#units.chosen({ ...this.#filter(), layer, kind, concept }),
      ...{ share, leastOverlap, warnings: [...dissection.warnings] },
      subtitle: `network dissection, ${this.#model.name}, ${of.join(", ")}`,
    });
    // What was asked for at first can be checked now.
    const first = Object.entries(this.#first).filter(([, value]) => value !== "");
    if (first.length > 0) this.set(Object.fromEntries(first));
  }

  #filter() {
    const { layer, kind, concept, search, which, sort, page } = this;
    return { layer, kind, concept, search, which, sort, page };
  }

  #show(): void {
    if (this.#units !== undefined) this.set(this.#units.chosen(this.#filter()));
  }

  #open(): void {
    const card = this.cards[this.selected];
    this.overlaps = card === undefined || this.#units === undefined ? [] : this.#units.overlaps(card);
  }
}
