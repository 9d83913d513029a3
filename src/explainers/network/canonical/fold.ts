import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { type Affine, affineKindOf, type OperationOf } from "../operations/index.js";
import { along, alongOutput, sumOverInputs } from "../operations/parts/affine.js";
import { perChannel, sameShape } from "../shapes.js";
import { type Draft, type DraftGraph, isAffineDraft, onlyReader, readersOf, redirect } from "./draft.js";

/** `scale` nodes that change the shape by broadcasting keep it explicit elsewhere; here `x + 0` and `x · 1` vanish. */
export function foldConstantSums(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const node of readers.keys()) {
    const { operation } = node;
    if (operation.kind !== "scale" || operation.weights !== null || operation.bias !== null) continue;
    redirect(graph, readers, node, node.inputs[0]!);
  }
}

/** Folds factors and shifts into the affine operation before them, or else into the one behind. */
export function foldAffine(graph: DraftGraph, foldBatchNorm: boolean | readonly string[]): void {
  const isKept = ({ name, operation }: Draft): boolean =>
    operation.kind === "scale" &&
    operation.normalizes === true &&
    !(typeof foldBatchNorm === "boolean" ? foldBatchNorm : foldBatchNorm.includes(name));
  for (let folded = true; folded; ) {
    folded = false;
    const readers = readersOf(graph);
    for (const node of [...readers.keys()].reverse()) {
      if (node.operation.kind !== "scale" || isKept(node)) continue;
      const before = node.inputs[0]!;
      const behind = onlyReader(readers, node);
      if (isAffineDraft(before) && onlyReader(readers, before) === node && sameShape(before.shape, node.shape)) {
        const merged = scaleOutput(before.operation, node.operation, node.shape.at(-1)!);
        if (merged === undefined) continue;
        before.operation = merged;
        redirect(graph, readers, node, before);
        before.absorb(node);
        folded = true;
        break;
      }
      if (behind !== undefined && isAffineDraft(behind) && sameShape(before.shape, node.shape)) {
        // Zeros times a gate are a cell's initial state: it keeps its own node.
        if (node.operation.weights !== null && tf.any(tf.cast(node.operation.weights, "bool")).dataSync()[0] === 0)
          continue;
        const merged = scaleInput(behind.operation, node.operation, node.shape.at(-1)!);
        if (merged === undefined) continue;
        behind.operation = merged;
        behind.inputs = [before];
        behind.folded.push(node.name, ...node.folded);
        folded = true;
        break;
      }
    }
  }
}

/** `factor · (w·a + b) + shift` as one affine operation. */
function scaleOutput(operation: Affine, scale: OperationOf<"scale">, count: number): Affine | undefined {
  if (operation.kind === "scale") {
    const times = (a: Tensor | null, b: Tensor | null) => (a === null ? b : b === null ? a : tf.mul(a, b));
    const shifted =
      operation.bias === null || scale.weights === null ? operation.bias : tf.mul(operation.bias, scale.weights);
    const bias = shifted === null ? scale.bias : scale.bias === null ? shifted : tf.add(shifted, scale.bias);
    return { kind: "scale", weights: times(operation.weights, scale.weights), bias };
  }
  const factor = scale.weights === null ? null : perChannel(scale.weights, count);
  const shift = scale.bias === null ? null : perChannel(scale.bias, count);
  if (factor === undefined || shift === undefined) return undefined;
  let { bias } = operation;
  if (bias !== null && factor !== null) bias = tf.mul(bias, factor) as Tensor1D;
  if (shift !== null) bias = bias === null ? shift : (tf.add(bias, shift) as Tensor1D);
  if (factor === null) return { ...operation, bias } as Affine;
  const { channels } = affineKindOf(operation);
  return {
    ...operation,
    weights: tf.mul(operation.weights as Tensor, alongOutput(channels!, operation.weights, factor)),
    bias,
  } as Affine;
}

/** `w·(factor · a + shift) + b` as one affine operation; a shift must not meet padding, which it does not reach. */
function scaleInput(operation: Affine, scale: OperationOf<"scale">, count: number): Affine | undefined {
  if (operation.kind === "scale") return undefined;
  const { channels, seesNoPadding } = affineKindOf(operation);
  if (channels === null || channels.input === null) return undefined;
  const factor = scale.weights === null ? null : perChannel(scale.weights, count);
  const shift = scale.bias === null ? null : perChannel(scale.bias, count);
  if (factor === undefined || shift === undefined) return undefined;
  if (shift !== null && !seesNoPadding(operation)) return undefined;
  const weights: Tensor = operation.weights;
  let { bias } = operation;
  if (shift !== null) {
    const added = sumOverInputs(channels, tf.mul(weights, along(weights, [channels.input], shift)));
    bias = (bias === null ? added : tf.add(bias, added)) as Tensor1D;
  }
  if (factor === null) return { ...operation, bias } as Affine;
  return { ...operation, weights: tf.mul(weights, along(weights, [channels.input], factor)), bias } as Affine;
}
