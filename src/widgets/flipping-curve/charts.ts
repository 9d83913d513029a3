import type * as Plotly from "plotly.js-cartesian-dist-min";
import { type Followed, READER, type ReaderCurve } from "../../comms/states/flipping-curve.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { type ChartColors, chartAxis, chartFrame, plain } from "../parts/chart.js";
import type { ShownRun } from "./model.js";

export const CURVES_HEIGHT = 290;
const MARGIN = { l: 54, r: 16, t: 10, b: 40 };

/** Colors repeat after six; the line says which of them it is. */
const DASHES: Plotly.Dash[] = ["solid", "dash", "dot"];
export const dashOf = (index: number): Plotly.Dash => DASHES[Math.floor(index / 6) % DASHES.length]!;

/** The share of the picture under a place, in CSS pixels from the left of a chart of that width. */
export const shareAt = (left: number, width: number, most: number): number =>
  (most * (left - MARGIN.l)) / Math.max(1, width - MARGIN.l - MARGIN.r);

const axis = (colors: ChartColors): Partial<Plotly.LayoutAxis> => ({
  ...chartAxis(colors),
  mirror: true,
  showline: true,
  ticks: "outside",
  ticklen: 4,
});

export interface CurvesContent {
  run: ShownRun | null;
  /** The reader's, where it is drawn. */
  reader: ReaderCurve | null;
  shares: readonly number[];
  regions: number;
  /** The class, and what of it is followed. */
  target: string;
  followed: Followed;
  /** The step that is looked at, and the curve whose picture is seen. */
  cursor: number;
  watched: number;
  /** The range that is summed up; null for all. */
  range: readonly [number, number] | null;
  /** The last share that is drawn. */
  most: number;
  colors: ChartColors;
  width: number;
}

/** The curves, random order in gray behind them, with cursor and range. */
export function curvesChart(content: CurvesContent): { data: Plotly.Data[]; layout: Partial<Plotly.Layout> } {
  const { run, reader, shares, regions, colors, watched, cursor, most } = content;
  const data: Plotly.Data[] = [];
  const line = (
    x: readonly number[],
    y: readonly number[],
    look: Partial<Plotly.ScatterLine>,
  ): Partial<Plotly.PlotData> => ({
    type: "scatter",
    mode: "lines",
    x: [...x],
    y: [...y],
    line: { width: 1.6, ...look },
    hoverinfo: "skip",
  });
  if (run?.random) {
    const { low, high, mean } = run.random;
    data.push(line(shares, low, { width: 0 }));
    data.push({ ...line(shares, high, { width: 0 }), fill: "tonexty", fillcolor: "rgba(128,128,128,0.18)" });
    data.push(line(shares, mean, { color: colors.chance, width: 1.8, dash: "dash" }));
  }
  run?.curves.forEach((curve, index) => {
    if (curve === null) return;
    const look = { color: colorOfSeries(index), dash: dashOf(index), width: index === watched ? 3 : 1.7 };
    data.push(line(shares, curve, look));
  });
  if (reader) {
    const x = reader.values.map((_, picked) => picked / regions);
    data.push({
      ...line(x, reader.values, { color: colors.ink, width: watched === READER ? 3 : 2 }),
      mode: "lines+markers",
      marker: { color: colors.ink, size: 5 },
    });
  }
  const values = data.flatMap((trace) => (trace as { y: number[] }).y).filter(Number.isFinite);
  const marked = run !== null && cursor >= 0 ? run.curves.map((curve) => curve?.[cursor]) : [];
  const x = shares[cursor];
  data.push({
    type: "scatter",
    mode: "markers",
    x: marked.map(() => x ?? null),
    y: marked.map((value) => value ?? null),
    marker: { size: 7, color: marked.map((_, index) => colorOfSeries(index)), line: { color: colors.paper, width: 1 } },
    hoverinfo: "skip",
    cliponaxis: false,
  } as Plotly.Data);
  const [low, high] = valueRange(values, content.followed);
  return {
    data,
    layout: {
      ...chartFrame(colors, content.width, CURVES_HEIGHT, MARGIN),
      xaxis: {
        ...axis(colors),
        range: [0, most],
        tickformat: ".1~%",
        nticks: 7,
        title: { text: "share of the picture flipped", standoff: 6, font: { size: 12 } },
      },
      yaxis: {
        ...axis(colors),
        range: [low, high],
        nticks: 6,
        title: {
          text: plain(`${content.followed} of ${content.target || "the output"}`),
          standoff: 6,
          font: { size: 12 },
        },
      },
      shapes: shapesOf(content),
    },
  };
}

