import { IJupyterWidgetRegistry } from "@jupyter-widgets/base";
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { MODULE, MODULE_VERSION } from "../comms/states/module.js";
import { reports } from "./report/plugin.js";
import { storedWidgets } from "./stored/plugin.js";

/** Tells JupyterLab's widget manager where Limpid's widgets are; their code is fetched when one is first shown. */
const widgets: JupyterFrontEndPlugin<void> = {
  id: `${MODULE}:widgets`,
  description: "Shows Limpid's heatmaps and explorers in notebooks.",
  autoStart: true,
  requires: [IJupyterWidgetRegistry],
  activate: (_app: JupyterFrontEnd, registry: IJupyterWidgetRegistry) => {
    registry.registerWidget({ name: MODULE, version: MODULE_VERSION, exports: () => import("./index.js") });
  },
};

export default [widgets, storedWidgets, reports];
