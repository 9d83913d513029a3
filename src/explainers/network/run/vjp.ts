import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../graph.js";
import { kindOf, type Values } from "../operations/index.js";
import type { Weights } from "./weights.js";

/** The vector-Jacobian products of `node` with `dy` (in the shape of its output), one for each of its inputs. */
export const vjp = (node: Node, dy: Tensor, values: Values, weights: Weights): Tensor[] =>
  tf.tidy(() => kindOf(node.operation).vjp(node.operation, dy, values, weights.site(node)));
