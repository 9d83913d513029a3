/** Two records of one value: what of it differs. */
import { formatShape, formatShort } from "../../comms/format.js";
import { sampledAt, samplesOf } from "../ledger/arrays.js";
import {
  type ArrayRecord,
  IN_MOTION,
  type RestRecord,
  SKETCH,
  type TextRecord,
  type TreeRecord,
  type ValueRecord,
} from "../ledger/records.js";
import { piecesOf } from "../ledger/texts.js";
import { type ArrayDistance, distanceOf } from "./arrays.js";
import { isSum, termsOf } from "./sums.js";
import { allowed, allowedInText, PICTURE_TOLERANCE, type Tolerance } from "./tolerance.js";

/** Something that is not what it was. */
export interface ValueDifference {
  /** Which part of the value: `.layers.3.sum`; empty for the whole. */
  readonly part: string;
  readonly was: string;
  readonly is: string;
  /** What would have been allowed: `exact`, `±0.001`, `relative L1 1e−4`. */
  readonly tolerance: string;
  /** How far they are apart, in words; empty where that cannot be said. */
  readonly distance: string;
}

/** What comparing found beside differences. */
export interface Finding {
  readonly differences: ValueDifference[];
  /** Durations, moments and random ids that differ: they say nothing of what was computed. */
  readonly untold: Set<string>;
}

const ABSENT = "nothing";
const EXACT = "exact";

/** Compares a value with what it was; adds what differs to `found`. */
export function compareValues(
  was: ValueRecord,
  is: ValueRecord,
  tolerance: Tolerance,
  found: Finding,
  part = "",
  terms = 0,
): undefined {
  const differ = (allowedSo = EXACT, distance = "", [before, after] = [inWords(was), inWords(is)]): undefined =>
    void found.differences.push({ part, was: before, is: after, tolerance: allowedSo, distance });
  if (isInMotion(was) || isInMotion(is)) {
    found.untold.add("it was still computing when the cell ended");
    return;
  }
  if (was.kind === "number" && is.kind === "number") {
    const [a, b] = [Number(was.value), Number(is.value)];
    if (Object.is(a, b)) return;
    const most = allowed(a, b, tolerance, terms);
    // Exactly means bit by bit: 0 is not −0.
    if ((tolerance.relative > 0 || most > 0) && Math.abs(a - b) <= most) return;
    return differ(most === 0 ? EXACT : `±${short(most)}`, differenceInWords(a, b));
  }
  if (was.kind === "expectation" && is.kind === "expectation") {
    const [value, expected, most] = [is.value.value, was.expected.value, was.tolerance.value].map(Number) as [
      number,
      number,
      number,
    ];
    const isStated = was.expected.value === is.expected.value && was.tolerance.value === is.tolerance.value;
    if (!isStated) return differ(EXACT, "another expectation is stated");
    if (Math.abs(value - expected) <= most) return;
    return differ(`±${short(most)}`, differenceInWords(expected, value));
  }
  if (was.kind === "text" && is.kind === "text") return compareTexts(was, is, tolerance, found, part);
  if (was.kind === "array" && is.kind === "array") return compareArrays(was, is, tolerance, differ);
  if (was.kind === "picture" && is.kind === "picture") {
    if (was.width !== is.width || was.height !== is.height) return differ();
    const pictures = {
      ...tolerance,
      relative: tolerance.relative === 0 ? 0 : Math.max(PICTURE_TOLERANCE, tolerance.relative),
    };
    return compareArrays(was.pixels, is.pixels, pictures, differ);
  }
  if (was.kind === "tree" && is.kind === "tree") return compareTrees(was, is, tolerance, found, part, terms);
  if (JSON.stringify(was) !== JSON.stringify(is)) differ();
}

export const isInMotion = (value: ValueRecord): boolean => value.kind === "opaque" && value.type === IN_MOTION;

