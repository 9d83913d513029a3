import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Affine, Operation, OperationOf, Padding, Tail } from "../graph.js";
import { seesNoPadding } from "../operations/linear.js";
import { isUnit, isUnpadded } from "../operations/window.js";
import { perChannel, sameShape } from "../shapes.js";
import { type Draft, type DraftGraph, onlyReader, readersOf, redirect } from "./draft.js";

const isRearrange = (operation: Operation, kernel: string): operation is OperationOf<"rearrange"> =>
  operation.kind === "rearrange" && operation.kernel === kernel;

/** A reshape of a reshape is one; a reshape to the same shape is none. */
export function joinReshapes(graph: DraftGraph): void {
  for (let changed = true; changed; ) {
    changed = false;
    const readers = readersOf(graph);
    for (const node of readers.keys()) {
      if (!isRearrange(node.operation, "Reshape")) continue;
      const before = node.inputs[0]!;
      if (isRearrange(before.operation, "Reshape") && onlyReader(readers, before) === node) {
        node.inputs = before.inputs;
        node.folded.push(before.name, ...before.folded);
        changed = true;
      } else if (sameShape(before.shape, node.shape)) {
        redirect(graph, readers, node, before);
        changed = true;
      }
      if (changed) break;
    }
  }
}

/** 1-d padding in front of the reshape to 2-d moves behind it, where a convolution can take it over. */
export function advanceReshapes(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const reshape of readers.keys()) {
    const pad = reshape.inputs[0];
    if (!isRearrange(reshape.operation, "Reshape") || pad === undefined || !isRearrange(pad.operation, "PadV2"))
      continue;
    const [batch, length, channels] = pad.shape;
    if (pad.shape.length !== 3 || !sameShape(reshape.shape, [batch!, 1, length!, channels!])) continue;
    if (onlyReader(readers, pad) !== reshape) continue;
    const { operation } = pad;
    const shape = [batch!, 1, pad.inputs[0]!.shape[1]!, channels!];
    const value = reshape.value();
    pad.operation = { ...reshape.operation, attributes: { ...reshape.operation.attributes, shape } };
    pad.shape = shape;
    pad.setValue(undefined);
    const [samples, entries, last] = operation.attributes["paddings"] as [number, number][];
    reshape.operation = {
      ...operation,
      attributes: { ...operation.attributes, paddings: [samples, [0, 0], entries, last] },
    };
    reshape.setValue(value);
  }
}

/** SpaceToBatch → convolution → BatchToSpace is a dilated convolution; converters write it so. */
export function joinSpaceToBatch(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const node of readers.keys()) {
    if (!isRearrange(node.operation, "SpaceToBatchND")) continue;
    const convolution = onlyReader(readers, node);
    if (convolution?.operation.kind !== "conv2d" && convolution?.operation.kind !== "depthwise") continue;
    const back = onlyReader(readers, convolution);
    if (back === undefined || !isRearrange(back.operation, "BatchToSpaceND")) continue;
    const { window } = convolution.operation;
    const { blockShape, paddings } = node.operation.attributes as { blockShape: number[]; paddings: number[][] };
    const { crops } = back.operation.attributes as { crops: number[][] };
    const padding = [0, 1].map((axis) =>
      [0, 1].map((end) => paddings[axis]![end]! - crops[axis]![end]!),
    ) as unknown as Padding;
    const plain = isUnit(window.strides) && isUnit(window.dilations) && isUnpadded(window.padding);
    if (!plain || blockShape.length !== 2 || padding.flat().some((entry) => entry < 0)) continue;
    convolution.operation = {
      ...convolution.operation,
      window: { ...window, dilations: [blockShape[0]!, blockShape[1]!], padding },
    };
    convolution.inputs = node.inputs;
    redirect(graph, readers, back, convolution);
    convolution.absorb(back);
  }
}

/**
 * Matrix products and batch norm reshape `[batch, n]` to `[1, batch, n]` or `[1, 1, batch, n]` and back; what lies
 * between acts on the last axis alone, so it runs as well without.
 */
