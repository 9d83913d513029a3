import { formatShort } from "../../../comms/format.js";
import {
  columnOrder,
  type GridScore,
  type MethodGridState,
  methodGridState,
  shownScore,
  sortWords,
} from "../../../comms/states/method-grid.js";
import { ownWidget } from "../../../comms/states/module.js";
import { list, nullable } from "../../../comms/states/traits.js";
import { ParameterError } from "../../../explainers/errors.js";
import type { Evaluation } from "../../../explainers/evaluation/index.js";
import { AbortedError, type ProgressOptions } from "../../../explainers/progress.js";
import { isInterrupted } from "../base/interrupted.js";
import { domWidgetClass } from "../base/layout.js";
import type { Widget } from "../base/widget.js";
import { anyWidgetTrait } from "../base/widget-class.js";
import { found, GridCell, type GridCellTraits } from "./grid-cell.js";
import { methodGridPng, methodGridSvg } from "./method-grid-svg.js";
import { gridScores } from "./scores.js";

export type { GridScore } from "../../../comms/states/method-grid.js";

/** The traits of a grid in the kernel: widgets where the wire has references. */
export type MethodGridTraits = Omit<MethodGridState, "cells" | "detail"> & { cells: GridCell[]; detail: Widget | null };

/** A click on a map, or Enter on it; "Stop", and "Run again" after it. */
export interface MethodGridEvents {
  open: { cell: number };
  stop: object;
  again: object;
}

/** What is found of one map. */
export type FoundMap = Partial<
  Pick<GridCellTraits, "relevance" | "target" | "output" | "total" | "signed" | "warnings">
>;

/** How the making of one map is followed and stopped. */
export type GridRun = ProgressOptions & { signal: AbortSignal };

/** Who makes the maps of a grid. */
export interface GridWork {
  /**
   * Computes one map; called for one after the other, row by row. What it throws is shown in that cell, and the next is
   * computed.
   */
  explain(row: number, column: number, run: GridRun): Promise<FoundMap>;
  /** The widget that shows more of a map, to be put beneath the grid; it ends with the grid. */
  detail?(row: number, column: number): Widget;
  /** The values of an evaluation for these maps; without it columns are found by their labels. */
  scored?(evaluation: Evaluation): GridScore[];
  /** Called when nothing is computed any more. */
  rest?(): void;
}

/** What a grid starts with: any of its traits but those that follow from the work. */
export type MethodGridOptions = Pick<MethodGridTraits, "rows" | "columns"> &
  Partial<Omit<MethodGridTraits, "cells" | "detail" | "selected" | "running" | "error">>;

/**
 * Maps of several methods (columns) for one picture or several (rows) under one legend and one set of controls: small multiples
 * that wrap by width, appear one by one, and open beneath when they are clicked. `compare` makes one.
 *
 * @throws ParameterError where there is no row or no column
 * @example
 * const grid = compare(model, photo, ["lrp", "integrated-gradients", "occlusion"]);
 * await grid.settled();
 * await savePng("methods.png", grid);
 */
