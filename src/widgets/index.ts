export { ClassPrototypeModel } from "./class-prototype/model.js";
export { ClassPrototypeView } from "./class-prototype/view.js";
export { DrawDigitModel } from "./draw-digit/model.js";
export { DrawDigitView } from "./draw-digit/view.js";
export { ExplorerModel } from "./explorer/model.js";
export { ExplorerView } from "./explorer/view.js";
export { HeatmapModel } from "./heatmap/model.js";
export { HeatmapView } from "./heatmap/view.js";
