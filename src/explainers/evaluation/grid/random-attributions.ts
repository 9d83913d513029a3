import type { Tensor } from "@tensorflow/tfjs-core";
import type { Attribution, Explain, InputRelevance } from "../../explanation.js";
import { type Model, Recording, record } from "../../network/index.js";
import { hashOf } from "../../numerics/hash.js";
import { seededRandom } from "../../numerics/random.js";
import { resolveTarget } from "../../target.js";

/** What random attributions are called where methods are. */
export const RANDOM = "random";

/**
 * Explains nothing: numbers drawn evenly from −1 to 1, for each sample its own. What does not beat it has found nothing by that measure.
 * Equal inputs get equal numbers, whatever batch they are in.
 */
export function randomExplainer(model: Model, seed: number): Explain {
  return async (x, { target = "top1", output = 0 } = {}) => {
    const recording = x instanceof Recording ? x : record(model, x, { keep: ({ outputs }) => new Set(outputs) });
    try {
      const inputs = recording.inputs.map((input) => drawn(input, seed));
      const { indices, weights } = resolveTarget(target, recording.outputs[output]!);
      weights.dispose();
      const values = recording.outputs[output]!.dataSync();
      const size = values.length / recording.batch;
      const attribution: Attribution = {
        method: "Random attributions",
        parameters: { seed },
        relevance: inputs[0]!.relevance,
        shape: inputs[0]!.shape,
        inputs,
        output: indices.map((index, sample) => (index === null ? Number.NaN : values[sample * size + index]!)),
        target: indices,
        additive: false,
        channels: "apart",
        warnings: [],
      };
      return attribution;
    } finally {
      if (recording !== x) recording.dispose();
    }
  };
}

function drawn(input: Tensor, seed: number): InputRelevance {
  const values = input.dataSync() as Float32Array;
  const size = values.length / input.shape[0]!;
  const relevance = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += size) {
    const random = seededRandom(seed ^ hashOf(values.subarray(start, start + size)));
    const numbers = random.uniforms(size);
    for (let at = 0; at < size; at++) relevance[start + at] = 2 * numbers[at]! - 1;
  }
  return { relevance, shape: [...input.shape] };
}
