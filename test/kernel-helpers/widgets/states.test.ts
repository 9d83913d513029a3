import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { cellTextState } from "../../../src/comms/states/cell-text.js";
import { choiceState } from "../../../src/comms/states/choice.js";
import { classPrototypeState } from "../../../src/comms/states/class-prototype.js";
import { drawDigitState } from "../../../src/comms/states/draw-digit.js";
import { explorerState } from "../../../src/comms/states/explorer.js";
import { heatmapWidgetState } from "../../../src/comms/states/heatmap.js";
import { inversionState } from "../../../src/comms/states/inversion.js";
import { layerWalkState } from "../../../src/comms/states/layer-walk.js";
import { methodGridState } from "../../../src/comms/states/method-grid.js";
import { nameOnWire, ownWidget } from "../../../src/comms/states/module.js";
import { moleculeViewState } from "../../../src/comms/states/molecule-view.js";
import { rankMatrixState } from "../../../src/comms/states/rank-matrix.js";
import { relevanceFlowState } from "../../../src/comms/states/relevance-flow.js";
import { sanityCheckState } from "../../../src/comms/states/sanity-check.js";
import { scalpMapState } from "../../../src/comms/states/scalp-map.js";
import { shatteredGradientsState } from "../../../src/comms/states/shattered-gradients.js";
import { signalHeatmapState } from "../../../src/comms/states/signal-heatmap.js";
import { sliceMapState } from "../../../src/comms/states/slice-map.js";
import { textHeatmapState } from "../../../src/comms/states/text-heatmap.js";
import { initialState, invalid, type Trait } from "../../../src/comms/states/traits.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import type { LoadedImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { domTraits } from "../../../src/kernel-helpers/widgets/base/layout.js";
import type { Widget } from "../../../src/kernel-helpers/widgets/base/widget.js";
import { CellText } from "../../../src/kernel-helpers/widgets/cell-text/cell-text.js";
import { Choice } from "../../../src/kernel-helpers/widgets/choice/choice.js";
import { ClassPrototype } from "../../../src/kernel-helpers/widgets/class-prototype/class-prototype.js";
import { DrawDigit } from "../../../src/kernel-helpers/widgets/draw-digit/draw-digit.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { Heatmap } from "../../../src/kernel-helpers/widgets/heatmap/heatmap.js";
import { Inversion } from "../../../src/kernel-helpers/widgets/inversion/inversion.js";
import { LayerWalk } from "../../../src/kernel-helpers/widgets/layer-walk/layer-walk.js";
import { compare } from "../../../src/kernel-helpers/widgets/method-grid/compare.js";
import { MoleculeView } from "../../../src/kernel-helpers/widgets/molecule-view/molecule-view.js";
import { RankMatrix } from "../../../src/kernel-helpers/widgets/rank-matrix/rank-matrix.js";
import { RelevanceFlow } from "../../../src/kernel-helpers/widgets/relevance-flow/relevance-flow.js";
import { SanityCheck } from "../../../src/kernel-helpers/widgets/sanity-check/sanity-check.js";
import { ScalpMap } from "../../../src/kernel-helpers/widgets/scalp-map/scalp-map.js";
import { ShatteredGradients } from "../../../src/kernel-helpers/widgets/shattered-gradients/shattered-gradients.js";
import { SignalHeatmap } from "../../../src/kernel-helpers/widgets/signal-heatmap/signal-heatmap.js";
import { SliceMap } from "../../../src/kernel-helpers/widgets/slice-map/slice-map.js";
import { TextHeatmap } from "../../../src/kernel-helpers/widgets/text-heatmap/text-heatmap.js";
import { FrontEnd, turn } from "../../comms/front-end.js";

type State = Record<string, Trait<unknown>>;

const SIZE = 28;
let model: LoadedModel;
let photo: LoadedImage;

before(async () => {
  await tf.setBackend("cpu");
  const weights = tf.randomNormal([SIZE * SIZE, 3], 0, 0.1, "float32", 1);
  const classify = (x: tf.Tensor) => tf.matMul(tf.reshape(x, [-1, SIZE * SIZE]), weights as tf.Tensor2D);
  model = await loadModel(classify, { input: { shape: [SIZE, SIZE, 1] } });
  const tensor = tf.randomUniform([1, SIZE, SIZE, 1], 0, 1, "float32", 2) as tf.Tensor4D;
  const pixels = new Uint8ClampedArray(4 * SIZE * SIZE).fill(90);
  photo = { tensor, pixels, width: SIZE, height: SIZE, name: "noise.png", dispose: () => tensor.dispose() };
});

