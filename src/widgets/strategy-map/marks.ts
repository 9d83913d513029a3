import { colorOfSeries } from "../../comms/states/plot.js";

/** How a cluster is marked: six colors, then the same as squares. */
export const markOf = (cluster: number): { color: string; square: boolean } => ({
  color: colorOfSeries(cluster),
  square: Math.floor(cluster / 6) % 2 === 1,
});
