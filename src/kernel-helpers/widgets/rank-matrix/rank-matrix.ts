import { formatNumber, formatPercent } from "../../../comms/format.js";
import { ownWidget } from "../../../comms/states/module.js";
import { MEAN_RANK, type RankMatrixState, rankMatrixState } from "../../../comms/states/rank-matrix.js";
import { nullable } from "../../../comms/states/traits.js";
import {
  type EvaluatedMeasureInput,
  type EvaluatedMethodInput,
  type EvaluateOptions,
  type Evaluation,
  EvaluationAbortedError,
  type EvaluationDataInput,
  evaluate,
} from "../../../explainers/evaluation/index.js";
import type { Model } from "../../../explainers/network/index.js";
import type { StaticPicture } from "../../pictures/drawing/static-picture.js";
import { isInterrupted } from "../base/interrupted.js";
import { LatestWins } from "../base/latest-wins.js";
import { domWidgetClass } from "../base/layout.js";
import type { Widget } from "../base/widget.js";
import { anyWidgetTrait } from "../base/widget-class.js";
import { disagreements } from "./disagreement.js";
import { disagreementGrid, type MapSources } from "./disagreement-maps.js";
import { matrixContent, rowOrder } from "./matrix-content.js";
import { rankPicture } from "./rank-picture.js";

type RankMatrixTraits = Omit<RankMatrixState, "detail"> & { detail: Widget | null };

/** What is evaluated by the matrix itself, as `evaluate` takes it. */
export interface EvaluationTask extends Omit<EvaluateOptions, "signal" | "onProgress" | "onPart"> {
  model: Model;
  data: EvaluationDataInput;
  methods: readonly EvaluatedMethodInput[];
  measures: readonly EvaluatedMeasureInput[];
}

/** How a matrix starts, and of an evaluation that is given what it was made of: for the maps. */
export interface RankMatrixOptions extends Partial<MapSources>, Partial<Pick<RankMatrixTraits, "sort">> {
  /** How many samples are shown on which two measures disagree; default 4. */
  samples?: number;
}

/** The least time between two pictures of an evaluation under way, in milliseconds. */
const PART = 1000;

const isTask = (source: Evaluation | EvaluationTask): source is EvaluationTask => !("format" in source);

/**
 * Methods × measures of an evaluation: the color of a mark is the rank, its size how often the method keeps that rank in the
 * bootstrap over samples. Rows are sorted by any measure or by mean rank; a cell tells its mean with interval and how it compares;
 * what failed is named in it; and that nobody wins is said. Two measures that are chosen show the samples on which they disagree most,
 * with the maps of all methods.
 *
 * @param source What `evaluate` gave, or what it takes: then the evaluation runs here, with its progress, and can be stopped and run on.
 * @throws TraitError, ParameterError
 * @example
 * const matrix = new RankMatrix({ model, data: { x }, methods: ["lrp", "gradient-times-input", "random"], measures: ["pixel-flipping"] });
 * await matrix.settled();
 * matrix.evaluation; // plain data
 * @example new RankMatrix(evaluation, { model, data: { x } })
 */
