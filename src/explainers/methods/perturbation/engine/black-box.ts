import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { InputShapeError, ModelError, ParameterError } from "../../../errors.js";
import { tensorsOf } from "../../../network/capture/input.js";
import { type Model, runnerOf } from "../../../network/capture/model.js";
import { consumersOf, type Graph, type Tail } from "../../../network/graph.js";
import { record } from "../../../network/recording/recording.js";
import { forward } from "../../../network/run/forward.js";
import type { Weights } from "../../../network/run/weights.js";
import { sameShape } from "../../../network/shapes.js";

/** A model seen from outside: inputs in, explained outputs out, nothing kept between. */
export interface BlackBox {
  /** Explained outputs (logits where the model ends in a softmax or sigmoid) of any number of inputs; runs inside `tidy`. */
  run(inputs: Tensor): Tensor;
  /** What was left out behind the explained outputs. */
  readonly tail: Tail;
  /** What was left out, along the axis of the classes. */
  link(outputs: Tensor): Tensor;
  dispose(): void;
}

/** Whether the canonical graph of a model computes what the model does, at any batch size; by model and sample shape. */
const trusted = new WeakMap<object, Map<string, boolean>>();

/**
 * Opens a model for many forward passes on inputs like `x` `[batch, …sample]`.
 *
 * The canonical graph is run where it gives the model's own results: batch norm is folded in it, its logits are at hand, and
 * each activation is freed after its last use. Where it does not (recurrent states of a fixed batch, operations that it does
 * not know), the model itself runs.
 *
 * @throws ModelError; InputShapeError; DisposedError; NonFiniteError for NaN or an infinity in `x`
 */
export function openBlackBox(model: Model, x: Tensor, output = 0): BlackBox {
  const runner = runnerOf(model);
  if (typeof (x as Tensor | undefined)?.dataSync !== "function" || x.rank < 2) {
    throw new InputShapeError(
      "one tensor of at least two dimensions, batch first",
      Array.isArray(x) ? "a list" : String(x),
    );
  }
  tensorsOf(x, runner);
  const one = tf.slice(x, 0, 1);
  try {
    const recording = record(model, one);
    recording.forget();
    const { graph, weights } = recording;
    const explained = graph.outputs[output];
    if (explained === undefined) {
      recording.dispose();
      throw new ParameterError("output", output, `one of the model's outputs, 0 to ${graph.outputs.length - 1}`);
    }
    const tail = graph.tails[output]!;
    const link = linkOf(tail, graph.tailAxes[output]!);
    const run = (inputs: Tensor): Tensor =>
      weights.programs.run(`output ${explained} of ${inputs.shape}`, [inputs], [], () => ({
        tensors: [runGraph(graph, explained, inputs, weights)],
        notes: undefined,
      })).tensors[0]!;
    const own = (inputs: Tensor) => runner.run([inputs], silent)[output]!;
    const isFunction = typeof runner.key === "function" && runner.weights === undefined;
    // A plain function may decide anew on every input: its own word counts wherever that is the explained output.
    if (!(isFunction && tail === "linear") && isTrusted(runner.key, output, own, run, link, x)) {
      return { run, tail, link, dispose: () => recording.dispose() };
    }
    if (tail === "linear") {
      recording.dispose();
      return { run: own, tail, link, dispose: () => {} };
    }
    // Its logits are in the graph alone, which serves single samples where it does not serve many.
    const oneByOne = (inputs: Tensor): Tensor =>
      tf.concat(Array.from({ length: inputs.shape[0]! }, (_, row) => run(tf.slice(inputs, row, 1))));
    if (isTrusted(runner.key, output, own, oneByOne, link, x, "one by one")) {
      return { run: oneByOne, tail, link, dispose: () => recording.dispose() };
    }
    recording.dispose();
    // A sigmoid can be undone where it is not saturated.
    if (tail === "sigmoid") return { run: (inputs) => logitOf(own(inputs)), tail, link, dispose: () => {} };
    throw new ModelError(
      "The logits before this model's softmax cannot be computed for other inputs: give a model that ends in its logits.",
    );
  } finally {
    one.dispose();
  }
}

/** The function of a tail along an axis of the outputs. */
function linkOf(tail: Tail, axis: number): (outputs: Tensor) => Tensor {
  if (tail === "linear") return (z) => z;
  if (tail === "sigmoid") return tf.sigmoid;
  const along = tail === "softmax" ? tf.softmax : tf.logSoftmax;
  return (z) => {
    if (axis === z.rank - 1) return along(z);
    const swapped = z.shape.map((_, other) => (other === axis ? z.rank - 1 : other === z.rank - 1 ? axis : other));
    return tf.transpose(along(tf.transpose(z, swapped)), swapped);
  };
}

const logitOf = (p: Tensor): Tensor => tf.sub(tf.log(p), tf.log(tf.sub(1, p)));

const silent = { enter() {}, leave() {}, label() {} };

/** Runs the graph and frees every value after its last use. */
function runGraph(graph: Graph, output: number, inputs: Tensor, weights: Weights): Tensor {
  const uses = consumersOf(graph.nodes).map((consumers) => consumers.length);
  uses[output]!++;
  const values: (Tensor | undefined)[] = [];
  for (const node of graph.nodes) {
    if (node.operation.kind === "input") {
      values.push(tf.clone(inputs));
      continue;
    }
    values.push(
      forward(
        node,
        node.inputs.map((id) => values[id]!),
        weights,
      ),
    );
    for (const id of node.inputs) {
      uses[id]!--;
      if (uses[id] === 0) values[id]!.dispose();
    }
  }
  return values[output]!;
}

/** Compares graph and model once on three inputs of one batch. */
function isTrusted(
  model: object,
  output: number,
  compute: (inputs: Tensor) => Tensor,
  run: (inputs: Tensor) => Tensor,
  link: (outputs: Tensor) => Tensor,
  x: Tensor,
  way = "",
): boolean {
  const key = `${way}${output} ${tf.getBackend()} ${x.dtype} ${x.shape.slice(1)}`;
  const known = trusted.get(model) ?? new Map<string, boolean>();
  trusted.set(model, known);
  const before = known.get(key);
  if (before !== undefined) return before;
  const agrees = tf.tidy(() => {
    const first = tf.slice(x, 0, 1);
    const inputs = tf.concat([first, tf.reverse(first), tf.zerosLike(first)]);
    const own = compute(inputs);
    let ours: Tensor;
    try {
      ours = run(inputs);
    } catch {
      return false; // a graph of a fixed batch size
    }
    if (!sameShape(own.shape, ours.shape)) return false;
    const gap = tf.max(tf.abs(tf.sub(own, link(ours)))).dataSync()[0]!;
    const scale = tf.max(tf.abs(own)).dataSync()[0]!;
    return gap <= 1e-4 * Math.max(scale, 1e-6);
  });
  known.set(key, agrees);
  return agrees;
}
