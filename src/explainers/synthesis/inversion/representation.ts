import { type Tensor, tidy } from "@tensorflow/tfjs-core";
import { InputShapeError, ParameterError } from "../../errors.js";
import { type Graph, gradients, type Model, type Recording, record } from "../../network/index.js";
import { chosenLayer, nodesBefore } from "../../network/layers.js";
import { hold } from "../../network/tensors.js";

/** A pass up to a layer: no more of the model is computed than that layer needs. */
export interface PassTo {
  /** The layer's values, `[batch, …]`; they end with the pass. */
  readonly value: Tensor;
  /** The layer's name as the network has it. */
  readonly layer: string;
  /** From the derivative by the values to that by the input; the caller disposes of it. */
  back(seed: Tensor): Tensor;
  dispose(): void;
}

/**
 * Runs a model up to a layer.
 *
 * @throws LayerError where there is no such layer; InputShapeError, NonFiniteError
 */
export function passTo(model: Model, layer: string, x: Tensor): PassTo {
  const find = (graph: Graph) => chosenLayer(graph, layer);
  const pass: Recording = record(model, x, { keep: (graph) => nodesBefore(graph, [find(graph).id]) });
  try {
    const { id, name } = find(pass.graph);
    return {
      value: pass.value(id),
      layer: name,
      back: (seed) => gradients(pass, new Map([[id, seed]])).get(pass.graph.inputs[0]!)!,
      dispose: () => pass.dispose(),
    };
  } catch (error) {
    pass.dispose();
    throw error;
  }
}

/**
 * What a layer computes of inputs `[batch, …]`; the caller disposes of it.
 *
 * @throws LayerError; InputShapeError; ParameterError for token ids, which no gradient moves
 */
export function representationOf(model: Model, layer: string, x: Tensor): Tensor {
  if (x.dtype !== "float32") {
    throw new ParameterError(
      "input",
      `a tensor of ${x.dtype}`,
      "of float32: whole numbers cannot be moved by gradients",
    );
  }
  if (x.rank < 2) throw new InputShapeError("[batch, …]", `[${x.shape}]`);
  const pass = passTo(model, layer, x);
  try {
    return tidy(() => hold(pass.value));
  } finally {
    pass.dispose();
  }
}
