import { type DOMWidgetModel, type ISerializers, unpack_models } from "@jupyter-widgets/base";
import { rankMatrixState } from "../../comms/states/rank-matrix.js";
import { modelOf } from "../parts/model.js";

const models: ISerializers[string] = { deserialize: unpack_models };

export class RankMatrixModel extends modelOf("RankMatrix", rankMatrixState, { detail: models }) {
  get detail(): DOMWidgetModel | null {
    return this.get("detail") as unknown as DOMWidgetModel | null;
  }

  /** Whether the kernel evaluates. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
