import { ParameterError } from "../../errors.js";

/** What a cell may keep track of: a number for every step, of which cells are asked whether they follow it. */
export interface CellRule {
  readonly name: string;
  /** `binary`: it holds (1) or not (0); `numeric`: it has a value. */
  readonly kind: "binary" | "numeric";
  /** One for each step. */
  readonly values: Float32Array;
}

/** What delimits in a text. */
export interface TextSyntax {
  readonly quotes: readonly string[];
  readonly blockComments: readonly (readonly [string, string])[];
  readonly lineComments: readonly string[];
  readonly brackets: readonly (readonly [string, string])[];
}

/** Delimiters of TypeScript, Java, C, … */
const C_LIKE: TextSyntax = {
  quotes: ['"', "'", "`"],
  blockComments: [["/*", "*/"]],
  lineComments: ["//"],
  brackets: [
    ["(", ")"],
    ["[", "]"],
    ["{", "}"],
  ],
};

/** A character of a text with what a reader knows who has read up to it. */
interface Place {
  readonly inQuotes: boolean;
  readonly inComment: boolean;
  readonly depth: number;
}

/** Reads a text once, character by character. Quotes but for backquotes end with their line; what delimits inside quotes or comments is text. */
function places(characters: readonly string[], syntax: TextSyntax): Place[] {
  const found: Place[] = [];
  const endsWith = (end: number, word: string): boolean =>
    [...word].reverse().every((character, back) => characters[end - back] === character);
  let quote: string | undefined;
  let comment: { readonly close: string; readonly from: number } | undefined;
  /** Backslashes right before a character: an odd number escapes it. */
  let slashes = 0;
  let depth = 0;
  const openers = syntax.brackets.map(([open]) => open);
  const closers = syntax.brackets.map(([, close]) => close);
  characters.forEach((character, at) => {
    if (comment !== undefined) {
      // "/*/" opens a comment and does not close it.
      if (endsWith(at, comment.close) && at - comment.from >= comment.close.length) comment = undefined;
    } else if (quote !== undefined) {
      if ((character === quote && slashes % 2 === 0) || (character === "\n" && quote !== "`")) quote = undefined;
    } else {
      const block = syntax.blockComments.find(([open]) => endsWith(at, open));
      const line = syntax.lineComments.find((open) => endsWith(at, open));
      if (block) comment = { close: block[1], from: at };
      else if (line) comment = { close: "\n", from: at };
      else if (syntax.quotes.includes(character)) quote = character;
      else if (openers.includes(character)) depth++;
      else if (closers.includes(character)) depth = Math.max(0, depth - 1);
    }
    slashes = character === "\\" ? slashes + 1 : 0;
    found.push({ inQuotes: quote !== undefined, inComment: comment !== undefined, depth });
  });
  return found;
}

const LETTER = /[\p{L}\p{N}_$]/u;

/** For each character, its place in the run of characters that it is in, counted from 1 and in all; 0 and 0 outside of runs. */
function runs(
  characters: readonly string[],
  within: (character: string) => boolean,
): { place: number; length: number }[] {
  const found: { place: number; length: number }[] = [];
  for (let start = 0; start < characters.length; ) {
    let end = start;
    while (end < characters.length && within(characters[end]!)) end++;
    for (let at = start; at < end; at++) found.push({ place: at - start + 1, length: end - start });
    if (end < characters.length) found.push({ place: 0, length: 0 });
    start = end + 1;
  }
  return found;
}

/** Blanks at the beginning of the line, as many as have been read. */
function indentations(characters: readonly string[]): number[] {
  let blanks = 0;
  let isStart = true;
  return characters.map((character) => {
    if (character === "\n") {
      blanks = 0;
      isStart = true;
    } else if (isStart && (character === " " || character === "\t")) blanks++;
    else isStart = false;
    return blanks;
  });
}

