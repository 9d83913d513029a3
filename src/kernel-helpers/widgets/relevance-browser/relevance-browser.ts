import { formatNumber, formatPercent } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  conservationError,
  type RelevanceBrowserEvents,
  type RelevanceBrowserState,
  relevanceBrowserState,
  SAMPLES_A_PAGE,
  type SampleCard,
  thereWords,
} from "../../../comms/states/relevance-browser.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import type { Photo, RelevanceMap } from "../../pictures/relevance-map.js";
import { canReadStores } from "../../platform/zarr.js";
import { openRelevanceStore, type RelevanceStore, RelevanceStoreError } from "../../relevance/relevance-store.js";
import { SampleTable } from "../../relevance/sample-table.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { type HeatmapTraits, pictureTraits } from "../heatmap/heatmap.js";
import { browserPicture } from "./browser-picture.js";
import { cardOf, chosenSamples, classesOf, foundWords } from "./chosen-samples.js";
import { explanationsOf, mapOf, smallMaps, smallPictures } from "./sample-maps.js";
import { type PictureOf, picturesOf, type SamplePictures } from "./sample-pictures.js";

/** How a browser looks at first, and what it shows beside the store. */
export interface RelevanceBrowserOptions
  extends Partial<
    Pick<
      RelevanceBrowserState,
      "title" | "target" | "label" | "which" | "search" | "sort" | "descending" | "page" | "selected"
    >
  > {
  /** The pictures that the maps are of; by default those of the folder that the run read, or Limpid's digits. */
  readonly pictures?: SamplePictures;
  /** Seconds between two looks for more while the store is not complete; 0 for none. Default 2. */
  readonly every?: number;
}

const FILTERS = ["target", "label", "which", "search", "sort", "descending"] as const;

/** Looking for more takes at most so much of the time. */
const SHARE = 0.05;

/**
 * A store of explanations to look through, as `limpid batch` writes it: pages of small maps over their pictures, by class, right or wrong or
 * failed, sorted by output, total relevance or what of the output did not become relevance; a click opens one at large, with the relevance of
 * each layer. The store is read chunk by chunk, what is on the page and no more, and is looked at again while a run goes on in it.
 *
 * @param store where it lies (a folder or an `http(s):` address), or an open one
 * @throws TraitError; a store that cannot be read is told in the widget
 * @example
 * const browser = new RelevanceBrowser("photos.zarr", { sort: "conservation", descending: true });
 */
