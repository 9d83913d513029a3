import { formatCount, formatFixed, formatNumber } from "../../comms/format.js";
import { FAR_LAG, NEAR_LAG } from "../../comms/states/shattered-gradients.js";
import { element } from "../parts/dom.js";
import { type Correlations, NAMES } from "./charts.js";
import type { ShatteredGradientsModel } from "./model.js";

const ORDER: (keyof Correlations)[] = ["gradient", "relevance", "output", "brown", "white"];

/** How far neighbors agree, as a table that is the chart's legend too, and what it means. */
export function agreement(): { element: HTMLElement; set(correlations: Correlations | null, words: string): void } {
  const cells = new Map(ORDER.map((row) => [row, [element("td", {}), element("td", {})] as const]));
  const rows = ORDER.map((row) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: `limpid-key limpid-key-${row}` }, NAMES[row]),
      ...cells.get(row)!,
    ),
  );
  const head = element(
    "tr",
    {},
    element("td", {}),
    element("th", { scope: "col", title: "Autocorrelation at lag 1" }, "1 apart"),
    element("th", { scope: "col", title: `Autocorrelation at lag ${FAR_LAG}` }, `${FAR_LAG} apart`),
  );
  const table = element(
    "table",
    { class: "limpid-agreement" },
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
  const remark = element("p", { class: "limpid-words", "aria-live": "polite" });
  return {
    element: element("div", {}, table, remark),
    set(correlations, words) {
      for (const [row, [near, far]] of cells) {
        near.textContent = written(correlations?.[row][NEAR_LAG]);
        far.textContent = written(correlations?.[row][FAR_LAG]);
      }
      remark.textContent = words;
    },
  };
}

function written(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return formatFixed(Math.round(value * 100) / 100 + 0, 2);
}

/** The count of linear pieces, exact once it has run to the end. */
export function pieces(model: ShatteredGradientsModel): { element: HTMLElement; show(): void } {
  const figure = element("strong", { class: "limpid-figure" });
  const remark = element("span", { class: "limpid-remark" });
  const go = element("button", { type: "button", class: "limpid-button", "data-action": "count" }, "Count them all");
  go.addEventListener("click", () => model.send({ event: "count" }));
  return {
    element: element("div", { class: "limpid-pieces" }, figure, remark, go),
    show() {
      const [found, counted, counting] = [model.trait("pieces"), model.trait("counted"), model.trait("counting")];
      const bound = model.trait("bound");
      const trained = model.trait("drawn") === "trained";
      const whole = found !== null && counted === 1 && !counting;
      figure.textContent = found === null ? "–" : `${whole ? "" : "more than "}${formatCount(found)}`;
      const share = `${Math.floor(100 * counted)}\u202f% of the line`;
      const state = counting
        ? `counting, ${share} done`
        : whole
          ? "counted exactly, by the points where units switch"
          : found === null
            ? trained
              ? "counted for random nets only"
              : "not counted yet"
            : `counted on ${share}`;
      remark.textContent =
        bound === null ? state : `${state}; the best net of this size has at least ${power(bound)} (Montufar’s bound)`;
      go.hidden = whole || counting || !model.comm_live || trained;
    },
  };
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A power of ten by its exponent: 55.3 is 2 · 10⁵⁵. */
function power(exponent: number): string {
  if (exponent < 6) return formatCount(Math.round(10 ** exponent));
  let digits = Math.floor(exponent);
  let factor = Math.round(10 ** (exponent - digits));
  if (factor === 10) [factor, digits] = [1, digits + 1];
  return `${factor} · 10${[...String(digits)].map((digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;
}

/** The values under the cursor in one line. */
export function cursorWords(x: number, values: { output: number; gradient: number; relevance: number }): string {
  return `x = ${formatNumber(x)}: f = ${formatNumber(values.output)}, ∂f/∂x = ${formatNumber(values.gradient)}, LRP = ${formatNumber(values.relevance)}`;
}
