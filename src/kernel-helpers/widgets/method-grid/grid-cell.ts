import { type GridCellState, gridCellState } from "../../../comms/states/method-grid.js";
import { MODULE, MODULE_VERSION } from "../../../comms/states/module.js";
import { type Relevance, relevanceMap } from "../../pictures/relevance-map.js";
import { widgetClass } from "../base/widget-class.js";
import { pictureTraits } from "../heatmap/heatmap.js";

/** What is held of a map: relevance as explainers give it. */
export type GridCellTraits = Omit<GridCellState, "relevance"> & { relevance: Relevance | null };

/** What says that a map is there. */
export const found = { phase: "done", progress: null, error: "" } as const;

/** One map of a grid, which shows it; it has no view of its own. */
export class GridCell extends widgetClass<GridCellTraits>({
  model: { module: MODULE, version: MODULE_VERSION, name: "GridCellModel" },
  view: { name: null },
  traits: { ...gridCellState, relevance: pictureTraits.relevance },
  constrain(next, names) {
    if (names.has("relevance")) next.relevance = next.relevance && relevanceMap(next.relevance);
  },
}) {}
