import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { deconvolved } from "../../methods/gradient/input/rectifiers.js";
import { type LrpOptions, lrp } from "../../methods/lrp/index.js";
import type { Model, Recording } from "../../network/index.js";
import { layerMap } from "../../network/layer-map.js";
import { chosenLayer } from "../../network/layers.js";
import { scoped } from "../../network/tensors.js";
import type { AbortLike } from "../../progress.js";
import type { Target } from "../../target.js";
import { arrivedAt } from "../crp/concept-relevance.js";

/** Which unit of a layer is looked at in one sample. */
export interface UnitPlace {
  /** The position of the layer's map, row by row. */
  readonly position: number;
  /**
   * What relevance is of: `"unit"`, what the unit's activation comes from; `"output"`, what of the output came through all of the channel
   * (concept-conditional relevance).
   */
  readonly of: "unit" | "output";
}

/** What a unit answered to in some samples, on their inputs. */
export interface UnitMaps {
  /** The inputs' shape, `[samples, …]`. */
  readonly shape: readonly number[];
  /** Deconvolution of the unit's activation, all others at 0 (Zeiler & Fergus 2014). */
  readonly deconvolution: Float32Array;
  readonly relevance: Float32Array;
}

/** Deconvolution and relevance of one channel in each sample of a recording: two ways back for all samples together. */
export function unitMaps(model: Model, options: LrpOptions = {}) {
  const explain = lrp(model, options);
  return async (
    recording: Recording,
    {
      layer,
      channel,
      places,
      target = "top1",
      signal,
    }: {
      readonly layer: string;
      readonly channel: number;
      readonly places: readonly UnitPlace[];
      readonly target?: Target;
      readonly signal?: AbortLike;
    },
  ): Promise<UnitMaps> => {
    const quiet = { onProgress: () => {}, ...(signal && { signal }) };
    const { id } = chosenLayer(recording.graph, layer);
    const value = recording.value(id);
    const ones = onesAt(
      value.shape,
      places.map(({ position }) => position),
      channel,
    );
    const unit = tf.mul(value, ones);
    let seeds = unit;
    try {
      if (places.some(({ of }) => of === "output")) {
        using whole = await explain(recording, { ...quiet, target, keepLayers: true, until: [layer] });
        const arrived = arrivedAt(recording, whole, layer);
        seeds = tf.tidy(() => {
          // Of a layer without a map every unit is a channel.
          const isFlat = typeof layerMap(recording.graph, recording.graph.nodes[id]!) === "string";
          const only = isFlat ? ones : tf.cast(tf.oneHot(tf.scalar(channel, "int32"), value.shape.at(-1)!), "float32");
          const rows = places.map(({ of }) => Number(of === "output"));
          const isOutput = tf.reshape(tf.tensor1d(rows), [rows.length, ...value.shape.slice(1).map(() => 1)]);
          const conditional = tf.mul(tf.tensor(arrived, value.shape), only);
          return tf.add(tf.mul(conditional, isOutput), tf.mul(unit, tf.sub(1, isOutput)));
        });
      }
      using found = await explain(recording, { ...quiet, target: { layer, relevance: seeds } });
      const deconvolution = scoped(() => {
        const results = deconvolved(recording, new Map([[id, unit]]));
        const input = results.get(recording.graph.inputs[0]!);
        const values =
          input === undefined ? new Float32Array(found.relevance.length) : Float32Array.from(input.dataSync());
        tf.dispose([...results.values()]);
        return values;
      });
      return { shape: found.shape, deconvolution, relevance: found.relevance };
    } finally {
      tf.dispose([ones, unit, seeds]);
    }
  };
}

/** 1 at one position of each sample in one channel, 0 elsewhere, in the shape of a layer's value. The caller owns it. */
function onesAt(shape: readonly number[], positions: readonly number[], channel: number): Tensor {
  const channels = shape.at(-1)!;
  const size = shape.reduce((product, extent) => product * extent, 1) / positions.length;
  const values = new Float32Array(size * positions.length);
  positions.forEach((position, sample) => {
    values[sample * size + position * channels + channel] = 1;
  });
  return tf.tensor(values, [...shape]);
}