interface TextRuleEntry {
  readonly name: string;
  readonly kind: CellRule["kind"];
  readonly of: (characters: readonly string[], syntax: TextSyntax) => readonly (number | boolean)[];
}

const RULES = {
  quotes: {
    name: "inside quotes",
    kind: "binary",
    of: (characters, syntax) => places(characters, syntax).map(({ inQuotes }) => inQuotes),
  },
  comments: {
    name: "inside comments",
    kind: "binary",
    of: (characters, syntax) => places(characters, syntax).map(({ inComment }) => inComment),
  },
  brackets: {
    name: "inside brackets",
    kind: "binary",
    of: (characters, syntax) => places(characters, syntax).map(({ depth }) => depth > 0),
  },
  parentheses: {
    name: "inside parentheses",
    kind: "binary",
    of: (characters, syntax) => places(characters, { ...syntax, brackets: [["(", ")"]] }).map(({ depth }) => depth > 0),
  },
  depth: {
    name: "depth of brackets",
    kind: "numeric",
    of: (characters, syntax) => places(characters, syntax).map(({ depth }) => depth),
  },
  indentation: { name: "indentation", kind: "numeric", of: indentations },
  "line-position": {
    name: "position in the line",
    kind: "numeric",
    of: (characters) => runs(characters, (character) => character !== "\n").map(({ place }) => place),
  },
  "line-length": {
    name: "length of the line",
    kind: "numeric",
    of: (characters) => runs(characters, (character) => character !== "\n").map(({ length }) => length),
  },
  "word-position": {
    name: "position in the word",
    kind: "numeric",
    of: (characters) => runs(characters, (character) => LETTER.test(character)).map(({ place }) => place),
  },
  "word-length": {
    name: "length of the word",
    kind: "numeric",
    of: (characters) => runs(characters, (character) => LETTER.test(character)).map(({ length }) => length),
  },
} as const satisfies Record<string, TextRuleEntry>;

/** Names by which `textRule` knows rules. */
export type TextRuleId = keyof typeof RULES;

/** The rules that `textRule` knows, with their names in words. */
export const textRules: Readonly<Record<TextRuleId, { readonly name: string; readonly kind: CellRule["kind"] }>> =
  RULES;

/**
 * A rule of a text, one value a character (a Unicode code point): what who has read up to and with that character knows of quotes,
 * comments, brackets, indentation and position; lengths of lines and words are those of the whole line and word.
 *
 * @param id one of `textRules`
 * @param text the text, or its characters
 * @param syntax what delimits; by default that of TypeScript and its relatives
 * @throws ParameterError for an unknown rule
 * @example textRule("quotes", 'a "b"').values; // 0, 0, 1, 1, 0
 */
export function textRule(id: TextRuleId, text: string | readonly string[], syntax: Partial<TextSyntax> = {}): CellRule {
  if (!Object.hasOwn(RULES, id)) throw ParameterError.notOneOf("rule", id, Object.keys(RULES));
  const { name, kind, of }: TextRuleEntry = RULES[id];
  return { name, kind, values: Float32Array.from(of([...text], { ...C_LIKE, ...syntax }), Number) };
}

/**
 * Where a phrase stands in a text, every time: 1 at its characters.
 *
 * @throws ParameterError where it does not occur
 * @example phraseRule("the", "the other").values; // 1, 1, 1, 0, 0, 1, 1, 1, 0
 */
export function phraseRule(phrase: string, text: string | readonly string[]): CellRule {
  const characters = [...text];
  const wanted = [...phrase];
  const values = new Float32Array(characters.length);
  for (let start = 0; wanted.length > 0 && start + wanted.length <= characters.length; start++) {
    if (wanted.every((character, at) => characters[start + at] === character))
      values.fill(1, start, start + wanted.length);
  }
  if (!values.includes(1)) throw new ParameterError("phrase", phrase, "a phrase that occurs in the text");
  return { name: `“${phrase}”`, kind: "binary", values };
}
