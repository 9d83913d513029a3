import type { ISerializers } from "@jupyter-widgets/base";
import { type ScalpPart, scalpMapState } from "../../comms/states/scalp-map.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, modelOf } from "../parts/model.js";

/** A map as the browser holds it. */
export type ShownPart = Omit<ScalpPart, "values"> & { values: Grid<Float32Array> };

const maps: ISerializers[string] = {
  deserialize: (sent: ScalpPart[], manager) =>
    sent.map((one) => ({ ...one, values: arraySerializer.deserialize!(one.values, manager) as Grid<Float32Array> })),
  serialize: (held: ShownPart[]) => held.map((one) => ({ ...one, values: arraySerializer.serialize!(one.values) })),
};

export class ScalpMapModel extends modelOf("ScalpMap", scalpMapState, { maps }) {
  get maps(): ShownPart[] {
    return this.get("maps") as ShownPart[];
  }
}
