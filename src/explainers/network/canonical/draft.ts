import type { Tensor } from "@tensorflow/tfjs-core";
import type { Node } from "../graph.js";
import { type Affine, isAffine, type Operation } from "../operations/index.js";
import { forward } from "../run/forward.js";
import { Weights } from "../run/weights.js";

/** A node while the graph is still being rewritten. */
export class Draft {
  #value: Tensor | undefined;
  /** Names of layers folded into this one. */
  folded: string[] = [];

  constructor(
    public operation: Operation,
    public inputs: Draft[],
    public name: string,
    public shape: readonly number[],
    value?: Tensor,
  ) {
    this.#value = value;
  }

  /** The traced value; computed for nodes that no kernel computed as such. */
  value(): Tensor {
    if (this.#value === undefined) {
      const node: Node = {
        id: -1,
        name: this.name,
        folded: [],
        operation: this.operation,
        inputs: [],
        shape: this.shape,
      };
      const weights = new Weights();
      this.#value = forward(
        node,
        this.inputs.map((input) => input.value()),
        weights,
      );
      weights.dispose();
    }
    return this.#value;
  }

  /** Stands for `other` as well from now on, and keeps its own name. */
  absorb(other: Draft): void {
    if (other.name !== this.name) this.folded.push(other.name);
    this.folded.push(...other.folded);
    this.shape = other.shape;
    this.#value = other.#value;
  }

  setValue(value: Tensor | undefined): void {
    this.#value = value;
  }
}

export interface DraftGraph {
  inputs: Draft[];
  outputs: Draft[];
}

export interface AffineDraft extends Draft {
  operation: Affine;
}

export const isAffineDraft = (node: Draft): node is AffineDraft => isAffine(node.operation);

/** All reachable nodes with their readers; a model's output counts as a reader (`null`). */
export function readersOf(graph: DraftGraph): Map<Draft, (Draft | null)[]> {
  const readers = new Map<Draft, (Draft | null)[]>();
  const pending: Draft[] = [];
  const reach = (node: Draft, reader: Draft | null): void => {
    const list = readers.get(node);
    if (list !== undefined) list.push(reader);
    else {
      readers.set(node, [reader]);
      pending.push(node);
    }
  };
  for (const output of graph.outputs) reach(output, null);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const input of node.inputs) reach(input, node);
  }
  return readers;
}

/** The node's only reader, if it has exactly one and is not an output. */
export function onlyReader(readers: Map<Draft, (Draft | null)[]>, node: Draft): Draft | undefined {
  const list = readers.get(node) ?? [];
  return list.length === 1 && list[0] !== null ? list[0] : undefined;
}

/** Lets every reader of `from` read `to`. */
export function redirect(graph: DraftGraph, readers: Map<Draft, (Draft | null)[]>, from: Draft, to: Draft): void {
  for (const reader of readers.get(from) ?? []) {
    if (reader === null) graph.outputs = graph.outputs.map((output) => (output === from ? to : output));
    else reader.inputs = reader.inputs.map((input) => (input === from ? to : input));
  }
}
