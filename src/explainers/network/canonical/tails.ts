import type { Tail } from "../graph.js";
import { isRearrange } from "../operations/rearrange.js";
import { Draft, type DraftGraph } from "./draft.js";

/** Makes the logits the outputs where the model ends in a softmax, log-softmax or sigmoid, and says so. */
export function dropTails(graph: DraftGraph): Tail[] {
  return graph.outputs.map((output, index): Tail => {
    const tail = tailOf(output);
    if (tail === undefined) return "linear";
    graph.outputs[index] = tail.logits;
    return tail.kind;
  });
}

function tailOf(output: Draft): { kind: Tail; logits: Draft } | undefined {
  const { operation } = output;
  if (operation.kind === "activation" && operation.function === "sigmoid") {
    return { kind: "sigmoid", logits: output.inputs[0]! };
  }
  if (operation.kind === "concat" || isRearrange(operation, "Reshape") || isRearrange(operation, "Transpose")) {
    return movedTail(output);
  }
  if (operation.kind === "softmax") return { kind: "softmax", logits: output.inputs[0]! };
  if (operation.kind === "activation" && operation.function === "log") {
    const inner = tailOf(output.inputs[0]!);
    return inner?.kind === "softmax" ? { kind: "logSoftmax", logits: inner.logits } : undefined;
  }
  // TensorFlow.js computes log-softmax as s − log Σ exp s with s = x − max x.
  if (operation.kind !== "sum" || operation.signs.length !== 2 || operation.signs[1] !== -1) return undefined;
  const [shifted, logarithm] = output.inputs as [Draft, Draft];
  const total = logarithm.inputs[0];
  const exponential = total?.inputs[0];
  const isFunction = (node: Draft | undefined, name: string): boolean =>
    node?.operation.kind === "activation" && node.operation.function === name;
  const isReduce = (node: Draft | undefined, name: string): boolean =>
    node?.operation.kind === "reduce" && node.operation.reduce === name;
  const matches =
    isFunction(logarithm, "log") &&
    isReduce(total, "sum") &&
    isFunction(exponential, "exp") &&
    exponential!.inputs[0] === shifted &&
    shifted.operation.kind === "sum" &&
    isReduce(shifted.inputs[1], "max") &&
    shifted.inputs[1]!.inputs[0] === shifted.inputs[0];
  return matches ? { kind: "logSoftmax", logits: shifted.inputs[0]! } : undefined;
}

/** What moves or joins probabilities does so to their logits alike, where it leaves the classes together on the last axis. */
function movedTail(output: Draft): { kind: Tail; logits: Draft } | undefined {
  const inner = output.inputs.map(tailOf);
  const kind = inner[0]?.kind;
  if (kind === undefined || inner.some((tail) => tail?.kind !== kind)) return undefined;
  if (kind !== "sigmoid" && !keepsClasses(output)) return undefined;
  const logits = inner.map((tail) => tail!.logits);
  return { kind, logits: new Draft(output.operation, logits, output.name, output.shape) };
}

function keepsClasses({ operation, inputs, shape }: Draft): boolean {
  const last = shape.length - 1;
  if (operation.kind === "concat") return operation.axis !== last;
  if (isRearrange(operation, "Transpose")) return (operation.attributes["perm"] as number[])[last] === last;
  return shape[last] === inputs[0]!.shape.at(-1);
}
