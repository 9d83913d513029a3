import type { ISerializers } from "@jupyter-widgets/base";
import { type PlotSeries, plotState } from "../../comms/states/plot.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, modelOf } from "../parts/model.js";

/** A series as the browser holds it. */
export type ShownSeries = Omit<PlotSeries, "x" | "y"> & { x: Grid<Float32Array>; y: Grid<Float32Array> };

const read = arraySerializer.deserialize!;
const write = arraySerializer.serialize!;

const series: ISerializers[string] = {
  deserialize: (sent: PlotSeries[], manager) =>
    sent.map((one) => ({ ...one, x: read(one.x, manager), y: read(one.y, manager) })),
  serialize: (held: ShownSeries[]) => held.map((one) => ({ ...one, x: write(one.x), y: write(one.y) })),
};

export class PlotModel extends modelOf("Plot", plotState, { series }) {
  get series(): ShownSeries[] {
    return this.get("series") as ShownSeries[];
  }
}
