import { formatNumber, formatPercent, formatShort } from "../format.js";
import { relevanceFlowState } from "./relevance-flow.js";
import { data, integer, nullable, type StateOf, text, viewed } from "./traits.js";

/** A unit of the layer that is shown. */
export interface WalkUnit {
  /** Its index in the layer's value. */
  unit: number;
  name: string;
  relevance: number;
}

/** Which quotient of a rule: how an input counts in it. */
type WalkForm = "product" | "positive" | "negative" | "sharpened" | "squared" | "even" | "boxed" | "magnitude";

/** One quotient of the rule at a unit: what its denominator is made of, and what it shares out. */
interface WalkTerm {
  form: WalkForm;
  factor: number;
  sum: number;
  bias: number;
  stabilizer: number;
  relevance: number;
}

/** What one input gets of a unit. */
export interface WalkShare {
  /** The layer that it comes from. */
  layer: string;
  /** Which unit of it. */
  name: string;
  /** That layer's index in `layers`, and the unit's in its value; −1 where the walk does not go on. */
  to: number;
  unit: number;
  /** `a_i` */
  activation: number;
  /** `w_ik`; null where the layer has no weights. */
  weight: number | null;
  /** What it counts in each quotient. */
  contributions: number[];
  /** `R_i←k` */
  share: number;
  /** What all units together give it; null where that is not known. */
  whole: number | null;
}

/** A unit taken apart. */
export interface WalkNode {
  layer: string;
  name: string;
  rule: string;
  /** Parameters of the rule that its formula names. */
  parameters: { [name: string]: number | string };
  /** `z_k` */
  value: number;
  /** `R_k` */
  relevance: number;
  /** How many inputs it sees. */
  seen: number;
  /** What biases, empty parts and stabilizers keep. */
  kept: number;
  /** Null where the rule is none of quotients. */
  terms: WalkTerm[] | null;
  /** The largest shares. */
  shares: WalkShare[];
  /** What all other inputs get. */
  others: { count: number; share: number };
}

/** A unit on the way. */
export interface WalkStep extends WalkUnit {
  layer: number;
  layerName: string;
}

/** The walk through a network's relevance: its layers, one unit's shares, one share's formula. */
export const layerWalkState = {
  ...relevanceFlowState,
  /** The units of the shown layer with most relevance, and the chosen one. */
  units: data<WalkUnit[]>([]),
  /** Index of the chosen unit in the layer's value; −1 before there is one. */
  unit: integer(-1),
  /** The chosen unit taken apart; null at the input, which shares nothing. */
  node: nullable(data<WalkNode>({} as WalkNode)),
  /** Why it could not be taken apart; empty where it could. */
  apart: text(),
  /** Index of the share whose formula is shown. */
  share: viewed(integer(0)),
  /** The units walked through, the chosen one last. */
  path: data<WalkStep[]>([]),
};

export interface LayerWalkState extends StateOf<typeof layerWalkState> {}

/** A quotient in writing, with what stands before and behind it. */
export interface Fraction {
  /** `−`, `+` or nothing, and a factor. */
  before: string;
  over: string;
  under: string;
  behind: string;
}

const SYMBOLS: Record<WalkForm, (term: WalkTerm) => string> = {
  product: () => "aᵢwᵢₖ",
  positive: () => "(aᵢwᵢₖ)⁺",
  negative: () => "(aᵢwᵢₖ)⁻",
  sharpened: (term) => `aᵢwᵢₖ + γ(aᵢwᵢₖ)${signOf(term)}`,
  squared: () => "wᵢₖ²",
  even: () => "1",
  boxed: () => "aᵢwᵢₖ − lᵢwᵢₖ⁺ − hᵢwᵢₖ⁻",
  magnitude: () => "|aᵢwᵢₖ|",
};

const BIASES: Record<WalkForm, (term: WalkTerm) => string> = {
  product: () => "bₖ",
  positive: () => "bₖ⁺",
  negative: () => "bₖ⁻",
  sharpened: (term) => `(bₖ + γbₖ${signOf(term)})`,
  squared: () => "bₖ²",
  even: () => "",
  boxed: () => "",
  magnitude: () => "",
};

const signOf = ({ sum, bias }: WalkTerm) => (sum + bias >= 0 ? "⁺" : "⁻");

/** What is left of the relevance, where biases are shared out. */
const leftOver = ({ terms, relevance }: WalkNode, term: WalkTerm) =>
  terms !== null && terms.length > 1 && term === terms.at(-1) && term.relevance !== relevance;

const factorOf = (factor: number, first: boolean, times: string): string => {
  const size = Math.abs(factor) === 1 ? "" : `${formatShort(Math.abs(factor))}${times}`;
  return factor < 0 ? `− ${size}` : first ? size : `+ ${size}`;
};