export class RelevanceBrowser extends domWidgetClass<HeatmapTraits<RelevanceBrowserState>, RelevanceBrowserEvents>({
  ...ownWidget("RelevanceBrowser"),
  traits: { ...relevanceBrowserState, ...pictureTraits },
  events: ["stop", "again"],
  constrain(next, names) {
    // Other samples: the first page of them is shown.
    if (FILTERS.some((name) => names.has(name)) && !names.has("page")) next.page = 0;
  },
}) {
  readonly #given: RelevanceStore | string;
  readonly #pictures: SamplePictures | undefined;
  readonly #every: number;
  readonly #reading = new LatestWins((signal) => this.#read(signal));
  readonly #showing = new LatestWins(() => this.#guard(() => this.#show()));
  readonly #opening = new LatestWins(() => this.#guard(() => this.#open()));
  #table: SampleTable | undefined;
  #pictureOf: PictureOf = async () => null;
  /** What passes the filters, of what is there. */
  #chosen: Int32Array | undefined;
  /** What the cards show. */
  #shown = "";
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(store: RelevanceStore | string, { pictures, every = 2, ...looks }: RelevanceBrowserOptions = {}) {
    if (!canReadStores)
      throw new RelevanceStoreError("A store of explanations is read where its files are, and not in a report's page");
    const name = typeof store === "string" ? store : store.location;
    const short = name
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .at(-1)!;
    super({ title: `Explanations in *${short}*`, running: true, ...looks });
    this.#given = store;
    this.#pictures = pictures;
    this.#every = every;
    this.watch(() => {
      this.#chosen = undefined;
      void this.#showing.start();
    }, [...FILTERS]);
    this.watch(() => void this.#showing.start(), "page");
    this.watch(() => void this.#opening.start(), "selected");
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#reading.start());
    void this.#reading.start();
  }

  /** Reads no more of the store; what was read stays. */
  stop(): void {
    clearTimeout(this.#later);
    this.#reading.stop();
  }

  /** Looks for more in the store now. */
  async refresh(): Promise<void> {
    await this.#reading.start();
    await this.settled();
  }

  /** Resolves when what is there of the store was read, and page and open sample show what is chosen. */
  async settled(): Promise<void> {
    for (const one of [this.#reading, this.#showing, this.#opening]) await one.settled();
  }

  override close(): void {
    clearTimeout(this.#later);
    for (const one of [this.#reading, this.#showing, this.#opening]) one.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return this.cards.length === 0 && this.count === 0 ? null : browserPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The browser in plain text: what is there, and the samples of the page. */
  override toString(): string {
    const stopped = this.stopped === null ? "" : `reading was stopped at ${formatPercent(this.stopped)}`;
    return [
      `RelevanceBrowser: ${this.title.replaceAll("*", "")} ${this.subtitle}`.trimEnd(),
      ...[this.failure, stopped].filter((words) => words !== ""),
      ...(this.count > 0 ? [thereWords(this), `${this.words}, ${this.pageWords}`] : []),
      ...this.cards.map((card) => `  ${inWords(card)}`),
    ].join("\n");
  }

  async #read(signal: AbortSignal): Promise<void> {
    clearTimeout(this.#later);
    const begun = performance.now();
    // Where something was read before, looking for more is not told.
    const isFirst = this.#table === undefined || this.stopped !== null;
    this.set({ failure: "", stopped: null, ...(isFirst && { running: true, progress: 0 }) });
    const isStopped = () => signal.aborted || this.closed || isInterrupted();
    let share = 0;
    try {
      const table = await this.#opened();
      const read = await table.grow(isStopped, (done) => {
        share = done;
        this.#grown();
        if (isFirst && !this.closed) this.progress = done;
      });
      if (this.closed) return;
      if (read === 0) this.#grown();
      if (isStopped() && !table.complete) return this.set({ stopped: share, growing: false });
      this.growing = !table.complete && this.#every > 0;
      if (this.growing) this.#lookLater(performance.now() - begun);
    } catch (error) {
      if (!this.closed) this.set({ failure: (error as Error).message, growing: false });
    } finally {
      if (!this.closed) this.set({ running: false, progress: null });
    }
  }

  async #opened(): Promise<SampleTable> {
    if (this.#table !== undefined) return this.#table;
    const store = typeof this.#given === "string" ? await openRelevanceStore(this.#given) : this.#given;
    this.#pictureOf = await picturesOf(store, this.#pictures);
    const { model, method, data } = store.run;
    const table = new SampleTable(store);
    this.#table = table;
    this.set({
      subtitle: `${method.name}, ${model.name}, ${data.name}`,
      signed: store.run.signed,
      count: store.count,
    });
    return table;
  }

  #lookLater(took: number): void {
    this.#later = setTimeout(() => void this.#reading.start(), Math.max(1000 * this.#every, took / SHARE));
    // Looking for more keeps no process alive.
    this.#later.unref?.();
  }

  /** Says what is there now. */
  #grown(): void {
    if (this.closed || this.#table === undefined) return;
    const table = this.#table;
    this.#chosen = undefined;
    const targets = classesOf(table, "target");
    const labels = classesOf(table, "label");
    this.set({
      there: table.count,
      failed: table.errors.size,
      ...(JSON.stringify(targets) !== JSON.stringify(this.targets) && { targets }),
      ...(JSON.stringify(labels) !== JSON.stringify(this.labels) && { labels }),
      judged: labels.length > 0 && table.predicted.some((predicted) => predicted >= 0),
    });
    void this.#showing.start();
    if (this.selected >= 0 && this.opened === null) void this.#opening.start();
  }

  /** An error of reading is told in the widget, and what was shown stays. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.closed) this.failure = (error as Error).message;
    }
  }

  async #show(): Promise<void> {
    const table = this.#table;
    if (table === undefined || this.closed) return;
    this.#chosen ??= chosenSamples(table, this);
    const found = this.#chosen.length;
    const pages = Math.max(1, Math.ceil(found / SAMPLES_A_PAGE));
    const page = Math.min(this.page, pages - 1);
    const indices = [...this.#chosen.subarray(page * SAMPLES_A_PAGE, (page + 1) * SAMPLES_A_PAGE)];
    const cards = indices.map((index) => cardOf(table, index));
    const said = {
      ...{ page, pages, found },
      words: foundWords(found, this, { target: this.#nameOf(this.target), label: this.#nameOf(this.label) }),
      pageWords: `page ${page + 1} of ${pages}`,
    };
    const now = JSON.stringify(cards);
    if (now === this.#shown) return this.set(said);
    const explained = new Map((await explanationsOf(table.store, indices)).map((one) => [one.index, one]));
    const maps = cards.map(({ index, error }) => {
      const one = explained.get(index);
      return one === undefined || error !== "" ? null : mapOf(table.store, one.relevance);
    });
    const photos = await Promise.all(cards.map(({ index, id }) => this.#pictureOf(index, id)));
    // Others may have been chosen meanwhile: then these are not shown.
    if (this.closed || this.#showing.superseded) return;
    this.#shown = now;
    this.set({ ...said, cards, maps: smallMaps(maps), pictures: smallPictures(photos) });
  }

  #nameOf(index: number): string {
    return index < 0 ? "" : (this.#table?.store.classNames[index] ?? String(index)).split(",")[0]!;
  }

  async #open(): Promise<void> {
    const { selected } = this;
    const table = this.#table;
    const none = { opened: null, image: null, relevance: null, error: "", output: null, total: null };
    if (selected < 0 || table === undefined) return this.set(none);
    if (!table.has(selected)) return this.set({ ...none, error: `Sample ${selected} is not there (yet)` });
    const card = cardOf(table, selected);
    const { store } = table;
    const [[one], sums, photo] = await Promise.all([
      store.read(selected, selected + 1),
      store.layers.length > 0 ? store.layerSums(selected, selected + 1) : new Float32Array(),
      this.#pictureOf(selected, card.id),
    ]);
    if (this.closed || this.#opening.superseded) return;
    const map: RelevanceMap | null = one === undefined || card.error !== "" ? null : mapOf(store, one.relevance);
    const isFlat = map !== null || card.error !== "";
    this.set({
      opened: {
        ...card,
        layers: store.layers
          .flatMap((name, at) => (Number.isFinite(sums[at]) ? [{ name, sum: sums[at]! }] : []))
          .reverse(),
      },
      image: photo as Photo | null,
      relevance: map,
      total: null,
      output: null,
      error: isFlat
        ? card.error
        : `Relevance of shape [${store.shape.join(", ")}] is no map of two axes: read it by openRelevanceStore`,
    });
  }
}

/** One sample in a line of text. */
function inWords(card: SampleCard): string {
  const { id, target, label, right, output, total, error } = card;
  if (error !== "") return `${id}: ${error}`;
  const lost = conservationError(card);
  return [
    `${id}: ${target === "" ? "output" : target} ${output === null ? "" : formatNumber(output)}`.trimEnd(),
    total === null
      ? ""
      : `relevance ${formatNumber(total)}${lost === null ? "" : `, conservation error ${formatPercent(lost)}`}`,
    label === "" ? "" : `of class ${label}${right === false ? ", predicted wrongly" : ""}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}
