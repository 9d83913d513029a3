import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, ParameterError } from "../../errors.js";
import { type LrpOptions, lrp } from "../../methods/lrp/index.js";
import { plan } from "../../methods/lrp/propagation/plan.js";
import { type Graph, type Model, type Recording, record } from "../../network/index.js";
import { asMap, layerMap } from "../../network/layer-map.js";
import { valueLayers } from "../../network/layer-values.js";
import { chosenLayer, lowestLayers } from "../../network/layers.js";
import { sizeOf } from "../../network/shapes.js";
import { scoped } from "../../network/tensors.js";
import { checked, real, type ValuesOf, whole } from "../../parameters.js";
import { AbortedError, follow, followed, type ProgressOptions } from "../../progress.js";
import { type Target, targetPart } from "../../target.js";
import { arrivedAt } from "../crp/concept-relevance.js";
import { neededFor } from "../dissection/largest-values.js";
import type { PictureSource } from "../picture-source.js";
import { DataPassError, type DataPassKey, modelKey, printOf } from "./key.js";
import { LayerSums } from "./layer-sums.js";
import type { DataPass } from "./passed.js";

const parameters = {
  top: whole(8, "How many samples of each channel are named", { least: 1, unit: "samples" }),
  share: real(0.005, "The threshold of a channel lies below this share of its activations", {
    least: 0,
    most: 0.5,
    open: true,
  }),
  memoryBudget: whole(512 * 2 ** 20, "What a batch and the largest activations of all channels may take", {
    least: 1,
    unit: "bytes",
    label: "Memory",
    minor: true,
  }),
};

export type DataPassOptions = LrpOptions & {
  /** By default all that compute something and have a part in the output. */
  readonly layers?: readonly string[];
  readonly top?: number;
  readonly share?: number;
  readonly memoryBudget?: number;
  /** What relevance explains: a class, one for each sample, or by default each sample's largest output. */
  readonly target?: "top1" | number | string | readonly (number | string)[];
};

/** A data set, and of what class each sample is, where that is known. */
export interface PassSource extends PictureSource {
  readonly labels?: ArrayLike<number>;
}

export interface DataPassRun extends ProgressOptions {
  /** A pass that was stored: whole it is given back, of a part the rest is computed. */
  readonly stored?: DataPass | undefined;
}

/** A pass was stopped; `partial` is what it had found, to be gone on with. */
export class DataPassAbortedError extends AbortedError {
  constructor(
    { done, total, cause }: AbortedError,
    readonly partial: DataPass,
  ) {
    super(done, total, cause);
    this.message = `The pass was aborted after ${done} of ${total} samples; error.partial holds what was found, for { stored }.`;
  }
}

/**
 * One pass over a data set for all that a channel's page shows: the samples in which each channel of some layers is strongest, by activation
 * (ActMax) and by relevance (RelMax, Achtibat et al. 2023), with the position; mean, largest and share of positive activations, the
 * threshold that a share of them lies above (exact within the budget), and the means by class. Batched under the budget; plain data, which
 * `stored` takes up again where model, data and settings are the same.
 *
 * @param options layers, how much is kept, and all that `lrp` takes
 * @returns a function of a data set
 * @throws DataPassError where `stored` is of another model, other data or other settings; DataPassAbortedError; ParameterError, LayerError,
 *   and what `lrp` throws
 * @example
 * const pass = await dataPass(model, { layers: ["conv1", "conv2"] })({ count: 500, take: (start, n) => tf.slice(x, start, n) });
 * topSamples(pass.layers[0], 17, "relevance"); // [{ sample: 12, value: 3.1, position: 40 }, …]
 */