export class RankMatrix extends domWidgetClass<RankMatrixTraits, { stop: object; again: object }>({
  ...ownWidget("RankMatrix"),
  traits: { ...rankMatrixState, detail: nullable(anyWidgetTrait) },
  events: ["stop", "again"],
  constrain(next, names, fail) {
    const known = next.measures.map(({ label }) => label);
    if (names.has("sort") && next.sort !== "" && next.sort !== MEAN_RANK && !known.includes(next.sort)) {
      fail("sort", `"", "${MEAN_RANK}" or one of ${known.join(", ")}`, known);
    }
    if (names.has("pair")) {
      const judging = next.measures.filter(({ better }) => better !== "none").map(({ label }) => label);
      const isPair = new Set(next.pair).size === next.pair.length && next.pair.length <= 2;
      if (!isPair || !next.pair.every((label) => judging.includes(label))) {
        fail("pair", `at most two of ${judging.join(", ")}, which have a better side`, judging);
      }
    }
    next.order = rowOrder(next, next.sort);
  },
}) {
  readonly #task: EvaluationTask | undefined;
  readonly #sources: MapSources | undefined;
  readonly #samples: number;
  readonly #runs = new LatestWins((signal) => this.#evaluate(signal));
  #evaluation: Evaluation | undefined;

  constructor(source: Evaluation | EvaluationTask, options: RankMatrixOptions = {}) {
    const { model, data, methods, samples = 4, sort = "" } = isTask(source) ? { ...options, ...source } : options;
    super();
    this.#samples = samples as number;
    if (model !== undefined && data !== undefined) {
      this.#sources = { model, data, ...(methods !== undefined && { methods }) };
      this.maps = "made";
    }
    this.watch(() => this.#compare(), "pair");
    this.on("stop", () => this.stop());
    this.on("again", () => void this.#runs.start());
    if (isTask(source)) {
      this.#task = source;
      this.title = "Which method is best?";
      this.running = true;
      void this.#runs.start();
    } else this.#show(source);
    if (sort !== "") this.sort = sort;
  }

  /** What is shown, as plain data; undefined before there is any. */
  get evaluation(): Evaluation | undefined {
    return this.#evaluation;
  }

  /** Gives up what is evaluated; what is there stays, and "Run on" takes it up. */
  stop(): void {
    this.#runs.stop();
  }

  /** Resolves when the evaluation has ended, and the maps that are being made. */
  async settled(): Promise<void> {
    await this.#runs.settled();
    await (this.detail as { settled?(): Promise<void> } | null)?.settled?.();
  }

  override close(): void {
    this.#runs.close();
    const { detail } = this;
    super.close();
    detail?.close();
  }

  override staticPicture(): StaticPicture | null {
    return this.methods.length === 0 ? null : rankPicture(this);
  }

  override pictureReady(): Promise<void> {
    return this.#runs.settled();
  }

  /** The matrix in plain text: the verdict, and a line for each method. */
  override toString(): string {
    const head = [this.title.replaceAll("*", ""), this.subtitle].filter((part) => part !== "").join(" · ");
    const lines = this.order.map((row) => {
      const { label, mean } = this.methods[row]!;
      const parts = this.measures.map(({ label: measure }, column) => {
        const { rank, phase, words } = this.cells[row * this.measures.length + column]!;
        return `${measure} ${rank !== null ? `#${formatNumber(rank, 2)}` : phase === "failed" ? words : phase}`;
      });
      return `  ${label}: ${mean === null ? "no rank" : `mean rank ${formatNumber(mean)}`} · ${parts.join(" · ")}`;
    });
    const stopped = this.stopped === null ? "" : `stopped at ${formatPercent(this.stopped)}`;
    return [`RankMatrix: ${head}`, this.verdict, stopped, this.error, ...lines]
      .filter((line) => line !== "")
      .join("\n");
  }

  async #evaluate(signal: AbortSignal): Promise<void> {
    const { model, data, methods, measures, ...options } = this.#task!;
    const resume = this.#evaluation ?? options.resume;
    let shown = performance.now();
    this.set({ running: true, progress: 0, stopped: null, error: "" });
    try {
      const found = await evaluate(model, data, methods, measures, {
        ...options,
        ...(resume !== undefined && { resume }),
        signal,
        onProgress: ({ done, total }) => {
          if (isInterrupted()) this.stop();
          if (!this.closed) this.progress = total > 0 ? done / total : 1;
        },
        onPart: (evaluation) => {
          // Statistics take time of their own: they follow at a distance.
          const began = performance.now();
          if (this.closed || began - shown < PART) return;
          this.#show(evaluation());
          shown = performance.now() + 4 * (performance.now() - began);
        },
      });
      if (!this.closed) this.#show(found);
    } catch (error) {
      if (this.closed) return;
      if (error instanceof EvaluationAbortedError) {
        this.#show(error.partial);
        this.stopped = this.progress ?? 0;
      } else this.set({ error: (error as Error).message, title: this.#evaluation === undefined ? "" : this.title });
    } finally {
      if (!this.closed) {
        this.set({ running: false, progress: null });
        // While it ran there were no maps of the pair.
        if (this.pair.length === 2) this.#compare();
      }
    }
  }

  #show(evaluation: Evaluation): void {
    this.#evaluation = evaluation;
    this.set(matrixContent(evaluation));
    if (this.pair.length === 2) this.#compare();
  }

  /** Where the two chosen measures disagree. */
  #compare(): void {
    const before = this.detail;
    const [a, b] = this.pair;
    const evaluation = this.#evaluation;
    if (evaluation === undefined || a === undefined || b === undefined) {
      this.set({ pairWords: "", disagreements: [], detail: null });
    } else {
      const found = disagreements(evaluation, [a, b], this.#samples);
      const tau = evaluation.ranks.pairs.find((pair) =>
        [pair.a, pair.b].every((label) => this.pair.includes(label)),
      )?.tau;
      const agreement = tau == null ? "no τ of their ranks" : `Kendall's τ of their ranks ${formatNumber(tau, 2)}`;
      const none = found.length === 0 ? ". No sample has values of two methods by both" : "";
      let detail: Widget | null = null;
      let error = "";
      try {
        if (this.#sources !== undefined && found.length > 0 && !this.running) {
          detail = disagreementGrid(evaluation, [a, b], found, this.#sources);
        }
      } catch (reason) {
        error = (reason as Error).message;
      }
      this.set({ pairWords: `${agreement}${none}`, disagreements: found, detail, error });
    }
    before?.close();
  }
}
