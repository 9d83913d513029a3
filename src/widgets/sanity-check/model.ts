import { type DOMWidgetModel, type ISerializers, unpack_models } from "@jupyter-widgets/base";
import { sanityCheckState } from "../../comms/states/sanity-check.js";
import { modelOf } from "../parts/model.js";

const models: ISerializers[string] = { deserialize: unpack_models };

export class SanityCheckModel extends modelOf("SanityCheck", sanityCheckState, {
  original: models,
  randomized: models,
}) {
  get maps(): (DOMWidgetModel | null)[] {
    return [this.get("original"), this.get("randomized")] as unknown as (DOMWidgetModel | null)[];
  }

  /** Whether the kernel computes steps. */
  get running(): boolean {
    return this.comm_live && this.trait("running");
  }
}
