import { formatSigned } from "../../../comms/format.js";
import type { Bytes, Floats } from "../../../comms/states/array.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  picturesOf,
  type StrategyBox,
  type StrategyClass,
  type StrategyEstimate,
  type StrategyMapEvents,
  type StrategyMapState,
  strategyMapState,
} from "../../../comms/states/strategy-map.js";
import { findClass } from "../../../explainers/class-names.js";
import type { ClassChange, MeasuredChange } from "../../../explainers/concepts/index.js";
import { type Embedding, embed, grouping, warningsOf } from "../../../explainers/concepts/spray/embedding.js";
import { Layout } from "../../../explainers/concepts/spray/layout.js";
import { contrastOf, strategyRegion } from "../../../explainers/concepts/spray/strategy-region.js";
import { withoutRegion } from "../../../explainers/concepts/spray/without-region.js";
import { outputCountOf } from "../../../explainers/context.js";
import { ParameterError, TargetError } from "../../../explainers/errors.js";
import type { Explain } from "../../../explainers/explanation.js";
import { lrp } from "../../../explainers/methods/lrp/index.js";
import { AbortedError } from "../../../explainers/progress.js";
import type { LoadedModel } from "../../models/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { inputBytes } from "../../pictures/input-bytes.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { replacementChoices } from "../flipping-curve/flipping-words.js";
import { ClassMaps, type StrategyData } from "./class-maps.js";
import { strategyPicture } from "./strategy-picture.js";

/** What is analyzed, and how the widget looks at first. */
export interface StrategyMapOptions
  extends Partial<Pick<StrategyMapState, "chosen" | "feature" | "share" | "replacement">> {
  model: LoadedModel;
  data: StrategyData;
  /** The class whose pictures are explained, by index or name. */
  target: number | string;
  /** What explains them; default LRP by ε-plus. */
  explain?: Explain;
  /** How many nearest maps each is joined with; default 10. */
  neighbors?: number;
  /** Default 0. */
  seed?: number;
}

/** Most clusters that may be chosen or suggested. */
const MOST = 12;
/** Places a side that maps are compared at. */
const SIDE = 20;
/** Milliseconds of layout between two pictures of it. */
const FRAME = 60;
/** Most epochs of layout between two pictures of it. */
const EPOCHS = 8;

/**
 * Spectral relevance analysis to look into (Lapuschkin et al. 2019): relevance maps of one class in a plane and in clusters, with the
 * eigenvalues that say how many. A cluster, or what a line is drawn around, becomes a group; the region that its maps have more relevance in
 * than the others' is filled in on all pictures, and the model is measured again, class by class.
 *
 * Settings are traits: `map.chosen = 3` parts into three clusters, `map.feature = "fourier"` compares patterns wherever they lie.
 *
 * @throws ParameterError, TargetError, TraitError
 * @example
 * const strategies = new StrategyMap({ model, data: { x, classes }, target: "horse" });
 * await strategies.settled();
 * strategies.takeCluster(1);
 * await strategies.measure();
 */
