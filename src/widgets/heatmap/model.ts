import { DOMWidgetModel } from "@jupyter-widgets/base";
import { type HeatmapState, heatmapDefaults } from "../../comms/states/heatmap.js";
import { MODULE, MODULE_VERSION } from "../../comms/states/module.js";
import { arraySerializer, TypedModel } from "../parts/model.js";

export class HeatmapModel extends TypedModel<HeatmapState> {
  override defaults() {
    return {
      ...super.defaults(),
      ...heatmapDefaults,
      _model_name: "HeatmapModel",
      _model_module: MODULE,
      _model_module_version: MODULE_VERSION,
      _view_name: "HeatmapView",
      _view_module: MODULE,
      _view_module_version: MODULE_VERSION,
    };
  }

  static override serializers = {
    ...DOMWidgetModel.serializers,
    image: arraySerializer,
    relevance: arraySerializer,
  };
}
