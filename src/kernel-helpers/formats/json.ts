import { DataFileError } from "./errors.js";
import type { Numbers } from "./numbers.js";

/** What a JSON file may hold: nested arrays of numbers, or one array of words. */
export function parseArrays(file: string, text: string): Numbers | readonly string[] {
  const json = parsed(file, text);
  if (Array.isArray(json) && json.length > 0 && json.every((item) => typeof item === "string")) return json;
  const shape: number[] = [];
  for (let level = json; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: number[] = [];
  const collect = (level: unknown, depth: number): void => {
    if (Array.isArray(level) && level.length === shape[depth]) {
      for (const item of level) collect(item, depth + 1);
    } else if (depth === shape.length && typeof level === "number") {
      values.push(level);
    } else {
      throw new DataFileError(file, "must hold numbers in arrays of equal lengths, or one array of words");
    }
  };
  if (!Array.isArray(json)) throw new DataFileError(file, "must hold an array");
  collect(json, 0);
  return { shape, values: Float32Array.from(values) };
}

/** Which number stands for which word: `["the", "a", …]`, or `{"the": 0, "a": 1, …}`. */
export function parseVocabulary(file: string, text: string): ReadonlyMap<string, number> {
  const json = parsed(file, text);
  const entries: [string, unknown][] = Array.isArray(json)
    ? json.map((word, index) => [String(word), index])
    : typeof json === "object" && json !== null
      ? Object.entries(json)
      : [];
  if (entries.length === 0 || !entries.every(([, index]) => Number.isInteger(index))) {
    throw new DataFileError(file, "is no vocabulary, which is an array of words or an object of each word's number");
  }
  return new Map(entries as [string, number][]);
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataFileError(file, `is no JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Arrays in arrays, as `parseArrays` reads them. */
export function nested(values: ArrayLike<number>, shape: readonly number[]): unknown {
  const level = (at: number, axis: number): unknown => {
    if (axis === shape.length) return values[at];
    return Array.from({ length: shape[axis]! }, (_, index) => level(at * shape[axis]! + index, axis + 1));
  };
  return level(0, 0);
}
