import type { Floats } from "../../../comms/states/array.js";
import type { Choice } from "../../../comms/states/field.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  correlationRows,
  curveRows,
  depthsToPlay,
  POINTS,
  type ShatteredGradientsState,
  shatteredGradientsState,
} from "../../../comms/states/shattered-gradients.js";
import { AbortedError } from "../../../explainers/progress.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { startBackend } from "../../tensorflow/backend.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import {
  countPieces,
  INTERVALS,
  noiseAgreement,
  type Scanned,
  scanRandomNet,
  scanTrainedLine,
  type TrainedLine,
} from "./line-scan.js";
import { shatteringPicture } from "./shattering-picture.js";
import { keptShare, shatteringTitle, shatteringWords } from "./shattering-words.js";

/** What the widget starts with. */
export interface ShatteredGradientsOptions
  extends Partial<
    Pick<
      ShatteredGradientsState,
      "depth" | "width" | "beta" | "gamma" | "seed" | "interval" | "logarithmic" | "cursor" | "playing"
    >
  > {
  /** `plain`, `mean-centered` (default), `batch-norm`, `residual`, or `trained` where there is such a network. */
  architecture?: string;
  /** A trained network to be chosen beside the random ones. */
  trained?: TrainedLine;
}

/** Milliseconds a depth is shown while playing. */
const FRAME = 450;
/** Milliseconds after the last change until linear pieces are counted, and until a count nobody asked for gives up. */
const COUNT_DELAY = 400;
const COUNT_BUDGET = 5000;
/** Milliseconds between two messages about a count. */
const COUNT_REPORT = 250;

/** What the curves are of, in words and by architecture. */
type Words = Pick<ShatteredGradientsState, "subtitle" | "net" | "drawn">;

const TRAINED = "trained";
const choices: Choice[] = [
  { value: "plain", label: "plain", hint: "Layers of ReLUs with biases: h ← Wρ(h) + b" },
  { value: "mean-centered", label: "mean-centered", hint: "The mean over the line is taken from every unit" },
  { value: "batch-norm", label: "batch norm", hint: "Mean 0 and variance 1 over the line for every unit" },
  { value: "residual", label: "residual", hint: "Each block adds to what it got: h ← h + βWρ(BN(h))" },
];

/** The settings that start a new scan when they change. */
const settings = ["architecture", "depth", "width", "beta", "gamma", "seed", "interval"] as const;

/**
 * Gradients shatter with depth: a random net along a line, its gradient, sensitivity analysis and LRP in panels that one
 * cursor moves through, with the autocorrelation of each against brown and white noise, and the exact number of linear
 * pieces.
 *
 * Settings are traits: `widget.depth = 10` scans again, `widget.playing = true` walks through the depths. `close()` ends what
 * runs.
 *
 * @throws TraitError
 * @see Balduzzi et al. 2017; Montufar et al. 2014
 * @example
 * new ShatteredGradients({ architecture: "residual", depth: 50 })
 */
