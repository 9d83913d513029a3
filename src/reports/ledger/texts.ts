/** Texts: their numbers are compared as numbers, and what differs by nature (times, random ids) is known for what it is. */
import { arrayRecord } from "./arrays.js";
import { sha256 } from "./bytes.js";
import { LONGEST_TEXT, type TextRecord } from "./records.js";

export type Piece =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "number"; readonly text: string; readonly value: number }
  /** A duration, a moment or a random id: it tells of the run, not of what was computed. */
  | { readonly kind: "duration" | "moment" | "random id"; readonly text: string };

const SPACE = String.raw`[ \u00a0\u202f\u2009]?`;
const NUMBER = String.raw`[+\-\u2212]?(?:\d+(?:,\d{3})+(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:[eE][+\-\u2212]?\d+)?`;
/** Not `min` and `h`: after a number, those may as well begin what comes next (`max 0.5 min 0.2`), unless both are whole (`1 min 12 s`). */
const UNIT = "(?:ns|µs|μs|us|ms|s|sec|secs|seconds?|minutes?|hours?|milliseconds?|microseconds?)";
const LONGER = String.raw`(?:\d+${SPACE}(?:h|hours?|m|min|minutes?),?[ \u00a0\u202f\u2009]*(?=\d))*`;

/** In the order in which they are tried at each place. */
const PATTERN = new RegExp(
  [
    String.raw`(?<id>\b[\da-fA-F]{8}-[\da-fA-F]{4}-[1-8][\da-fA-F]{3}-[89abAB][\da-fA-F]{3}-[\da-fA-F]{12}\b|\b[\da-f]{32}\b)`,
    String.raw`(?<moment>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b|\b\d{1,2}:\d\d:\d\d(?:\.\d+)?\b)`,
    String.raw`(?<duration>(?<![\p{L}\p{N}_.])${LONGER}${NUMBER}${SPACE}${UNIT}(?![\p{L}\p{N}_/²³^]))`,
    String.raw`(?<number>(?<![\p{L}\p{N}_])${NUMBER}(?![\p{L}\p{N}_]))`,
  ].join("|"),
  "gu",
);

/** A text in pieces; together they are the text. */
export function piecesOf(text: string): Piece[] {
  // All that is no word has a digit.
  if (!/\d/.test(text)) return text === "" ? [] : [{ kind: "words", text }];
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(PATTERN)) {
    if (match.index > at) pieces.push({ kind: "words", text: text.slice(at, match.index) });
    const [found] = match;
    const { id, moment, duration } = match.groups!;
    if (id) pieces.push({ kind: "random id", text: found });
    else if (moment) pieces.push({ kind: "moment", text: found });
    else if (duration) pieces.push({ kind: "duration", text: found });
    else
      pieces.push({ kind: "number", text: found, value: Number(found.replaceAll(",", "").replaceAll("\u2212", "-")) });
    at = match.index + found.length;
  }
  if (at < text.length) pieces.push({ kind: "words", text: text.slice(at) });
  return pieces;
}

/** A text in pieces with what differs by nature left out, and its numbers too unless they are asked for. */
export const canonical = (pieces: readonly Piece[], numbers?: "numbers too"): string =>
  pieces.map(({ kind, text }) => (kind === "words" || (kind === "number" && numbers) ? text : `‹${kind}›`)).join("");

export const numbersOf = (pieces: readonly Piece[]): number[] =>
  pieces.flatMap((piece) => (piece.kind === "number" ? [piece.value] : []));

/** What a number, a duration, a moment or an id takes of the room for a text, however long it is written. */
const PIECE = 8;

/**
 * A text's beginning, and the pieces behind it. Where it ends does not depend on how long times, ids and numbers are written, so that it
 * is the same in another run.
 */
function cut(pieces: readonly Piece[]): { text: string; behind: Piece[] } {
  let [room, text] = [LONGEST_TEXT, ""];
  for (const [index, piece] of pieces.entries()) {
    const size = piece.kind === "words" ? piece.text.length : PIECE;
    if (size <= room) {
      text += piece.text;
      room -= size;
      continue;
    }
    const behind = pieces.slice(index + 1);
    if (piece.kind !== "words") return { text, behind: [piece, ...behind] };
    return {
      text: text + piece.text.slice(0, room),
      behind: [{ kind: "words", text: piece.text.slice(room) }, ...behind],
    };
  }
  return { text, behind: [] };
}

/** The record of a text; where it is too long to keep, what follows its beginning comes after. */
export function textRecord(text: string): {
  record: TextRecord;
  rest: Promise<NonNullable<TextRecord["rest"]>> | undefined;
} {
  const { text: beginning, behind } = text.length <= LONGEST_TEXT / PIECE ? { text, behind: [] } : cut(piecesOf(text));
  const record: TextRecord = { kind: "text", length: text.length, text: beginning };
  if (behind.length === 0) return { record, rest: undefined };
  const rest = Promise.all([
    sha256(new TextEncoder().encode(canonical(behind))),
    arrayRecord(Float64Array.from(numbersOf(behind))).hashed,
  ] as const).then(([hash, record]) => ({ words: hash, numbers: record }));
  return { record, rest };
}
