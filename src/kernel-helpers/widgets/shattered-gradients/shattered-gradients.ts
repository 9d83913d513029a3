import type { Tensor } from "@tensorflow/tfjs-core";
import { DISPLAY } from "../../../comms/host.js";
import type { Choice } from "../../../comms/states/field.js";
import {
  correlationRows,
  curveRows,
  depthsToPlay,
  type ShatteredGradientsState,
  shatteredGradientsDefaults,
} from "../../../comms/states/shattered-gradients.js";
import { epsilonGammaBox, epsilonPlus } from "../../../explainers/methods/lrp/index.js";
import { AbortedError } from "../../../explainers/progress.js";
import {
  type Architecture,
  autocorrelation,
  freezeNet,
  linearPieces,
  lineGrid,
  meanAutocorrelation,
  type NetScan,
  noise,
  randomNet,
  scanModel,
  scanNet,
} from "../../../explainers/shattering/index.js";
import type { LoadedModel } from "../../models/index.js";
import { startBackend } from "../../tensorflow/backend.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import { ownWidget } from "../base/own-widget.js";
import { choice, data, flag, integer, invalid, nullable, number, type Trait, text } from "../base/traits.js";
import { shatteringSvg } from "./shattered-gradients-svg.js";
import { keptShare, shatteringTitle, shatteringWords } from "./shattering-words.js";

/** A trained network, and the line between two of its inputs that is followed through it. */
export interface TrainedLine {
  /** As it stands among the architectures. */
  name: string;
  model: LoadedModel;
  /** One sample each, `[1, …]`. They stay the caller's. */
  from: Tensor;
  to: Tensor;
  /** Index of the output that is followed. */
  target: number;
}

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

/** Points of a line. */
const POINTS = 256;
const MAX_LAG = 15;
/** Noises that a reference curve is the mean of. */
const NOISES = 50;
/** Milliseconds a depth is shown while playing. */
const FRAME = 450;
/** Milliseconds after the last change until linear pieces are counted, and until a count nobody asked for gives up. */
const COUNT_DELAY = 400;
const COUNT_BUDGET = 5000;
/** Milliseconds between two messages about a count. */
const COUNT_REPORT = 250;

const INTERVALS = { symmetric: { from: -2, to: 2 }, unit: { from: 0, to: 1 } };

const TRAINED = "trained";
const choices: Choice[] = [
  { value: "plain", label: "plain", hint: "Layers of ReLUs with biases: h ← Wρ(h) + b" },
  { value: "mean-centered", label: "mean-centered", hint: "The mean over the line is taken from every unit" },
  { value: "batch-norm", label: "batch norm", hint: "Mean 0 and variance 1 over the line for every unit" },
  { value: "residual", label: "residual", hint: "Each block adds to what it got: h ← h + βWρ(BN(h))" },
];

const within = (low: number, high: number, initial: number, whole = false): Trait<number> => ({
  expected: `a ${whole ? "whole " : ""}number from ${low} to ${high}`,
  initial: () => initial,
  check: (value) =>
    typeof value === "number" && value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : invalid,
});

