import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ParameterError } from "../errors.js";
import { everySample, onRecording, type SeededRecording } from "../methods/gradient/engine/seeded.js";
import { type Graph, type Model, type Node, propagate, record, type Step, vjp } from "../network/index.js";
import { asMap, layerMap } from "../network/layer-map.js";
import { chosenLayer, LayerError, nodesBetween, reachedFrom } from "../network/layers.js";
import { sizeOf } from "../network/shapes.js";
import { hold, Pool, scoped } from "../network/tensors.js";
import type { follow } from "../progress.js";
import { type Target, targetPart } from "../target.js";

/** How a layer's map becomes one row of numbers a sample: as it is, or as each channel's mean over positions. */
type Pooling = "none" | "mean";

/** Values of some layers, one row a sample; the caller disposes of them. */
export interface LayerRows {
  /** By layer, in the order asked for: `[samples, units]`. */
  readonly rows: ReadonlyMap<string, Tensor2D>;
  readonly dispose: () => void;
}

export interface PassOptions {
  readonly pooling: Pooling;
  readonly memoryBudget: number;
  readonly progress: ReturnType<typeof follow>;
}

/** Larger batches gain no speed on a CPU and make progress coarse. */
const LARGEST_BATCH = 64;
/** Values of all nodes, what kernels need beside them and the rows themselves share the budget. */
const SHARE = 0.25;

/**
 * What layers compute for inputs `[samples, …]`: one forward pass for all layers, in batches under `memoryBudget` bytes.
 *
 * @throws LayerError; ParameterError where the rows alone take more than the budget
 */
export async function layerRows(
  model: Model,
  layers: readonly string[],
  x: Tensor,
  { pooling, memoryBudget, progress }: PassOptions,
): Promise<LayerRows> {
  const found = new Found(layers);
  try {
    for await (const { start, count } of batches(model, layers, x, { pooling, memoryBudget, progress })) {
      scoped(() => {
        const recording = record(model, tf.slice(x, start, count), {
          keep: (graph) => new Set(nodesOf(graph, layers)),
        });
        try {
          for (const [index, id] of nodesOf(recording.graph, layers).entries()) {
            found.add(layers[index]!, pooled(recording.graph, id, recording.value(id), count, pooling, "mean"));
          }
        } finally {
          recording.dispose();
        }
      });
    }
    return found.joined();
  } catch (error) {
    found.dispose();
    throw error;
  }
}

/** What layers computed for inputs, and how the explained output changes with it. */
export interface LayerSlopes {
  readonly values: LayerRows;
  /** Derivatives of the explained output by the values; where those are pooled, of all positions moved alike. */
  readonly gradients: LayerRows;
  readonly outputs: readonly number[];
  readonly targets: readonly (number | null)[];
}

/** Values and derivatives at layers, as rows: one forward pass and one way back for all layers. */
export async function layerSlopes(
  model: Model,
  layers: readonly string[],
  x: Tensor,
  { target, output }: { readonly target: Target; readonly output: number },
  { pooling, memoryBudget, progress }: PassOptions,
): Promise<LayerSlopes> {
  const values = new Found(layers);
  const slopes = new Found(layers);
  const outputs: number[] = [];
  const targets: (number | null)[] = [];
  const keep = (graph: Graph) =>
    new Set(nodesOf(graph, layers, output).flatMap((id) => [...nodesBetween(graph, id, graph.outputs[output])]));
  try {
    for await (const { start, count } of batches(model, layers, x, { pooling, memoryBudget, progress })) {
      const part = tf.slice(x, start, count);
      const wanted = targetPart(target, start, count);
      const read = (seeded: SeededRecording) =>
        scoped(() => {
          const { original: recording, score, value } = seeded;
          const ids = nodesOf(recording.graph, layers, output);
          outputs.push(...score(value, everySample(recording)));
          targets.push(...seeded.target);
          const arrived = gradientsAt(seeded, ids, layers);
          ids.forEach((id, index) => {
            const own = recording.value(id);
            const rows = (tensor: Tensor, by: "mean" | "sum") =>
              pooled(recording.graph, id, tensor, count, pooling, by);
            values.add(layers[index]!, rows(own, "mean"));
            slopes.add(layers[index]!, rows(arrived.get(id) ?? tf.zerosLike(own), "sum"));
          });
        });
      try {
        await onRecording(model, part, { target: wanted, output }, read, keep);
      } finally {
        part.dispose();
        if (wanted instanceof tf.Tensor) wanted.dispose();
      }
    }
    return { values: values.joined(), gradients: slopes.joined(), outputs, targets };
  } catch (error) {
    values.dispose();
    slopes.dispose();
    throw error;
  }
}

