import { inversionState } from "../../comms/states/inversion.js";
import { modelOf } from "../parts/model.js";

export class InversionModel extends modelOf("Inversion", inversionState) {
  /** Whether the kernel inverts. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
