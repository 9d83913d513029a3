import { unitGalleryState } from "../../comms/states/unit-gallery.js";
import { modelOf } from "../parts/model.js";

export class UnitGalleryModel extends modelOf("UnitGallery", unitGalleryState) {
  /** Whether the kernel dissects. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