export function unwrapReshapes(graph: DraftGraph): void {
  for (let wrap = findWrap(graph); wrap !== undefined; wrap = findWrap(graph)) {
    const { readers, source, chain, unwrap } = wrap;
    const last = chain.at(-1)!;
    chain[0]!.inputs = [source];
    for (const node of chain) {
      node.shape = [...source.shape.slice(0, -1), node.shape.at(-1)!];
      node.setValue(node === last ? unwrap.value() : tf.reshape(node.value(), [...node.shape]));
    }
    redirect(graph, readers, unwrap, last);
  }
}

function findWrap(graph: DraftGraph) {
  const readers = readersOf(graph);
  for (const wrap of readers.keys()) {
    if (!isRearrange(wrap.operation, "Reshape")) continue;
    const source = wrap.inputs[0]!;
    if (source.shape.at(-1) !== wrap.shape.at(-1)) continue;
    const chain: Draft[] = [];
    let next = onlyReader(readers, wrap);
    while (next !== undefined && next.inputs.length === 1 && actsOnLastAxis(next.operation)) {
      chain.push(next);
      next = onlyReader(readers, next);
    }
    const unwrap = next;
    if (chain.length === 0 || unwrap === undefined || !isRearrange(unwrap.operation, "Reshape")) continue;
    if (sameShape(unwrap.shape, [...source.shape.slice(0, -1), chain.at(-1)!.shape.at(-1)!])) {
      return { readers, source, chain, unwrap };
    }
  }
  return undefined;
}

function actsOnLastAxis(operation: Operation): boolean {
  if (operation.kind === "dense" || operation.kind === "softmax") return true;
  const isVector = (tensor: Tensor | null | undefined): boolean =>
    tensor == null || perChannel(tensor, tensor.shape.at(-1) ?? 1) !== undefined;
  if (operation.kind === "scale") return isVector(operation.weights) && isVector(operation.bias);
  return operation.kind === "activation" && isVector(operation.parameter);
}

/**
 * Moves what acts on the last axis alone in front of a reshape that keeps that axis, next to the affine operation that it
 * may fold into: a 1-d convolution adds its bias behind the reshape from 2-d.
 */
export function advanceScales(graph: DraftGraph): void {
  const readers = readersOf(graph);
  // From the inputs on: a batch norm follows once the bias before it has moved.
  for (const node of [...readers.keys()].reverse()) {
    const reshape = node.inputs[0];
    if (node.operation.kind !== "scale" || reshape === undefined || !actsOnLastAxis(node.operation)) continue;
    if (!isRearrange(reshape.operation, "Reshape") || onlyReader(readers, reshape) !== node) continue;
    const source = reshape.inputs[0]!;
    if (!isAffineDraft(source) || source.shape.at(-1) !== node.shape.at(-1) || !sameShape(reshape.shape, node.shape))
      continue;
    const value = node.value();
    const operation = node.operation;
    node.operation = reshape.operation;
    reshape.operation = operation;
    reshape.shape = source.shape;
    reshape.setValue(tf.reshape(value, [...source.shape]));
    reshape.name = node.name;
  }
}

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

/** `where(b = 0, 0, a / b)`, as TensorFlow.js computes `divNoNan`, as one quotient. */
export function joinQuotients(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const choice of readers.keys()) {
    if (!isUnknown(choice, "Select") || choice.inputs.length !== 3) continue;
    const [isZero, zeros, quotient] = choice.inputs as [Draft, Draft, Draft];
    if (quotient.operation.kind !== "quotient" || !isUnknown(zeros, "ZerosLike") || !isUnknown(isZero, "Equal"))
      continue;
    if (isZero.inputs[0] !== quotient.inputs[1] || isZero.inputs[1] !== zeros) continue;
    choice.operation = { kind: "quotient", orZero: true };
    choice.inputs = quotient.inputs;
  }
}

const isUnknown = ({ operation }: Draft, kernel: string): boolean =>
  operation.kind === "unknown" && operation.kernel === kernel;

