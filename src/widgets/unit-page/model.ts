import { type DOMWidgetModel, type ISerializers, unpack_models } from "@jupyter-widgets/base";
import { unitPageState } from "../../comms/states/unit-page.js";
import { modelOf } from "../parts/model.js";

const models: ISerializers[string] = { deserialize: unpack_models };

export class UnitPageModel extends modelOf("UnitPage", unitPageState, { pad: models }) {
  get pad(): DOMWidgetModel | null {
    return this.get("pad") as unknown as DOMWidgetModel | null;
  }
}
