import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cellTextState } from "../../src/comms/states/cell-text.js";
import { choiceState } from "../../src/comms/states/choice.js";
import { classPrototypeState } from "../../src/comms/states/class-prototype.js";
import { conceptBarsState } from "../../src/comms/states/concept-bars.js";
import { conceptExplorerState } from "../../src/comms/states/concept-explorer.js";
import { drawDigitState } from "../../src/comms/states/draw-digit.js";
import { explorerState } from "../../src/comms/states/explorer.js";
import { flippingCurveState } from "../../src/comms/states/flipping-curve.js";
import { heatmapWidgetState } from "../../src/comms/states/heatmap.js";
import { inversionState } from "../../src/comms/states/inversion.js";
import { layerWalkState } from "../../src/comms/states/layer-walk.js";
import { gridCellState, methodGridState } from "../../src/comms/states/method-grid.js";
import { nameOnWire, ownWidget } from "../../src/comms/states/module.js";
import { moduleWidgetState } from "../../src/comms/states/module-widget.js";
import { moleculeViewState } from "../../src/comms/states/molecule-view.js";
import { plotState } from "../../src/comms/states/plot.js";
import { plotlyFigureState } from "../../src/comms/states/plotly-figure.js";
import { rankMatrixState } from "../../src/comms/states/rank-matrix.js";
import { relevanceBrowserState } from "../../src/comms/states/relevance-browser.js";
import { relevanceFlowState } from "../../src/comms/states/relevance-flow.js";
import { sanityCheckState } from "../../src/comms/states/sanity-check.js";
import { scalpMapState } from "../../src/comms/states/scalp-map.js";
import { shatteredGradientsState } from "../../src/comms/states/shattered-gradients.js";
import { signalHeatmapState } from "../../src/comms/states/signal-heatmap.js";
import { sliceMapState } from "../../src/comms/states/slice-map.js";
import { strategyMapState } from "../../src/comms/states/strategy-map.js";
import { textHeatmapState } from "../../src/comms/states/text-heatmap.js";
import { initialState, type Trait } from "../../src/comms/states/traits.js";
import { unitGalleryState } from "../../src/comms/states/unit-gallery.js";
import { unitPageState } from "../../src/comms/states/unit-page.js";
import { type Lab, type Notebook, startLab } from "./lab.js";

const states: { [name: string]: Record<string, Trait<unknown>> } = {
  CellText: cellTextState,
  Choice: choiceState,
  ClassPrototype: classPrototypeState,
  ConceptBars: conceptBarsState,
  ConceptExplorer: conceptExplorerState,
  DrawDigit: drawDigitState,
  Explorer: explorerState,
  FlippingCurve: flippingCurveState,
  GridCell: gridCellState,
  Heatmap: heatmapWidgetState,
  Inversion: inversionState,
  LayerWalk: layerWalkState,
  MethodGrid: methodGridState,
  ModuleWidget: moduleWidgetState,
  MoleculeView: moleculeViewState,
  Plot: plotState,
  PlotlyFigure: plotlyFigureState,
  RankMatrix: rankMatrixState,
  RelevanceBrowser: relevanceBrowserState,
  RelevanceFlow: relevanceFlowState,
  SanityCheck: sanityCheckState,
  ScalpMap: scalpMapState,
  ShatteredGradients: shatteredGradientsState,
  SignalHeatmap: signalHeatmapState,
  SliceMap: sliceMapState,
  StrategyMap: strategyMapState,
  TextHeatmap: textHeatmapState,
  UnitGallery: unitGalleryState,
  UnitPage: unitPageState,
};

let lab: Lab;
let notebook: Notebook;
before(async () => {
  lab = await startLab();
  await lab.write("states.ipynb", ["1 + 1"]);
  notebook = await lab.open("states.ipynb");
});
after(async () => {
  await notebook?.close();
  await lab?.close();
});

/** What the models in the page start as, and which of their traits are typed arrays there, by name of the widget. */
function modelsOfPage(): Promise<{ [name: string]: { defaults: object; arrays: string[] } }> {
  return notebook.page.evaluate(async () => {
    type Model = { prototype: object; serializers: object };
    type Exports = { [name: string]: Model };
    const { _JUPYTERLAB } = window as never as {
      _JUPYTERLAB: { limpid: { get(module: string): Promise<() => { default: object[] }> } };
    };
    const { default: plugins } = (await _JUPYTERLAB.limpid.get("./extension"))();
    const plugin = (plugins as { id: string }[]).find(({ id }) => id === "limpid:widgets");
    const exported = await new Promise<Exports>((resolve) => {
      const registry = {
        registerWidget: ({ exports }: { exports: () => Promise<Exports> }) => void exports().then(resolve),
      };
      (plugin as never as { activate(app: null, registry: object): void }).activate(null, registry);
    });
    const models = Object.entries(exported).filter(([name]) => name.endsWith("Model"));
    return Object.fromEntries(
      models.map(([name, { prototype, serializers }]) => [
        name.replace("Model", ""),
        {
          defaults: (Object.create(prototype) as { defaults(): object }).defaults(),
          arrays: Object.keys(serializers).sort(),
        },
      ]),
    );
  });
}

test("the browser's models start as the shared states say, and read their arrays", async () => {
  const models = await modelsOfPage();
  assert.deepEqual(Object.keys(models).sort(), Object.keys(states));
  for (const [name, state] of Object.entries(states)) {
    const { defaults, arrays } = models[name]!;
    const expected = { ...initialState(state), ...nameOnWire(ownWidget(name)) };
    const inherited = ["_dom_classes", "layout", "tabbable", "tooltip", "style"];
    const own = Object.fromEntries(Object.entries(defaults).filter(([trait]) => !inherited.includes(trait)));
    assert.deepEqual(own, expected, name);
    const binary = Object.keys(state).filter((trait) => state[trait]!.binary);
    assert.deepEqual(
      binary.filter((trait) => !arrays.includes(trait)),
      [],
      name,
    );
  }
});
