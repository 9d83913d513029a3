import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as tf from "@tensorflow/tfjs";
import { classPrototypeState } from "../../../src/comms/states/class-prototype.js";
import { drawDigitState } from "../../../src/comms/states/draw-digit.js";
import { explorerState } from "../../../src/comms/states/explorer.js";
import { heatmapWidgetState } from "../../../src/comms/states/heatmap.js";
import { methodGridState } from "../../../src/comms/states/method-grid.js";
import { nameOnWire, ownWidget } from "../../../src/comms/states/module.js";
import { rankMatrixState } from "../../../src/comms/states/rank-matrix.js";
import { relevanceFlowState } from "../../../src/comms/states/relevance-flow.js";
import { sanityCheckState } from "../../../src/comms/states/sanity-check.js";
import { shatteredGradientsState } from "../../../src/comms/states/shattered-gradients.js";
import { initialState, invalid, type Trait } from "../../../src/comms/states/traits.js";
import { type LoadedModel, loadModel } from "../../../src/kernel-helpers/models/index.js";
import type { LoadedImage } from "../../../src/kernel-helpers/pictures/load-image.js";
import { domTraits } from "../../../src/kernel-helpers/widgets/base/layout.js";
import type { Widget } from "../../../src/kernel-helpers/widgets/base/widget.js";
import { ClassPrototype } from "../../../src/kernel-helpers/widgets/class-prototype/class-prototype.js";
import { DrawDigit } from "../../../src/kernel-helpers/widgets/draw-digit/draw-digit.js";
import { Explorer } from "../../../src/kernel-helpers/widgets/explorer/explorer.js";
import { Heatmap } from "../../../src/kernel-helpers/widgets/heatmap/heatmap.js";
import { compare } from "../../../src/kernel-helpers/widgets/method-grid/compare.js";
import { RankMatrix } from "../../../src/kernel-helpers/widgets/rank-matrix/rank-matrix.js";
import { RelevanceFlow } from "../../../src/kernel-helpers/widgets/relevance-flow/relevance-flow.js";
import { SanityCheck } from "../../../src/kernel-helpers/widgets/sanity-check/sanity-check.js";
import { ShatteredGradients } from "../../../src/kernel-helpers/widgets/shattered-gradients/shattered-gradients.js";
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
  RelevanceFlow: [
    relevanceFlowState,
    async () => {
      const flow = new RelevanceFlow(model, photo);
      await flow.settled();
      return flow;
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
  ShatteredGradients: [
    shatteredGradientsState,
    async () => {
      const shattered = new ShatteredGradients({ depth: 2, width: 4 });
      await shattered.settled();
      return shattered;
    },
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
    assert.equal(sent["error"], "");
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
