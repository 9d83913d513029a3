import { relevanceBrowserState } from "../../comms/states/relevance-browser.js";
import { modelOf } from "../parts/model.js";

export class RelevanceBrowserModel extends modelOf("RelevanceBrowser", relevanceBrowserState) {
  /** Whether the kernel reads the store for the first time. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
