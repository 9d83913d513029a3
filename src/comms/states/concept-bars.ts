import { formatNumber, formatPercent } from "../format.js";
import { bytes } from "./array.js";
import { choice, data, flag, list, nullable, number, type StateOf, text, viewed, wholeBetween } from "./traits.js";

/** What is looked at: the share of inputs that a concept moves up, or how far it moves them. */
export type ConceptStatistic = "sign" | "derivative";

type Interval = [low: number, high: number];

/** One concept at one layer. */
export interface ConceptCell {
  layer: string;
  concept: string;
  /** Share of the inputs whose output rises along the concept. */
  score: number;
  interval: Interval | null;
  /** Mean derivative along the concept, in units of the output by unit of the layer's values. */
  magnitude: number;
  magnitudeInterval: Interval | null;
  /** Corrected, by what is tested; null where nothing is. */
  pValues: Record<ConceptStatistic, number> | null;
  /** Of the separator, on pictures that were left out. */
  accuracy: number;
}

/** What fewer random sets would have found. */
export interface EnoughSets {
  sets: number;
  score: number;
  interval: Interval | null;
  magnitude: number;
  magnitudeInterval: Interval | null;
}

/** How many pictures are shown from either end of a concept's order, and of the concept itself. */
export const SHOWN_PICTURES = 6;

/** Concepts by layers: how far each moves a class. */
export const conceptBarsState = {
  title: text(),
  subtitle: text(),
  /** The name of the class. */
  target: text(),
  layers: list(text()),
  concepts: list(text()),
  /** Layer by layer, concept by concept. */
  cells: data<ConceptCell[]>([]),
  statistic: viewed(choice<ConceptStatistic>("derivative", "sign")),
  /** α, up to which corrected p-values are significant. */
  significance: number(0.05),
  /** How p-values are corrected: `holm`, `none`, … */
  correction: text("holm"),
  /** `random`, or `others`: what concepts are compared with. */
  against: choice<"random" | "others">("random", "others"),
  randomSets: wholeBetween(0, Number.POSITIVE_INFINITY, 0),
  inputs: wholeBetween(0, Number.POSITIVE_INFINITY, 0),
  /** What is looked at more closely; empty for the first. */
  layer: text(),
  concept: text(),
  /** Pictures of the chosen concept, `[pictures, height, width, 1 or 3]`. */
  examples: bytes(),
  /** The inputs that lie furthest towards it, and those that lie furthest away; the outermost first. */
  first: bytes(),
  last: bytes(),
  /** How many sets are enough for it. */
  enough: data<EnoughSets[]>([]),
  warnings: list(text()),
  running: flag(),
  /** Share of the work that is done, 0 to 1; null while none is. */
  progress: nullable(number()),
  /** Where it was stopped, 0 to 1; null when it was not. */
  stopped: nullable(number()),
  error: text(),
};

export interface ConceptBarsState extends StateOf<typeof conceptBarsState> {}

/** The value of no effect. */
export const neutralOf = (statistic: ConceptStatistic): number => (statistic === "sign" ? 0.5 : 0);

interface ShownValue {
  value: number;
  interval: Interval | null;
}

/** What is shown of a cell, or of fewer sets. */
export const shownValue = (
  cell: Pick<ConceptCell, "score" | "interval" | "magnitude" | "magnitudeInterval">,
  statistic: ConceptStatistic,
): ShownValue =>
  statistic === "sign"
    ? { value: cell.score, interval: cell.interval }
    : { value: cell.magnitude, interval: cell.magnitudeInterval };

/** The ends of the scale of some cells: shares from 0 to 1, derivatives as far as the largest goes to either side. */
export function scaleOf(cells: readonly Parameters<typeof shownValue>[0][], statistic: ConceptStatistic): Interval {
  if (statistic === "sign") return [0, 1];
  const sizes = cells.flatMap((cell) => {
    const { value, interval } = shownValue(cell, statistic);
    return [value, ...(interval ?? [])].map(Math.abs);
  });
  const most = Math.max(0, ...sizes) || 1;
  return [-most, most];
}

export const isSignificant = ({ pValues }: ConceptCell, statistic: ConceptStatistic, significance: number): boolean =>
  pValues !== null && pValues[statistic] <= significance;

export const pWords = ({ pValues }: ConceptCell, statistic: ConceptStatistic): string => {
  if (pValues === null) return "not tested";
  const p = pValues[statistic];
  return p < 0.001 ? "p < 0.001" : `p = ${formatNumber(p, 2)}`;
};

/** What came out: which concepts move the class, at which layers. */
export function conceptWords({
  cells,
  concepts,
  layers,
  statistic,
  significance,
  target,
  against,
}: Pick<
  ConceptBarsState,
  "cells" | "concepts" | "layers" | "statistic" | "significance" | "target" | "against"
>): string {
  if (cells.length === 0) return "";
  if (cells.every(({ pValues }) => pValues === null)) return "Nothing is tested: that takes sets of random pictures.";
  const beside = against === "random" ? "random pictures" : "the others";
  const lines = concepts.flatMap((concept) => {
    const own = cells.filter((cell) => cell.concept === concept && isSignificant(cell, statistic, significance));
    const ways = [1, -1].flatMap((side) => {
      const at = own.filter((cell) => {
        return Math.sign(shownValue(cell, statistic).value - neutralOf(statistic)) === side;
      });
      if (at.length === 0) return [];
      const where = at.length === layers.length ? "at every layer" : `at ${at.map(({ layer }) => layer).join(", ")}`;
      return [
        `*${concept}* ${side > 0 ? "makes more" : "makes less"} of ${target} ${layers.length > 1 ? where : ""}`.trim(),
      ];
    });
    return ways;
  });
  if (lines.length === 0) {
    const by = statistic === "sign" ? "By the count of signs no" : "No";
    return `${by} concept is told from ${beside} in how it moves ${target}.`;
  }
  const rest = concepts.filter((concept) => !lines.some((line) => line.startsWith(`*${concept}*`)));
  const others = rest.length === 0 ? "" : ` Not told from ${beside}: ${rest.join(", ")}.`;
  return `${lines.join("; ")}.${others}`;
}

/** How a value was found, in words. */
export function testWords({
  randomSets,
  correction,
  significance,
  cells,
  inputs,
  statistic,
  against,
}: Pick<
  ConceptBarsState,
  "randomSets" | "correction" | "significance" | "cells" | "inputs" | "statistic" | "against"
>) {
  const share = formatPercent(1 - significance);
  const what =
    statistic === "sign"
      ? `Share of ${inputs} inputs whose output rises along the concept; ½ is what nothing has.`
      : `Mean derivative of the output along the concept, over ${inputs} inputs; each layer has its own unit. 0 is no effect.`;
  const beside = against === "random" ? "" : " Each concept is compared with the others.";
  if (randomSets === 0) return `${what}${beside}`;
  const corrected = correction === "none" ? "not corrected" : `corrected for ${cells.length} tests (${correction})`;
  return `${what}${beside} Bars: ${share} intervals by ${randomSets} sets of random pictures. Filled: significant at ${formatNumber(significance, 1)}, ${corrected}.`;
}
