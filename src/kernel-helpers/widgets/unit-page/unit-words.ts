import { formatNumber, formatPercent } from "../../../comms/format.js";
import type { UnitAbout, UnitPageState } from "../../../comms/states/unit-page.js";

/** What the data set says of a channel, as names with values. */
export function aboutRows({
  mean,
  largest,
  active,
  threshold,
  share,
  relevance,
  classes,
  classesBy,
  concept,
}: UnitAbout): [name: string, value: string][] {
  const best = classes
    .slice(0, 3)
    .map(({ name, mean: of }) => `${name} ${formatNumber(of, 2)}`)
    .join(", ");
  return [
    ["Activation", `mean ${formatNumber(mean, 2)}, largest ${formatNumber(largest, 2)}`],
    ["Above 0", `at ${formatPercent(active)} of the places`],
    ["Threshold", `${formatNumber(threshold, 2)}: the top ${formatPercent(share)} lie above`],
    ["Relevance", `mean ${formatNumber(relevance, 2)}`],
    [classesBy === "label" ? "Classes" : "Classes seen", best],
    ...(concept === null
      ? []
      : ([
          [
            "Concept",
            `${concept.kind} “${concept.name}”, overlap ${formatNumber(concept.overlap, 2)}${concept.isDetector ? ": a detector" : ""}`,
          ],
        ] as [string, string][])),
  ];
}

/** The widget in plain text. */
export function unitPageWords(
  state: Pick<
    UnitPageState,
    "title" | "subtitle" | "about" | "passing" | "stopped" | "error" | "passError" | "neighbors"
  >,
): string {
  const { title, subtitle, about, passing, error, passError, neighbors } = state;
  const top = (samples: UnitAbout["byActivation"]) =>
    samples.map(({ name, value }) => `${name} (${formatNumber(value, 2)})`).join(", ");
  const names = (list: { layer: string; channel: number }[]) =>
    list.map(({ layer, channel }) => `channel ${channel} of ${layer}`).join(", ");
  const lines =
    about === null
      ? [passing ? "the data set is being passed" : ""]
      : [
          ...aboutRows(about).map(([name, value]) => `${name}: ${value}`),
          `Strongest by activation: ${top(about.byActivation)}`,
          `Strongest by relevance: ${top(about.byRelevance)}`,
          neighbors === null ? "" : `Relevance comes through: ${names(neighbors.upper) || "none"}`,
          neighbors === null ? "" : `Relevance goes to: ${names(neighbors.lower) || "none"}`,
        ];
  return [`UnitPage: ${title.replaceAll("*", "")} · ${subtitle}`, error, passError, ...lines]
    .filter((line) => line !== "")
    .join("\n  ");
}
