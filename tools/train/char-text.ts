import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { textRule } from "../../src/explainers/concepts/index.js";
import { mean } from "../../src/explainers/numerics/summary.js";

/** The text that character models learn, as indices into a vocabulary. */
export interface CharText {
  /** Characters by index; the last one stands for all others. */
  readonly vocabulary: string[];
  readonly training: Int32Array;
  /** `stretches` pieces of equal length that no model has read, one after the other. */
  readonly heldOut: Int32Array;
  readonly stretches: number;
  /** The same pieces as they stand in the file, each from its first declaration on: what is before it may be the rest of a comment. */
  readonly heldOutText: readonly string[];
  /** Bits a character that n-grams of the training text need for the held-out one, by name. */
  readonly baselines: () => Record<string, number>;
}

/** The held-out text is the end of each of this many equal parts: the file's own end has no comments, and is of no use alone. */
const PARTS = 16;
const HELD_OUT = 0.05;
/** Rarer characters are not told from each other. */
const LEAST = 50;
const OTHER = "�";
/** What stands between two declarations. */
const BETWEEN = "\n}\n\n";

/** TypeScript's declarations of the DOM (Apache-2.0), from the installed package. */
export async function charText(): Promise<CharText> {
  const file = createRequire(import.meta.url).resolve("typescript/lib/lib.dom.d.ts");
  const text = (await readFile(file, "utf8")).replaceAll("\r\n", "\n");
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const vocabulary = [...counts].flatMap(([character, count]) => (count < LEAST ? [] : [character])).sort();
  vocabulary.push(OTHER);
  const index = new Map(vocabulary.map((character, at) => [character, at]));
  const characters = [...text];
  const ids = Int32Array.from(characters, (character) => index.get(character) ?? vocabulary.length - 1);
  const part = Math.floor(ids.length / PARTS);
  const held = Math.floor(part * HELD_OUT);
  const training: number[] = [];
  const heldOut: number[] = [];
  for (let start = 0; start + part <= ids.length; start += part) {
    for (let at = start; at < start + part; at++) (at < start + part - held ? training : heldOut).push(ids[at]!);
  }
  const learned = Int32Array.from(training);
  const tested = Int32Array.from(heldOut);
  return {
    vocabulary,
    training: learned,
    heldOut: tested,
    stretches: PARTS,
    heldOutText: Array.from({ length: PARTS }, (_, at) => {
      const piece = characters.slice((at + 1) * part - held, (at + 1) * part).join("");
      return piece.slice(piece.indexOf(BETWEEN) + BETWEEN.length);
    }),
    baselines: () =>
      Object.fromEntries(
        [3, 5].map((order) => [`${order}-gram`, ngramBits(learned, tested, held, order, vocabulary.length)]),
      ),
  };
}

/** Writes the held-out piece in which quotes, comments and brackets are spread most evenly over both halves. */
export async function writeCharSample(file: string, log: (line: string) => void): Promise<void> {
  const { heldOutText } = await charText();
  const evenness = (text: string): number => {
    const half = Math.floor([...text].length / 2);
    const shares = (["quotes", "comments", "brackets"] as const).flatMap((id) => {
      const { values } = textRule(id, text);
      return [values.subarray(0, half), values.subarray(half)].map((part) => {
        const share = mean(part);
        return Math.min(share, 1 - share);
      });
    });
    return Math.min(...shares);
  };
  const rated = heldOutText.map((text) => ({ text, evenness: evenness(text) })).sort((a, b) => b.evenness - a.evenness);
  const { text } = rated[0]!;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  log(`${file}: ${text.length} characters`);
}

/**
 * Bits a character of an n-gram whose shorter contexts stand in for longer ones by Witten & Bell's interpolation:
 * `p(c | s) = (n(sc) + t(s) p(c | s′)) / (n(s) + t(s))`, where t counts the different characters seen after s.
 */
function ngramBits(training: Int32Array, test: Int32Array, stretch: number, order: number, characters: number): number {
  const tables = Array.from({ length: order }, () => new Map<number, { total: number; next: Map<number, number> }>());
  const keyOf = (ids: Int32Array, end: number, length: number): number => {
    let key = 0;
    for (let at = end - length; at < end; at++) key = key * characters + ids[at]!;
    return key;
  };
  for (let at = order - 1; at < training.length; at++) {
    for (let length = 0; length < order; length++) {
      const table = tables[length]!;
      const key = keyOf(training, at, length);
      const entry = table.get(key) ?? { total: 0, next: new Map<number, number>() };
      table.set(key, entry);
      entry.total++;
      entry.next.set(training[at]!, (entry.next.get(training[at]!) ?? 0) + 1);
    }
  }
  let bits = 0;
  let counted = 0;
  for (let at = 0; at < test.length; at++) {
    if (at % stretch === 0) continue;
    let probability = 1 / characters;
    for (let length = 0; length < order && length <= at % stretch; length++) {
      const entry = tables[length]!.get(keyOf(test, at, length));
      if (entry === undefined) break;
      const kinds = entry.next.size;
      probability = ((entry.next.get(test[at]!) ?? 0) + kinds * probability) / (entry.total + kinds);
    }
    bits -= Math.log2(probability);
    counted++;
  }
  return bits / counted;
}
