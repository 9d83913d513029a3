import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { failingAt, shapesOf } from "../../failures.js";
import type { Node } from "../graph.js";
import { nameOf, type Values } from "../operations/index.js";
import { vjp } from "../run/vjp.js";
import { scoped } from "../tensors.js";
import type { Recording } from "./recording.js";

/**
 * What a method does at a node: from what arrived at its output, what goes to each of its inputs (`null`: nothing).
 * It runs inside `tf.tidy` and may return `arrived` itself.
 */
export type Step = (node: Node, arrived: Tensor, values: Values) => (Tensor | null)[];

export interface PropagateOptions {
  /** Sees what arrived at each node, inside `tf.tidy`, before the node's own step. */
  readonly observe?: (node: Node, arrived: Tensor) => void;
  /** Nodes at which propagation ends, as it does at the inputs. */
  readonly stop?: ReadonlySet<number>;
}

/**
 * Sends `seeds` (by node id) back through the graph with `step` and returns what arrives at the inputs and at the nodes
 * of `stop`, by node id; the caller owns it. What reaches a node over several paths is added up.
 */
export function propagate(
  recording: Recording,
  seeds: ReadonlyMap<number, Tensor>,
  step: Step,
  { observe, stop }: PropagateOptions = {},
): Map<number, Tensor> {
  const { graph } = recording;
  const arriving: Tensor[][] = graph.nodes.map(() => []);
  const results = new Map<number, Tensor>();
  try {
    for (const [id, seed] of seeds) arriving[id]!.push(tf.engine().keep(tf.clone(seed)));
    for (let id = graph.nodes.length - 1; id >= 0; id--) {
      const node = graph.nodes[id]!;
      const together = arriving[id]!;
      if (together.length === 0) continue;
      const arrived = together.length === 1 ? together[0]! : tf.engine().keep(tf.addN(together));
      if (together.length > 1) for (const part of together) part.dispose();
      arriving[id] = [];
      const ends = node.operation.kind === "input" || stop?.has(id) === true;
      if (ends) results.set(id, arrived);
      else arriving[id] = [arrived]; // so that it is freed if the step throws
      tf.tidy(() => {
        observe?.(node, arrived);
        if (ends) return;
        const parts = failingAt(
          () => ({
            layer: node.name,
            operation: `the way back through ${nameOf(node.operation)}`,
            shapes: shapesOf([arrived]),
          }),
          () => step(node, arrived, recording.around(node)),
        );
        parts.forEach((part, index) => {
          if (part === null || graph.given?.has(node.inputs[index]!)) return;
          // A second handle where a step hands on what it was given.
          arriving[node.inputs[index]!]!.push(tf.engine().keep(part === arrived || part.kept ? tf.clone(part) : part));
        });
      });
      if (!ends) {
        arriving[id] = [];
        arrived.dispose();
      }
    }
    return results;
  } catch (error) {
    for (const tensor of [...arriving.flat(), ...results.values()]) tensor.dispose();
    throw error;
  }
}

/** Propagation that is repeated. */
interface Repeated {
  /** Names what the step does: the same for all that do the same. */
  readonly name: string;
  /** Tensors that the step uses beside those of the recording. */
  readonly beside?: readonly Tensor[];
  readonly stop?: ReadonlySet<number> | undefined;
}

/**
 * `propagate` by a step that reads no tensor, as a program where it is repeated.
 *
 * @param stepOf makes the step with all that it needs from the recording's values: what is made before is a constant of the
 *   program
 */
export function propagateRepeatedly(
  recording: Recording,
  seeds: ReadonlyMap<number, Tensor>,
  stepOf: () => Step,
  { name, beside = [], stop }: Repeated,
): Map<number, Tensor> {
  const ends = [...(stop ?? [])].sort((a, b) => a - b);
  const key = `${name} of ${[...seeds.keys()]} at ${ends} ${recording.form}`;
  return scoped(() => {
    const compute = () => {
      const found = propagate(recording, seeds, stepOf(), stop && { stop });
      return { tensors: [...found.values()], notes: [...found.keys()] };
    };
    const inputs = [...recording.kept, ...beside, ...seeds.values()];
    const { tensors, notes } = recording.weights.programs.run(key, inputs, [], compute, recording.repeats);
    return new Map(notes.map((id, index) => [id, tf.engine().keep(tensors[index]!)]));
  });
}

/** Gradients of `Σ seeds · values` with respect to the inputs (or the nodes of `stop`), by node id; the caller owns them. */
export const gradients = (
  recording: Recording,
  seeds: ReadonlyMap<number, Tensor>,
  { stop }: { readonly stop?: ReadonlySet<number> | undefined } = {},
): Map<number, Tensor> =>
  propagateRepeatedly(recording, seeds, () => (node, dy, values) => vjp(node, dy, values, recording.weights), {
    name: "gradients",
    stop,
  });
