import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { failingAt, shapesOf } from "../../failures.js";
import type { Node } from "../graph.js";
import { kindOf, nameOf } from "../operations/index.js";
import type { Weights } from "./weights.js";

/** The value of `node` from the values of its inputs (any batch size). */
export const forward = (node: Node, inputs: readonly Tensor[], weights: Weights): Tensor =>
  failingAt(
    () => ({ layer: node.name, operation: nameOf(node.operation), shapes: shapesOf(inputs) }),
    () => tf.tidy(() => kindOf(node.operation).forward(node.operation, inputs, weights.site(node))),
  );
