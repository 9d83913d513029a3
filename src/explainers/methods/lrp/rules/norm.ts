import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { UnsupportedOperationError } from "../../../errors.js";
import { factsOf, type Graph, type Node } from "../../../network/index.js";
import { sumTo } from "../../../network/shapes.js";
import type { Rule } from "../rule.js";

/**
 * A normalization moves or scales a signal by a statistic of it. The statistic is held constant and the signal takes all, as
 * the denominator of a layer norm is in AttnLRP (Achtibat et al. 2024, section 3.3.3).
 *
 * @param options.signal which input is the signal; by default a quotient's numerator, the factor beside an inverse, or that from
 *   which its own minimum or maximum is subtracted
 */
export function norm({ signal }: { signal?: number } = {}): Rule {
  return {
    name: "norm",
    parameters: { ...(signal !== undefined && { signal }) },
    form: `norm ${signal}`,
    share({ graph, node, inputs }, R) {
      const found = signal ?? signalOf(graph, node);
      if (found === undefined) {
        const hint =
          "None of its inputs is known to normalize the other: say which is the signal, as in norm({ signal: 0 }).";
        throw new UnsupportedOperationError(node.name, node.operation.kind, "The rule norm", hint);
      }
      return { inputs: allTo(found, inputs, R), terms: [] };
    },
  };
}

/** All to one input, whose entries were broadcast where it is the smaller one. */
export const allTo = (index: number, inputs: readonly Tensor[], R: Tensor): (Tensor | null)[] =>
  inputs.map((input, other) => (other === index ? tf.clone(sumTo(R, input.shape)) : null));

/**
 * Which input of a node is the signal, where the other one normalizes it: a quotient's numerator, a factor beside an
 * inverse, or that from which its own minimum or maximum is subtracted. `undefined` where nothing is normalized.
 */
export function signalOf(graph: Graph, { operation, inputs }: Node): 0 | 1 | undefined {
  switch (operation.kind) {
    case "quotient":
      return 0;
    case "product":
      return theOther(inputs.map((id) => isInverse(graph, id)));
    case "sum": {
      if (inputs.length !== 2 || operation.signs[0] === operation.signs[1]) return undefined;
      const [first, second] = inputs as [number, number];
      return theOther([isExtremumOf(graph, first, second), isExtremumOf(graph, second, first)]);
    }
    default:
      return undefined;
  }
}

/** The input that does not normalize, where the other one does. */
const theOther = ([first, second]: readonly boolean[]): 0 | 1 | undefined =>
  first === second ? undefined : first ? 1 : 0;

/** Whether a node is `1 / d`, `1 / √d` or `d` to another negative power, up to constant factors: what it multiplies, it divides. */
function isInverse(graph: Graph, id: number): boolean {
  const { operation } = behind(graph, id, (node) => isMoved(node) || isScaled(node));
  return factsOf(operation).inverts === true;
}

/** Whether a node is the minimum or maximum of another one over some axes. */
function isExtremumOf(graph: Graph, id: number, signal: number): boolean {
  const { operation, inputs } = behind(graph, id, isMoved);
  if (operation.kind !== "reduce" || (operation.reduce !== "max" && operation.reduce !== "min")) return false;
  return behind(graph, inputs[0]!, isMoved) === behind(graph, signal, isMoved);
}

const isMoved = ({ operation }: Node): boolean => operation.kind === "rearrange";

const isScaled = ({ operation }: Node): boolean => operation.kind === "scale" && operation.bias === null;

/** The first node at or before `id` that is not `skipped`. */
function behind(graph: Graph, id: number, skipped: (node: Node) => boolean): Node {
  let node = graph.nodes[id]!;
  while (skipped(node)) node = graph.nodes[node.inputs[0]!]!;
  return node;
}
