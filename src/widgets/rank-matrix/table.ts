import { formatNumber } from "../../comms/format.js";
import {
  type RankedCell,
  type RankedMethod,
  type RankingMeasure,
  rankedCount,
} from "../../comms/states/rank-matrix.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import { mark } from "./marks.js";

/** What the table shows. */
interface TableContent {
  methods: readonly RankedMethod[];
  measures: readonly RankingMeasure[];
  /** Row by row, as given. */
  cells: readonly RankedCell[];
  /** The rows as they stand: indices of `methods`. */
  order: readonly number[];
  /** Labels of the chosen measures. */
  pair: readonly string[];
}

export interface RankTable {
  element: HTMLElement;
  set(content: TableContent): void;
}

const BETTER = { higher: "higher is better", lower: "lower is better", none: "no better side" };
const WORDS = { waiting: "…", failed: "failed", unranked: "–", ranked: "" };

/**
 * Methods by measures, each cell a mark. Arrow keys walk over the cells; the name of a measure chooses it.
 *
 * @param onRead told of the cell that is pointed at or focused
 * @param onChoose told of the measure whose name was pressed
 */
export function rankTable(
  onRead: (row: number | null, column: number) => void,
  onChoose: (measure: string) => void,
): RankTable {
  const head = element("tr", {});
  const body = element("tbody", {});
  const table = element(
    "table",
    { class: "limpid-rank-table", role: "grid", "aria-label": "Methods by measures" },
    element("thead", {}, head),
    body,
  );
  let shown: TableContent = { methods: [], measures: [], cells: [], order: [], pair: [] };
  /** The cell that the Tab key reaches, by its place. */
  let current: [place: number, column: number] = [0, 0];

  const cellAt = (place: number, column: number) =>
    body.children[place]?.querySelectorAll("td")[column] as HTMLElement | undefined;
  const reach = (place: number, column: number) => {
    cellAt(...current)?.setAttribute("tabindex", "-1");
    current = [place, column];
    cellAt(place, column)?.setAttribute("tabindex", "0");
  };
  const read = (target: EventTarget | null) => {
    const cell = (target as Element | null)?.closest?.("td[data-column]") as HTMLElement | null;
    if (cell === null) return;
    onRead(Number(cell.dataset["row"]), Number(cell.dataset["column"]));
  };
  // Its cells only read; the measures' names are buttons.
  writes(body);
  body.addEventListener("pointerover", (event) => read(event.target));
  body.addEventListener("focusin", (event) => {
    const cell = event.target as HTMLElement;
    const row = cell.closest("tr")!;
    reach([...body.children].indexOf(row), [...row.querySelectorAll("td")].indexOf(cell as HTMLTableCellElement));
    read(cell);
  });
  body.addEventListener("click", (event) => {
    const cell = (event.target as Element).closest("td[data-column]") as HTMLElement | null;
    cell?.focus();
  });
  table.addEventListener("pointerleave", () => {
    const focused = body.contains(document.activeElement) ? document.activeElement : null;
    if (focused === null) onRead(null, 0);
    else read(focused);
  });
  body.addEventListener("focusout", (event) => {
    if (!body.contains(event.relatedTarget as Node | null)) onRead(null, 0);
  });
  body.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [place, column] = current;
    const [lastPlace, lastColumn] = [shown.order.length - 1, shown.measures.length - 1];
    const to = (
      {
        ArrowDown: [Math.min(place + 1, lastPlace), column],
        ArrowUp: [Math.max(place - 1, 0), column],
        ArrowRight: [place, Math.min(column + 1, lastColumn)],
        ArrowLeft: [place, Math.max(column - 1, 0)],
        Home: [place, 0],
        End: [place, lastColumn],
      } as Record<string, [number, number]>
    )[event.key];
    if (to === undefined) return;
    event.preventDefault();
    cellAt(...to)?.focus();
  });

  const header = ({ label, hint, better, verdict }: RankingMeasure) => {
    const chosen = shown.pair.includes(label);
    const title = [hint, BETTER[better], verdict].filter((part) => part !== "").join("\n");
    const button = element(
      "button",
      { type: "button", class: "limpid-rank-measure", "aria-pressed": String(chosen), title, "data-measure": label },
      label,
    );
    button.disabled = better === "none";
    button.addEventListener("click", () => onChoose(label));
    const arrow = better === "higher" ? "↑" : better === "lower" ? "↓" : "";
    return element(
      "th",
      { scope: "col", class: chosen ? "limpid-rank-chosen" : undefined },
      button,
      element("span", { class: "limpid-rank-better", title: BETTER[better] }, arrow),
    );
  };
  const cellOf = (row: number, column: number) => {
    const { measures, methods, cells, pair } = shown;
    const { rank, stability, phase, words, missing, reasons } = cells[row * measures.length + column]!;
    const measure = measures[column]!.label;
    const made = element("td", {
      "data-row": row,
      "data-column": column,
      tabindex: -1,
      class: `limpid-rank-${phase}${pair.includes(measure) ? " limpid-rank-chosen" : ""}`,
      "aria-label": `${methods[row]!.label} by ${measure}: ${[...(rank === null ? [WORDS[phase]] : []), words, ...reasons].join(". ")}`,
    });
    const box = element("span", { class: "limpid-rank-cell" });
    if (rank === null) box.append(WORDS[phase]);
    else box.append(mark(rank, rankedCount(methods), stability), element("span", {}, shortRank(rank)));
    if (missing > 0 && phase !== "failed")
      box.append(element("span", { class: "limpid-rank-missing" }, `⚠ ${missing}`));
    made.append(box);
    return made;
  };

  return {
    element: element("div", { class: "limpid-rank-scroll" }, table),
    set(content) {
      const keep = body.contains(document.activeElement);
      const pressed = (document.activeElement as HTMLElement | null)?.dataset["measure"];
      const within = head.contains(document.activeElement);
      shown = content;
      const { methods, measures, order } = shown;
      head.replaceChildren(
        element("th", { scope: "col" }, "Method"),
        ...measures.map(header),
        element("th", { scope: "col", title: "The mean of its ranks ± their standard deviation" }, "mean rank"),
      );
      body.replaceChildren(
        ...order.map((row) => {
          const { label, hint, mean, disagreement } = methods[row]!;
          const spread = disagreement === null ? "" : ` ± ${formatNumber(disagreement, 2)}`;
          return element(
            "tr",
            {},
            element("th", { scope: "row", title: hint }, label),
            ...measures.map((_, column) => cellOf(row, column)),
            element(
              "th",
              { class: "limpid-rank-mean", scope: "row" },
              mean === null ? "–" : formatNumber(mean) + spread,
            ),
          );
        }),
      );
      reach(Math.min(current[0], order.length - 1), Math.min(current[1], measures.length - 1));
      // Drawn anew, it keeps the focus that it had.
      if (keep) cellAt(...current)?.focus();
      if (within && pressed !== undefined)
        head.querySelectorAll("button").forEach((button) => {
          if (button.dataset["measure"] === pressed) button.focus();
        });
    },
  };
}

/** Equal means share a rank, which is then a half. */
const shortRank = (rank: number): string => String(Math.round(10 * rank) / 10);