/** The rule's formula in symbols: `aᵢwᵢₖ / (Σᵢ aᵢwᵢₖ + bₖ + ε) · Rₖ`. */
export function formulaSymbols(node: WalkNode): Fraction[] {
  return (node.terms ?? []).map((term, at) => {
    const symbol = SYMBOLS[term.form](term);
    const sum = term.form === "sharpened" || term.form === "boxed" ? `Σᵢ (${symbol})` : `Σᵢ ${symbol}`;
    const bias = term.bias === 0 ? "" : ` + ${BIASES[term.form](term)}`;
    return {
      before: factorOf(term.factor, at === 0, " · "),
      over: symbol,
      under: `${sum}${bias}${term.stabilizer === 0 ? "" : term.stabilizer < 0 ? " − ε" : " + ε"}`,
      behind: leftOver(node, term) ? "· what they keep" : "· Rₖ",
    };
  });
}

/** The same with the numbers of one share. */
export function formulaNumbers(node: WalkNode, share: WalkShare): Fraction[] {
  return (node.terms ?? []).map((term, at) => ({
    before: factorOf(term.factor, at === 0, " · "),
    over: formatNumber(share.contributions[at]!, 4),
    under: [term.sum, term.bias, term.stabilizer]
      .filter((part, place) => place === 0 || part !== 0)
      .map((part, place) =>
        place === 0 ? formatNumber(part, 4) : `${part < 0 ? "−" : "+"} ${formatShort(Math.abs(part), 4)}`,
      )
      .join(" "),
    behind: `· ${formatNumber(term.relevance, 4)}`,
  }));
}

/** A formula in one line of plain text. */
export const inLine = (fractions: readonly Fraction[]): string =>
  fractions
    .map(({ before, over, under, behind }) => {
      const [top, bottom] = [over, under].map((part) => (part.includes(" ") ? `(${part})` : part));
      return `${before}${before === "" || before.endsWith(" ") ? "" : " "}${top} / ${bottom} ${behind}`;
    })
    .join(" ");

/** What a share is, of what the unit has. */
export const shareWords = ({ relevance }: Pick<WalkNode, "relevance">, share: number): string =>
  relevance === 0 ? "" : `${share / relevance < 0 ? "−" : ""}${formatPercent(Math.abs(share / relevance))} of Rₖ`;

const WORDS: { readonly [rule: string]: string } = {
  pass: "One input for each output: its relevance goes on unchanged.",
  move: "Values are only moved here: relevance goes where its value came from.",
  winner: "The largest of these values is the output: it takes all; those that tie share.",
  product: "A product of two: each has half.",
  bilinear: "A product of two matrices, half to each, in proportion to what they contribute.",
  gate: "Of a gate and what passes through it, the latter takes all.",
  norm: "What normalizes is held constant: the signal takes all.",
  select: "The side that was chosen takes all.",
  softmax: "Softmax by its Taylor expansion at the scores: a share has no quotient of its own.",
  gradient: "Times the derivative, as a gradient goes: relevance is not conserved.",
  gradientProportional: "In proportion to gradient × input.",
  contrast: "What speaks for, minus what speaks for the opposite.",
};

/** What a rule does, where that is no quotient. */
export const ruleWords = (rule: string): string =>
  WORDS[rule] ?? `By the rule “${rule}”: what was propagated, without a formula that is known here.`;

/** The numbers that a share's formula is made of, by their signs. */
export function formulaParts(node: WalkNode, share: WalkShare): [name: string, value: string, hint: string][] {
  const { parameters } = node;
  const own = (["gamma", "alpha", "beta", "epsilon", "low", "high"] as const).flatMap((name) => {
    const value = parameters[name];
    return value === undefined
      ? []
      : [[GREEK[name]!, typeof value === "number" ? formatShort(value) : value, HINTS[name]!]];
  }) as [string, string, string][];
  return [
    ["aᵢ", formatNumber(share.activation, 4), "The input: what it is"],
    ...(share.weight === null
      ? []
      : ([
          ["wᵢₖ", formatNumber(share.weight, 4), "The weight from it to the unit"],
          ["aᵢwᵢₖ", formatNumber(share.activation * share.weight, 4), "What it contributes to the unit"],
        ] as [string, string, string][])),
    ["zₖ", formatNumber(node.value, 4), "What the unit computed, its bias included"],
    ["Rₖ", formatNumber(node.relevance, 4), "The relevance of the unit"],
    ...own,
  ];
}

const GREEK: { readonly [name: string]: string } = {
  ...{ gamma: "γ", alpha: "α", beta: "β", epsilon: "ε", low: "l", high: "h" },
};
const HINTS: { readonly [name: string]: string } = {
  gamma: "How much what has the unit's sign is favored",
  alpha: "Weight of what speaks for",
  beta: "Weight of what speaks against",
  epsilon: "Keeps the denominator from 0",
  low: "The least value of an input",
  high: "The greatest value of an input",
};