/** Each widget at work, with its shared state. */
const widgets: { [name: string]: [State, () => Promise<Widget>] } = {
  Heatmap: [
    heatmapWidgetState,
    async () => new Heatmap({ image: photo, relevance: { shape: [2, 1], values: Float32Array.of(1, -1) } }),
  ],
  ScalpMap: [
    scalpMapState,
    async () =>
      new ScalpMap({
        electrodes: ["C3", "Cz", "C4"],
        maps: { title: "Relevance", values: { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) } },
      }),
  ],
  SignalHeatmap: [
    signalHeatmapState,
    async () =>
      new SignalHeatmap({
        signals: {
          ...{ name: "two", rate: 10, start: 0, classNames: [], annotations: [] },
          channels: ["a", "b"].map((name) => ({ name, unit: "µV" })),
          series: [{ values: Float32Array.of(1, 2, 3, 4), samples: 2 }],
        },
        relevance: { shape: [2, 2], values: Float32Array.of(1, -1, 2, -2) },
        brush: [0, 1],
      }),
  ],
  MethodGrid: [
    methodGridState,
    async () => {
      const grid = compare(model, photo, ["gradient-times-input", "lrp"]);
      await grid.settled();
      return grid;
    },
  ],
  Explorer: [
    explorerState,
    async () => {
      const explorer = new Explorer(model, photo, { gamma: 0.5 });
      await explorer.settled();
      return explorer;
    },
  ],
  RankMatrix: [
    rankMatrixState,
    async () => {
      const matrix = new RankMatrix({
        ...{ model, data: photo.tensor, methods: ["gradient-times-input", "lrp"] },
        measures: [{ measure: "pixel-flipping", parameters: { steps: 4 } }, "selectivity"],
      });
      await matrix.settled();
      matrix.pair = ["selectivity", "pixel-flipping"];
      await matrix.settled();
      return matrix;
    },
  ],
  MoleculeView: [
    moleculeViewState,
    async () => {
      const positions = Float32Array.of(0, 0, 0, 0, 0.76, 0.59, 0, -0.76, 0.59);
      const water = { name: "water", elements: ["O", "H", "H"], positions, flat: false };
      const more = { bonds: undefined, charges: new Map<number, number>(), properties: {} };
      return new MoleculeView({ ...water, ...more }, { atoms: [-2, 1, 1], bonds: [{ from: 0, to: 1, value: 1 }] });
    },
  ],
  RelevanceFlow: [
    relevanceFlowState,
    async () => {
      const flow = new RelevanceFlow(model, photo);
      await flow.settled();
      return flow;
    },
  ],
  LayerWalk: [
    layerWalkState,
    async () => {
      const walk = new LayerWalk(model, photo);
      await walk.settled();
      return walk;
    },
  ],
  DrawDigit: [
    drawDigitState,
    async () => {
      const digit = new DrawDigit(model, { rule: "epsilon" });
      await digit.draw(new Uint8Array(SIZE * SIZE).fill(200, 300, 400));
      return digit;
    },
  ],
  CellText: [
    cellTextState,
    async () => {
      const net = tf.sequential({
        layers: [
          tf.layers.embedding({ inputDim: 4, outputDim: 3, batchInputShape: [null, null] }),
          tf.layers.lstm({ units: 3, returnSequences: true }),
        ],
      });
      const cells = new CellText({ ...model, net, classNames: [..."ab()"] }, "ab(ab)ba(b)a(a)", { shifts: 19 });
      await cells.settled();
      return cells;
    },
  ],
  TextHeatmap: [
    textHeatmapState,
    async () => new TextHeatmap({ tokens: ["not", "bad"], relevance: [1, -0.5], score: ({ kept }) => kept.length }),
  ],
  Choice: [choiceState, async () => new Choice("Which?", ["this", "that"], { answer: "that" })],
  ClassPrototype: [
    classPrototypeState,
    async () => {
      const prototype = new ClassPrototype(model, { target: 1 });
      await prototype.settled();
      prototype.keep();
      return prototype;
    },
  ],
  SanityCheck: [
    sanityCheckState,
    async () => {
      const net = tf.sequential({
        layers: [tf.layers.flatten({ inputShape: [SIZE, SIZE, 1] }), tf.layers.dense({ units: 3 })],
      });
      const check = new SanityCheck({ ...model, net }, photo, { methods: ["gradient-times-input"] });
      await check.settled();
      return check;
    },
  ],
  Inversion: [
    inversionState,
    async () => {
      const inversion = new Inversion(model, photo, { steps: 2 });
      await inversion.settled();
      return inversion;
    },
  ],
  ShatteredGradients: [
    shatteredGradientsState,
    async () => {
      const shattered = new ShatteredGradients({ depth: 2, width: 4 });
      await shattered.settled();
      return shattered;
    },
  ],
  SliceMap: [
    sliceMapState,
    async () => new SliceMap({ volume: { shape: [1, 1, 2, 3] }, maps: { Relevance: [1, -2, 3, 0, 0, 5] } }),
  ],
};

for (const [name, [state, make]] of Object.entries(widgets)) {
  test(`${name}: what the kernel sends is the shared state, trait by trait`, async () => {
    const frontEnd = new FrontEnd().attach();
    const widget = await make();
    await turn();
    const sent = frontEnd.models.get(widget.id)!;
    const identity = nameOnWire(ownWidget(name));
    assert.deepEqual(
      Object.keys(sent).sort(),
      [...Object.keys(state), ...Object.keys(identity), ...Object.keys(domTraits)].sort(),
    );
    for (const [key, value] of Object.entries(identity)) assert.equal(sent[key], value);
    for (const [key, trait] of Object.entries(state)) {
      assert.notEqual(trait.check(sent[key]), invalid, `${name}.${key} must be ${trait.expected}`);
    }
    if ("error" in state) assert.equal(sent["error"], "");
    widget.close();
  });
}

test("a widget of which nothing is known starts as the browser assumes", async () => {
  const frontEnd = new FrontEnd().attach();
  const heatmap = new Heatmap();
  await turn();
  const sent = frontEnd.models.get(heatmap.id)!;
  for (const [key, value] of Object.entries(initialState(heatmapWidgetState))) assert.deepEqual(sent[key], value, key);
  heatmap.close();
});
