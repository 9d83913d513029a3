import type { Tail } from "../graph.js";
import { factsOf } from "../operations/index.js";
import { sizeOf } from "../shapes.js";
import { Draft, type DraftGraph } from "./draft.js";

/** What was dropped behind an output. */
export interface DroppedTail {
  readonly kind: Tail;
  /** The axis of the classes. */
  readonly axis: number;
}

interface FoundTail extends DroppedTail {
  readonly logits: Draft;
}

/** Nothing. */
export const linearTail = ({ shape }: Draft): DroppedTail => ({ kind: "linear", axis: shape.length - 1 });

/** Makes the logits the outputs where the model ends in a softmax, log-softmax or sigmoid, and says so. */
export function dropTails(graph: DraftGraph): DroppedTail[] {
  return graph.outputs.map((output, index): DroppedTail => {
    const tail = tailOf(output);
    if (tail === undefined) return linearTail(output);
    graph.outputs[index] = tail.logits;
    return { kind: tail.kind, axis: tail.axis };
  });
}

function tailOf(output: Draft): FoundTail | undefined {
  const { operation } = output;
  const axis = output.shape.length - 1;
  if (operation.kind === "activation" && operation.function === "sigmoid") {
    return { kind: "sigmoid", axis, logits: output.inputs[0]! };
  }
  if (operation.kind === "concat" || operation.kind === "rearrange") return movedTail(output);
  if (operation.kind === "softmax") return { kind: "softmax", axis, logits: output.inputs[0]! };
  if (operation.kind === "quotient") return softmaxByHand(output);
  if (operation.kind === "activation" && operation.function === "log") {
    const inner = tailOf(output.inputs[0]!);
    return inner?.kind === "softmax" ? { ...inner, kind: "logSoftmax" } : undefined;
  }
  // TensorFlow.js computes log-softmax as s − log Σ exp s with s = x − max x.
  if (operation.kind !== "sum" || operation.signs.length !== 2 || operation.signs[1] !== -1) return undefined;
  const [shifted, logarithm] = output.inputs as [Draft, Draft];
  const total = logarithm.inputs[0];
  const exponential = total?.inputs[0];
  const matches =
    isFunction(logarithm, "log") &&
    isReduce(total, "sum") &&
    isFunction(exponential, "exp") &&
    exponential!.inputs[0] === shifted &&
    shifted.operation.kind === "sum" &&
    isReduce(shifted.inputs[1], "max") &&
    shifted.inputs[1]!.inputs[0] === shifted.inputs[0];
  return matches ? { kind: "logSoftmax", axis, logits: shifted.inputs[0]! } : undefined;
}

const isFunction = (node: Draft | undefined, name: string): boolean =>
  node?.operation.kind === "activation" && node.operation.function === name;

const isReduce = (node: Draft | undefined, name: string): boolean =>
  node?.operation.kind === "reduce" && node.operation.reduce === name;

/** `exp z / Σ exp z` along one axis, as a softmax along another axis than the last one is written; a maximum may have been subtracted. */
function softmaxByHand({ inputs }: Draft): FoundTail | undefined {
  const [exponential, total] = inputs as [Draft, Draft];
  if (!isFunction(exponential, "exp") || !isReduce(total, "sum") || total.inputs[0] !== exponential) return undefined;
  const { operation } = total;
  if (operation.kind !== "reduce" || operation.axes.length !== 1 || !operation.keepDims) return undefined;
  const [axis] = operation.axes as [number];
  const logits = exponential.inputs[0]!;
  const [z, most] = logits.inputs;
  const isShifted =
    logits.operation.kind === "sum" &&
    logits.operation.signs[1] === -1 &&
    isReduce(most, "max") &&
    most!.inputs[0] === z &&
    most!.operation.kind === "reduce" &&
    String(most!.operation.axes) === String(operation.axes);
  return { kind: "softmax", axis, logits: isShifted ? z! : logits };
}

/** What moves or joins probabilities does so to their logits alike, where it leaves the classes of each together. */
function movedTail(output: Draft): FoundTail | undefined {
  const inner = output.inputs.map(tailOf);
  const [first] = inner;
  if (first === undefined || inner.some((tail) => tail?.kind !== first.kind || tail.axis !== first.axis))
    return undefined;
  const moved = classAxisOf(output, first.axis);
  // Each probability of a sigmoid stands for itself.
  const axis = moved ?? (first.kind === "sigmoid" && isMoved(output) ? output.shape.length - 1 : undefined);
  if (axis === undefined) return undefined;
  const logits = inner.map((tail) => tail!.logits);
  return { kind: first.kind, axis, logits: new Draft(output.operation, logits, output.name, output.shape) };
}

/** Whether all that comes out went in. */
const isMoved = ({ operation }: Draft): boolean => factsOf(operation).inserts !== true;

/** Where the axis of the classes is after a node that leaves them whole and in their order; `undefined` where it does not. */
function classAxisOf({ operation, inputs, shape }: Draft, axis: number): number | undefined {
  if (operation.kind === "concat") return operation.axis === axis || factsOf(operation).inserts ? undefined : axis;
  if (operation.kind !== "rearrange") return undefined;
  const before = inputs[0]!.shape;
  const { attributes, kernel } = operation;
  switch (kernel) {
    case "Transpose": {
      const to = (attributes["perm"] as number[]).indexOf(axis);
      return to === -1 ? undefined : to;
    }
    case "Reshape": {
      // As many entries before it, and as many classes.
      const outer = sizeOf(before.slice(0, axis));
      const places = shape.flatMap((size, to) =>
        size === before[axis] && sizeOf(shape.slice(0, to)) === outer ? [to] : [],
      );
      return places.at(-1);
    }
    case "Slice":
      return shape[axis] === before[axis] ? axis : undefined;
    default:
      return undefined;
  }
}
