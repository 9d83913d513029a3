import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Draft, type DraftGraph, onlyReader, readersOf } from "./draft.js";

/** `min(max(x, 0), c)` as one activation. */
export function joinClips(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const clip of readers.keys()) {
    const relu = clip.inputs[0];
    if (clip.operation.kind !== "activation" || relu?.operation.kind !== "activation") continue;
    if (relu.operation.function !== "relu" || onlyReader(readers, relu) !== clip) continue;
    const { operation } = clip;
    if (operation.function === "relu6") clip.inputs = relu.inputs;
    else if (operation.function === "clip" && operation.bounds![0] <= 0) {
      const ceiling = operation.bounds![1];
      clip.operation =
        ceiling === 6 ? { kind: "activation", function: "relu6" } : { ...operation, bounds: [0, ceiling] };
      clip.inputs = relu.inputs;
    }
  }
}

const isZero = (constant: Tensor | undefined): boolean =>
  constant !== undefined && tf.any(tf.cast(constant, "bool")).dataSync()[0] === 0;

/** `where(b = 0, 0, a / b)`, as TensorFlow.js computes `divNoNan`, as one quotient. */
export function joinQuotients(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const choice of readers.keys()) {
    const { operation } = choice;
    if (operation.kind !== "select" || choice.inputs.length !== 2 || !isZero(operation.constants.t)) continue;
    const [condition, quotient] = choice.inputs as [Draft, Draft];
    if (quotient.operation.kind !== "quotient" || condition.operation.kind !== "unknown") continue;
    const { kernel, constants } = condition.operation;
    if (kernel !== "Equal" || condition.inputs[0] !== quotient.inputs[1] || !isZero(constants["b"])) continue;
    choice.operation = { kind: "quotient", orZero: true };
    choice.inputs = quotient.inputs;
  }
}
