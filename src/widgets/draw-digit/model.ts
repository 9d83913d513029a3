import { DOMWidgetModel } from "@jupyter-widgets/base";
import { type DrawDigitState, drawDigitDefaults } from "../../comms/states/draw-digit.js";
import { MODULE, MODULE_VERSION } from "../../comms/states/module.js";
import type { Grid } from "../parts/grid.js";
import { arraySerializer, TypedModel } from "../parts/model.js";

export class DrawDigitModel extends TypedModel<DrawDigitState> {
  override defaults() {
    return {
      ...super.defaults(),
      ...drawDigitDefaults,
      _model_name: "DrawDigitModel",
      _model_module: MODULE,
      _model_module_version: MODULE_VERSION,
      _view_name: "DrawDigitView",
      _view_module: MODULE,
      _view_module_version: MODULE_VERSION,
    };
  }

  /** Bytes, `[28, 28, 1]`. */
  pixels(name: "digit" | "prototype" | "samples"): Grid<Uint8Array> | null {
    return this.get(name) as Grid<Uint8Array> | null;
  }

  /** Hands a drawing to the kernel; while it is busy, only the newest waits. */
  draw(values: Uint8Array): void {
    this.set("digit", { shape: [28, 28, 1], values } satisfies Grid<Uint8Array>);
    this.save_changes();
  }

  static override serializers = {
    ...DOMWidgetModel.serializers,
    image: arraySerializer,
    relevance: arraySerializer,
    digit: arraySerializer,
    prototype: arraySerializer,
    samples: arraySerializer,
  };
}
