import { DOMWidgetModel, type ISerializers } from "@jupyter-widgets/base";
import { type ClassPrototypeState, classPrototypeDefaults, type Snapshot } from "../../comms/states/class-prototype.js";
import { MODULE, MODULE_VERSION } from "../../comms/states/module.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, TypedModel } from "../parts/model.js";

/** A kept picture as the browser holds it. */
export type Kept = Omit<Snapshot, "picture"> & { picture: Grid<Uint8Array> };

const read = arraySerializer.deserialize!;
const write = arraySerializer.serialize!;

const gallerySerializer: ISerializers[string] = {
  deserialize: (snapshots: Snapshot[], manager) =>
    snapshots.map((snapshot) => ({ ...snapshot, picture: read(snapshot.picture, manager) })),
  serialize: (kept: Kept[]) => kept.map((snapshot) => ({ ...snapshot, picture: write(snapshot.picture) })),
};

export class ClassPrototypeModel extends TypedModel<ClassPrototypeState> {
  override defaults() {
    return {
      ...super.defaults(),
      ...classPrototypeDefaults,
      _model_name: "ClassPrototypeModel",
      _model_module: MODULE,
      _model_module_version: MODULE_VERSION,
      _view_name: "ClassPrototypeView",
      _view_module: MODULE,
      _view_module_version: MODULE_VERSION,
    };
  }

  get gallery(): Kept[] {
    return this.get("gallery") as Kept[];
  }

  /** `[points, 3]`: step, activation, cost. */
  get curves(): Grid<Float32Array> | null {
    return this.get("curves") as Grid<Float32Array> | null;
  }

  /** `[count, height, width, channel]`. */
  get examples(): Grid<Uint8Array> | null {
    return this.get("examples") as Grid<Uint8Array> | null;
  }

  static override serializers = {
    ...DOMWidgetModel.serializers,
    image: arraySerializer,
    curves: arraySerializer,
    examples: arraySerializer,
    gallery: gallerySerializer,
  };
}
