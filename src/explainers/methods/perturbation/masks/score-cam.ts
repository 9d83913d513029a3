import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { record } from "../../../network/index.js";
import { asMap, toInput } from "../../../network/layer-map.js";
import { chosenLayer, chosenMap } from "../../../network/layers.js";
import { sizeOf } from "../../../network/shapes.js";
import { scoped } from "../../../network/tensors.js";
import { type LayerAttribution, layer } from "../../gradient/layers/at-layer.js";
import { byPerturbation } from "../engine/by-perturbation.js";
import { memoryBudget } from "../engine/parameters.js";
import { blend } from "../features/coalitions.js";

/**
 * Score-CAM: `ReLU(Σ_k α_k A_k)`, where the weights α are the softmax over channels of how much of the output remains when
 * the input is masked by channel k's map, brought to the input's size and to 0 … 1 (Wang et al. 2020, algorithm 1; the output
 * at the baseline is the same for all channels and cancels in the softmax). It needs no gradient.
 *
 * @throws LayerError for a layer that is not there or has no map; TargetError
 * @example
 * const map = await scoreCam(model)(photo, { target: 282 });
 * map.shape; // [1, 224, 224, 1]
 */
export const scoreCam = method({
  id: "score-cam",
  name: "Score-CAM",
  family: "perturbation",
  reference: "Wang et al. 2020, CVPR workshop, algorithm 1",
  question: "Which places do those channels see that keep the output high when all else is hidden?",
  inputs: ["image"],
  signed: false,
  additive: false,
  result: "positions",
  parameters: { layer, memoryBudget },
  explainer: (model, { layer: wanted, memoryBudget: budget }) => {
    let name = "";
    let bare: number[] = [];
    const explain = byPerturbation(
      model,
      budget,
      ({ x, shape, batch }) => {
        const recording = record(model, x);
        try {
          const chosen = chosenLayer(recording.graph, wanted);
          name = chosen.name;
          const place = chosenMap(recording.graph, chosen);
          const nothing = new Float32Array(sizeOf(shape));
          // Channels first: a batch of masks is then one slice.
          const channelsFirst = tf.tidy(() => {
            const map = asMap(place, recording.value(chosen.id), batch);
            const axes = map.shape.map((_, axis) => axis);
            return tf.keep(tf.transpose(map, [0, axes.at(-1)!, ...axes.slice(1, -1)]));
          });
          const [, count, ...grid] = channelsFirst.shape as [number, number, ...number[]];
          const maps = Float32Array.from(channelsFirst.dataSync());
          channelsFirst.dispose();
          const size = sizeOf(grid);
          const mapsOf = (sample: number, start: number, some: number) => {
            const from = (sample * count + start) * size;
            return tf.tensor(maps.slice(from, from + some * size), [some, ...grid, 1]);
          };
          const large = (some: Tensor) => toInput(some, place, shape, "bilinear");
          return {
            plan: ({ index, values }) => ({
              count,
              make: (start, some) => {
                const up = large(mapsOf(index, start, some)).broadcast;
                const axes = up.shape.slice(1).map((_, axis) => axis + 1);
                const low = tf.min(up, axes, true);
                return blend(values, nothing, shape, tf.divNoNan(tf.sub(up, low), tf.sub(tf.max(up, axes, true), low)));
              },
              finish: (scores) => ({
                relevance: scoped(() => {
                  const weights = tf.reshape(tf.softmax(tf.tensor1d(scores)), [count, ...grid.map(() => 1), 1]);
                  const map = large(tf.relu(tf.sum(tf.mul(weights, mapsOf(index, 0, count)), 0, true))).bare;
                  bare = map.shape.slice(1);
                  return Float32Array.from(map.dataSync());
                }),
              }),
            }),
          };
        } finally {
          recording.dispose();
        }
      },
      { several: "none" },
    );
    return async (x, run): Promise<Findings<LayerAttribution>> => {
      const found = await explain(x, run);
      const { relevance } = found;
      const shape = [found.shape[0]!, ...bare];
      return { ...found, relevance, shape, inputs: [{ relevance, shape }], parameters: { layer: name }, layer: name };
    };
  },
});