function compareTrees(
  was: TreeRecord,
  is: TreeRecord,
  tolerance: Tolerance,
  found: Finding,
  part: string,
  terms: number,
): undefined {
  const differ = (name: string, before: string, after: string) =>
    found.differences.push({ part: name, was: before, is: after, tolerance: EXACT, distance: "" });
  if (was.type !== is.type) differ(part, inWords(was), inWords(is));
  const inner = Math.max(terms, termsOf(was));
  for (const name of new Set([...Object.keys(was.parts), ...Object.keys(is.parts)])) {
    const [before, after] = [own(was.parts, name), own(is.parts, name)];
    const place = `${part}.${name}`;
    // A tree hands the size on to the sums in it; to any other number it means nothing.
    const size = before?.kind === "tree" || isSum(was, name) ? inner : 0;
    if (before && after) compareValues(before, after, tolerance, found, place, size);
    else differ(place, before ? inWords(before) : ABSENT, after ? inWords(after) : ABSENT);
  }
  const [before, after] = [was, is].map(({ parts, omitted }) => Object.keys(parts).length + omitted) as [
    number,
    number,
  ];
  if (before !== after && (was.omitted > 0 || is.omitted > 0)) differ(part, `${before} parts`, `${after} parts`);
  else compareRest(was.rest, is.rest, tolerance, found, part);
}

/** What has no record of its own: bit by bit, or its words exactly and its numbers together. */
function compareRest(
  was: RestRecord | undefined,
  is: RestRecord | undefined,
  tolerance: Tolerance,
  found: Finding,
  part: string,
): undefined {
  const unseen = Math.max(was?.unseen ?? 0, is?.unseen ?? 0);
  if (unseen > 0) found.untold.add(`${unseen} parts of it are too many to be looked at`);
  if (was?.sha256 === is?.sha256) return;
  const differ: Differ = (allowedSo = EXACT, distance = "", [before, after] = [hashOf(was), hashOf(is)]) =>
    void found.differences.push({
      ...{ part: `${part} (parts without a record of their own)`, was: before, is: after },
      ...{ tolerance: allowedSo, distance },
    });
  if (tolerance.relative === 0 || was?.words !== is?.words) return differ();
  if (was?.numbers && is?.numbers) return compareArrays(was.numbers, is.numbers, tolerance, differ);
  differ();
}

const hashOf = (rest: RestRecord | undefined): string =>
  rest === undefined ? ABSENT : `SHA-256 ${rest.sha256.slice(0, 8)}…`;

const own = (parts: TreeRecord["parts"], name: string): ValueRecord | undefined =>
  Object.hasOwn(parts, name) ? parts[name] : undefined;

type Differ = (tolerance?: string, distance?: string, values?: [string, string]) => undefined;

function compareArrays(was: ArrayRecord, is: ArrayRecord, { relative }: Tolerance, differ: Differ): undefined {
  const isAlike =
    was.dtype === is.dtype &&
    was.shape.length === is.shape.length &&
    was.shape.every((size, axis) => size === is.shape[axis]);
  if (!isAlike) return differ(EXACT, "another type or shape");
  if (was.sha256 === is.sha256) return;
  if (was.nonFinite !== is.nonFinite) return differ(EXACT, "other numbers of NaN or infinite elements");
  if (was.nonFiniteAt !== is.nonFiniteAt) return differ(EXACT, "other elements are NaN or infinite");
  const distance = distanceOf(was, is);
  const apart = distance.whole ? distance.relativeL1 : Math.max(distance.relativeL1, distance.relativeL2);
  // Classes, counts and indices have no last bit; bytes that are not exact are pixels.
  const isCount = (was.exact && is.exact) || !/^(float|uint8$)/.test(was.dtype);
  if (relative > 0 && apart <= relative && !isCount) return;
  const isExact = relative === 0 || isCount;
  differ(isExact ? EXACT : `relative L1 ${short(relative)}`, distanceInWords(distance, was, is), [
    arrayInWords(was),
    arrayInWords(is),
  ]);
}

function distanceInWords(distance: ArrayDistance, was: ArrayRecord, is: ArrayRecord): string {
  const { relativeL1, relativeL2, rankCorrelation, whole } = distance;
  const [a, b] = [samplesOf(was), samplesOf(is)];
  const first = a.findIndex((value, index) => !Object.is(value, b[index]));
  const length = was.shape.reduce((product, size) => product * size, 1);
  const place = first < 0 ? undefined : length <= SKETCH ? first : sampledAt(first, length);
  return [
    whole || relativeL1 > 0 ? `relative L1 ${short(relativeL1)}${whole ? "" : ` in ${SKETCH} samples`}` : "",
    whole ? "" : `relative L2 about ${short(relativeL2)}`,
    rankCorrelation === undefined ? "" : `rank correlation ${rankCorrelation.toFixed(4)}`,
    place === undefined ? "" : `[${indicesOf(place, was.shape).join(", ")}] was ${a[first]}, is ${b[first]}`,
  ]
    .filter((words) => words !== "")
    .join(", ");
}

