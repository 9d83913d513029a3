import { conceptBarsState } from "../../comms/states/concept-bars.js";
import { modelOf } from "../parts/model.js";

export class ConceptBarsModel extends modelOf("ConceptBars", conceptBarsState) {
  /** Whether the kernel computes. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
