import type * as Plotly from "plotly.js-cartesian-dist-min";
import { colorOfSeries, type PlotState } from "../../comms/states/plot.js";
import { type ChartColors, chartFrame, hoverLabel, plain } from "../parts/chart.js";
import type { ShownSeries } from "./model.js";

type Words = Pick<PlotState, "xLabel" | "yLabel" | "logX" | "logY" | "height">;

/** The series as plotly draws them. */
export function figure(
  series: readonly ShownSeries[],
  { xLabel, yLabel, logX, logY, height }: Words,
  colors: ChartColors,
  width: number,
): { data: Plotly.Data[]; layout: Partial<Plotly.Layout> } {
  const isNamed = series.some(({ name }) => name !== "");
  const data = series.map(({ name, kind, x, y, labels }, index): Plotly.Data => {
    const color = colorOfSeries(index);
    const common = {
      x: labels.length > 0 ? labels.map(plain) : x.values,
      y: y.values,
      name: plain(name || yLabel || "y"),
      hovertemplate: "%{y:.4~g}",
    };
    if (kind === "bars") return { ...common, type: "bar", marker: { color } };
    const few = x.values.length <= 60;
    const mode = kind === "points" ? "markers" : few ? "lines+markers" : "lines";
    return {
      ...common,
      type: "scatter",
      mode,
      line: { color, width: 1.8 },
      marker: { color, size: kind === "points" ? 6 : 4 },
      connectgaps: false,
    };
  });
  const axis = (title: string, isLogarithmic: boolean): Partial<Plotly.LayoutAxis> => ({
    title: { text: plain(title), standoff: 8, font: { size: 12 } },
    type: isLogarithmic ? "log" : "-",
    automargin: true,
    gridcolor: colors.line,
    zerolinecolor: colors.line,
    linecolor: colors.line,
    tickfont: { size: 11, color: colors.soft },
    exponentformat: "power",
  });
  return {
    data,
    layout: {
      ...chartFrame(colors, width, height, { l: 56, r: 16, t: isNamed ? 30 : 12, b: 40 }),
      dragmode: "zoom",
      showlegend: isNamed,
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", font: { color: colors.ink } },
      xaxis: axis(xLabel, logX),
      yaxis: axis(yLabel, logY),
      barmode: "group",
      hovermode: "x unified",
      hoverlabel: hoverLabel(colors),
    },
  };
}
