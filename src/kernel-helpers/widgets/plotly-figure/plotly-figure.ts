import { removeBuffers } from "../../../comms/buffers.js";
import type { JsonObject } from "../../../comms/message.js";
import { ownWidget } from "../../../comms/states/module.js";
import {
  assignPath,
  type PlotlyFigureState,
  type PlotlyTrace,
  plotlyFigureState,
  plotlyWire,
} from "../../../comms/states/plotly-figure.js";
import { ParameterError } from "../../../explainers/errors.js";
import { domWidgetClass } from "../base/layout.js";
import { plot, type Series } from "../plot/plot.js";

/** A point that the reader has pointed at. */
export interface PlotlyPoint {
  /** Places of the trace, and of the point in it; of a table of numbers row and column. */
  trace: number;
  point: number | number[];
  x?: number | string;
  y?: number | string;
  z?: number;
}

interface PlotlyEvents {
  click: { points: PlotlyPoint[] };
  hover: { points: PlotlyPoint[] };
  relayout: { changes: Record<string, unknown> };
}

type Attributes = Readonly<Record<string, unknown>>;

/**
 * A figure of plotly, both ways: traces and layout from here, the reader's clicks, hovering, selection and zoom back.
 *
 * It is drawn by the plotly that Limpid's charts use, so with their types of traces, and in the theme of the page.
 *
 * @throws TraitError for a trace of another type, or numbers that are not finite outside typed arrays
 * @example
 * const figure = new PlotlyFigure([{ x, y: Float32Array.from(losses), name: "loss" }], { yaxis: { type: "log" } });
 * figure.restyle({ "line.color": "firebrick" });
 * const { points } = await figure.next("click");
 */
export class PlotlyFigure extends domWidgetClass<PlotlyFigureState, PlotlyEvents>({
  ...ownWidget("PlotlyFigure"),
  traits: plotlyFigureState,
  events: ["click", "hover", "relayout"],
}) {
  constructor(
    data: readonly PlotlyTrace[] = [],
    plotLayout: Attributes = {},
    options: { height?: number; tooltip?: string } = {},
  ) {
    super({ ...options, data: [...data], plotLayout: { ...plotLayout } });
    this.on("relayout", ({ changes }) => {
      // Views hold what the reader has zoomed to; a page that is opened later gets it too.
      for (const [path, value] of Object.entries(changes)) assignPath(this.plotLayout, path, value);
    });
  }

  /**
   * Changes attributes of traces, named as plotly names them (`"marker.color"`); only what changes is sent.
   *
   * @param traces Which; default all.
   */
  restyle(update: Attributes, traces: number | readonly number[] = [...this.data.keys()]): void {
    this.requireOpen("its traces cannot be changed");
    const places = typeof traces === "number" ? [traces] : traces;
    for (const place of places) {
      if (!(place in this.data)) throw new ParameterError("traces", place, `from 0 to ${this.data.length - 1}`);
    }
    const next = this.data.map((trace, place) => (places.includes(place) ? structuredCopy(trace) : trace));
    for (const place of places)
      for (const [path, value] of Object.entries(update)) assignPath(next[place]!, path, value);
    this.#check("data", next);
    for (const place of places) this.data[place] = next[place]!;
    this.#tell({ kind: "restyle", update, traces: places });
  }

  /** Changes attributes of the layout, named as plotly names them (`"xaxis.range"`). */
  relayout(update: Attributes): void {
    this.requireOpen("its layout cannot be changed");
    const next = structuredCopy(this.plotLayout);
    for (const [path, value] of Object.entries(update)) assignPath(next, path, value);
    this.#check("plotLayout", next);
    for (const [path, value] of Object.entries(update)) assignPath(this.plotLayout, path, value);
    this.#tell({ kind: "relayout", update });
  }

  /** Adds traces behind those that there are. */
  addTraces(...traces: PlotlyTrace[]): void {
    this.data = [...this.data, ...traces];
  }

  /** A check before anything changes. */
  #check(name: "data" | "plotLayout", value: unknown): void {
    const probe = plotlyFigureState[name];
    if (typeof probe.check(value) === "symbol") throw new ParameterError(name, value, probe.expected);
  }

  #tell(change: object): void {
    const { state, buffer_paths, buffers } = removeBuffers(plotlyWire(change) as Record<string, unknown>);
    this.send({ ...(state as JsonObject), buffer_paths }, buffers);
  }

  protected override preview(): Record<string, unknown> {
    // What the plain charts can draw stands in the notebook's file.
    const series = this.data.flatMap(({ type = "scatter", mode, x, y, name }): Series[] => {
      if (!isNumbers(y) || y.length === 0 || !(x === undefined || isNumbers(x))) return [];
      if (type !== "scatter" && type !== "bar") return [];
      const kind = type === "bar" ? "bars" : mode === "markers" ? "points" : "lines";
      return [{ y, ...(x && { x }), kind, name: String(name ?? "") }];
    });
    if (series.length === 0 || series.length < this.data.length) return {};
    return { "image/svg+xml": plot(series, { height: this.height }).toSvg() };
  }

  override toString(): string {
    const words = this.data.map(({ type = "scatter", name }) => `${name ?? type}`);
    return `PlotlyFigure: ${words.join(", ") || "no traces"}`;
  }
}

const isNumbers = (value: unknown): value is ArrayLike<number> =>
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
  (Array.isArray(value) && value.every((one) => typeof one === "number"));

function structuredCopy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(structuredCopy) as T;
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, structuredCopy(item)])) as T;
}
