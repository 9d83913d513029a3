import { formatShort } from "../format.js";
import type { Floats } from "./array.js";
import { between, data, flag, type StateOf, text } from "./traits.js";

/** How a series is drawn. */
export type PlotKind = "lines" | "points" | "bars";

/** One curve, cloud of points, or set of bars. */
export interface PlotSeries {
  name: string;
  kind: PlotKind;
  /** `[points]` */
  x: Floats;
  /** `[points]`; NaN leaves a gap. */
  y: Floats;
  /** What stands at whole numbers of x in their place; empty where numbers do. */
  labels: string[];
}

/** Series over one pair of axes. */
export const plotState = {
  title: text(),
  /** What an axis measures, with its unit. */
  xLabel: text(),
  yLabel: text(),
  logX: flag(),
  logY: flag(),
  series: data<PlotSeries[]>([]),
  /** CSS pixels. */
  height: between(120, 2000, 320),
};

export interface PlotState extends StateOf<typeof plotState> {}

/** Colors that every common kind of color blindness tells apart, on light and dark paper (Okabe and Ito 2008, without black and yellow). */
const seriesColors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"] as const;

export const colorOfSeries = (index: number): string => seriesColors[index % seriesColors.length]!;

/** Round numbers of an axis, multiples of 1, 2 or 5 of a power of ten, and how they are written. */
export function roundSteps(low: number, high: number, wanted: number): { at: number; words: string }[] {
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  // By whole numbers of steps: next to large values a step may be lost in rounding.
  const [first, last] = [Math.ceil(low / step - 1e-6), Math.floor(high / step + 1e-6)];
  const count = Math.min(Math.max(0, last - first + 1), 2 * wanted);
  return Array.from({ length: count }, (_, i) => {
    const at = (first + i) * step;
    return { at, words: formatShort(at, 4) };
  });
}