export class MethodGrid extends domWidgetClass<MethodGridTraits, MethodGridEvents>({
  ...ownWidget("MethodGrid"),
  traits: { ...methodGridState, cells: list(anyWidgetTrait as never), detail: nullable(anyWidgetTrait) },
  events: ["open", "stop", "again"],
  constrain(next, names, fail) {
    const { rows, columns, scores, sort } = next;
    if (names.has("scores")) {
      const isWhole = ({ values }: GridScore) =>
        values?.length === rows.length &&
        values.every(
          (row) => row?.length === columns.length && row.every((value) => value === null || isNumber(value)),
        );
      const isMeasure = ({ label, better }: GridScore) =>
        typeof label === "string" && label !== "" && ["higher", "lower", "none"].includes(better);
      const labels = new Set(scores.map(({ label }) => label));
      if (!scores.every((score) => isMeasure(score) && isWhole(score)) || labels.size < scores.length) {
        const size = `${rows.length} × ${columns.length} numbers or null`;
        fail("scores", `a list of { label, better: "higher", "lower" or "none", values: ${size} }, each label once`);
      }
    }
    const known = scores.map(({ label }) => label);
    if (names.has("sort") && sort !== "" && !known.includes(sort)) {
      fail("sort", known.length === 0 ? "empty: there are no scores" : `empty or one of ${known.join(", ")}`, known);
    }
    if (!known.includes(sort)) next.sort = "";
  },
}) {
  readonly #work: GridWork | undefined;
  #run = new AbortController();
  #running: Promise<void> | undefined;
  readonly #details = new Set<Widget>();

  /** @param work who makes the maps that are not there yet; without it they are set by `fill` */
  constructor(options: MethodGridOptions, work?: GridWork) {
    for (const name of ["rows", "columns"] as const) {
      if (options[name].length === 0) throw new ParameterError(name, options[name], "a list of at least one");
    }
    // Before the grid, which refers to them.
    const cells = Array.from({ length: options.rows.length * options.columns.length }, () => new GridCell());
    try {
      super({ ...options, cells });
    } catch (error) {
      for (const cell of cells) cell.close();
      throw error;
    }
    this.#work = work;
    this.on("open", ({ cell }) => this.open(cell));
    this.on("stop", () => this.stop());
    this.on("again", () => void this.run());
  }

  cell(row: number, column: number): GridCell {
    const cell =
      column >= 0 && column < this.columns.length ? this.cells[row * this.columns.length + column] : undefined;
    if (cell === undefined) {
      const size = `${this.rows.length} × ${this.columns.length}`;
      throw new ParameterError("row, column", [row, column], `within the ${size} maps of the grid`);
    }
    return cell;
  }

  /** Shows a map that was computed elsewhere. */
  fill(row: number, column: number, map: FoundMap): void {
    this.cell(row, column).set({ ...map, ...found });
    this.#say();
  }

  /**
   * Shows at each map what measures say of it, and offers to sort by them.
   *
   * @param scores An evaluation of the same methods on the pictures of the rows, or numbers for each row and column.
   * @throws ParameterError where no method was evaluated, or it is not clear which sample a row is; TraitError
   * @example grid.score([{ label: "deletion", better: "lower", values: [[0.2, 0.31, 0.28]] }]);
   */
  score(scores: Evaluation | readonly GridScore[]): void {
    this.scores =
      "format" in scores
        ? (this.#work?.scored?.(scores) ?? gridScores(scores, this.columns, this.rows))
        : scores.map((score) => ({ ...score }));
  }

  /** Computes the maps that are missing; what failed or was stopped is tried again. Resolves when nothing is computed any more. */
  run(): Promise<void> {
    this.#running ??= this.#fillAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Gives up what is computed; the maps that are there stay. */
  stop(): void {
    this.#run.abort();
  }

  /** Resolves when every map is there, has failed or was stopped. */
  async settled(): Promise<void> {
    await this.#running;
  }

  /** Opens a map beneath the grid, by its index row by row; the one that is open is closed, and so are all by −1. */
  open(index: number): void {
    const cell = this.cells[index];
    if (cell === undefined || index === this.selected || this.#work?.detail === undefined) {
      this.set({ selected: -1, detail: null });
      return;
    }
    this.#show(index);
  }

  #show(index: number): void {
    const columns = this.columns.length;
    try {
      const detail = this.#work?.detail?.(Math.floor(index / columns), index % columns);
      if (detail === undefined) return;
      this.#details.add(detail);
      this.set({ selected: index, detail, error: "" });
    } catch (error) {
      this.set({ selected: -1, detail: null, error: (error as Error).message });
    }
  }

  /** All maps as they are shown, with titles and legend, as an SVG file. */
  toSvg(): string {
    return methodGridSvg(this);
  }

  /**
   * The same as a PNG file.
   *
   * @param options.scale Pixels of the file per CSS pixel; default 2.
   */
  toPng(options: { scale?: number } = {}): Promise<Buffer> {
    return methodGridPng(this, options.scale);
  }

  override close(): void {
    this.#run.abort();
    const { cells } = this;
    super.close();
    for (const part of [...cells, ...this.#details]) part.close();
  }

  protected override preview(): Record<string, unknown> {
    return { "image/svg+xml": this.toSvg() };
  }

  override pictured(): Iterable<Widget> {
    return this.cells;
  }

  override pictureReady(): Promise<void> {
    return this.settled();
  }

  /** The grid in plain text: a line for each map. */
  override toString(): string {
    const columns = this.columns.length;
    const score = shownScore(this);
    const order = columnOrder(this);
    const lines = this.cells.map((_, place) => {
      const at = Math.floor(place / columns);
      const column = order[place % columns]!;
      const { phase, target, output, total, warnings, error } = this.cells[at * columns + column]!;
      const row = this.rows[at]!;
      const value = score?.values[at]?.[column] ?? null;
      const parts = [
        this.rows.length > 1 ? row.label : "",
        this.columns[column]!.label,
        target,
        output === null ? "" : `output ${formatShort(output, 4)}`,
        total === null ? "" : `relevance ${formatShort(total, 4)}`,
        value === null ? "" : `${score!.label} ${formatShort(value, 4)}`,
        ...warnings.map((warning) => `⚠ ${warning}`),
        phase === "failed" ? `failed: ${error}` : phase === "done" ? "" : phase,
      ];
      return `  ${parts.filter((part) => part !== "").join(" · ")}`;
    });
    return [
      `MethodGrid: ${[this.title.replaceAll("*", ""), this.subtitle].filter(Boolean).join(" · ")}`,
      ...[sortWords(this)].filter((words) => words !== ""),
      ...lines,
    ].join("\n");
  }

  async #fillAll(): Promise<void> {
    const work = this.#work;
    if (work === undefined || this.closed) return;
    this.#run = new AbortController();
    const { signal } = this.#run;
    const columns = this.columns.length;
    const missing = this.cells.filter(({ phase }) => phase !== "done");
    for (const cell of missing) cell.set({ phase: "waiting", progress: null, error: "" });
    this.running = true;
    try {
      for (const [index, cell] of this.cells.entries()) {
        if (!missing.includes(cell) || cell.closed) continue;
        // The page sees what came before, and is heard, ahead of what may block.
        cell.phase = "working";
        await breath();
        if (signal.aborted || isInterrupted()) {
          this.#run.abort();
          break;
        }
        try {
          const map = await work.explain(Math.floor(index / columns), index % columns, {
            signal,
            onProgress: ({ done, total }) => {
              if (isInterrupted()) this.#run.abort();
              if (!cell.closed) cell.progress = done / total;
            },
          });
          if (!cell.closed) cell.set({ ...map, ...found });
        } catch (error) {
          if (cell.closed) return;
          if (error instanceof AbortedError && signal.aborted) break;
          cell.set({ phase: "failed", progress: null, relevance: null, error: (error as Error).message });
        }
        if (this.closed) continue;
        this.#say();
        // It was opened before there was anything to see.
        if (this.selected === index) this.#show(index);
      }
    } finally {
      work.rest?.();
      if (!this.closed) {
        for (const cell of this.cells) {
          if (cell.phase === "waiting" || cell.phase === "working") cell.set({ phase: "stopped", progress: null });
        }
        this.running = false;
      }
    }
  }

  /** Says what the numbers of a shared scale are: shares of the output only where all maps are. */
  #say(): void {
    const done = this.cells.filter(({ phase }) => phase === "done");
    const apart = done.filter(({ total }) => total === null);
    this.unit =
      done.length === 0
        ? ""
        : apart.length === 0
          ? "values add up to what is explained of the output"
          : apart.length === done.length
            ? "values are no shares of the output: compare where they are large, not how large"
            : "some values are shares of the output and some are not: compare where they are large, not how large";
  }
}

const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);

/** A turn of the event loop. */
const breath = () => new Promise<void>((resolve) => setImmediate(resolve));
