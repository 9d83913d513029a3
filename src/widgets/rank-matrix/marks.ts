import { formatPercent } from "../../comms/format.js";
import { markSide, rankShare } from "../../comms/states/rank-matrix.js";
import { element } from "../parts/dom.js";

/** A square whose color is a rank among so many, and whose size is how often it is kept. */
export function mark(rank: number, count: number, stability: number | null): HTMLElement {
  const square = element("span", { class: "limpid-rank-mark", "aria-hidden": "true" });
  square.style.setProperty("--best", String(rankShare(rank, count)));
  square.style.setProperty("--side", String(markSide(stability)));
  return square;
}

/** How often a rank is kept, as the legend shows it. */
const STABILITIES = [0.1, 0.5, 1];
/** More colors than these are not told apart. */
const COLORS = 5;

/** What color and size stand for, for so many methods. */
export function rankLegend(): { element: HTMLElement; set(count: number): void } {
  const colors = element("span", { class: "limpid-rank-keys" });
  const sizes = element("span", { class: "limpid-rank-keys" });
  sizes.append(
    ...STABILITIES.map((stability) =>
      element("span", { class: "limpid-rank-key" }, mark(1, 1, stability), formatPercent(stability)),
    ),
  );
  return {
    element: element(
      "div",
      { class: "limpid-rank-legend", role: "group", "aria-label": "What the marks mean" },
      element("span", {}, "Color: rank ", colors),
      element("span", {}, "Size: kept in the bootstrap ", sizes),
    ),
    set(count) {
      const steps = Math.min(count, COLORS);
      colors.replaceChildren(
        ...Array.from({ length: steps }, (_, at) => {
          const rank = steps < 2 ? 1 : Math.round(1 + (at * (count - 1)) / (steps - 1));
          const words = rank === 1 ? "1 (best)" : String(rank);
          return element("span", { class: "limpid-rank-key" }, mark(rank, count, 1), words);
        }),
      );
    },
  };
}
