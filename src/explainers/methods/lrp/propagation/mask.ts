import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { TargetError } from "../../../errors.js";
import type { Graph, Node } from "../../../network/index.js";
import { chosenLayer } from "../../../network/layers.js";
import type { Postings } from "./ledger.js";

/**
 * What of the relevance at a node goes on: concept-conditional relevance (Achtibat et al. 2023) keeps that of one channel.
 * - A function gives `R` times a mask, or `R` itself, for every node. It is asked anew at every explanation, which is therefore
 *   not compiled.
 * - Tensors by the names of layers, which broadcast against the layer's value, multiply the relevance there.
 */
export type Mask = ((node: Node, R: Tensor) => Tensor) | Readonly<Record<string, Tensor>>;

/** Masks the relevance at a node and enters what was taken away. */
export function maskOf(graph: Graph, mask: Mask | undefined, postings: Postings): (node: Node, R: Tensor) => Tensor {
  if (mask === undefined) return (_, R) => R;
  const apply = typeof mask === "function" ? mask : byLayer(graph, mask);
  return (node, R) => {
    const left = apply(node, R);
    if (left === R) return R;
    if (left.shape.join() !== R.shape.join()) {
      throw new TargetError(
        `The mask makes relevance of shape [${left.shape}] from that of layer "${node.name}", which has [${R.shape}].`,
      );
    }
    postings.add(node.id, "masked", R);
    postings.add(node.id, "masked", left, -1);
    return left;
  };
}

function byLayer(graph: Graph, masks: Readonly<Record<string, Tensor>>) {
  const factors = new Map(Object.entries(masks).map(([layer, factor]) => [chosenLayer(graph, layer).id, factor]));
  return ({ id }: Node, R: Tensor): Tensor => {
    const factor = factors.get(id);
    return factor === undefined ? R : tf.mul(R, factor);
  };
}