export class ShatteredGradients extends domWidgetClass<ShatteredGradientsState, { count: object; again: object }>({
  ...ownWidget("ShatteredGradients"),
  traits: shatteredGradientsState,
  events: ["count", "again"],
  constrain(next, names, fail) {
    const known = next.architectures.map(({ value }) => value);
    if (names.has("architecture") && !known.includes(next.architecture)) {
      fail("architecture", `one of ${known.join(", ")}`, known);
    }
  },
}) {
  readonly #trained: TrainedLine | undefined;
  readonly #scans = new LatestWins(() => this.#scan());
  /** Ends a running count or scan of a trained network. */
  #run = new AbortController();
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor({ trained, ...options }: ShatteredGradientsOptions = {}) {
    const more = trained
      ? [{ value: TRAINED, label: trained.name, hint: "The line between two inputs, through it" }]
      : [];
    super({ architectures: [...choices, ...more], ...options });
    this.#trained = trained;
    this.watch(() => this.#refresh(), settings);
    // Not waited for: the front end would hold its next message, such as to stop, until the end.
    this.watch(() => void this.#play(), "playing");
    this.on("count", () => void this.#count());
    this.on("again", () => this.#refresh());
    void this.#refresh();
    if (this.playing) void this.#play();
  }

  /** Resolves when the curves show what the settings say. */
  settled(): Promise<void> {
    return this.#scans.settled();
  }

  override close(): void {
    this.#stop();
    this.#scans.close();
    super.close();
  }

  override staticPicture(): StaticPicture | null {
    return this.curves === null ? null : shatteringPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#scans.settled();
  }

  override toString(): string {
    const parts = [`ShatteredGradients: ${this.subtitle}`, this.error || this.words];
    return parts.filter((part) => part !== "").join(" · ");
  }

  #stop(): void {
    this.#run.abort();
    this.#run = new AbortController();
    clearTimeout(this.#later);
  }

  /** Scans until the newest settings are scanned; what came in between is skipped. */
  #refresh(): Promise<void> {
    this.#stop();
    return this.#scans.start();
  }

  async #scan(): Promise<void> {
    await startBackend();
    if (this.architecture === TRAINED) await this.#scanTrained();
    else this.#scanRandom();
  }

  #scanRandom(): void {
    const { from } = INTERVALS[this.interval];
    const subtitle = `random ReLU net, width ${this.width}, ${POINTS} points of [${from === 0 ? "0, 1" : "−2, 2"}]`;
    const words = { subtitle, net: netWords(this), drawn: this.architecture };
    try {
      this.#show(words, scanRandomNet(this));
      if (!this.playing) this.#later = setTimeout(() => void this.#count(COUNT_BUDGET), COUNT_DELAY);
    } catch (error) {
      this.#fail(words, error);
    }
  }

  async #scanTrained(): Promise<void> {
    const subtitle = `${POINTS} points of the line between two inputs`;
    const words = { subtitle, net: this.#trained!.name, drawn: TRAINED };
    const { signal } = this.#run;
    try {
      this.set({ progress: 0 });
      const onProgress = ({ done, total }: { done: number; total: number }) => {
        if (!this.closed) this.set({ progress: done / total });
      };
      this.#show(words, await scanTrainedLine(this.#trained!, this.gamma, { signal, onProgress }));
    } catch (error) {
      if (!(error instanceof AbortedError)) this.#fail(words, error);
    } finally {
      if (!this.closed) this.set({ progress: null });
    }
  }

  #show({ subtitle, net, drawn }: Words, { curves, agreement, milliseconds, bound }: Scanned): void {
    if (this.closed) return;
    const correlations = { ...agreement, ...noiseAgreement() };
    this.set({
      title: shatteringTitle(agreement.gradient),
      ...{ subtitle, net, drawn },
      curves: wire(curveRows.map((row) => curves[row])),
      correlations: wire(correlationRows.map((row) => correlations[row])),
      words: shatteringWords({ ...agreement, kept: keptShare(curves.relevance, curves.output) }),
      pieces: null,
      counted: 0,
      counting: false,
      error: "",
      milliseconds,
      bound,
    });
  }

  #fail(words: Words, error: unknown): void {
    if (this.closed) return;
    const cleared = {
      title: "",
      curves: null,
      correlations: null,
      words: "",
      pieces: null,
      counting: false,
      milliseconds: null,
      bound: null,
    };
    this.set({ ...words, ...cleared, error: (error as Error).message });
  }

  /** Counts the linear pieces of what is shown; a budget in milliseconds ends it with those found so far. */
  async #count(budget = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.architecture === TRAINED || this.closed) return;
    this.#stop();
    const { signal } = this.#run;
    const start = performance.now();
    let reported = start;
    const enough = new AbortController();
    const either = {
      get aborted() {
        return signal.aborted || enough.signal.aborted;
      },
    };
    this.set({ counting: true, counted: 0, pieces: null });
    try {
      const { count } = await countPieces(this, {
        signal: either,
        onProgress: ({ done, total, found }) => {
          const now = performance.now();
          if (signal.aborted) return;
          if (now - start > budget) enough.abort();
          if (now - reported < COUNT_REPORT && !enough.signal.aborted) return;
          reported = now;
          this.set({ pieces: found + 1, counted: done / total });
        },
      });
      if (!signal.aborted) this.set({ pieces: count, counted: 1, counting: false });
    } catch (error) {
      if (!(error instanceof AbortedError)) throw error;
      if (!signal.aborted) this.set({ counting: false });
    }
  }

  /** Walks from the depth shown to the deepest, or from the first when it stands at the last. */
  async #play(): Promise<void> {
    if (!this.playing) {
      if (this.curves !== null && this.pieces === null) void this.#count(COUNT_BUDGET);
      return;
    }
    const here = this.depth >= depthsToPlay.at(-1)! ? 0 : this.depth;
    for (const depth of depthsToPlay.filter((depth) => depth > here)) {
      if (!this.playing || this.closed || this.architecture === TRAINED) break;
      this.depth = depth;
      await this.#scans.settled();
      await new Promise((resolve) => setTimeout(resolve, FRAME));
    }
    if (!this.closed) this.playing = false;
  }
}

/** What the curves are of: `24 layers · mean-centered · seed 1`. */
function netWords({
  architecture,
  architectures,
  depth,
  beta,
  seed,
}: Pick<ShatteredGradientsState, "architecture" | "architectures" | "depth" | "beta" | "seed">): string {
  const label = architectures.find(({ value }) => value === architecture)?.label ?? architecture;
  const share = architecture === "residual" ? ` β ${beta}` : "";
  return `${depth} ${depth === 1 ? "layer" : "layers"} · ${label}${share} · seed ${seed}`;
}

/** Rows of numbers as one binary frame. */
function wire(rows: readonly ArrayLike<number>[]): Floats {
  const columns = rows[0]!.length;
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    values.set(row, i * columns);
  });
  return { shape: [rows.length, columns], dtype: "float32", data: values };
}
