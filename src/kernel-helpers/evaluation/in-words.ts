import { formatFixed, formatShort } from "../../comms/format.js";
import type { EvaluatedMeasure, Evaluation } from "../../explainers/index.js";

/** A table of words and numbers; the first row is the heading. */
export type WordTable = readonly (readonly string[])[];

const NOTHING = "–";
const number = (value: number | null): string => (value === null ? NOTHING : formatShort(value));
const share = (value: number | null): string => (value === null ? NOTHING : formatFixed(value, 2));

const sides = { higher: "higher is better", lower: "lower is better", none: "no better side" };

/** `pixel-flipping: higher is better`, with the unit. */
export const headingOf = ({ label, better, unit }: EvaluatedMeasure): string =>
  `${label}${unit === "" ? "" : ` (${unit})`}: ${sides[better]}`;

/** Keeps a cell to the right of its heading; a usual space would be lost where lines are broken. */
const INDENT = "\u00a0\u00a0";

/** Measure by measure the methods, the best first. */
export function meanTable(evaluation: Evaluation): WordTable {
  const { measures, means, ranks, level } = evaluation;
  const heading = ["method", "mean", `${Math.round(100 * level)}% interval`, "rank", "samples"];
  const isComplete = means.every(({ missing }) => missing === 0);
  const rows = measures.flatMap((measure) => {
    const own = means
      .filter((row) => row.measure === measure.label)
      .map((row) => {
        const cell = ranks.cells.find(({ method, measure: by }) => method === row.method && by === row.measure);
        return { ...row, rank: cell?.rank ?? null };
      })
      .sort((a, b) => (a.rank ?? Number.POSITIVE_INFINITY) - (b.rank ?? Number.POSITIVE_INFINITY) || 0);
    const lines = own.map(({ method, mean, low, high, rank, count, missing }) => [
      `${INDENT}${method}`,
      number(mean),
      low === null ? NOTHING : `${number(low)} to ${number(high)}`,
      rank === null ? "" : String(rank),
      isComplete ? String(count) : `${count} of ${count + missing}`,
    ]);
    return [[headingOf(measure)], ...lines];
  });
  return [heading, ...rows];
}

/** Methods × measures: mean and interval, and the mean rank with its disagreement. */
export function meanMatrix(evaluation: Evaluation): WordTable {
  const { measures, methods, means, ranks } = evaluation;
  const cell = (method: string, measure: string) => {
    const row = means.find((one) => one.method === method && one.measure === measure)!;
    if (row.mean === null) return NOTHING;
    return row.low === null ? number(row.mean) : `${number(row.mean)} (${number(row.low)} to ${number(row.high)})`;
  };
  return [
    ["method", ...measures.map(headingOf), "mean rank ± disagreement"],
    ...methods.map(({ label }) => {
      const own = ranks.methods.find(({ method }) => method === label)!;
      const spread = own.disagreement === null ? "" : ` ± ${formatFixed(own.disagreement, 1)}`;
      return [
        label,
        ...measures.map((measure) => cell(label, measure.label)),
        own.mean === null ? NOTHING : `${formatFixed(own.mean, 1)}${spread}`,
      ];
    }),
  ];
}

/** How far to trust each measure; undefined where that was not asked. */
export function trustTable({ trust }: Evaluation): WordTable | undefined {
  if (trust.length === 0) return undefined;
  const heading = ["measure", "score", "scores stay", "ranks stay", "scores react", "react downwards", "remark"];
  const rows = trust.map((row) => [
    row.measure,
    share(row.score),
    share(row.noiseConsistency),
    share(row.noiseRanking),
    share(row.adversaryConsistency),
    share(row.adversaryRanking),
    row.reason ?? "",
  ]);
  const isPlain = rows.every((row) => row.at(-1) === "");
  return [heading, ...rows].map((row) => (isPlain ? row.slice(0, -1) : row));
}

/** What failed, and why: cells of a method with one reason together. */
export function failureTable({ rows, samples }: Evaluation): WordTable | undefined {
  const found = new Map<string, { method: string; measures: Set<string>; samples: Set<number>; reason: string }>();
  for (const { method, measure, sample, reason } of rows) {
    if (reason === null) continue;
    // Reasons that differ in their numbers alone are one.
    const key = JSON.stringify([method, reason.replaceAll(/\d+(\.\d+)?/g, "#")]);
    const one = found.get(key) ?? { method, measures: new Set<string>(), samples: new Set<number>(), reason };
    found.set(key, one);
    one.measures.add(measure);
    one.samples.add(sample);
  }
  if (found.size === 0) return undefined;
  const count = (some: Set<number>) => {
    if (some.size === samples.length) return "all";
    return some.size <= 3 ? [...some].map((at) => samples[at]!.name).join(", ") : `${some.size} of ${samples.length}`;
  };
  return [
    ["method", "measure", "samples", "reason"],
    ...Array.from(found.values(), (one) => [one.method, [...one.measures].join(", "), count(one.samples), one.reason]),
  ];
}

/** The verdict, then what the measures say; those that say the same say it once. */
export function verdictLines({ verdict, methods }: Evaluation): string[] {
  const said = new Map<string, string[]>();
  for (const { measure, text } of methods.length < 2 ? [] : verdict.measures) {
    const key = text.replace(measure, BLANK);
    said.set(key, [...(said.get(key) ?? []), measure]);
  }
  const each = Array.from(said, ([key, measures]) => key.replace(BLANK, () => listed(measures)));
  return [verdict.text, ...each];
}

/** Stands for a measure's name. */
const BLANK = "\u0000";

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** What the means and intervals rest on, in a line. */
export const captionOf = ({ samples, level, seed }: Evaluation): string =>
  `${samples.length} sample${samples.length === 1 ? "" : "s"}, ${Math.round(100 * level)}% bootstrap intervals (BCa), paired comparisons by Wilcoxon's test with Holm's correction, seed ${seed}`;
