import { formatNumber } from "../../comms/format.js";
import { largerIsBetter, READER, ranksOf, SUMMARY_WORDS, summaryOf } from "../../comms/states/flipping-curve.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { element } from "../parts/dom.js";
import { dashOf } from "./charts.js";
import type { FlippingCurveModel } from "./model.js";

const SUMMARY_HINTS = {
  aopc: "Area over the perturbation curve (Samek et al. 2017): how far the output falls below its beginning, on average over the steps of the range",
  auc: "Area under the curve (Petsiuk et al. 2018): the mean height of the output over the range",
};

/** Words that a narrow cell does without. */
const roomy = (words: string): HTMLElement => element("span", { class: "limpid-flip-roomy" }, words);

/** The curves by rank or by name: the chart's legend, the values at the step that is looked at, and what each comes to. */
export function table(model: FlippingCurveModel): { element: HTMLElement; show(): void } {
  const head = element("tr", {});
  const body = element("tbody", {});
  const made = element("table", { class: "limpid-flip-table" }, element("thead", {}, head), body);
  const sorter = (label: (Node | string)[], by: "rank" | "name", hint: string) => {
    const button = element("button", { type: "button", title: hint, "data-line": by }, ...label);
    button.addEventListener("click", () => model.choose({ sort: by }));
    const isSorted = model.trait("sort") === by;
    const cell = element("th", { scope: "col", ...(isSorted && { "aria-sort": "ascending" }) }, button);
    if (isSorted) button.append(element("span", { "aria-hidden": "true" }, " ▾"));
    return cell;
  };

  const show = () => {
    const { run, lines, reader } = model;
    made.hidden = run === undefined;
    if (run === undefined) return;
    const [summary, order, cursor] = [model.trait("summary"), model.trait("order"), model.trait("cursor")];
    const kind = run.order ?? order;
    const ranks = ranksOf(
      lines.map((line) => line.summary),
      summary,
      kind,
    );
    const before = model.runs[model.trait("before")];
    const earlier = before && before !== run ? ranksOf(model.summaries(before), summary, before.order) : null;
    const own = earlier && ranksOf(model.summaries(run), summary, kind);
    const labels = new Map(model.trait("replacements").map(({ value, label }) => [value, label]));
    const nameOf = (replacement: string) => labels.get(replacement) ?? replacement;
    const better = largerIsBetter(summary, kind) ? "higher" : "lower";
    // What is made anew gives the focus back, but takes none from another view of it.
    const focused = made.querySelector<HTMLElement>(":focus")?.dataset["line"];
    head.replaceChildren(
      sorter(["Method"], "name", "Sort by name"),
      element(
        "th",
        { scope: "col" },
        ...(cursor < 0 ? [run.followed] : [roomy(`${run.followed} `), `at step ${cursor}`]),
      ),
      sorter(
        [SUMMARY_WORDS[summary], roomy(` (${better} is better)`)],
        "rank",
        `Sort by rank: ${better} is better. ${SUMMARY_HINTS[summary]}`,
      ),
      element("th", { scope: "col" }, "Rank"),
    );
    if (earlier) {
      const words = [roomy("with "), `${nameOf(before!.replacement)} → ${nameOf(run.replacement)}`];
      head.append(element("th", { scope: "col", title: "How replacing by something else changes the rank" }, ...words));
    }
    const places = lines.map((_, place) => place);
    const byRank = (a: number, b: number) =>
      (ranks[a] ?? Number.POSITIVE_INFINITY) - (ranks[b] ?? Number.POSITIVE_INFINITY) || a - b;
    const byName = (a: number, b: number) => lines[a]!.label.localeCompare(lines[b]!.label) || a - b;
    places.sort(model.trait("sort") === "rank" ? byRank : byName);
    const rows = places.map((place) => {
      const { curve, label, value, summary: number, reason } = lines[place]!;
      const isWatched = model.trait("watched") === curve;
      const key = element("span", { class: `limpid-flip-key limpid-${curve === READER ? "solid" : dashOf(curve)}` });
      key.style.setProperty("--key", curve === READER ? "var(--limpid-ink)" : colorOfSeries(curve));
      const button = element(
        "button",
        {
          type: "button",
          "aria-pressed": String(isWatched),
          title: "Show the picture as this order flips it",
          "data-line": curve,
        },
        key,
        label,
      );
      button.addEventListener("click", () => model.choose({ watched: curve }));
      const title = element("th", { scope: "row" }, button);
      const row = element("tr", { class: isWatched ? "limpid-watched" : undefined }, title);
      if (number === null && reason !== "" && value === null) {
        row.append(element("td", { colspan: earlier ? 4 : 3, class: "limpid-flip-reason" }, reason));
        return row;
      }
      row.append(
        element("td", {}, value === null ? "–" : formatNumber(value)),
        element("td", { title: reason }, number === null ? "–" : formatNumber(number)),
        element("td", {}, ranks[place] === null ? "–" : String(ranks[place])),
      );
      if (earlier) {
        const [was, now] = [earlier[curve] ?? null, own![curve] ?? null];
        const moved = was !== null && now !== null ? was - now : 0;
        const sign = moved > 0 ? " ▲" : moved < 0 ? " ▼" : "";
        const words = curve === READER || was === null || now === null ? "–" : `${was} → ${now}${sign}`;
        row.append(
          element("td", { class: moved > 0 ? "limpid-risen" : moved < 0 ? "limpid-fallen" : undefined }, words),
        );
      }
      return row;
    });
    if (run.random) {
      const { mean } = run.random;
      const shares = model.trait("shares");
      const number = summaryOf(mean, shares, summary, model.range);
      const key = element("span", { class: "limpid-flip-key limpid-dash" });
      key.style.setProperty("--key", "var(--limpid-chance)");
      const value = mean[cursor];
      const row = element(
        "tr",
        { class: "limpid-flip-random" },
        element(
          "th",
          { scope: "row", title: "Mean over orders drawn by chance; the band is their range" },
          element("span", {}, key, "random order"),
        ),
        element("td", {}, value === undefined ? "–" : formatNumber(value)),
        element("td", {}, formatNumber(number)),
        element("td", {}, "–"),
      );
      if (earlier) row.append(element("td", {}, "–"));
      rows.push(row);
    }
    body.replaceChildren(...rows);
    made.setAttribute("aria-label", reader ? "The methods and you" : "The methods");
    if (focused !== undefined) made.querySelector<HTMLElement>(`[data-line="${focused}"]`)?.focus();
  };
  return { element: element("div", { class: "limpid-flip-scroll" }, made), show };
}
