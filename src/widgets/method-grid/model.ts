import { type DOMWidgetModel, type ISerializers, unpack_models } from "@jupyter-widgets/base";
import { type GridRow, gridCellState, methodGridState } from "../../comms/states/method-grid.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, modelOf } from "../parts/model.js";

/** One map of a grid. */
export class GridCellModel extends modelOf("GridCell", gridCellState) {}

/** A row as the browser holds it. */
export type ShownRow = Omit<GridRow, "image"> & { image: Grid<Uint8Array> | null };

const read = arraySerializer.deserialize!;
const write = arraySerializer.serialize!;

const rows: ISerializers[string] = {
  deserialize: (sent: GridRow[], manager) => sent.map((row) => ({ ...row, image: read(row.image, manager) })),
  serialize: (held: ShownRow[]) => held.map((row) => ({ ...row, image: write(row.image) })),
};
const models: ISerializers[string] = { deserialize: unpack_models };

export class MethodGridModel extends modelOf("MethodGrid", methodGridState, { rows, cells: models, detail: models }) {
  get rows(): ShownRow[] {
    return this.get("rows") as ShownRow[];
  }

  get cells(): GridCellModel[] {
    return this.get("cells") as GridCellModel[];
  }

  get detail(): DOMWidgetModel | null {
    return this.get("detail") as DOMWidgetModel | null;
  }

  /** Whether the kernel computes maps. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
