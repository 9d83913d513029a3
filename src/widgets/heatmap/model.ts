import { heatmapWidgetState } from "../../comms/states/heatmap.js";
import { modelOf } from "../parts/model.js";

export class HeatmapModel extends modelOf("Heatmap", heatmapWidgetState) {}
