import { textHeatmapState } from "../../comms/states/text-heatmap.js";
import { modelOf } from "../parts/model.js";

export class TextHeatmapModel extends modelOf("TextHeatmap", textHeatmapState) {}