const { depth, width, beta, gamma, seed, architecture } = shatteredGradientsDefaults;

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
export class ShatteredGradients extends domWidgetClass<ShatteredGradientsState, { count: object }>({
  ...ownWidget("ShatteredGradients"),
  traits: {
    title: text(),
    subtitle: text(),
    architecture: text(architecture),
    architectures: data<Choice[]>(choices),
    depth: within(1, 100, depth, true),
    width: within(2, 1000, width, true),
    beta: within(0.001, 10, beta),
    gamma: within(0, 100, gamma),
    seed: integer(seed),
    interval: choice("symmetric", "unit"),
    logarithmic: flag(),
    // An echo would throw a cursor that has moved on back to where it was.
    cursor: { ...within(-1, POINTS - 1, -1, true), echoed: false },
    playing: flag(),
    curves: data<ShatteredGradientsState["curves"]>(null),
    correlations: data<ShatteredGradientsState["correlations"]>(null),
    words: text(),
    pieces: nullable(integer()),
    counted: number(),
    counting: flag(),
    bound: nullable(number()),
    milliseconds: nullable(number()),
    progress: nullable(number()),
    error: text(),
  },
  events: ["count"],
  constrain(next, names, fail) {
    const known = next.architectures.map(({ value }) => value);
    if (names.has("architecture") && !known.includes(next.architecture)) {
      fail("architecture", `one of ${known.join(", ")}`);
    }
  },
}) {
  readonly #trained: TrainedLine | undefined;
  readonly #scans = new LatestWins(() => this.#scan());
  /** Ends a running count or scan of a trained network. */
  #run = new AbortController();
  #later: ReturnType<typeof setTimeout> | undefined;
  #references: { brown: Float64Array; white: Float64Array } | undefined;

  constructor({ trained, ...options }: ShatteredGradientsOptions = {}) {
    const more = trained
      ? [{ value: TRAINED, label: trained.name, hint: "The line between two inputs, through it" }]
      : [];
    super({ architectures: [...choices, ...more], ...options });
    this.#trained = trained;
    this.observe(() => this.#refresh(), settings);
    // Not waited for: the front end would hold its next message, such as to stop, until the end.
    this.observe(() => void this.#play(), "playing");
    this.on("count", () => void this.#count());
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

  /** Waits for the first curves, which the static picture is to show. */
  override async [DISPLAY](): Promise<Record<string, unknown>> {
    await this.#scans.settled();
    return super[DISPLAY]();
  }

  protected override preview(): Record<string, unknown> {
    return this.curves === null ? {} : { "image/svg+xml": shatteringSvg(this) };
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
    const { depth, width, beta, gamma, seed } = this;
    const architecture = this.architecture as Architecture;
    const { from, to } = INTERVALS[this.interval];
    const subtitle = `random ReLU net, width ${width}, ${POINTS} points of [${from === 0 ? "0, 1" : "−2, 2"}]`;
    try {
      const start = performance.now();
      const net = randomNet({ architecture, depth, width, beta, seed });
      const scan = scanNet(net, { from, to, points: POINTS, gamma });
      const curves = {
        output: autocorrelation(scan.output, MAX_LAG),
        gradient: autocorrelation(scan.gradient, MAX_LAG),
        relevance: autocorrelation(scan.relevance, MAX_LAG),
      };
      const milliseconds = performance.now() - start;
      const bound = architecture === "residual" ? null : (depth - 1) * Math.log10(width) + Math.log10(width + 1);
      this.#show(subtitle, scan, curves, { milliseconds, bound });
      if (!this.playing) this.#later = setTimeout(() => void this.#count(COUNT_BUDGET), COUNT_DELAY);
    } catch (error) {
      this.#fail(subtitle, error);
    }
  }

  async #scanTrained(): Promise<void> {
    const { model, from, to, target } = this.#trained!;
    const subtitle = `${POINTS} points of the line between two inputs`;

    const { signal } = this.#run;
    const { low, high } = model.input;
    const isBounded = [low, high].flat().every(Number.isFinite);
    const composite = isBounded ? epsilonGammaBox({ low, high, gamma: this.gamma }) : epsilonPlus();
    try {
      this.set({ progress: 0 });
      const start = performance.now();
      const onProgress = ({ done, total }: { done: number; total: number }) => this.set({ progress: done / total });
      const scan = await scanModel(model, from, to, { target, composite, points: POINTS, signal, onProgress });
      this.#show(subtitle, scan, scan.autocorrelation, { milliseconds: performance.now() - start, bound: null });
    } catch (error) {
      if (!(error instanceof AbortedError)) this.#fail(subtitle, error);
    } finally {
      this.set({ progress: null });
    }
  }

  #show(
    subtitle: string,
    scan: NetScan,
    agreement: { output: Float64Array; gradient: Float64Array; relevance: Float64Array },
    rest: Pick<ShatteredGradientsState, "milliseconds" | "bound">,
  ): void {
    this.#references ??= { brown: reference("brown"), white: reference("white") };
    const correlations = { ...agreement, ...this.#references };
    this.set({
      title: shatteringTitle(agreement.gradient),
      subtitle,
      curves: wire(curveRows.map((row) => scan[row])),
      correlations: wire(correlationRows.map((row) => correlations[row])),
      words: shatteringWords({ ...agreement, kept: keptShare(scan.relevance, scan.output) }),
      pieces: null,
      counted: 0,
      counting: false,
      error: "",
      ...rest,
    });
  }

  #fail(subtitle: string, error: unknown): void {
    const cleared = {
      title: "",
      curves: null,
      correlations: null,
      words: "",
      pieces: null,
      counting: false,
      bound: null,
    };
    this.set({ subtitle, ...cleared, error: (error as Error).message });
  }

  /** Counts the linear pieces of what is shown; a budget in milliseconds ends it with those found so far. */
  async #count(budget = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.architecture === TRAINED || this.closed) return;
    this.#stop();
    const { signal } = this.#run;
    const { depth, width, beta, seed, interval } = this;
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
      const net = randomNet({ architecture: this.architecture as Architecture, depth, width, beta, seed });
      const line = INTERVALS[interval];
      const { count } = await linearPieces(freezeNet(net, lineGrid({ ...line, points: POINTS })), {
        ...line,
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

/** The autocorrelation that noise of this kind has on average on a line of this many points. */
function reference(kind: "brown" | "white"): Float64Array {
  return meanAutocorrelation(
    Array.from({ length: NOISES }, (_, seed) => autocorrelation(noise(kind, POINTS, seed + 1), MAX_LAG)),
  );
}

/** Rows of numbers as one binary frame. */
function wire(rows: readonly ArrayLike<number>[]): ShatteredGradientsState["curves"] {
  const columns = rows[0]!.length;
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, i) => {
    values.set(row, i * columns);
  });
  return { shape: [rows.length, columns], dtype: "float32", data: values };
}
