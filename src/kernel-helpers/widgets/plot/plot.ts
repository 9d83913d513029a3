import { ownWidget } from "../../../comms/states/module.js";
import { type PlotKind, type PlotSeries, type PlotState, plotState } from "../../../comms/states/plot.js";
import { ParameterError } from "../../../explainers/errors.js";
import { paintSvg } from "../../platform/pictures.js";
import { domWidgetClass } from "../base/layout.js";
import { plotSvg } from "./plot-svg.js";

type Numbers = ArrayLike<number>;

/** One series: its values, over their index where `x` is not given; `x` may be words, which then stand under the values. */
export type Series =
  | Numbers
  | { readonly y: Numbers; readonly x?: Numbers | readonly string[]; readonly name?: string; readonly kind?: PlotKind };

export interface PlotOptions extends Partial<Omit<PlotState, "series" | "xLabel" | "yLabel">> {
  /** What the axis to the right measures, with its unit. */
  x?: string;
  /** What the axis upwards measures, with its unit. */
  y?: string;
  /** How series are drawn that do not say; default "lines". */
  kind?: PlotKind;
}

/** Series over one pair of axes, to hover and zoom. `plot` makes one. */
export class Plot extends domWidgetClass<PlotState>({ ...ownWidget("Plot"), traits: plotState }) {
  /** The plot as it is shown, as an SVG file. */
  toSvg(): string {
    return plotSvg(this);
  }

  /**
   * The same as a PNG file.
   *
   * @param options.scale Pixels of the file per CSS pixel; default 2.
   */
  async toPng({ scale = 2 }: { scale?: number } = {}): Promise<Buffer> {
    return paintSvg(this.toSvg(), 72 * scale, "plain");
  }

  protected override preview(): Record<string, unknown> {
    return { "image/svg+xml": this.toSvg() };
  }

  override toString(): string {
    const names = this.series.map(({ name, y }) => `${name || "series"} (${y.shape[0]} points)`);
    return `Plot: ${[this.title, names.join(", ")].filter((part) => part !== "").join(" · ")}`;
  }
}

const KINDS: readonly PlotKind[] = ["lines", "points", "bars"];

/**
 * Plots numbers: a list, several by name, or series with x, name and kind.
 *
 * @param series Values that are not finite leave gaps.
 * @throws ParameterError where there is nothing to plot, x and y differ in length, or a logarithmic axis has no value above 0
 * @example plot({ LRP: [1, 0.6, 0.4], random: [1, 0.9, 0.8] }, { x: "pixels flipped (%)", y: "probability" })
 */
export function plot(
  series: Series | readonly Series[] | Readonly<Record<string, Series>>,
  { x: xLabel = "", y: yLabel = "", kind = "lines", ...options }: PlotOptions = {},
): Plot {
  const listed = named(series).map(([name, one]) => seriesOf(name, one, kind));
  if (listed.length === 0) throw new ParameterError("series", series, "at least one list of numbers");
  for (const [axis, isLogarithmic] of [
    ["x", options.logX],
    ["y", options.logY],
  ] as const) {
    const values = listed.flatMap((one) => Array.from(one[axis].data as Float32Array));
    if (isLogarithmic && !values.some((value) => value > 0)) {
      throw new ParameterError(`log${axis.toUpperCase()}`, true, `left out: no value of ${axis} is above 0`);
    }
  }
  return new Plot({ ...options, xLabel, yLabel, series: listed });
}

const isNumbers = (value: unknown): value is Numbers =>
  (ArrayBuffer.isView(value) && !(value instanceof DataView)) ||
  (Array.isArray(value) && value.every((one) => typeof one === "number"));

function named(series: Parameters<typeof plot>[0]): (readonly [name: string, series: Series])[] {
  if (isNumbers(series)) return [["", series]];
  if (Array.isArray(series)) return series.map((one: Series) => ["", one] as const);
  if (typeof series !== "object" || series === null)
    throw new ParameterError("series", series, "numbers, a list of series, or series by name");
  if (
    "y" in series &&
    isNumbers(series.y) &&
    Object.keys(series).every((key) => ["x", "y", "name", "kind"].includes(key))
  ) {
    return [["", series as Series]];
  }
  return Object.entries(series as Record<string, Series>);
}

function seriesOf(key: string, series: Series, usual: PlotKind): PlotSeries {
  const { y, x, name = key, kind = usual } = isNumbers(series) ? { y: series } : series;
  const what = name === "" ? "series" : name;
  if (!isNumbers(y) || y.length === 0) throw new ParameterError(what, y, "numbers to plot, at least one");
  if (!KINDS.includes(kind)) throw ParameterError.notOneOf("kind", kind, KINDS);
  if (x !== undefined && x.length !== y.length)
    throw new ParameterError(`${what}.x`, `${x.length} values`, `as many as y has, ${y.length}`);
  const labels = Array.isArray(x) && x.some((one) => typeof one === "string") ? x.map(String) : [];
  const places =
    x === undefined || labels.length > 0
      ? Float32Array.from({ length: y.length }, (_, i) => i)
      : Float32Array.from(x as Numbers);
  return { name, kind, x: wire(places), y: wire(Float32Array.from(y)), labels };
}

const wire = (data: Float32Array) => ({ shape: [data.length], dtype: "float32" as const, data });
