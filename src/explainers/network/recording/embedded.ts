import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../errors.js";
import type { Graph, Node } from "../graph.js";
import { nameOf, type Operation, type OperationOf } from "../operations/index.js";
import { isCondition, isKernel } from "../operations/unknown.js";
import { placesOf } from "../positions.js";
import { vjp } from "../run/vjp.js";
import { sameShape } from "../shapes.js";
import { Pool } from "../tensors.js";
import { Recording, valueAt } from "./recording.js";

/*
 * Numbers of words have no gradient: half of word 3 and half of word 5 is not word 4. What has one are the vectors that an
 * embedding finds for them. So a recording is seen from there: its graph with the lookups for inputs, and what each word's
 * vector has summed. Masks and whatever else is made of the numbers alone stay as they are.
 */

/** A place at which gradients arrive: an input of the model, or the vectors that a lookup found for an input's words. */
interface Place {
  /** The node. */
  readonly id: number;
  /** Which of the model's inputs it stands for; of several, the first. */
  readonly input: number;
  /** Whether it holds vectors, found by numbers. */
  readonly isWords: boolean;
}

/** A recording as seen from its embeddings. */
export interface Embedded {
  /** Its inputs are the values at the places; the same as was given where the model looks nothing up. */
  readonly recording: Recording;
  readonly places: readonly Place[];
  /** One tensor per place → one per input of the model: a word has the sum (or the mean) of its vector's entries. Runs inside `tidy`. */
  readonly toInputs: (relevances: readonly Tensor[], of?: "sum" | "mean") => Tensor[];
  /** The values at the places for other inputs of the model, of any number of samples. Runs inside `tidy`. */
  readonly at: (inputs: readonly Tensor[]) => Tensor[];
}

/**
 * Sees a recording from its embeddings. It owns nothing and ends with what was given.
 *
 * @throws UnsupportedOperationError for words that are looked up apart from their samples
 */
export function atEmbeddings(original: Recording): Embedded {
  const { graph, places } = seenFromEmbeddings(original.graph);
  const seen =
    graph === original.graph
      ? original
      : new Recording(
          graph,
          original.values,
          original.weights,
          new Pool(),
          () => {},
          (count) => original.serves(count),
        );
  if (seen !== original) seen.repeats = original.repeats;
  return {
    recording: seen,
    places,
    toInputs: (relevances, of = "sum") =>
      seen === original ? [...relevances] : toInputs(original, places, relevances, of),
    at: (inputs) => (seen === original ? [...inputs] : valuesAt(original, places, inputs)),
  };
}

interface Seen {
  readonly graph: Graph;
  readonly places: readonly Place[];
}

const known = new WeakMap<Graph, Seen>();

function seenFromEmbeddings(graph: Graph): Seen {
  let seen = known.get(graph);
  if (seen === undefined) {
    seen = look(graph);
    known.set(graph, seen);
  }
  return seen;
}

function look(graph: Graph): Seen {
  const { nodes } = graph;
  const lookups = embeddings(graph);
  if (lookups.length === 0) {
    return { graph, places: graph.inputs.map((id, input) => ({ id, input, isWords: false })) };
  }
  const live = liveInputs(graph);
  const places: Place[] = graph.inputs.flatMap((id, input) => [
    ...(live.has(id) ? [{ id, input, isWords: false }] : []),
    ...lookups.filter((lookup) => lookup.input === input),
  ]);
  const taken = graph.inputs.filter((id) => !live.has(id));
  const ids = [...places.map(({ id }) => id), ...taken];
  const changed = nodes.map((node): Node => {
    const index = ids.indexOf(node.id);
    return index === -1 ? node : { ...node, operation: { kind: "input", index }, inputs: [] };
  });
  // What is not computed from a place is as it was at the words themselves.
  const reached = new Set(places.map(({ id }) => id));
  for (const { id, inputs } of changed) if (inputs.some((input) => reached.has(input))) reached.add(id);
  const given = new Set(changed.filter(({ id }) => !reached.has(id)).map(({ id }) => id));
  return { graph: { ...graph, nodes: changed, inputs: ids.slice(0, places.length), given }, places };
}

/** Which of a model's inputs hold nothing but numbers of words. */
export function inputsOfWords(graph: Graph): boolean[] {
  const live = liveInputs(graph);
  const looked = new Set(embeddings(graph, false).map(({ input }) => input));
  return graph.inputs.map((id, input) => looked.has(input) && !live.has(id));
}