/** Zero padding in front of a convolution becomes the convolution's own. */
export function mergePadding(graph: DraftGraph): void {
  const readers = readersOf(graph);
  for (const pad of readers.keys()) {
    if (!isRearrange(pad.operation, "PadV2")) continue;
    const paddings = pad.operation.attributes["paddings"] as [number, number][];
    if (paddings.length !== 4 || [...paddings[0]!, ...paddings[3]!].some((entry) => entry !== 0)) continue;
    const users = readers.get(pad)!;
    if (!users.every((user) => user?.operation.kind === "conv2d" || user?.operation.kind === "depthwise")) continue;
    for (const user of new Set(users)) {
      const operation = user!.operation as OperationOf<"conv2d" | "depthwise">;
      const [rows, columns] = operation.window.padding;
      const padding: Padding = [
        [rows[0] + paddings[1]![0], rows[1] + paddings[1]![1]],
        [columns[0] + paddings[2]![0], columns[1] + paddings[2]![1]],
      ];
      user!.operation = { ...operation, window: { ...operation.window, padding } };
      user!.inputs = [...pad.inputs];
    }
  }
}

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

interface AffineDraft extends Draft {
  operation: Affine;
}

const isAffineDraft = (node: Draft): node is AffineDraft =>
  ["conv2d", "depthwise", "conv2dTranspose", "dense", "scale"].includes(node.operation.kind);

/** `factor · (w·a + b) + shift` as one affine operation. */
function scaleOutput(operation: Affine, scale: OperationOf<"scale">, channels: number): Affine | undefined {
  if (operation.kind === "scale") {
    const times = (a: Tensor | null, b: Tensor | null) => (a === null ? b : b === null ? a : tf.mul(a, b));
    const shifted =
      operation.bias === null || scale.weights === null ? operation.bias : tf.mul(operation.bias, scale.weights);
    const bias = shifted === null ? scale.bias : scale.bias === null ? shifted : tf.add(shifted, scale.bias);
    return { kind: "scale", weights: times(operation.weights, scale.weights), bias };
  }
  const factor = scale.weights === null ? null : perChannel(scale.weights, channels);
  const shift = scale.bias === null ? null : perChannel(scale.bias, channels);
  if (factor === undefined || shift === undefined) return undefined;
  let { bias } = operation;
  if (bias !== null && factor !== null) bias = tf.mul(bias, factor) as Tensor1D;
  if (shift !== null) bias = bias === null ? shift : (tf.add(bias, shift) as Tensor1D);
  if (factor === null) return { ...operation, bias };
  switch (operation.kind) {
    case "conv2d":
      return { ...operation, weights: tf.mul(operation.weights, factor) as Tensor4D, bias };
    case "dense":
      return { ...operation, weights: tf.mul(operation.weights, factor) as Tensor2D, bias };
    case "depthwise": {
      const [, , inputs, multiplier] = operation.weights.shape;
      return {
        ...operation,
        weights: tf.mul(operation.weights, tf.reshape(factor, [inputs, multiplier])) as Tensor4D,
        bias,
      };
    }
    case "conv2dTranspose":
      return { ...operation, weights: tf.mul(operation.weights, tf.reshape(factor, [channels, 1])) as Tensor4D, bias };
  }
}

/** `w·(factor · a + shift) + b` as one affine operation; a shift must not meet padding, which it does not reach. */
function scaleInput(operation: Affine, scale: OperationOf<"scale">, channels: number): Affine | undefined {
  if (operation.kind === "scale" || operation.kind === "conv2dTranspose") return undefined;
  const factor = scale.weights === null ? null : perChannel(scale.weights, channels);
  const shift = scale.bias === null ? null : perChannel(scale.bias, channels);
  if (factor === undefined || shift === undefined) return undefined;
  if (shift !== null && !seesNoPadding(operation)) return undefined;
  const { weights } = operation;
  const column = (vector: Tensor1D): Tensor => tf.reshape(vector, [channels, 1]);
  let { bias } = operation;
  if (shift !== null) {
    const moved = tf.mul(weights as Tensor, column(shift));
    const added =
      operation.kind === "dense"
        ? tf.sum(moved, 0)
        : operation.kind === "conv2d"
          ? tf.sum(moved, [0, 1, 2])
          : tf.reshape(tf.sum(moved, [0, 1]), [-1]);
    bias = (bias === null ? added : tf.add(bias, added)) as Tensor1D;
  }
  if (factor === null) return { ...operation, bias } as Affine;
  return { ...operation, weights: tf.mul(weights as Tensor, column(factor)), bias } as Affine;
}

/** Makes the logits the outputs where the model ends in a softmax or log-softmax, and says so. */
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
