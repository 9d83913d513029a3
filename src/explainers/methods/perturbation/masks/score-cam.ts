import type { Tensor, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Findings, method } from "../../../method.js";
import { record } from "../../../network/index.js";
import { chosenLayer, LayerError } from "../../../network/layers.js";
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
    const explain = byPerturbation(model, budget, ({ x, shape }) => {
      const [height, width, channels] = shape as [number, number, number];
      const large = (maps: Tensor) => tf.image.resizeBilinear(maps as Tensor4D, [height, width], false, true);
      const recording = record(model, x);
      try {
        const chosen = chosenLayer(recording.graph, wanted);
        name = chosen.name;
        const activation = recording.value(chosen.id);
        if (activation.rank !== 4) {
          throw new LayerError(
            name,
            `Layer "${name}" has the shape [${activation.shape}]: it has no map of positions.`,
          );
        }
        const [, rows, columns, count] = activation.shape as [number, number, number, number];
        const nothing = new Float32Array(height * width * channels);
        // Channels first: a batch of masks is then one slice.
        const maps = tf.tidy(() => Float32Array.from(tf.transpose(activation, [0, 3, 1, 2]).dataSync()));
        const size = rows * columns;
        const mapsOf = (sample: number, start: number, some: number) => {
          const from = (sample * count + start) * size;
          return tf.tensor4d(maps.slice(from, from + some * size), [some, rows, columns, 1]);
        };
        return {
          plan: ({ index, values }) => ({
            count,
            make: (start, some) => {
              const up = large(mapsOf(index, start, some));
              const low = tf.min(up, [1, 2], true);
              return blend(values, nothing, shape, tf.divNoNan(tf.sub(up, low), tf.sub(tf.max(up, [1, 2], true), low)));
            },
            finish: (scores) => ({
              relevance: scoped(() => {
                const weights = tf.reshape(tf.softmax(tf.tensor1d(scores)), [count, 1, 1, 1]);
                const map = large(tf.relu(tf.sum(tf.mul(weights, mapsOf(index, 0, count)), 0, true)));
                return Float32Array.from(tf.tile(map, [1, 1, 1, channels]).dataSync());
              }),
            }),
          }),
        };
      } finally {
        recording.dispose();
      }
    });
    return async (x, run): Promise<Findings<LayerAttribution>> => {
      const found = await explain(x, run);
      // One value a position: all channels carry the same.
      const channels = found.shape.at(-1)!;
      const relevance = found.relevance.filter((_, entry) => entry % channels === 0);
      const shape = [...found.shape.slice(0, -1), 1];
      return { ...found, relevance, shape, inputs: [{ relevance, shape }], parameters: { layer: name }, layer: name };
    };
  },
});
