import type * as Plotly from "plotly.js-cartesian-dist-min";
import type { correlationRows, curveRows } from "../../comms/states/shattered-gradients.js";
import { type ChartColors, chartAxis, chartColors, chartFrame, hoverLabel, themeColors } from "../parts/chart.js";

type Rows<Names extends readonly string[]> = { [Name in Names[number]]: Float32Array };
export type Curves = Rows<typeof curveRows>;
export type Correlations = Rows<typeof correlationRows>;

/** The panels from top to bottom: row of the curves, heading for a net of one input and for one of many. */
const PANELS = [
  ["output", "The function f", "The function f"],
  ["gradient", "Its gradient ∂f/∂x", "Its derivative along the line"],
  ["sensitivity", "Sensitivity analysis (∂f/∂x)²", "Sensitivity analysis ‖∇f‖²"],
  ["relevance", "LRP: what of f is given to x", "LRP: what of f is given to the input"],
] as const;

const PANEL_HEIGHT = 82;
const GAP = 30;
const MARGIN = { l: 52, r: 14, t: 22, b: 38 };
export const PANELS_HEIGHT = MARGIN.t + MARGIN.b + PANELS.length * PANEL_HEIGHT + (PANELS.length - 1) * GAP;
export const CORRELATION_HEIGHT = 170;

/** The theme, with a color for each curve. */
interface CurveColors extends ChartColors {
  output: string;
  gradient: string;
  sensitivity: string;
  relevance: string;
  brown: string;
  white: string;
}

export function curveColors(element: HTMLElement): CurveColors {
  const of = themeColors(element);
  const [colors, large] = [chartColors(element), of("for")];
  return {
    ...colors,
    output: colors.ink,
    gradient: large,
    sensitivity: large,
    relevance: of("against"),
    brown: of("brown-noise"),
    white: colors.chance,
  };
}

const axis = (colors: ChartColors): Partial<Plotly.LayoutAxis> => ({
  ...chartAxis(colors),
  zeroline: true,
  zerolinecolor: colors.line,
  tickfont: { size: 10, color: colors.soft },
});

/** Four panels over the same line, with the point under the cursor marked in each. */
export function panels(
  curves: Curves,
  { colors, width, logarithmic, cursor, trained }: PanelOptions,
): { data: Plotly.Data[]; layout: Partial<Plotly.Layout> } {
  const data: Plotly.Data[] = [];
  const layout: Record<string, unknown> = chartFrame(colors, width, PANELS_HEIGHT, MARGIN);
  const annotations: Partial<Plotly.Annotations>[] = [];
  PANELS.forEach(([row, ofNumber, ofInput], i) => {
    const title = trained ? ofInput : ofNumber;
    const name = i === 0 ? "" : String(i + 1);
    const domain = extent(i);
    const values = logarithmic ? curves[row].map(Math.abs) : curves[row];
    const place = { xaxis: "x" as const, yaxis: `y${name}` as Plotly.AxisName, type: "scatter" as const };
    data.push({
      ...place,
      x: curves.x,
      y: values,
      mode: "lines",
      line: { color: colors[row], width: 1.2 },
      hoverinfo: "none",
    });
    const marked = cursor < 0 ? [[], []] : [[curves.x[cursor]!], [values[cursor]!]];
    const marker = { color: colors.accent, size: 7 };
    data.push({ ...place, x: marked[0], y: marked[1], mode: "markers", marker, hoverinfo: "skip" });
    layout[`yaxis${name}`] = {
      ...axis(colors),
      domain,
      type: logarithmic ? "log" : "linear",
      ...ticks(values, logarithmic),
      exponentformat: "power",
      zeroline: !logarithmic,
    };
    annotations.push({
      ...{ xref: "paper", yref: "paper", x: 0, y: domain[1], xanchor: "left", yanchor: "bottom", showarrow: false },
      text: `<b>${title}</b>${logarithmic && row !== "sensitivity" ? ", size" : ""}`,
      font: { size: 12, color: colors.soft },
    });
  });
  annotations.push({
    ...{ xref: "paper", yref: "paper", x: 1, y: 0, xanchor: "right", yanchor: "top", yshift: -20, showarrow: false },
    text: trained ? "share of the way" : "x",
    font: { size: 11, color: colors.soft },
  });
  layout["xaxis"] = {
    ...axis(colors),
    range: [curves.x[0]!, curves.x.at(-1)!],
    anchor: `y${PANELS.length}`,
    zeroline: false,
    nticks: 6,
  };
  Object.assign(layout, {
    annotations,
    hovermode: "x",
    hoverdistance: -1,
    shapes: [...frames(colors), ...cursorLines(curves, cursor, colors)],
  });
  return { data, layout };
}

export interface PanelOptions {
  colors: CurveColors;
  width: number;
  logarithmic: boolean;
  /** Index of the marked point, −1 for none. */
  cursor: number;
  /** Whether the line runs through inputs of many numbers. */
  trained: boolean;
}

