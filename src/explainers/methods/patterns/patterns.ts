import { LimpidError } from "../../errors.js";
import { readSafetensors, writeSafetensors } from "../../numerics/safetensors.js";

export type PatternEstimator = "linear" | "two-component";

/** The patterns of one layer's units, in the shape of its weights. */
export interface Pattern {
  readonly name: string;
  readonly estimator: PatternEstimator;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What `fitPatterns` found: plain data, one entry for each layer with weights, from the input to the output. */
export interface Patterns {
  readonly layers: readonly Pattern[];
}

/** Patterns do not fit a model, or a file holds none. */
export class PatternsError extends LimpidError {}

/** What the header of a file of patterns says of itself. */
const FORMAT = "limpid patterns 1";

/**
 * Patterns as the bytes of a safetensors file.
 *
 * @example
 * await writeFile("patterns.safetensors", savePatterns(patterns));
 */
export function savePatterns({ layers }: Patterns): Uint8Array {
  return writeSafetensors(
    layers.map(({ name, estimator, shape, values }, index) => [`${index}:${estimator}:${name}`, { shape, values }]),
    { format: FORMAT },
  );
}

/**
 * Reads what `savePatterns` wrote.
 *
 * @throws PatternsError for anything else
 */
export function loadPatterns(bytes: Uint8Array): Patterns {
  try {
    const { tensors, metadata } = readSafetensors(bytes);
    if (metadata["format"] !== FORMAT) throw new Error("no format");
    const layers = Array.from(tensors, ([key, { shape, values }]): [number, Pattern] => {
      const [, index, estimator, name] = /^(\d+):(linear|two-component):(.*)$/s.exec(key) ?? [];
      if (name === undefined || !(values instanceof Float32Array)) throw new Error(key);
      return [Number(index), { name, estimator: estimator as PatternEstimator, shape, values }];
    });
    return { layers: layers.sort(([a], [b]) => a - b).map(([, pattern]) => pattern) };
  } catch (error) {
    throw new PatternsError("These bytes are no patterns that savePatterns wrote.", { cause: error });
  }
}
