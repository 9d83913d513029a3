import { util } from "@tensorflow/tfjs-core";
import { LimpidError } from "../../errors.js";
import type { PatternEstimator } from "./fit.js";

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

interface Header {
  [name: string]: { dtype: "F32"; shape: number[]; data_offsets: [number, number] } | Record<string, string>;
}

/**
 * Patterns as the bytes of a safetensors file.
 *
 * @example
 * await writeFile("patterns.safetensors", savePatterns(patterns));
 */
export function savePatterns({ layers }: Patterns): Uint8Array {
  const header: Header = { __metadata__: { format: "limpid patterns 1" } };
  let offset = 0;
  layers.forEach(({ name, estimator, shape, values }, index) => {
    const end = offset + values.byteLength;
    header[`${index}:${estimator}:${name}`] = { dtype: "F32", shape: [...shape], data_offsets: [offset, end] };
    offset = end;
  });
  const text = util.encodeString(JSON.stringify(header));
  // Spaces behind the header: the data begin at a multiple of 8 bytes.
  const json = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(32);
  json.set(text);
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let position = 8 + json.length;
  for (const { values } of layers) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), position);
    position += values.byteLength;
  }
  return bytes;
}

/**
 * Reads what `savePatterns` wrote.
 *
 * @throws PatternsError for anything else
 */
export function loadPatterns(bytes: Uint8Array): Patterns {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = Number(view.getBigUint64(0, true));
    const begin = 8 + length;
    const header = JSON.parse(util.decodeString(bytes.subarray(8, begin))) as Header;
    const { __metadata__: metadata, ...tensors } = header;
    if ((metadata as Record<string, string> | undefined)?.["format"] !== "limpid patterns 1")
      throw new Error("no format");
    const layers = Object.entries(tensors).map(([key, entry]): [number, Pattern] => {
      const [, index, estimator, name] = /^(\d+):(linear|two-component):(.*)$/s.exec(key) ?? [];
      const { shape, data_offsets } = entry as { shape: number[]; data_offsets: [number, number] };
      const [from, to] = data_offsets;
      if (name === undefined || begin + to > bytes.length) throw new Error(key);
      const values = new Float32Array(bytes.slice(begin + from, begin + to).buffer);
      if (values.length !== shape.reduce((a, b) => a * b, 1)) throw new Error(key);
      return [Number(index), { name, estimator: estimator as PatternEstimator, shape, values }];
    });
    return { layers: layers.sort(([a], [b]) => a - b).map(([, pattern]) => pattern) };
  } catch (error) {
    throw new PatternsError("These bytes are no patterns that savePatterns wrote.", { cause: error });
  }
}
