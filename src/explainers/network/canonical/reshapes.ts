import * as tf from "@tensorflow/tfjs-core";
import { factsOf } from "../operations/index.js";
import { isRearrange } from "../operations/rearrange.js";
import { sameShape } from "../shapes.js";
import { Draft, type DraftGraph, isAffineDraft, onlyReader, readersOf, redirect } from "./draft.js";

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

/**
 * Numbers of words are looked up in the shape in which they come: an embedding that flattens `[batch, time]` and reshapes what it
 * found does so behind the lookup, whose value then has the samples on its first axis.
 */
export function unwrapLookups(graph: DraftGraph): void {
  for (const lookup of readersOf(graph).keys()) {
    const flat = lookup.inputs[0];
    if (lookup.operation.kind !== "lookup" || flat === undefined || !isRearrange(flat.operation, "Reshape")) continue;
    const numbers = flat.inputs[0]!;
    const found = lookup.value();
    const { attributes } = flat.operation;
    const shape = [...lookup.shape];
    const reshape = new Draft(
      { ...flat.operation, attributes: { ...attributes, shape } },
      [],
      lookup.name,
      shape,
      found,
    );
    redirect(graph, readersOf(graph), lookup, reshape);
    reshape.inputs = [lookup];
    lookup.inputs = [numbers];
    lookup.shape = [...numbers.shape, ...lookup.operation.table.shape.slice(1)];
    lookup.setValue(tf.reshape(found, [...lookup.shape]));
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
    while (next !== undefined && next.inputs.length === 1 && factsOf(next.operation).alongLastAxis) {
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

/**
 * Moves what acts on the last axis alone in front of a reshape that keeps that axis, next to the affine operation that it
 * may fold into: a 1-d convolution adds its bias behind the reshape from 2-d.
 */
export function advanceScales(graph: DraftGraph): void {
  const readers = readersOf(graph);
  // From the inputs on: a batch norm follows once the bias before it has moved.
  for (const node of [...readers.keys()].reverse()) {
    const reshape = node.inputs[0];
    if (node.operation.kind !== "scale" || reshape === undefined || !factsOf(node.operation).alongLastAxis) continue;
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
