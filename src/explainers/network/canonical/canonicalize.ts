import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { ModelError } from "../../errors.js";
import type { Trace } from "../capture/record.js";
import type { Graph, Node } from "../graph.js";
import { Pool, scoped } from "../tensors.js";
import { Draft, type DraftGraph } from "./draft.js";
import { joinClips, joinQuotients } from "./entrywise.js";
import { foldAffine, foldConstantSums } from "./fold.js";
import { joinSpaceToBatch, mergePadding } from "./padding.js";
import { advanceReshapes, advanceScales, joinReshapes, unwrapLookups, unwrapReshapes } from "./reshapes.js";
import { type DroppedTail, dropTails, linearTail } from "./tails.js";
import { translate } from "./translate.js";

/** A canonical graph together with the values that its nodes took in the trace it was made from. */
export interface Canonicalized {
  readonly graph: Graph;
  /** By node id. */
  readonly values: readonly Tensor[];
  /** Owns the graph's weights. */
  readonly weights: Pool;
  /** Owns `values`. */
  readonly activations: Pool;
}

export interface CanonicalizeOptions {
  /** Whether batch norm is folded into the convolution or dense layer beside it, or the names of those that are; default true. */
  readonly foldBatchNorm?: boolean | readonly string[];
  /** Whether a final softmax or sigmoid stays, so that probabilities are the outputs; default false. */
  readonly keepTails?: boolean;
}

/**
 * Brings a trace into canonical form: batch norm, constant factors and biases folded into the affine operation beside
 * them, explicit padding and space-to-batch merged into convolutions, reshapes around matrix products removed, a final
 * softmax or log-softmax dropped so that logits are explained. Takes ownership of `trace`.
 */
export function canonicalize(
  trace: Trace,
  { foldBatchNorm = true, keepTails = false }: CanonicalizeOptions = {},
): Canonicalized {
  const weights = new Pool();
  const activations = new Pool();
  try {
    return scoped(() => {
      const draft = draftOf(trace);
      joinSpaceToBatch(draft);
      unwrapReshapes(draft);
      unwrapLookups(draft);
      joinReshapes(draft);
      advanceReshapes(draft);
      mergePadding(draft);
      foldConstantSums(draft);
      advanceScales(draft);
      joinClips(draft);
      joinQuotients(draft);
      foldAffine(draft, foldBatchNorm);
      const tails = keepTails ? draft.outputs.map(linearTail) : dropTails(draft);
      return finish(draft, tails, trace, weights, activations);
    });
  } catch (error) {
    weights.dispose();
    activations.dispose();
    throw error;
  } finally {
    trace.pool.dispose();
  }
}

function draftOf(trace: Trace): DraftGraph {
  const drafts: (Draft | undefined)[] = trace.values.map(() => undefined);
  const inputs = trace.inputs.map((value, index) => {
    const tensor = trace.values[value]!;
    const draft = new Draft(
      { kind: "input", index },
      [],
      `input${trace.inputs.length > 1 ? index : ""}`,
      tensor.shape,
      tensor,
    );
    drafts[value] = draft;
    return draft;
  });
  for (const record of trace.records) {
    const made = translate(record, trace, (value) => drafts[value]);
    record.outputs.forEach((value, index) => {
      drafts[value] = made?.[index];
    });
  }
  const outputs = trace.outputs.map((output, index) => {
    const draft = "value" in output ? drafts[output.value] : undefined;
    if (draft === undefined) throw new ModelError(`Output ${index} of the model does not depend on its input.`);
    return draft;
  });
  return { inputs, outputs };
}

/** Numbers the nodes and hands weights and values to their owners. */
function finish(
  draft: DraftGraph,
  tails: DroppedTail[],
  trace: Trace,
  weights: Pool,
  activations: Pool,
): Canonicalized {
  const order = draftsOf(draft);
  const ids = new Map(order.map((node, id) => [node, id]));
  const held = new Map<Tensor, Tensor>();
  const holdWeight = (tensor: Tensor): Tensor => {
    let copy = held.get(tensor);
    if (copy === undefined) {
      copy = weights.hold(tensor);
      held.set(tensor, copy);
    }
    return copy;
  };
  const nodes = order.map(
    (node, id): Node => ({
      id,
      name: node.name,
      folded: node.folded,
      operation: mapTensors(node.operation, holdWeight),
      inputs: node.inputs.map((input) => ids.get(input)!),
      shape: node.shape,
    }),
  );
  const values = order.map((node) => activations.hold(node.value()));
  const graph: Graph = {
    nodes,
    inputs: draft.inputs.map((node) => ids.get(node)!),
    outputs: draft.outputs.map((node) => ids.get(node)!),
    tails: tails.map(({ kind }) => kind),
    tailAxes: tails.map(({ axis }) => axis),
    batch: trace.values[trace.inputs[0]!]!.shape[0] ?? 1,
  };
  return { graph, values, weights, activations };
}

/** The nodes that outputs depend on, every input first, in topological order. */
function draftsOf(graph: DraftGraph): Draft[] {
  const order = new Set<Draft>(graph.inputs);
  const visit = (root: Draft): void => {
    // Depth first without recursion: recurrent models unroll to thousands of nodes.
    const stack: { node: Draft; next: number }[] = [{ node: root, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      if (order.has(top.node)) stack.pop();
      else if (top.next < top.node.inputs.length) {
        const input = top.node.inputs[top.next++]!;
        if (!order.has(input)) stack.push({ node: input, next: 0 });
      } else {
        order.add(top.node);
        stack.pop();
      }
    }
  };
  graph.outputs.forEach(visit);
  return [...order];
}

/** A copy of an operation with every tensor in it replaced. */
function mapTensors<T>(operation: T, replace: (tensor: Tensor) => Tensor): T {
  const walk = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) return replace(value);
    if (Array.isArray(value)) return value.some((entry) => entry instanceof tf.Tensor) ? value.map(walk) : value;
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, walk(entry)]));
  };
  return walk(operation) as T;
}
