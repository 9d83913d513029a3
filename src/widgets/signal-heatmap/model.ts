import { signalHeatmapState } from "../../comms/states/signal-heatmap.js";
import { modelOf } from "../parts/model.js";

export class SignalHeatmapModel extends modelOf("SignalHeatmap", signalHeatmapState) {}