export function dataPass(model: Model, options: DataPassOptions = {}) {
  const { layers, top, share, memoryBudget, target = "top1", ...how } = options;
  const values = checked("dataPass", parameters, { top, share, memoryBudget });
  const explain = lrp(model, how as LrpOptions);
  return (source: PassSource, run: DataPassRun = {}): Promise<DataPass> =>
    followed("Pass over the data", run, async ({ stored, ...asked }) => {
      const { count, labels } = source;
      if (count < 1) throw new ParameterError("source", `${count} samples`, "at least one sample");
      if (labels !== undefined && labels.length !== count) {
        throw new ParameterError("labels", `${labels.length} labels`, `one for each of ${count} samples`);
      }
      const subject = look(model, layers, source, values, how as LrpOptions);
      const { names, batch, every, rules } = subject;
      const stated = [target, how, ...rules].map(plain);
      const settings = JSON.stringify([names, values.top, values.share, ...stated]);
      const key = { model: modelKey(model, () => source.take(0, 1)), settings };
      if (stored !== undefined) checkKey(stored, key, count, every);
      const print = printOf(source, labels, stored?.done ?? 0, batch);
      if (stored !== undefined) {
        if (stored.key.data !== String(print)) throw otherData(stored, count);
        if (stored.done === count) return stored;
      }
      const sums = subject.layers.map(
        ({ name, places, channels, map }, at) =>
          new LayerSums(name, channels, map, {
            top: values.top,
            tail: neededFor(values.share, Math.ceil((places * count) / every)),
            every,
            before: stored?.layers[at],
            classes: stored?.classes ?? [],
            classSizes: stored?.classSizes ?? [],
            done: stored?.done ?? 0,
          }),
      );
      const sizes = new Map(stored?.classes.map((name, at) => [name, stored.classSizes[at]!]));
      let done = stored?.done ?? 0;
      const found = (): DataPass => {
        const classes = [...sizes.keys()].sort((a, b) => a - b);
        const classSizes = classes.map((name) => sizes.get(name)!);
        return {
          key: { ...key, data: String(print) },
          parameters: { top: values.top, share: values.share, every },
          count,
          done,
          classes,
          classSizes,
          classesBy: labels === undefined ? "prediction" : "label",
          layers: sums.map((sum) => sum.found(classes, classSizes, done, values.share, done < count)),
        };
      };
      try {
        // Those that were passed before count as done from the first step on.
        const progress = follow(count, asked);
        if (done > 0) await progress.step(done);
        while (done < count) {
          const some = Math.min(batch, count - done);
          const x = source.take(done, some);
          const wanted = targetPart(target as Target, done, some);
          try {
            print.add(x, done);
            const recording = record(model, x);
            try {
              using relevance = await explain(recording, {
                target: wanted,
                keepLayers: true,
                until: lowestLayers(recording.graph, names),
                onProgress: () => {},
              });
              const classes = classesOf(recording, labels, done, some);
              for (const name of classes) sizes.set(name, (sizes.get(name) ?? 0) + 1);
              for (const [at, name] of names.entries()) {
                scoped(() => {
                  const { id } = chosenLayer(recording.graph, name);
                  const value = recording.value(id);
                  const arrived = tf.tensor(arrivedAt(recording, relevance, name), value.shape);
                  const rows = (tensor: Tensor) => rowsOf(recording.graph, id, tensor, some);
                  sums[at]!.add(rows(value), rows(arrived), done, classes);
                });
              }
            } finally {
              recording.dispose();
            }
          } finally {
            x.dispose();
          }
          done += some;
          await progress.step(some);
        }
      } catch (error) {
        if (error instanceof AbortedError && !(error instanceof DataPassAbortedError)) {
          throw new DataPassAbortedError(error, found());
        }
        throw error;
      }
      return found();
    });
}

/** Values of a layer as `[samples, positions, channels]`. */
function rowsOf(graph: Graph, id: number, value: Tensor, count: number): tf.Tensor3D {
  const map = layerMap(graph, graph.nodes[id]!);
  if (typeof map === "string") return tf.reshape(value, [count, 1, -1]);
  const whole = asMap(map, value, count);
  return tf.reshape(whole, [count, -1, whole.shape.at(-1)!]);
}