/** What a moved cursor changes of the panels: the marked points and the line through them. */
export function cursorChange(
  curves: Curves,
  { cursor, logarithmic, colors }: PanelOptions,
): { data: Plotly.Data; layout: Partial<Plotly.Layout>; traces: number[] } {
  const marked = PANELS.map(([row]) => (logarithmic ? Math.abs(curves[row][cursor]!) : curves[row][cursor]!));
  return {
    data: {
      x: marked.map(() => (cursor < 0 ? [] : [curves.x[cursor]!])),
      y: marked.map((value) => (cursor < 0 ? [] : [value])),
    } as Plotly.Data,
    layout: { shapes: [...frames(colors), ...cursorLines(curves, cursor, colors)] },
    traces: PANELS.map((_, i) => 2 * i + 1),
  };
}

/** The share of the chart's height at which a panel ends and begins. */
function extent(panel: number): [bottom: number, top: number] {
  const inner = PANELS_HEIGHT - MARGIN.t - MARGIN.b;
  const top = 1 - (panel * (PANEL_HEIGHT + GAP)) / inner;
  return [Math.max(0, top - PANEL_HEIGHT / inner), top];
}

/** Panels share the axis of the lowest, whose line would frame only that one. */
function frames(colors: ChartColors): Partial<Plotly.Shape>[] {
  return PANELS.map((_, i) => {
    const [y0, y1] = extent(i);
    const line = { color: colors.line, width: 1 };
    return { type: "rect", xref: "paper", yref: "paper", x0: 0, x1: 1, y0, y1, line, layer: "below" };
  });
}

function cursorLines(curves: Curves, cursor: number, colors: ChartColors): Partial<Plotly.Shape>[] {
  if (cursor < 0) return [];
  const x = curves.x[cursor]!;
  const line = { color: colors.accent, width: 1, dash: "dot" as const };
  return [{ type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, line, layer: "below" }];
}

/** A few ticks; on a logarithmic scale of some decades at whole powers only, which do not crowd. */
function ticks(values: Float32Array, logarithmic: boolean): Partial<Plotly.LayoutAxis> {
  const [low, high] = range(values, logarithmic);
  if (!logarithmic) return { range: [low, high], nticks: 5 };
  return { range: [low, high], ...(high - low > 1.2 ? { dtick: Math.ceil((high - low) / 3) } : { nticks: 3 }) };
}

/** The range of the values with a little air; plotly's own would jump with every marked point. */
function range(values: Float32Array, logarithmic: boolean): [number, number] {
  const shown = values.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0));
  const scaled = logarithmic ? shown.map(Math.log10) : shown;
  const low = scaled.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = scaled.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(high > low)) return Number.isFinite(low) ? [low - 1, low + 1] : [-1, 1];
  // Values next to zero would stretch a logarithmic scale over all its decades.
  const bottom = logarithmic ? Math.max(low, high - 6) : low;
  const air = 0.06 * (high - bottom);
  return [bottom - air, high + air];
}

const LINES: [keyof Correlations, Plotly.Dash][] = [
  ["brown", "dash"],
  ["white", "dash"],
  ["output", "solid"],
  ["relevance", "solid"],
  ["gradient", "solid"],
];

/** Autocorrelation against distance, with the noises that it is held against. */
export function correlationChart(
  correlations: Correlations,
  colors: CurveColors,
  width: number,
): { data: Plotly.Data[]; layout: Partial<Plotly.Layout> } {
  const lags = Float32Array.from(correlations.white, (_, lag) => lag);
  const data = LINES.map(
    ([row, dash]): Plotly.Data => ({
      type: "scatter",
      mode: dash === "solid" ? "lines+markers" : "lines",
      x: lags,
      y: correlations[row],
      name: NAMES[row],
      line: { color: colors[row], width: dash === "solid" ? 1.8 : 1.4, dash },
      marker: { size: 4, color: colors[row] },
      hovertemplate: "%{y:.2f}",
    }),
  );
  const base = axis(colors);
  return {
    data,
    layout: {
      ...chartFrame(colors, width, CORRELATION_HEIGHT, { ...MARGIN, t: 6, b: 34 }),
      xaxis: {
        ...base,
        range: [0, lags.length - 0.7],
        dtick: 5,
        zeroline: false,
        title: { text: "points apart", standoff: 2, font: { size: 11 } },
      },
      yaxis: { ...base, range: [-0.3, 1.06], dtick: 0.5 },
      shapes: [
        {
          type: "rect",
          xref: "paper",
          yref: "paper",
          x0: 0,
          x1: 1,
          y0: 0,
          y1: 1,
          line: { color: colors.line, width: 1 },
          layer: "below",
        },
      ],
      hovermode: "x unified",
      hoverlabel: hoverLabel(colors),
    },
  };
}

export const NAMES: Record<keyof Correlations, string> = {
  gradient: "gradient",
  relevance: "LRP",
  output: "function",
  brown: "brown noise",
  white: "white noise",
};