function indicesOf(place: number, shape: readonly number[]): number[] {
  let left = place;
  return [...shape]
    .reverse()
    .map((size) => {
      const index = left % size;
      left = Math.floor(left / size);
      return index;
    })
    .reverse();
}

/** Piece by piece: numbers as numbers, everything else as it stands; times and random ids are no values. */
function compareTexts(was: TextRecord, is: TextRecord, tolerance: Tolerance, found: Finding, part: string): undefined {
  const [before, after] = [piecesOf(was.text), piecesOf(is.text)];
  for (let index = 0, at = 0; index < Math.max(before.length, after.length); index++) {
    const [a, b] = [before[index], after[index]];
    const differ: Differ = (allowedSo = EXACT, distance = "") =>
      void found.differences.push({
        part,
        ...{
          was: lineAround(was.text, at),
          is: lineAround(is.text, placeOf(after, index)),
          tolerance: allowedSo,
          distance,
        },
      });
    if (a === undefined || b === undefined || a.kind !== b.kind) return differ();
    if (a.kind === "number" && b.kind === "number") {
      const most = allowedInText(a.text, b.text, a.value, tolerance);
      const apart = Math.abs(a.value - b.value);
      if (a.value !== b.value && !(apart <= most))
        differ(most === 0 ? EXACT : `±${short(most)}`, `${a.text} became ${b.text}`);
    } else if (a.kind === "words") {
      if (a.text !== b.text) return differ();
    } else if (a.text !== b.text) found.untold.add(`${a.kind} (was ${a.text}, is ${b.text})`);
    at += a.text.length;
  }
  const { rest: longer } = was;
  if (longer === undefined && is.rest === undefined) return;
  const differ: Differ = (allowedSo = EXACT, distance = "") =>
    void found.differences.push({
      ...{ part: `${part} (behind character ${was.text.length})`, tolerance: allowedSo, distance },
      ...{ was: `${was.length} characters`, is: `${is.length} characters` },
    });
  if (longer === undefined || is.rest === undefined || longer.words !== is.rest.words)
    return differ(EXACT, "other words");
  compareArrays(longer.numbers, is.rest.numbers, tolerance, differ);
}

const placeOf = (pieces: readonly { readonly text: string }[], index: number): number =>
  pieces.slice(0, index).reduce((sum, { text }) => sum + text.length, 0);

/** Most characters of a line that are told. */
const LINE = 100;

function lineAround(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", at);
  const line = text.slice(start, end < 0 ? undefined : end);
  const from = Math.max(0, Math.min(at - start - LINE / 2, line.length - LINE));
  const shown = line.slice(from, from + LINE).trim();
  return JSON.stringify(`${from > 0 ? "…" : ""}${shown}${from + LINE < line.length ? "…" : ""}`);
}

/** A value in a few words. */
export function inWords(value: ValueRecord): string {
  switch (value.kind) {
    case "number":
    case "literal":
      return value.value;
    case "text":
      return lineAround(value.text, 0);
    case "array":
      return arrayInWords(value);
    case "picture":
      return `a picture of ${value.width} × ${value.height}, ${arrayInWords(value.pixels)}`;
    case "tree":
      return `${value.type} of ${Object.keys(value.parts).length + value.omitted} parts`;
    case "expectation":
      return `${value.value.value}, expected ${value.expected.value} ± ${value.tolerance.value}`;
    default:
      return value.type;
  }
}

function arrayInWords({ dtype, shape, sha256, statistics }: ArrayRecord): string {
  const numbers = statistics
    ? `, mean ${short(statistics.mean)}, from ${short(statistics.minimum)} to ${short(statistics.maximum)}`
    : "";
  return `${dtype} ${formatShape([...shape])}${numbers}, SHA-256 ${sha256.slice(0, 8)}…`;
}

const short = (value: number): string => formatShort(value, 4);

function differenceInWords(was: number, is: number): string {
  const apart = Math.abs(is - was);
  if (!Number.isFinite(apart)) return "";
  return was === 0 ? `by ${short(apart)}` : `by ${short(apart)}, relative ${short(apart / Math.abs(was))}`;
}