function classesOf(recording: Recording, labels: ArrayLike<number> | undefined, start: number, count: number) {
  if (labels !== undefined) return Array.from({ length: count }, (_, at) => labels[start + at]!);
  return scoped(() => {
    const output = tf.reshape(recording.outputs[0]!, [count, -1]);
    // Of a lone output: on which side of 0 it is.
    const found =
      output.shape[1] === 1 ? tf.cast(tf.greater(tf.squeeze(output, [1]), 0), "int32") : tf.argMax(output, 1);
    return Array.from(found.dataSync());
  });
}

interface Subject {
  readonly names: readonly string[];
  readonly layers: readonly {
    readonly name: string;
    readonly places: number;
    readonly channels: number;
    readonly map: readonly number[];
  }[];
  readonly batch: number;
  readonly every: number;
  readonly rules: readonly unknown[];
}

const LARGEST_BATCH = 32;

/** What one sample says of the layers, and so of what fits the budget. */
function look(
  model: Model,
  wanted: readonly string[] | undefined,
  { count, take }: PassSource,
  { share, memoryBudget }: ValuesOf<typeof parameters>,
  how: LrpOptions,
): Subject {
  if (wanted?.length === 0) throw new ParameterError("layers", describe(wanted), "at least one layer");
  return scoped(() => {
    const recording = record(model, take(0, 1));
    try {
      const { graph } = recording;
      const names = [...new Set(wanted ?? passedLayers(graph))];
      const layers = names.map((name) => {
        const { id } = chosenLayer(graph, name);
        const value = recording.value(id);
        const map = layerMap(graph, graph.nodes[id]!);
        const [, places, channels] = rowsOf(graph, id, value, 1).shape;
        const sizes = typeof map === "string" ? [] : map.positions.map(({ size }) => size);
        return { name, places, channels, map: sizes };
      });
      // Values, relevance, and what is computed of both.
      const all = 3 * graph.nodes.reduce((sum, node) => sum + sizeOf(node.shape) / graph.batch, 0);
      const kept = layers.reduce(
        (sum, { places, channels }) => sum + 8 * channels * neededFor(share, places * count),
        0,
      );
      return {
        names,
        layers,
        batch: Math.max(1, Math.min(LARGEST_BATCH, Math.floor(memoryBudget / 2 / (4 * all)))),
        every: Math.max(1, Math.ceil(kept / (memoryBudget / 2))),
        rules: rulesOf(graph, how),
      };
    } finally {
      recording.dispose();
    }
  });
}

/** The layers that compute something, but for what is the output itself. */
export const passedLayers = (graph: Graph): string[] =>
  valueLayers(graph).filter((name) => !graph.outputs.includes(chosenLayer(graph, name).id));

/** Of a composite that was made the rules that it chooses, in one entry: its functions do not say what they hold. */
function rulesOf(graph: Graph, { composite, fallback }: LrpOptions): unknown[] {
  if (typeof composite !== "object") return [];
  const choices = plan(graph, {
    composite,
    bias: "absorb",
    fallback: fallback === "gradient" ? fallback : undefined,
    start: graph.outputs[0]!,
    startsProportional: false,
    isOpen: true,
  });
  return [Array.from(choices.values(), ({ rule: { name, parameters, numbers } }) => [name, parameters, numbers])];
}

/** Options as text: composites and rules by what they say of themselves. */
const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value ?? null, (_, entry: unknown) => {
      if (typeof entry === "function") return "function";
      return entry instanceof tf.Tensor ? `tensor [${entry.shape}]` : entry;
    }),
  );

const otherData = (stored: DataPass, count: number) =>
  new DataPassError("data", `other data (${stored.count} samples; here are ${count})`);

function checkKey(stored: DataPass, key: Omit<DataPassKey, "data">, count: number, every: number): void {
  if (stored.key.model !== key.model) throw new DataPassError("model", "a model of other weights");
  if (stored.count !== count) throw otherData(stored, count);
  if (stored.key.settings !== key.settings || (stored.done < count && stored.parameters.every !== every)) {
    throw new DataPassError("settings", `other settings (${stored.key.settings}; here are ${key.settings})`);
  }
}
