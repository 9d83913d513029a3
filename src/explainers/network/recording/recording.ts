import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { DisposedError } from "../../errors.js";
import { type Canonicalized, type CanonicalizeOptions, canonicalize } from "../canonical/canonicalize.js";
import { type Input, tensorsOf } from "../capture/input.js";
import { type Model, networkOf, type Runner, runnerOf } from "../capture/model.js";
import { record as recordKernels, type Trace } from "../capture/record.js";
import type { Graph, Node } from "../graph.js";
import { nodesBefore } from "../layers.js";
import type { Values } from "../operations/index.js";
import { forward } from "../run/forward.js";
import { Weights } from "../run/weights.js";
import { Pool, scoped } from "../tensors.js";
import { isBatchFree, isClose, samplesLike } from "./batch.js";

/**
 * One forward pass with everything in it that explanations need: several targets, composites and parameters share it.
 * It owns its activations; dispose of it when done.
 */
export class Recording {
  readonly #owned: Pool;
  readonly #serves: ((count: number) => boolean) | undefined;
  #release: (() => void) | undefined;
  /** Set where many explanations of this recording will follow, as a slider moves: their programs are made at once. */
  repeats = false;

  constructor(
    readonly graph: Graph,
    /** By node id; empty where a value was not kept. */
    readonly values: readonly (Tensor | undefined)[],
    readonly weights: Weights,
    owned: Pool,
    release: () => void,
    serves?: (count: number) => boolean,
    /** The network that was run, without what was laid around it; undefined where a part of another recording is looked at. */
    readonly network?: object,
  ) {
    this.#owned = owned;
    this.#release = release;
    this.#serves = serves;
  }

  /** The model's inputs. */
  get inputs(): Tensor[] {
    return this.graph.inputs.map((id) => this.value(id));
  }

  /** The values of inputs that are taken as they are. */
  get given(): Tensor[] {
    const { given, nodes } = this.graph;
    const ids = [...(given ?? [])].filter((id) => nodes[id]!.operation.kind === "input");
    return ids.toSorted((a, b) => indexOf(nodes[a]!) - indexOf(nodes[b]!)).map((id) => this.value(id));
  }

  /** The explained outputs: logits where the model ends in a softmax or sigmoid. */
  get outputs(): Tensor[] {
    return this.graph.outputs.map((id) => this.value(id));
  }

