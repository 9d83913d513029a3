import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { RunOptions } from "../../explanation.js";
import type { Findings } from "../../method.js";
import { type Input, linearMap, type Model, propagate, type Recording, type Step, vjp } from "../../network/index.js";
import { sameShape } from "../../network/shapes.js";
import { Pool, scoped } from "../../network/tensors.js";
import { findingsAtInputs, inputsOf, onRecording } from "../gradient/engine/seeded.js";
import { isPatterned, type PatternedNode } from "./moments.js";
import { type Patterns, PatternsError } from "./patterns.js";
import { bottlenecks, projected } from "./projection.js";

/** Passes the output itself back as the gradient is, with patterns in place of weights. */
export function throughPatterns(
  model: Model,
  x: Input | Recording,
  run: RunOptions,
  patterns: Patterns,
  combine: (pattern: Tensor, weights: Tensor) => Tensor,
): Promise<Findings> {
  return onRecording(model, x, run, (seeded) => {
    const { recording, node, value, seed } = seeded;
    const pool = new Pool();
    const isSeed = typeof run.target === "function";
    const start = isSeed ? tf.clone(seed) : tf.mul(seed, value);
    let results = new Map<number, Tensor>();
    try {
      results = propagate(recording, new Map([[node, start]]), patternStep(recording, node, patterns, combine, pool));
      return scoped(() =>
        findingsAtInputs(
          seeded,
          inputsOf(recording, results),
          'Fit the patterns to more inputs, or with estimator: "linear".',
        ),
      );
    } finally {
      start.dispose();
      pool.dispose();
      for (const tensor of results.values()) tensor.dispose();
    }
  });
}

function patternStep(
  { graph, weights, batch }: Recording,
  output: number,
  { layers }: Patterns,
  combine: (pattern: Tensor, weights: Tensor) => Tensor,
  pool: Pool,
): Step {
  const patterned = graph.nodes.filter(isPatterned);
  if (patterned.length !== layers.length) {
    throw new PatternsError(
      `The patterns are of ${layers.length} layers, but the model has ${patterned.length} with weights: fit them on this model.`,
    );
  }
  const byNode = new Map<number, { node: PatternedNode; values: Float32Array }>();
  patterned.forEach((node, index) => {
    const { name, shape, values } = layers[index]!;
    if (!sameShape(shape, node.operation.weights.shape)) {
      throw new PatternsError(
        `The pattern of layer "${name}" has the shape [${shape.join(", ")}], the weights of "${node.name}" have ` +
          `[${node.operation.weights.shape.join(", ")}]: fit patterns on this model.`,
      );
    }
    byNode.set(node.id, { node, values });
  });
  const narrow = bottlenecks(graph, output);
  return (node, signal, values) => {
    const arrived = narrow.has(node.id) ? projected(signal, batch) : signal;
    const found = byNode.get(node.id);
    if (found === undefined) return vjp(node, arrived, values, weights);
    const { operation } = found.node;
    const pattern = combine(tf.tensor(found.values, operation.weights.shape), operation.weights);
    return [linearMap(operation, pattern, pool).vjp(arrived, values.inputs[0]!.shape)];
  };
}
