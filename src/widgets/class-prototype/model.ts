import type { ISerializers } from "@jupyter-widgets/base";
import { classPrototypeState, type Snapshot } from "../../comms/states/class-prototype.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, modelOf } from "../parts/model.js";

/** A kept picture as the browser holds it. */
export type Kept = Omit<Snapshot, "picture"> & { picture: Grid<Uint8Array> };

const read = arraySerializer.deserialize!;
const write = arraySerializer.serialize!;

const gallery: ISerializers[string] = {
  deserialize: (snapshots: Snapshot[], manager) =>
    snapshots.map((snapshot) => ({ ...snapshot, picture: read(snapshot.picture, manager) })),
  serialize: (kept: Kept[]) => kept.map((snapshot) => ({ ...snapshot, picture: write(snapshot.picture) })),
};

export class ClassPrototypeModel extends modelOf("ClassPrototype", classPrototypeState, { gallery }) {
  get gallery(): Kept[] {
    return this.get("gallery") as Kept[];
  }
}