export class StrategyMap extends domWidgetClass<StrategyMapState, StrategyMapEvents>({
  ...ownWidget("StrategyMap"),
  traits: strategyMapState,
  events: ["stop", "again", "layout", "take", "measure"],
  constrain(next, names, fail) {
    const known = next.replacements.map(({ value }) => value);
    if (names.has("replacement") && !known.includes(next.replacement)) {
      fail("replacement", `one of ${known.join(", ")}`, known);
    }
    if (names.has("chosen") && !Number.isInteger(next.chosen)) {
      fail("chosen", `a whole number from 0 (as suggested) to ${MOST}`, []);
    }
    if (names.has("group") && !(Number.isInteger(next.group) && next.group >= -1 && next.group < next.groups.length)) {
      fail("group", `a group, 0 to ${next.groups.length - 1}, or −1`, []);
    }
    const [, rows = 0, columns = 0] = next.means?.shape ?? [];
    if (names.has("brush") && next.brush !== null && !isWithin(next.brush, rows, columns)) {
      fail("brush", `{ top, left, height, width } within the ${rows} × ${columns} map, or null`, []);
    }
  },
}) {
  readonly #model: LoadedModel;
  readonly #maps: ClassMaps;
  readonly #neighbors: number;
  readonly #seed: number;
  readonly #working = new LatestWins((signal) => this.#work(signal));
  readonly #laying = new LatestWins((signal) => this.#lay(signal));
  readonly #watching = new LatestWins(() => this.#watch());
  readonly #measuring = new LatestWins((signal) => this.#measure(signal));
  #embedding: { feature: StrategyMapState["feature"]; found: Embedding } | undefined;
  #layout: Layout | undefined;
  /** Works that are under way: while one is, the widget runs. */
  #works = 0;
  /** Whether it was the measurement that was stopped. */
  #unmeasured = false;

  constructor({ model, data, target, explain, neighbors = 10, seed = 0, ...looks }: StrategyMapOptions) {
    const names = model.classNames;
    const count = outputCountOf(model) ?? names?.length ?? Number.POSITIVE_INFINITY;
    const named = findClass(target, names, count);
    if (typeof named.target === "object") {
      throw new TargetError(`Only what speaks for an output is grouped: give ${names!.at(-1)}, or the index 1`);
    }
    const output = named.target ?? named.index;
    const explained = explain ?? (lrp(model, { composite: "epsilon-plus" }) as Explain);
    const maps = new ClassMaps(data, named.index, explained, output);
    super({
      title: `Strategies for *${shortName(named.name)}*`,
      subtitle: `${picturesOf(maps.count)} of ${data.classes.length}`,
      replacements: replacementChoices(withoutRegion.parameters.replacement.choices ?? []),
      names: [],
      ...looks,
    });
    this.#model = model;
    this.#maps = maps;
    this.#neighbors = neighbors;
    this.#seed = seed;
    // Not waited for: the front end would hold its next message, such as to stop, until the end.
    this.watch(() => void this.#start(), "feature");
    this.watch(() => this.#part(), "chosen");
    this.watch(() => this.#point(), ["group", "share", "brush"]);
    this.watch(() => void this.#watching.start(), "watched");
    this.on("stop", () => this.stop());
    this.on("again", () => void (this.#unmeasured ? this.#measuring : this.#working).start());
    this.on("take", ({ members }) => this.take(members));
    this.on("measure", () => void this.measure());
    this.on("layout", ({ moving }) => {
      if (moving) void this.#laying.start();
      else this.#laying.stop();
    });
    void this.#start();
  }

  /** Gives up what is computed; what is there stays. */
  stop(): void {
    this.#working.stop();
    this.#measuring.stop();
    this.#laying.stop();
  }

  /** Resolves when maps, clusters, layout and measurement show what the settings say. */
  async settled(): Promise<void> {
    await this.#working.settled();
    for (const one of [this.#laying, this.#watching, this.#measuring]) await one.settled();
  }

  /** Makes a group of maps, by their numbers in `points`, and looks at it. */
  take(members: readonly number[], name?: string): void {
    const known = this.#maps.kept.length;
    const own = [...new Set(members)].sort((a, b) => a - b);
    if (own.length === 0 || !own.every((member) => Number.isInteger(member) && member >= 0 && member < known)) {
      throw new ParameterError("members", members, `numbers of maps, 0 to ${known - 1}`);
    }
    const groups = [...this.groups, { name: name ?? this.#nameOf(own), members: own }];
    this.set({ groups, group: groups.length - 1, brush: null });
  }

  /** Makes a group of a cluster. */
  takeCluster(cluster: number): void {
    const all = (this.clusters?.data ?? new Uint8Array()) as Uint8Array;
    if (!(Number.isInteger(cluster) && cluster >= 0 && cluster < this.sizes.length)) {
      throw new ParameterError("cluster", cluster, `0 to ${this.sizes.length - 1}`);
    }
    this.take([...all.keys()].filter((map) => all[map] === cluster));
  }

  /** Fills the region of the chosen group in on all pictures, and measures the model again. */
  async measure(): Promise<void> {
    if (this.group < 0)
      throw new ParameterError("group", this.group, "a group: draw a line around maps, or take a cluster");
    await this.#measuring.start();
  }

  override close(): void {
    for (const one of [this.#working, this.#laying, this.#watching, this.#measuring]) one.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return strategyPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The widget in plain text: clusters, and what was measured. */
  override toString(): string {
    const head = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" · ");
    const clusters =
      this.sizes.length === 0 ? "" : `clusters of ${this.sizes.join(", ")} (suggested: ${this.suggested})`;
    const measured = this.measured;
    const lines = (measured?.classes ?? []).map(
      ({ name, accuracy: { before, after } }) =>
        `  ${name}: accuracy ${before.value.toFixed(3)} → ${after.value.toFixed(3)}`,
    );
    const without = measured === null ? "" : `without the region of ${measured.group}:`;
    return [`StrategyMap: ${head}`, clusters, this.remark, this.error, without, ...lines]
      .filter((line) => line !== "")
      .join("\n");
  }

  #start(): Promise<void> {
    this.stopped = null;
    return this.#working.start();
  }

  #signal(signal: AbortSignal) {
    return {
      get aborted() {
        return signal.aborted || isInterrupted();
      },
    };
  }

  async #work(signal: AbortSignal): Promise<void> {
    if (this.closed) return;
    this.#works++;
    const stage = this.#maps.complete ? "Comparing the maps" : "Explaining the pictures";
    this.set({ running: true, stage, progress: null, stopped: null, error: "" });
    try {
      await this.#maps.run({
        signal: this.#signal(signal),
        onProgress: ({ done, total }) => {
          if (!this.closed) this.progress = done / total;
        },
      });
      if (this.closed) return;
      this.set({ stage: "Comparing the maps", progress: null });
      // The page sees that ahead of what blocks.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.closed) return;
      const { feature } = this;
      if (this.#embedding?.feature !== feature) {
        const wanted = Math.min(this.#maps.kept.length, MOST + 1);
        const settings = { feature, side: SIDE, neighbors: this.#neighbors, mostClusters: MOST, seed: this.#seed };
        this.#embedding = { feature, found: embed(this.#maps.maps, settings, wanted) };
        this.#layout = new Layout(this.#embedding.found, this.#seed);
        const { eigenvalues, suggested } = this.#embedding.found;
        const { empty } = this.#maps;
        const left = empty === 0 ? [] : [`${picturesOf(empty)} without any relevance left out.`];
        this.set({
          eigenvalues: [...eigenvalues],
          suggested,
          remark: [...warningsOf(this.#embedding.found), ...left].join(" "),
          names: this.#maps.kept.map((number) => this.#maps.data.names?.[number] ?? `picture ${number}`),
        });
      }
      this.#part();
      void this.#laying.start();
    } catch (error) {
      if (this.closed) return;
      if (!(error instanceof AbortedError)) this.error = (error as Error).message;
      else if (!this.#working.superseded) this.stopped = this.progress ?? 0;
    } finally {
      this.#rest();
    }
  }

  /** Parts the maps into so many clusters as are chosen: at once, from the eigenvectors that there are. */
  #part(): void {
    const found = this.#embedding?.found;
    if (found === undefined) return;
    const count = Math.min(this.chosen === 0 ? found.suggested : this.chosen, found.eigenvalues.length);
    const { clusters, sizes, means } = grouping(this.#maps.maps, found, count, this.#seed);
    const [height, width] = this.#maps.size;
    this.set({
      clusters: bytesOf([clusters.length], Uint8Array.from(clusters)),
      sizes: [...sizes],
      means: floatsOf([count, height, width], means),
    });
  }

  /** Lets the layout go on, a picture at a time. */
  async #lay(signal: AbortSignal): Promise<void> {
    const layout = this.#layout;
    if (this.closed || layout === undefined) return;
    const show = (moving: boolean) => {
      const plane = layout.plane();
      this.set({ points: floatsOf([plane.length / 2, 2], plane), moving, moved: layout.done / layout.epochs });
    };
    let more = true;
    while (more && layout === this.#layout) {
      const began = performance.now();
      // Few maps would be there at once: who watches sees them move.
      for (let epoch = 0; more && epoch < EPOCHS && performance.now() - began < FRAME; epoch++) more = layout.step();
      if (this.closed) return;
      if (signal.aborted || isInterrupted()) break;
      show(more);
      await new Promise<void>((resolve) => setTimeout(resolve, 15));
      if (this.closed) return;
    }
    if (layout === this.#layout) show(false);
  }

  async #watch(): Promise<void> {
    const { watched } = this;
    if (this.closed || watched === this.shown) return;
    const number = this.#maps.kept[watched];
    if (number === undefined) {
      this.set({ image: null, relevance: null, shown: -1, caption: "" });
      return;
    }
    const x = this.#maps.pictures([number]);
    try {
      const shape = x.shape.slice(1);
      const data = inputBytes((await x.data()) as Float32Array, { ...this.#model.input, shape });
      if (this.closed) return;
      const map = this.#maps.map(watched);
      const sum = map.reduce((total, value) => total + value, 0);
      this.set({
        image: bytesOf(shape, data),
        relevance: floatsOf([...this.#maps.size], map),
        shown: watched,
        caption: `${this.names[watched]} · relevance ${formatSigned(sum)}`,
      });
    } finally {
      x.dispose();
    }
  }

  /** The region that the chosen group points at. */
  #point(): void {
    const members = this.groups[this.group]?.members;
    if (members === undefined) {
      this.set({ contrast: null, region: null });
      return;
    }
    const [height, width] = this.#maps.size;
    const { maps } = this.#maps;
    const region = this.brush === null ? strategyRegion(maps, members, this.share) : boxed(this.brush, height, width);
    this.set({
      contrast: floatsOf([height, width], contrastOf(maps, members)),
      region: bytesOf([height, width], region),
    });
  }

  async #measure(signal: AbortSignal): Promise<void> {
    const region = this.region?.data as Uint8Array | undefined;
    const group = this.groups[this.group];
    if (this.closed || region === undefined || group === undefined) return;
    this.#works++;
    this.#unmeasured = false;
    this.set({ running: true, stage: "Measuring without the region", progress: 0, stopped: null, error: "" });
    try {
      // As they are now: a reader goes on meanwhile.
      const { replacement, share, brush } = this;
      const { data } = this.#maps;
      const found = await withoutRegion(this.#model, { replacement, seed: this.#seed } as object)(
        data,
        this.#maps.enlarged(region),
        {
          signal: this.#signal(signal),
          onProgress: ({ done, total }) => {
            if (!this.closed) this.progress = done / total;
          },
        },
      );
      if (this.closed) return;
      const name = (index: number | null) =>
        index === null ? "all pictures" : shortName(this.#model.classNames?.[index] ?? `class ${index}`);
      this.measured = {
        group: group.name,
        share: brush === null ? share : found.share,
        replacement: this.replacements.find(({ value }) => value === replacement)?.label ?? replacement,
        level: found.parameters["level"] as number,
        classes: [found.all, ...found.classes].map((one) => classOf(one, name(one.class), this.#maps.target)),
      };
    } catch (error) {
      if (this.closed) return;
      if (!(error instanceof AbortedError)) this.error = (error as Error).message;
      else if (!this.#measuring.superseded) {
        this.#unmeasured = true;
        this.stopped = this.progress ?? 0;
      }
    } finally {
      this.#rest();
    }
  }

  #rest(): void {
    this.#works--;
    if (!this.closed && this.#works === 0) this.set({ running: false, progress: null, stage: "" });
  }

  /** A cluster's name where the maps are one, else the next number. */
  #nameOf(members: readonly number[]): string {
    const all = (this.clusters?.data ?? new Uint8Array()) as Uint8Array;
    const cluster = all[members[0]!]!;
    const isCluster = this.sizes[cluster] === members.length && members.every((member) => all[member] === cluster);
    const taken = new Set(this.groups.map(({ name }) => name));
    const wanted = isCluster ? `cluster ${cluster + 1} of ${this.sizes.length}` : `group ${this.groups.length + 1}`;
    let name = wanted;
    for (let again = 2; taken.has(name); again++) name = `${wanted} (${again})`;
    return name;
  }
}

const shortName = (name: string) => name.split(",")[0]!;

const floatsOf = (shape: number[], data: Float32Array): Floats => ({ shape, dtype: "float32", data });
const bytesOf = (shape: number[], data: Uint8Array): Bytes => ({ shape, dtype: "uint8", data });

const isWithin = ({ top, left, height, width }: StrategyBox, rows: number, columns: number): boolean =>
  [top, left, height, width].every(Number.isInteger) &&
  top >= 0 &&
  left >= 0 &&
  height >= 1 &&
  width >= 1 &&
  top + height <= rows &&
  left + width <= columns;

function boxed(box: StrategyBox, height: number, width: number): Uint8Array {
  const region = new Uint8Array(height * width);
  for (let row = box.top; row < box.top + box.height; row++) {
    region.fill(1, row * width + box.left, row * width + box.left + box.width);
  }
  return region;
}

const estimate = ({ value, low, high }: MeasuredChange["before"]): StrategyEstimate => ({
  value,
  low: Number.isFinite(low) ? low : null,
  high: Number.isFinite(high) ? high : null,
});

const change = ({ before, after, difference }: MeasuredChange) => ({
  before: estimate(before),
  after: estimate(after),
  difference: estimate(difference),
});

function classOf(found: ClassChange, name: string, target: number): StrategyClass {
  return {
    name,
    count: found.count,
    explained: found.class === target,
    accuracy: change(found.accuracy),
    probability: change(found.probability),
  };
}
