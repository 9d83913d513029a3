import type { Comparison, EvaluatedMeasure, MeanRow, MeasureVerdict, Ranks, Verdict } from "./evaluation.js";
import { sideOf } from "./table.js";

interface Grounds {
  readonly methods: readonly string[];
  readonly measures: readonly EvaluatedMeasure[];
  readonly means: readonly MeanRow[];
  readonly comparisons: readonly Comparison[];
  readonly ranks: Ranks;
  readonly level: number;
}

/** Who wins by which measure, and whether anybody wins by all; that nobody does is a result. */
export function verdictOf(grounds: Grounds): Verdict {
  const measures = grounds.measures.map((measure) => measureVerdict(measure, grounds));
  if (grounds.methods.length < 2) {
    return { winner: null, text: "One method alone: there is nothing to compare it with.", measures };
  }
  const judging = grounds.measures.filter((measure) => sideOf(measure) !== 0).map(({ label }) => label);
  const isBeaten = (method: string) =>
    grounds.comparisons.some(({ a, b, better }) => better !== null && better !== method && [a, b].includes(method));
  // A method that failed by a measure was not compared there.
  const isEverywhere = (method: string) =>
    judging.every((label) => grounds.ranks.cells.some((c) => c.method === method && c.measure === label && c.rank));
  const alone = measures.filter(({ tied }) => tied.length === 1);
  const winner = alone.map(({ best }) => best!).find((method) => !isBeaten(method) && isEverywhere(method)) ?? null;
  return { winner, text: inWords(winner, measures, alone, grounds), measures };
}

function inWords(
  winner: string | null,
  measures: readonly MeasureVerdict[],
  alone: readonly MeasureVerdict[],
  { ranks, comparisons }: Grounds,
): string {
  const { concordance } = ranks;
  const agreement =
    concordance === null
      ? ""
      : ` The measures ${concordance >= 0.8 ? "agree" : concordance >= 0.5 ? "agree in part" : "disagree"} on the order of the methods (Kendall's W ${concordance.toFixed(2)}).`;
  if (winner !== null) {
    const by = alone.filter(({ best }) => best === winner).map(({ measure }) => measure);
    return `${winner} wins: it is best beyond chance by ${listed(by)}, and no measure puts another method above it beyond chance.${agreement}`;
  }
  if (alone.length > 0) {
    const bests = [...new Set(alone.map(({ best }) => best!))].map((method) => {
      const by = alone.filter(({ best }) => best === method).map(({ measure }) => measure);
      const worse = comparisons.filter(
        ({ a, b, better }) => better !== null && better !== method && [a, b].includes(method),
      );
      const but = [...new Set(worse.map(({ measure }) => measure))];
      return `${method} is best by ${listed(by)}${but.length > 0 ? `, but worse than another by ${listed(but)}` : ""}`;
    });
    return `No winner: ${bests.join("; ")}.${agreement}`;
  }
  if (measures.every(({ best }) => best === null)) return "No winner: no measure ranks the methods.";
  const isAny = comparisons.some(({ better }) => better !== null);
  const why = isAny
    ? "by no measure is one method better than all others beyond chance"
    : "no two methods differ beyond chance";
  return `No winner: ${why}.${agreement}`;
}

function measureVerdict(measure: EvaluatedMeasure, grounds: Grounds): MeasureVerdict {
  const { label } = measure;
  const side = sideOf(measure);
  const none = (text: string): MeasureVerdict => ({ measure: label, best: null, tied: [], text });
  if (side === 0)
    return none(`No verdict by ${label}: it has no better side, so that it describes and does not judge.`);
  const cells = grounds.ranks.cells.filter((cell) => cell.measure === label && cell.rank !== null);
  if (cells.length < 2) return none(`No verdict by ${label}: fewer than two methods have values on the same samples.`);
  const { method: best } = cells.reduce((a, b) => (b.rank! < a.rank! ? b : a));
  const own = grounds.comparisons.filter((one) => one.measure === label);
  const against = own.filter(({ a, b }) => a === best || b === best);
  const isRanked = (method: string) => cells.some((cell) => cell.method === method);
  const rivals = against.filter(({ a, b, better }) => better !== best && isRanked(a === best ? b : a));
  const tied = [best, ...rivals.map(({ a, b }) => (a === best ? b : a))];
  if (tied.length === 1) {
    return {
      measure: label,
      best,
      tied,
      text: `${best} is best by ${label}${numbersOf(best, label, grounds)}, beyond chance.`,
    };
  }
  const most = Math.max(...own.map(({ count }) => count));
  // The least p that so many differences can have, corrected for as many pairs.
  const least = Math.min(1, (2 / 2 ** most) * own.length);
  if (least >= 1 - grounds.level) {
    const text = `No winner by ${label}: ${most} sample${most === 1 ? "" : "s"} cannot tell ${own.length > 1 ? `${grounds.methods.length} methods` : "methods"} apart beyond chance (the least p there can be is ${Number(least.toPrecision(2))}).`;
    return { measure: label, best, tied, text };
  }
  const all = tied.length === cells.length;
  const text = all
    ? `No winner by ${label}: the best mean is ${best}'s, but no other method is worse beyond chance.`
    : `No winner by ${label}: ${listed(tied)} cannot be told apart.`;
  return { measure: label, best, tied, text };
}

function numbersOf(method: string, measure: string, { means, level }: Grounds): string {
  const row = means.find((one) => one.method === method && one.measure === measure);
  if (row?.mean == null) return "";
  const interval =
    row.low === null ? "" : `, ${Math.round(100 * level)}% ${row.low.toPrecision(3)} to ${row.high!.toPrecision(3)}`;
  return ` (${row.mean.toPrecision(3)}${interval})`;
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