/** The range that is summed up, and the step that is looked at. */
function shapesOf({ range, shares, cursor, run, colors }: CurvesContent): Partial<Plotly.Shape>[] {
  const shapes: Partial<Plotly.Shape>[] = [];
  const whole = { yref: "paper", y0: 0, y1: 1, layer: "below" } as const;
  if (range !== null && run !== null) {
    const [from, to] = range;
    shapes.push({
      ...{ type: "rect", xref: "x", x0: shares[from]!, x1: shares[to]!, ...whole },
      fillcolor: colors.accent,
      opacity: 0.13,
      line: { width: 0 },
    });
  }
  const x = shares[cursor];
  if (x !== undefined && run !== null) {
    const line = { color: colors.accent, width: 1, dash: "dot" as const };
    shapes.push({ type: "line", xref: "x", x0: x, x1: x, ...whole, line });
  }
  return shapes;
}

/** From 0 where a probability is drawn, with a little air. */
function valueRange(values: readonly number[], followed: Followed): [number, number] {
  let [low, high] = values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
  if (followed === "probability") low = 0;
  if (!(high > low)) [low, high] = [low - 0.5, high + 0.5];
  const air = 0.05 * (high - low);
  return [
    followed === "probability" ? -air / 2 : low - air,
    followed === "probability" ? Math.min(1.03, high + air) : high + air,
  ];
}

/** How ranks change from replacement to replacement. */
export function ranksChart(
  columns: readonly { label: string; ranks: readonly (number | null)[]; drawn: boolean }[],
  labels: readonly string[],
  watched: number,
  colors: ChartColors,
  width: number,
): { data: Plotly.Data[]; layout: Partial<Plotly.Layout> } {
  const count = Math.max(2, labels.length);
  const data = labels.map((name, index): Plotly.Data => {
    const ranks = columns.map(({ ranks }) => ranks[index] ?? null);
    return {
      type: "scatter",
      mode: "text+lines+markers" as "lines+markers",
      x: columns.map((_, place) => place),
      y: ranks,
      name: plain(name),
      text: ranks.map((rank) => (rank === null ? "" : String(rank))),
      textposition: "middle center",
      textfont: { color: "#fff", size: 11 },
      marker: { size: 18, color: markerOf(index) },
      line: { color: colorOfSeries(index), dash: dashOf(index), width: index === watched ? 3.5 : 2 },
      hoverinfo: "skip",
      cliponaxis: false,
    };
  });
  const longest = Math.max(...labels.map((label) => label.length), 4);
  const right = Math.min(0.32 * width, 14 + 6.6 * longest);
  const letters = Math.max(4, Math.floor(right / 6.6) - 2);
  const last = columns.length - 1;
  /** Names of replacements do not fit side by side. */
  const isTight = (width - right) / columns.length < 84;
  return {
    data,
    layout: {
      ...chartFrame(colors, width, Math.max(120, 46 + 30 * count) + (isTight ? 44 : 0), {
        ...{ l: 44, r: right, t: 8 },
        b: isTight ? 74 : 30,
      }),
      xaxis: {
        ...axis(colors),
        showline: false,
        ticks: "",
        range: [-0.25, last + 0.12],
        tickangle: isTight ? -50 : 0,
        tickvals: columns.map((_, place) => place),
        ticktext: columns.map(({ label, drawn }) => (drawn ? `<b>${plain(label)}</b>` : plain(label))),
      },
      yaxis: {
        ...axis(colors),
        showline: false,
        ticks: "",
        range: [count + 0.5, 0.5],
        dtick: 1,
        showticklabels: false,
        title: { text: "rank", standoff: 4, font: { size: 12 } },
      },
      annotations: labels.flatMap((label, index): Partial<Plotly.Annotations>[] => {
        const rank = columns[last]?.ranks[index];
        if (rank === null || rank === undefined) return [];
        const words = label.length > letters ? `${label.slice(0, letters - 1)}…` : label;
        const font = { size: 12, color: colors.ink };
        // Those of equal rank stand beneath each other.
        const before = labels.slice(0, index).filter((_, other) => columns[last]!.ranks[other] === rank).length;
        return [
          {
            x: last,
            y: rank,
            xanchor: "left",
            xshift: 14,
            yshift: -13 * before,
            showarrow: false,
            text: plain(words),
            font,
          },
        ];
      }),
    },
  };
}

/** A color on which white numbers can be read. */
const markerOf = (index: number): string => {
  const dark: Record<string, string> = {
    "#cc79a7": "#a8477d",
    "#e69f00": "#9a6a00",
    "#56b4e9": "#1f7eb5",
    "#009e73": "#007a58",
    "#d55e00": "#b34f00",
  };
  const color = colorOfSeries(index);
  return dark[color] ?? color;
};
