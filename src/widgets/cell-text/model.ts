import { cellTextState } from "../../comms/states/cell-text.js";
import { modelOf } from "../parts/model.js";

export class CellTextModel extends modelOf("CellText", cellTextState) {
  /** Whether the kernel computes. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
