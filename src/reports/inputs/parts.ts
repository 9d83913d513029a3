/** The parts of a file that a changed one is named by: lines of text, rows of an array, weights of a model. */
import { createHash } from "node:crypto";
import { parseNpy } from "../../kernel-helpers/formats/npy.js";
import type { PartHashes } from "../provenance.js";

interface Parts {
  readonly unit: PartHashes["unit"];
  readonly names?: readonly string[];
  readonly parts: readonly Uint8Array[];
}

/** Most hashes of one file. */
const HASHES = 2048;
/** Hexadecimal digits of each. */
const DIGITS = 8;

/** Where a model's weights lie in a file: of `model.json`, which says it for the files beside it. */
export interface WeightPlace {
  readonly name: string;
  readonly bytes: number;
}

/** A file in parts; undefined where nothing is known of what is in it. */
export function partsOf(key: string, bytes: Uint8Array, weights?: readonly WeightPlace[]): PartHashes | undefined {
  const found = weights ? weightsIn(bytes, weights) : /\.npy$/i.test(key) ? rowsIn(bytes) : linesIn(key, bytes);
  if (found === undefined || found.parts.length < 2) return undefined;
  const { unit, names, parts } = found;
  const each = Math.ceil(parts.length / HASHES);
  const hashes = Array.from({ length: Math.ceil(parts.length / each) }, (_, stretch) => {
    const hash = createHash("sha256");
    for (const part of parts.slice(stretch * each, (stretch + 1) * each)) hash.update(part);
    return hash.digest("hex").slice(0, DIGITS);
  });
  return { unit, ...(names && { names }), each, count: parts.length, hashes: hashes.join("") };
}

/** The first part that is not as it was, in words: `line 17`, `rows 9–16`, `weight conv1/kernel`; undefined where none is known. */
export function firstDifference(was: PartHashes | undefined, is: PartHashes | undefined): string | undefined {
  if (was === undefined || is === undefined || was.unit !== is.unit) return undefined;
  const { unit } = was;
  if (was.each === is.each) {
    const [before, after] = [was.hashes.match(/.{8}/g) ?? [], is.hashes.match(/.{8}/g) ?? []];
    const at = before.findIndex((hash, stretch) => hash !== after[stretch]);
    if (at >= 0 && at < after.length) {
      const [from, to] = [at * was.each, Math.min((at + 1) * was.each, was.count) - 1];
      if (was.names) return `${unit} ${was.names[from]}`;
      return from === to ? `${unit} ${from + 1}` : `${unit}s ${from + 1}–${to + 1}`;
    }
  }
  return was.count === is.count ? undefined : `${was.count} ${unit}s became ${is.count}`;
}

/** The bytes of one part, to be shown; undefined where the file has none of that number. */
export function partAt(key: string, bytes: Uint8Array, index: number): string | undefined {
  const found = linesIn(key, bytes);
  const part = found?.parts[index];
  return part && new TextDecoder().decode(part).trimEnd();
}

function linesIn(key: string, bytes: Uint8Array): Parts | undefined {
  if (!/\.(csv|tsv|txt|jsonl|ndjson|md|ts|mts|js|mjs|json)$/i.test(key)) return undefined;
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const next = end < 0 ? bytes.length : end + 1;
    parts.push(bytes.subarray(start, next));
    start = next;
  }
  return { unit: "line", parts };
}

function rowsIn(bytes: Uint8Array): Parts | undefined {
  try {
    const { shape } = parseNpy("", bytes);
    const [rows = 0] = shape;
    const header =
      bytes[6]! > 1
        ? 12 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true)
        : 10 + bytes[8]! + 256 * bytes[9]!;
    const size = (bytes.length - header) / rows;
    if (!Number.isInteger(size)) return undefined;
    return {
      unit: "row",
      parts: Array.from({ length: rows }, (_, row) => bytes.subarray(header + row * size, header + (row + 1) * size)),
    };
  } catch {
    return undefined;
  }
}

function weightsIn(bytes: Uint8Array, weights: readonly WeightPlace[]): Parts | undefined {
  if (weights.reduce((sum, weight) => sum + weight.bytes, 0) !== bytes.length) return undefined;
  let at = 0;
  const parts = weights.map((weight) => {
    at += weight.bytes;
    return bytes.subarray(at - weight.bytes, at);
  });
  return { unit: "weight", names: weights.map(({ name }) => name), parts };
}

const SIZES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 };

/** Which weights lie in which file beside a `model.json` of TensorFlow.js; of a file that several share with others, nothing is said. */
export function weightPlaces(json: Uint8Array): ReadonlyMap<string, readonly WeightPlace[]> {
  interface Manifest {
    readonly paths: readonly string[];
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly quantization?: { readonly dtype: string };
    }[];
  }
  try {
    const { weightsManifest } = JSON.parse(new TextDecoder().decode(json)) as { weightsManifest: Manifest[] };
    return new Map(
      weightsManifest.flatMap(({ paths, weights }): [string, WeightPlace[]][] =>
        paths.length !== 1
          ? []
          : [
              [
                paths[0]!,
                weights.map(({ name, shape, dtype, quantization }) => ({
                  name,
                  bytes: shape.reduce(
                    (product, size) => product * size,
                    SIZES[quantization?.dtype ?? dtype] ?? Number.NaN,
                  ),
                })),
              ],
            ],
      ),
    );
  } catch {
    return new Map();
  }
}
