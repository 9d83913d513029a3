import type { PlotlyTrace } from "../../../comms/states/plotly-figure.js";
import { isRecord } from "../../../comms/states/traits.js";
import { PlotlyFigure } from "../../widgets/plotly-figure/plotly-figure.js";

/** What a trace of plotly has one of. */
const OF_TRACES = ["type", "x", "y", "z", "values"];

/** A figure as plotly's own functions take it, `{ data, layout }`, as a widget. */
export function figureOf(value: unknown): PlotlyFigure | undefined {
  if (!isRecord(value) || !Array.isArray(value["data"]) || !isRecord(value["layout"])) return undefined;
  const traces: unknown[] = value["data"];
  const isFigure =
    traces.length > 0 && traces.every((trace) => isRecord(trace) && OF_TRACES.some((name) => name in trace));
  return isFigure ? new PlotlyFigure(traces as PlotlyTrace[], value["layout"]) : undefined;
}
