import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { failingAt, shapesOf } from "../../failures.js";
import type { Node } from "../graph.js";
import { kindOf, nameOf, type Values } from "../operations/index.js";
import type { Weights } from "./weights.js";

/** The vector-Jacobian products of `node` with `dy` (in the shape of its output), one for each of its inputs. */
export const vjp = (node: Node, dy: Tensor, values: Values, weights: Weights): Tensor[] =>
  failingAt(
    () => ({ layer: node.name, operation: `the gradient of ${nameOf(node.operation)}`, shapes: shapesOf([dy]) }),
    () => tf.tidy(() => kindOf(node.operation).vjp(node.operation, dy, values, weights.site(node))),
  );
