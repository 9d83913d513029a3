import { bytes, floats } from "./array.js";
import type { Choice } from "./field.js";
import { choice, data, flag, integer, list, nullable, number, type StateOf, text, viewed } from "./traits.js";

/** A recurrent layer that was followed. */
export interface CellTextLayer {
  name: string;
  /** Its kind in words: “LSTM, 160 cells, read forward”. */
  words: string;
  cells: number;
  gates: string[];
}

/** How well a cell follows the rule. */
export interface CellTextScore {
  layer: string;
  cell: number;
  score: number;
  /** Words for its tooltip: the threshold and its side, or the sign of its correlation. */
  words: string;
}

/** The rule of what the reader has brushed. */
export const BRUSHED = "brushed";

/** How many cells the list of the best has. */
export const BEST = 24;

/** A text colored by one cell of a recurrent network, its gates, and the cells that follow a rule. */
export const cellTextState = {
  title: text(),
  subtitle: text(),
  /** Steps of the text: characters, or words. */
  tokens: list(text()),
  layers: data<CellTextLayer[]>([]),
  /** The name of the layer of the chosen cell. */
  layer: text(),
  cell: integer(),
  /** What the colors show at each step: tanh of an LSTM's c, a GRU's or simple cell's h. */
  values: floats(),
  /** What that is, as the color bar says it. */
  quantity: text(),
  /** The value of the end colors. */
  limit: number(1),
  /** `[gates, steps]` of the cell, 0 to 1. */
  gates: floats(),
  /** `[gates, cells, 2]` of the layer: the share of steps at which a gate is shut, and open. */
  saturation: floats(),
  rules: data<Choice[]>([]),
  /** One of `rules`, or `BRUSHED`. */
  rule: text(),
  /** The steps that were brushed, from the first up to and without the last; both −1 without any. */
  from: integer(-1),
  to: integer(-1),
  /** What the rule says at each step, 0 to 255. */
  holds: bytes(),
  /** `holds` at 255; 1 for a rule that holds or not. */
  most: number(1),
  /** The best cells, the first the best. */
  best: data<CellTextScore[]>([]),
  measure: choice("F1", "correlation"),
  /** What the best of all cells reaches for the rule shifted against the text: the middle 95 %. */
  chance: list(number()),
  /** The F1 of saying that the rule always holds; null for a numeric rule. */
  always: nullable(number()),
  /** What came out, in words. */
  verdict: text(),
  /** Index of the step that is pointed at; −1 for none. An echo would throw one that has moved on back to where it was. */
  cursor: viewed({ ...integer(-1), echoed: false }),
  /** What is computed: nothing, the cells, or the ranking. */
  doing: choice("nothing", "cells", "ranking"),
  running: flag(),
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
};

export interface CellTextState extends StateOf<typeof cellTextState> {}

/** The share of the scale's colors that is used: on stronger ones letters could not be read. */
export const REACH = 0.62;

/** How many columns a step takes of a monospaced font: line feeds and tabs one; of words the blank behind them, too. */
export function columnsOf(token: string, isWord: boolean): number {
  if (isWord) return [...token].length + 1;
  // Ideographs, syllables and pictures are twice as wide as letters.
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
    token,
  )
    ? 2
    : 1;
}

/** Where steps stand: line by line, broken at line feeds and where a line has no more columns. */
export interface TextLine {
  /** The first step of the line, and the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** Columns before each of its steps. */
  readonly columns: number[];
}

/** Breaks steps into lines of at most `width` columns. */
export function textLines(tokens: readonly string[], width: number): TextLine[] {
  const isWord = tokens.some((token) => [...token].length > 1);
  const lines: TextLine[] = [];
  let from = 0;
  let column = 0;
  let columns: number[] = [];
  const end = (to: number) => {
    lines.push({ from, to, columns });
    from = to;
    column = 0;
    columns = [];
  };
  tokens.forEach((token, at) => {
    const own = columnsOf(token, isWord);
    if (column > 0 && column + own > width && token !== "\n") end(at);
    columns.push(column);
    column += own;
    if (token === "\n") end(at + 1);
  });
  if (from < tokens.length) end(tokens.length);
  return lines;
}
