import { formatNumber, formatPercent } from "../../../comms/format.js";
import type { Choice } from "../../../comms/states/field.js";
import {
  comparedReader,
  type FlippingCurveState,
  type FlippingOrder,
  type FlippingSettings,
  ORDER_WORDS,
  ranksOf,
  SUMMARY_WORDS,
  summariesOf,
} from "../../../comms/states/flipping-curve.js";

/** What is put in place unless something else is chosen. */
export const INITIAL_REPLACEMENT = "mean";

/** Those that pictures have, in the order in which they are offered. */
const KNOWN: Choice[] = [
  { value: "mean", label: "mean", hint: "The mean color of this picture" },
  { value: "blurred", label: "blur", hint: "The picture through a wide Gaussian" },
  { value: "uniform", label: "uniform noise", hint: "Drawn evenly between black and white" },
  { value: "neighbors", label: "in-painting", hint: "What is left around, at the finest scale at which something is" },
  {
    value: "noisy-linear",
    label: "ROAD",
    hint: "What neighbors suggest, solved for all at once, and a little noise (Rong et al. 2022)",
  },
  { value: "gray", label: "gray", hint: "A constant: the middle of the input's range" },
  { value: "black", label: "black", hint: "A constant: the least value of the input" },
];

/** Those of them that the measures know, as a list to choose from. */
export const replacementChoices = (known: readonly string[]): Choice[] =>
  KNOWN.filter(({ value }) => known.includes(value));

/** The heading: what is asked of the curves. */
export const flippingTitle = (target: string, order: FlippingOrder): string =>
  order === "morf" ? `How fast does *${target}* fall?` : `How long does *${target}* hold?`;

/** What the curves are of, in one line. */
export const settingsWords = (
  { replacement, order, followed }: FlippingSettings,
  { replacements, rows, columns }: Pick<FlippingCurveState, "replacements" | "rows" | "columns">,
  name: string,
): string =>
  [
    name,
    `${followed} while ${rows} × ${columns} regions are replaced by ${labelOf(replacement, replacements)}`,
    ORDER_WORDS[order],
  ]
    .filter((part) => part !== "")
    .join(" · ");

export const labelOf = (replacement: string, replacements: readonly Choice[]): string =>
  replacements.find(({ value }) => value === replacement)?.label ?? replacement;

type Told = Pick<
  FlippingCurveState,
  | "title"
  | "subtitle"
  | "methods"
  | "runs"
  | "drawn"
  | "shares"
  | "summary"
  | "range"
  | "reader"
  | "rows"
  | "columns"
  | "stopped"
  | "error"
  | "tab"
>;

/** The whole in plain text. While the reader flips, it gives nothing of the methods away. */
export function flippingWords(shown: Told): string {
  const { title, subtitle, methods, runs, drawn, shares, summary, range, reader, stopped, error, tab } = shown;
  const run = runs[drawn];
  const lines: string[] = [];
  if (run !== undefined && tab === "methods") {
    const summaries = summariesOf(run, shares, summary, (range as [number, number] | null) ?? undefined);
    const ranks = ranksOf(summaries, summary, run.order);
    const over =
      range === null
        ? ""
        : ` from ${formatPercent(shares[range[0]!]!)} to ${formatPercent(shares[range[1]!]!)} flipped`;
    methods.forEach(({ label }, index) => {
      const number = summaries[index] ?? null;
      lines.push(
        number === null
          ? `  ${label}: ${run.errors[index]}`
          : `  ${label}: ${SUMMARY_WORDS[summary]}${over} ${formatNumber(number)}, rank ${ranks[index]}`,
      );
    });
  }
  const seen = tab === "reader" ? reader : comparedReader(reader, run);
  if (seen !== null && seen.values.length > 1) {
    const picked = seen.values.length - 1;
    const share = formatPercent(picked / (shown.rows * shown.columns));
    lines.push(
      `  You: ${seen.followed} ${formatNumber(seen.values.at(-1)!)} after ${picked} regions, ${share} of the picture`,
    );
  }
  if (stopped !== null) lines.push(`  stopped at ${formatPercent(stopped)}: the curves are of earlier settings`);
  if (error !== "") lines.push(`  ${error}`);
  return [
    `FlippingCurve: ${[title.replaceAll("*", ""), subtitle].filter((part) => part !== "").join(" · ")}`,
    ...lines,
  ].join("\n");
}
