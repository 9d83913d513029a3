import type { ClassScore } from "../../comms/states/explorer.js";
import type { Tail } from "../../explainers/network/index.js";
import { type RankedScore, rankedSoftmax } from "../../explainers/numerics/softmax.js";

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/**
 * All classes, best first, with their softmax; behind a sigmoid (`tail`) each with its own probability. A lone sigmoid stands for two
 * classes, of which the second name, or the only one, is the output's. Any other lone output is a number, not a probability.
 */
export function rankedClasses(
  logits: Float32Array,
  names: readonly string[] | undefined,
  tail: Tail = "softmax",
): ClassScore[] {
  if (logits.length === 1) return ofOneOutput(logits[0]!, names, tail);
  const probabilityOf = ({ score, probability }: RankedScore) => (tail === "sigmoid" ? sigmoid(score) : probability);
  return rankedSoftmax(logits).map((ranked, place) => ({
    index: ranked.index,
    name: names?.[ranked.index] ?? `output ${ranked.index}`,
    probability: probabilityOf(ranked),
    logit: ranked.score,
    rank: place + 1,
  }));
}

/** The best of them. */
export const topClasses = (
  logits: Float32Array,
  names: readonly string[] | undefined,
  count: number,
  tail?: Tail,
): ClassScore[] => rankedClasses(logits, names, tail).slice(0, count);

function ofOneOutput(logit: number, names: readonly string[] | undefined, tail: Tail): ClassScore[] {
  const own = names?.at(-1) ?? "output 0";
  if (tail !== "sigmoid") return [{ index: 0, name: own, probability: null, logit, rank: 1 }];
  const other = names !== undefined && names.length > 1 ? names[0]! : `not ${own}`;
  const both: Omit<ClassScore, "rank">[] = [
    { index: 0, name: own, probability: sigmoid(logit), logit },
    { index: 0, not: true, name: other, probability: sigmoid(-logit), logit: -logit },
  ];
  return (logit < 0 ? both.reverse() : both).map((score, place) => ({ ...score, rank: place + 1 }));
}
