export { ExplorerModel } from "./explorer/model.js";
export { ExplorerView } from "./explorer/view.js";
export { HeatmapModel } from "./heatmap/model.js";
export { HeatmapView } from "./heatmap/view.js";
