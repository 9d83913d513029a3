/** The record of what has no record of its own. */
import { arrayRecord, samplesOf, sumsOf } from "./arrays.js";
import { sha256 } from "./bytes.js";
import type { ArrayRecord, RestRecord, ValueRecord } from "./records.js";
import { RELEVANCE_SUMS } from "./sums.js";
import { canonical, numbersOf, piecesOf } from "./texts.js";

export type OmittedPart = readonly [name: string, record: ValueRecord];

/** @param unseen How many more parts there are, of which nothing is known. */
export async function restRecord(parts: readonly OmittedPart[], unseen: number): Promise<RestRecord> {
  const [exact, words]: [string[], string[]] = [[], []];
  const numbers: number[] = [];
  const both = (text: string) => {
    exact.push(text);
    words.push(text);
  };
  const add = (name: string, record: ValueRecord): void => {
    both(`${JSON.stringify(name)} ${record.kind}`);
    switch (record.kind) {
      case "number":
        exact.push(record.value);
        addNumber(name, Number(record.value), record.value);
        break;
      case "text": {
        const pieces = piecesOf(record.text);
        exact.push(canonical(pieces, "numbers too"));
        words.push(canonical(pieces));
        for (const value of numbersOf(pieces)) numbers.push(value);
        if (!record.rest) break;
        both(record.rest.words);
        addArray(record.rest.numbers);
        break;
      }
      case "array":
        addArray(record);
        break;
      case "picture":
        addArray(record.pixels);
        break;
      case "tree":
        both(`${record.type} ${Object.keys(record.parts).length} ${record.omitted}`);
        for (const [inner, part] of Object.entries(record.parts)) add(inner, part);
        break;
      default:
        both(JSON.stringify(record));
    }
  };
  const addNumber = (name: string, value: number, text: string) => {
    const near = Math.round(value);
    // What is whole in one run may miss it by a last bit in another: 0, or a probability of 1.
    const isWhole = Math.abs(value - near) <= LAST_BITS * Math.max(1, Math.abs(near)) && !RELEVANCE_SUMS.has(name);
    if (!Number.isFinite(value)) words.push(text);
    else {
      words.push(isWhole ? String(near + 0) : "‹number›");
      numbers.push(value);
    }
  };
  const addArray = (record: ArrayRecord) => {
    const { dtype, shape, nonFinite, nonFiniteAt = 0 } = record;
    both(`${dtype} [${shape.join(",")}] ${nonFinite} ${nonFiniteAt}`);
    // Of short arrays the samples are all of it.
    const all = record.sketch.sums === "" ? record.sketch.samples : record.sha256;
    exact.push(all);
    if (record.exact) words.push(all);
    else for (const value of [...samplesOf(record), ...sumsOf(record)]) if (Number.isFinite(value)) numbers.push(value);
  };
  for (const [name, record] of parts) add(name, record);
  const [whole, told] = await Promise.all([exact, words].map((lines) => sha256(encoded(lines.join("\n")))));
  return {
    ...{ sha256: whole!, words: told! },
    ...(numbers.length > 0 && { numbers: await arrayRecord(Float64Array.from(numbers)).hashed }),
    ...(unseen > 0 && { unseen }),
  };
}

/** Relative: a few roundings of float32. */
const LAST_BITS = 1e-6;

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
