import type * as Plotly from "plotly.js-cartesian-dist-min";

let load = (): Promise<typeof Plotly> => import("plotly.js-cartesian-dist-min");

/** Fetches plotly, when the first chart is drawn. */
export const loadPlotly = (): Promise<typeof Plotly> => load();

/** Has plotly come from elsewhere: a page that asks no server holds it itself. */
export function takePlotlyFrom(source: () => Promise<typeof Plotly>): void {
  load = source;
}