/** The lookups whose numbers are the input's own: not those of positions, which count a mask. */
function embeddings(graph: Graph, isChecked = true): Place[] {
  // The inputs whose numbers a node's value is made of.
  const sources: ReadonlySet<number>[] = [];
  const found: Place[] = [];
  for (const { id, name, operation, inputs } of graph.nodes) {
    const own = new Set(inputs.flatMap((input) => [...sources[input]!]));
    if (operation.kind === "input") own.add(graph.inputs.indexOf(id));
    const isVectors = operation.kind === "lookup" && operation.table.dtype === "float32";
    if (isVectors && own.size > 0) {
      const [samples, ...others] = placesOf(graph)[id]!.axes[0]!;
      if (isChecked && (samples?.kind !== "batch" || others.length > 0)) {
        const hint = "Its words do not have the samples on their first axis: explain them by a perturbation method.";
        throw new UnsupportedOperationError(name, "GatherV2", "The gradient", hint);
      }
      found.push({ id, input: Math.min(...own), isWords: true });
    }
    sources[id] = isVectors || isCondition(operation) ? new Set() : own;
  }
  return found;
}

/** The inputs that are quantities as well: what is computed from them has a slope. */
function liveInputs({ nodes, outputs }: Graph): ReadonlySet<number> {
  const live = new Set(outputs);
  for (const { id, operation, inputs } of nodes.toReversed()) {
    if (!live.has(id) || operation.kind === "lookup" || isFlat(operation)) continue;
    for (const input of inputs) live.add(input);
  }
  return live;
}

/** Whether nothing that is computed has a slope behind it. */
const isFlat = (operation: Operation): boolean =>
  isCondition(operation) ||
  isKernel({ operation }, "FloorDiv") ||
  (operation.kind === "cast" && operation.dtype !== "float32");

function toInputs(
  original: Recording,
  places: readonly Place[],
  relevances: readonly Tensor[],
  of: "sum" | "mean",
): Tensor[] {
  const { graph } = original;
  const arrived: (Tensor | undefined)[] = [];
  const add = (id: number, R: Tensor) => {
    const before = arrived[id];
    arrived[id] = before === undefined ? R : tf.add(before, R);
  };
  places.forEach(({ id, isWords }, index) => {
    const R = relevances[index]!;
    if (!isWords) {
      add(id, R);
      return;
    }
    const { inputs, operation } = graph.nodes[id]!;
    const entries = (operation as OperationOf<"lookup">).table.rank - 1;
    const axes = R.shape.map((_, axis) => axis).slice(R.rank - entries);
    add(inputs[0]!, of === "sum" ? tf.sum(R, axes) : tf.mean(R, axes));
  });
  for (const node of graph.nodes.toReversed()) {
    const R = arrived[node.id];
    if (R === undefined || node.operation.kind === "input") continue;
    const parts = sentBack(original, node, R);
    parts.forEach((part, index) => {
      if (part !== null) add(node.inputs[index]!, part);
    });
  }
  return graph.inputs.map((id) => arrived[id] ?? tf.zeros(graph.nodes[id]!.shape.with(0, original.batch)));
}

/** What is moved goes back to where it came from; what is computed of one number, such as a vocabulary's offset, belongs to it. */
function sentBack(original: Recording, node: Node, R: Tensor): (Tensor | null)[] {
  const { operation, inputs, name } = node;
  const values = original.around(node);
  if (operation.kind === "rearrange" || operation.kind === "concat") return vjp(node, R, values, original.weights);
  const numbers = inputs.map((id) => original.graph.nodes[id]!).filter((other) => !isCondition(other.operation));
  const [one, ...others] = numbers.filter(({ id }) => sameShape(original.value(id).shape, R.shape));
  if (one === undefined || others.length > 0 || numbers.length > 1) {
    const hint = "It makes numbers of words from several others: explain it by a perturbation method.";
    throw new UnsupportedOperationError(name, nameOf(operation), "The gradient at an embedding", hint);
  }
  return inputs.map((id) => (id === one.id ? R : null));
}

function valuesAt(original: Recording, places: readonly Place[], inputs: readonly Tensor[]): Tensor[] {
  const rows = inputs[0]!.shape[0]!;
  const { batch } = original;
  if (rows === batch || original.serves(rows)) return computed(original, places, inputs);
  // A graph of a fixed batch size takes so many at a time, of which the last ones are repeated.
  const parts = Array.from({ length: Math.ceil(rows / batch) }, (_, part) => {
    const taken = Int32Array.from({ length: batch }, (_, row) => Math.min(part * batch + row, rows - 1));
    const some = inputs.map((input) => tf.gather(input, tf.tensor1d(taken, "int32")));
    return computed(original, places, some).map((value) => tf.slice(value, 0, Math.min(batch, rows - part * batch)));
  });
  return places.map((_, place) => tf.concat(parts.map((part) => part[place]!)));
}

/** The values at the places, and on the way to them. */
function computed({ graph, weights }: Recording, places: readonly Place[], inputs: readonly Tensor[]): Tensor[] {
  const needed = new Set(places.map(({ id }) => id));
  for (const { id, inputs } of graph.nodes.toReversed()) {
    if (needed.has(id)) for (const input of inputs) needed.add(input);
  }
  const values: Tensor[] = [];
  for (const node of graph.nodes) {
    if (!needed.has(node.id)) continue;
    values[node.id] = valueAt(node, values, inputs, weights);
  }
  return places.map(({ id }) => values[id]!);
}
