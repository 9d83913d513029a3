import { conceptExplorerState } from "../../comms/states/concept-explorer.js";
import { modelOf } from "../parts/model.js";

export class ConceptExplorerModel extends modelOf("ConceptExplorer", conceptExplorerState) {
  /** Whether the kernel computes. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
