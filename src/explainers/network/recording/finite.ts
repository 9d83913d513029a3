import type { Tensor } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { NonFiniteError } from "../../errors.js";
import type { Input } from "../capture/input.js";
import type { Model } from "../capture/model.js";
import { firstNonFinite } from "../capture/non-finite.js";
import { type Recording, record } from "./recording.js";

/**
 * Throws where a result holds NaN or an infinity, and says where it came from. A finite result costs one look at each of
 * its numbers; the search begins only where that fails.
 *
 * @param advice what helps where it arose on the way back
 * @throws NonFiniteError naming the first layer whose weights or value are not finite
 */
export function checkFinite(recording: Recording, results: readonly ArrayLike<number>[], advice?: string): void {
  for (const result of results) {
    for (let i = 0; i < result.length; i++) {
      const value = result[i]!;
      // NaN − NaN and ∞ − ∞ are NaN.
      if (value - value !== 0) throw originOf(recording, value, advice);
    }
  }
}

/** The error for a model whose explained output is not finite: records it once more to find out where that began. */
export function nonFinite(model: Model, x: Input, value: number): NonFiniteError {
  const recording = record(model, x);
  try {
    return originOf(recording, value);
  } finally {
    recording.dispose();
  }
}

function originOf(recording: Recording, found: number, advice?: string): NonFiniteError {
  for (const node of recording.graph.nodes) {
    const { operation } = node;
    const parts = Object.entries(operation).filter((entry): entry is [string, Tensor] => entry[1] instanceof tf.Tensor);
    // A recording may hold the values of some nodes only.
    const places = [...parts, ["value", recording.values[node.id]] as const];
    for (const [place, tensor] of places) {
      const value = tensor && firstNonFinite(tensor);
      if (value !== undefined)
        return new NonFiniteError([node.name, ...node.folded].join(" + "), operation.kind, place, value);
    }
  }
  return new NonFiniteError("", "backward pass", "value", found, advice);
}