  /** The value that a node took. */
  value(id: number): Tensor {
    if (this.#owned.disposed) throw new DisposedError("This recording has been disposed of: record the model again.");
    const value = this.values[id];
    if (value === undefined) throw new DisposedError(`The value of "${this.graph.nodes[id]?.name}" was not recorded.`);
    return value;
  }

  /** The values that there are. */
  get kept(): Tensor[] {
    return this.values.filter((value) => value !== undefined);
  }

  /** Tells recordings of one graph apart that hold other values or other shapes. */
  get form(): string {
    const holes = this.graph.nodes.flatMap(({ id }) => (this.values[id] === undefined ? [id] : []));
    const seen = this.graph.given === undefined ? "" : " at embeddings";
    return `${this.inputs.map(({ shape }) => shape).join(" ")}${seen}${holes.length > 0 ? ` without ${holes}` : ""}`;
  }

  /** The values around a node. */
  around(node: Node): Values {
    return { inputs: node.inputs.map((id) => this.value(id)), output: this.value(node.id) };
  }

  get batch(): number {
    return this.inputs[0]!.shape[0]!;
  }

  /**
   * Whether the graph can be run on `count` samples at once. Where it does not say so itself it is compared with the model,
   * once for each number.
   */
  serves(count: number): boolean {
    return count === this.graph.batch || (this.#serves?.(count) ?? isBatchFree(this.graph));
  }

  get disposed(): boolean {
    return this.#owned.disposed;
  }

  /** Frees the values and keeps the graph with its weights. */
  forget(): void {
    this.#owned.dispose();
  }

  dispose(): void {
    this.#owned.dispose();
    this.#release?.();
    this.#release = undefined;
  }
}

const indexOf = ({ operation }: Node): number => (operation.kind === "input" ? operation.index : -1);

/** A graph, shared by the recordings of one model. */
interface Shared {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly signature: readonly unknown[];
  /** The batch sizes of which it is known whether the graph computes what the model does; `undefined`: all. */
  readonly batches: Map<number, boolean> | undefined;
  users: number;
  retired: boolean;
}

/** The graphs of a model as it is: one, or one for each batch size. */
const shared = new WeakMap<object, Shared[]>();

/** How many batch sizes of one model have graphs of their own at a time. */
const MOST_BATCHES = 4;

export interface RecordOptions extends CanonicalizeOptions {
  /** The nodes whose values are needed; a graph that is there already keeps no others. Default: all. */
  readonly keep?: ((graph: Graph) => ReadonlySet<number>) | undefined;
}

/**
 * Runs `model` on `x` and keeps what the explanation methods need.
 *
 * A layers or graph model is traced once; while its weights stay the same, later recordings only run its canonical graph.
 * Where that does not compute what the model does at another batch size, the model is traced once for each batch size.
 *
 * @param model what `Model` lists
 * @param x batch first, e.g. `[batch, height, width, channel]`, or one such tensor per input of the model
 * @throws ModelError; InputShapeError; DisposedError; NonFiniteError for NaN or an infinity in `x`
 * @example
 * const recording = record(model, x);
 * const logits = recording.outputs[0];
 * recording.dispose();
 */
export function record(model: Model, x: Input, given: RecordOptions = {}): Recording {
  const runner = runnerOf(model);
  const options = { keepTails: runner.atProbability ?? false, ...given };
  const inputs = tensorsOf(x, runner);
  const batch = inputs[0]!.shape[0]!;
  const signature = signatureOf(runner, inputs, options);
  const entries = signature === undefined ? [] : graphsOf(runner, signature);
  const known = entries.find(({ batches }) => batches === undefined || batches.get(batch));
  if (known !== undefined) {
    known.users++;
    try {
      const activations = replay(known.graph, inputs, known.weights, { keep: options.keep?.(known.graph) });
      return recordingOf(model, options, known, activations.values, activations.pool);
    } catch (error) {
      leave(known);
      throw error;
    }
  }
  const fresh = canonicalize(trace(model, x), options);
  if (entries.some((entry) => agrees(entry, fresh, inputs))) {
    disposeOf(fresh);
    return record(model, x, options);
  }
  const { graph, values, weights: pool, activations } = fresh;
  const entry: Shared = {
    graph,
    weights: new Weights(pool),
    signature: signature ?? [],
    batches: isBatchFree(graph) ? undefined : new Map([[batch, true]]),
    users: 1,
    retired: signature === undefined,
  };
  if (signature !== undefined) {
    if (entries.length === 0) release(model);
    const all = [...entries, entry];
    if (all.length > MOST_BATCHES) retire(all.shift()!);
    shared.set(runner.key, all);
  }
  return recordingOf(model, options, entry, values, activations);
}

const recordingOf = (
  model: Model,
  options: CanonicalizeOptions,
  entry: Shared,
  values: readonly (Tensor | undefined)[],
  pool: Pool,
): Recording => {
  const recording: Recording = new Recording(
    entry.graph,
    values,
    entry.weights,
    pool,
    () => leave(entry),
    (count) => servesAt(model, options, entry, recording.inputs, count),
    networkOf(model),
  );
  return recording;
};

/** The graphs that were made of the model as it is now, for inputs of this form. */
const graphsOf = ({ key }: Runner, signature: readonly unknown[]): Shared[] =>
  (shared.get(key) ?? []).filter((entry) => sameEntries(entry.signature, signature));

/** Compares a graph with its model at `count` samples, once. */
function servesAt(
  model: Model,
  options: CanonicalizeOptions,
  entry: Shared,
  inputs: readonly Tensor[],
  count: number,
): boolean {
  const known = entry.batches === undefined || entry.batches.get(count);
  if (known !== undefined) return known;
  return scoped(() => {
    const samples = samplesLike(inputs, count);
    let fresh: Canonicalized;
    try {
      fresh = canonicalize(trace(model, samples), options);
    } catch {
      // A model of a fixed batch size.
      entry.batches!.set(count, false);
      return false;
    }
    try {
      return agrees(entry, fresh, samples);
    } finally {
      disposeOf(fresh);
    }
  });
}

/** Whether a graph traced at another batch size computes what a fresh one does; the answer is kept. */
function agrees({ graph, weights, batches }: Shared, fresh: Canonicalized, inputs: readonly Tensor[]): boolean {
  const count = inputs[0]!.shape[0]!;
  const known = batches === undefined || batches.get(count);
  if (known !== undefined) return known;
  const agreed = scoped(() => {
    if (String(graph.tails) !== String(fresh.graph.tails)) return false;
    try {
      const { values, pool } = replay(graph, inputs, weights, { keep: new Set(graph.outputs) });
      const same = graph.outputs.every((id, index) => isClose(values[id]!, fresh.values[fresh.graph.outputs[index]!]!));
      pool.dispose();
      return same;
    } catch {
      // What was recorded at another batch size does not fit.
      return false;
    }
  });
  batches!.set(count, agreed);
  return agreed;
}

function disposeOf({ weights, activations }: Canonicalized): void {
  weights.dispose();
  activations.dispose();
}

/** The kernels of one forward pass, before `canonicalize`; the caller owns the result (`trace.pool`). */
export function trace(model: Model, x: Input): Trace {
  const runner = runnerOf(model);
  const inputs = tensorsOf(x, runner);
  // A model's own intermediate tensors end with this scope; the trace holds its handles beyond it.
  return scoped(() => recordKernels(inputs, (namer) => runner.run(inputs, namer)));
}

/**
 * From now on `graph` is what `model`, as it is now, computes of inputs like `x`: nobody traces it.
 *
 * @param weights belong to the model's cache, and end with it
 */
export function adopt(model: Model, x: Input, graph: Graph, weights: Weights): void {
  const runner = runnerOf(model);
  const signature = signatureOf(runner, tensorsOf(x, runner), { keepTails: runner.atProbability ?? false });
  release(model);
  if (signature === undefined) return;
  const batches = isBatchFree(graph) ? undefined : new Map([[graph.batch, true]]);
  shared.set(runner.key, [{ graph, weights, signature, batches, users: 0, retired: false }]);
}

/** Frees what is cached for `model`: its canonical graph, folded weights and their variants. */
export function release(model: Model): void {
  const { key } = runnerOf(model);
  const entries = shared.get(key) ?? [];
  shared.delete(key);
  entries.forEach(retire);
}

function retire(entry: Shared): void {
  entry.retired = true;
  if (entry.users === 0) entry.weights.dispose();
}

function leave(entry: Shared): void {
  entry.users--;
  if (entry.retired && entry.users === 0) entry.weights.dispose();
}

function signatureOf(runner: Runner, inputs: readonly Tensor[], options: CanonicalizeOptions): unknown[] | undefined {
  const weights = runner.weights?.();
  return (
    weights && [
      tf.getBackend(),
      String(options.foldBatchNorm ?? true),
      options.keepTails,
      ...inputs.flatMap((input) => [input.dtype, ...input.shape.slice(1)]),
      ...weights,
    ]
  );
}

const sameEntries = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((entry, index) => entry === b[index]);

/**
 * Runs a canonical graph on new inputs of any batch size and keeps every node's value.
 *
 * @param inputs those of the graph, then those that it takes as given
 * @param options.soon whether many runs on inputs of these shapes will follow
 * @param options.keep the nodes whose values are kept: no more is computed than they need; the others' places stay empty
 */
export function replay(
  graph: Graph,
  inputs: readonly Tensor[],
  weights: Weights,
  { soon = false, keep }: { readonly soon?: boolean; readonly keep?: ReadonlySet<number> | undefined } = {},
): { values: Tensor[]; pool: Pool } {
  const pool = new Pool();
  const computed = graph.nodes.filter(
    ({ id, operation }) => operation.kind !== "input" && (keep === undefined || keep.has(id)),
  );
  const seen = graph.given === undefined ? "" : "at embeddings ";
  const key = `values ${seen}${inputs.map(({ shape }) => shape).join(" ")} ${keep === undefined ? "" : computed.map(({ id }) => id)}`;
  try {
    const { tensors } = scoped(() => {
      const compute = () => {
        const values: Tensor[] = [];
        const needed = keep === undefined ? undefined : nodesBefore(graph, keep);
        for (const node of graph.nodes) {
          if (needed === undefined || needed.has(node.id)) values[node.id] = valueAt(node, values, inputs, weights);
        }
        return { tensors: computed.map(({ id }) => values[id]!), notes: undefined };
      };
      const result = weights.programs.run(key, inputs, [], compute, soon);
      for (const tensor of result.tensors) pool.own(tensor);
      return result;
    });
    const values: Tensor[] = [];
    for (const { id, operation } of graph.nodes) {
      if (operation.kind === "input") values[id] = pool.hold(inputs[operation.index]!);
    }
    computed.forEach(({ id }, index) => {
      values[id] = tensors[index]!;
    });
    return { values, pool };
  } catch (error) {
    pool.dispose();
    throw error;
  }
}

/** What a node computes, of an input what is given for it. */
export const valueAt = (node: Node, values: readonly Tensor[], inputs: readonly Tensor[], weights: Weights): Tensor =>
  node.operation.kind === "input"
    ? inputs[node.operation.index]!
    : forward(
        node,
        node.inputs.map((id) => values[id]!),
        weights,
      );
