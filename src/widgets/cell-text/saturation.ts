import { formatPercent } from "../../comms/format.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { element, svg } from "../parts/dom.js";

export interface SaturationChart {
  element: HTMLElement;
  /** `shares`: `[gates, cells, 2]`, how often a gate is shut, and open. */
  set(gates: readonly string[], cells: number, shares: Float32Array | null): void;
  /** The chosen cell, and one that is pointed at elsewhere; −1 for none. */
  mark(chosen: number, pointed: number): void;
}

const SIZE = 200;
const [LEFT, TOP] = [38, 8];

/**
 * How often the gates of each cell are shut and open, one point a gate and cell, one color a gate.
 *
 * @param onPoint told of the cell that is pointed at, in words, or of none
 * @param onChoose told of the cell that was pressed
 */
export function saturationChart(
  onPoint: (words: string, cell: number) => void,
  onChoose: (cell: number) => void,
): SaturationChart {
  const x = (share: number) => LEFT + share * SIZE;
  const y = (share: number) => TOP + SIZE - share * SIZE;
  const points = svg("g", {});
  const label = (at: [number, number], words: string, anchor: string, more: Record<string, string> = {}) =>
    svg("text", { x: at[0], y: at[1], "text-anchor": anchor, ...more }, words);
  const plot = svg("svg", { viewBox: `0 0 ${LEFT + SIZE + 12} ${TOP + SIZE + 40}`, role: "img" });
  plot.append(
    svg("path", { class: "limpid-cell-axes", d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}Z` }),
    points,
    ...[0, 0.5, 1].flatMap((share) => [
      label([x(share), y(0) + 14], `${100 * share}`, "middle"),
      label([x(0) - 5, y(share) + 4], `${100 * share}`, "end"),
    ]),
    label([x(0.5), y(0) + 32], "shut (below 0.1), % of steps", "middle"),
    label([0, 0], "open (above 0.9), %", "middle", { transform: `translate(11 ${y(0.5)}) rotate(-90)` }),
  );
  const none = element("p", { class: "limpid-cell-none", hidden: true }, "A simple recurrent layer has no gates.");
  const legend = element("div", { class: "limpid-cell-legend" });
  let names: readonly string[] = [];
  let count = 0;
  const cellOf = (target: EventTarget | null) => {
    const at = (target as SVGElement | null)?.dataset?.["at"];
    return at === undefined ? null : { gate: Math.floor(Number(at) / count), cell: Number(at) % count };
  };
  plot.addEventListener("pointerover", (event) => {
    const found = cellOf(event.target);
    if (found === null) return onPoint("", -1);
    const circle = event.target as SVGElement;
    const [shut, open] = [Number(circle.dataset["shut"]), Number(circle.dataset["open"])];
    onPoint(
      `Cell ${found.cell}, ${names[found.gate]} gate: shut at ${formatPercent(shut)} of the steps, open at ${formatPercent(open)}.`,
      found.cell,
    );
  });
  plot.addEventListener("pointerleave", () => onPoint("", -1));
  plot.addEventListener("click", (event) => {
    const found = cellOf(event.target);
    if (found !== null) onChoose(found.cell);
  });
  return {
    element: element(
      "div",
      { class: "limpid-cell-saturation" },
      element("div", {}, plot as unknown as HTMLElement),
      legend,
      none,
    ),
    set(gates, cells, shares) {
      names = gates;
      count = cells;
      const isEmpty = shares === null || gates.length === 0;
      none.hidden = shares === null || gates.length > 0;
      plot.toggleAttribute("hidden", isEmpty);
      legend.replaceChildren(
        ...gates.map((name, at) => {
          const key = element("span", { class: "limpid-cell-key", "aria-hidden": "true" });
          key.style.background = colorOfSeries(at);
          return element("span", {}, key, `${name} gate`);
        }),
      );
      plot.setAttribute("aria-label", `How often the gates of ${cells} cells are shut and open: ${gates.join(", ")}`);
      points.replaceChildren(
        ...(isEmpty
          ? []
          : Array.from({ length: gates.length * cells }, (_, at) => {
              const [shut, open] = [shares[2 * at]!, shares[2 * at + 1]!];
              const circle = svg("circle", {
                cx: x(shut),
                cy: y(open),
                r: 3,
                fill: colorOfSeries(Math.floor(at / cells)),
              });
              circle.setAttribute("data-at", String(at));
              circle.setAttribute("data-shut", String(shut));
              circle.setAttribute("data-open", String(open));
              return circle;
            })),
      );
    },
    mark(chosen, pointed) {
      for (const circle of [...points.children]) {
        const cell = Number(circle.getAttribute("data-at")) % count;
        const kind = cell === chosen ? "limpid-cell-chosen" : cell === pointed ? "limpid-cell-pointed" : "";
        if (circle.getAttribute("class") === kind) continue;
        circle.setAttribute("class", kind);
        circle.setAttribute("r", kind === "" ? "3" : "5.5");
      }
      // What stands out is drawn over the others.
      points.append(...points.querySelectorAll(".limpid-cell-pointed, .limpid-cell-chosen"));
    },
  };
}