/**
 * What arrives at nodes on one way back, which ends at those before which there is no other. To be called inside `scoped`.
 *
 * @throws LayerError for a layer that the explained output does not depend on
 */
function gradientsAt(
  { original: recording, node, seed }: SeededRecording,
  ids: readonly number[],
  layers: readonly string[],
): Map<number, Tensor> {
  const { graph, weights } = recording;
  const reached = ids.map((id) => reachedFrom(graph, id));
  const apart = layers[reached.findIndex((nodes) => !nodes.has(node))];
  if (apart !== undefined) {
    throw new LayerError(apart, `Layer "${apart}" has no part in the explained output.`);
  }
  const aside = graph.nodes.map(({ id }) => id).filter((id) => !reached.some((nodes) => nodes.has(id)));
  const first = ids.filter((id) => !ids.some((other, at) => other !== id && reached[at]!.has(id)));
  const found = new Map<number, Tensor>();
  const step: Step = (from, dy, values) => vjp(from, dy, values, weights);
  const observe = ({ id }: Node, arrived: Tensor) => {
    if (ids.includes(id)) found.set(id, hold(arrived));
  };
  const seeds = new Map([[node, seed]]);
  try {
    const rest = propagate(recording, seeds, step, { observe, stop: new Set([...first, ...aside]) });
    tf.dispose([...rest.values()]);
    return new Map([...found].map(([id, tensor]) => [id, tf.clone(tensor)]));
  } finally {
    tf.dispose([...found.values()]);
  }
}

/** The layers' own nodes. */
const nodesOf = (graph: Graph, layers: readonly string[], output = 0): number[] =>
  layers.map((layer) => chosenLayer(graph, layer, output).id);

function pooled(
  graph: Graph,
  id: number,
  value: Tensor,
  batch: number,
  pooling: Pooling,
  by: "mean" | "sum",
): Tensor2D {
  const map = pooling === "none" ? "as it is" : layerMap(graph, graph.nodes[id]!);
  if (typeof map === "string") return tf.reshape(value, [batch, -1]) as Tensor2D;
  const whole = asMap(map, value, batch);
  const positions = whole.shape.slice(1, -1).map((_, axis) => axis + 1);
  return tf.reshape(by === "mean" ? tf.mean(whole, positions) : tf.sum(whole, positions), [batch, -1]) as Tensor2D;
}

/** Rows that are collected batch by batch. */
class Found {
  readonly #parts: Map<string, Tensor2D[]>;
  readonly #pool = new Pool();

  constructor(layers: readonly string[]) {
    this.#parts = new Map(layers.map((layer) => [layer, []]));
  }

  add(layer: string, rows: Tensor2D): void {
    this.#parts.get(layer)!.push(this.#pool.hold(rows));
  }

  joined(): LayerRows {
    const pool = new Pool();
    const rows = new Map([...this.#parts].map(([layer, parts]) => [layer, pool.own(tf.concat(parts))] as const));
    this.#pool.dispose();
    return { rows, dispose: () => pool.dispose() };
  }

  dispose(): void {
    this.#pool.dispose();
  }
}

async function* batches(
  model: Model,
  layers: readonly string[],
  x: Tensor,
  { pooling, memoryBudget, progress }: PassOptions,
): AsyncGenerator<{ start: number; count: number }> {
  const total = x.shape[0]!;
  const most = scoped(() => {
    const one = record(model, tf.slice(x, 0, 1));
    try {
      const { graph } = one;
      const units = nodesOf(graph, layers).map((id) =>
        scoped(() => pooled(graph, id, one.value(id), 1, pooling, "mean").size),
      );
      const rows = 4 * total * units.reduce((sum, size) => sum + size, 0);
      if (rows > memoryBudget) {
        const advice = `at least ${rows} bytes for ${total} samples of ${layers.join(", ")}; with pooling: "mean" they take less`;
        throw new ParameterError("memoryBudget", memoryBudget, advice);
      }
      const values = graph.nodes.reduce((sum, node) => sum + sizeOf(node.shape) / graph.batch, 0);
      return Math.max(1, Math.min(LARGEST_BATCH, Math.floor((SHARE * memoryBudget) / (4 * values))));
    } finally {
      one.dispose();
    }
  });
  // Batches of one size: a backend that prepares itself for a shape does so twice at most.
  const size = Math.ceil(total / Math.ceil(total / most));
  for (let start = 0; start < total; start += size) {
    const count = Math.min(size, total - start);
    yield { start, count };
    await progress.step(count);
  }
}
