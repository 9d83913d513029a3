import { formatNumber } from "../../comms/format.js";
import { element, svg } from "../parts/dom.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [320, 130, 44, 22];

export interface Eigenvalues {
  element: HTMLElement;
  /** @param count how many clusters are shown, `suggested` how many the largest gap says */
  show(values: readonly number[], suggested: number, count: number): void;
}

/** The smallest eigenvalues with the gap marked; a click takes as many clusters as there are eigenvalues up to it. */
export function eigenvaluePlot(onChoose: (count: number) => void): Eigenvalues {
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "limpid-eigen", role: "img" });
  const box = element("div", { class: "limpid-eigen-box" });
  box.append(plot);
  return {
    element: box,
    show(values, suggested, count) {
      if (values.length === 0) {
        plot.replaceChildren();
        return;
      }
      const most = Math.max(...values, 1e-9);
      const x = (index: number) => LEFT + ((index + 0.5) * (WIDTH - LEFT)) / values.length;
      const y = (value: number) => 10 + (HEIGHT - BOTTOM - 18) * (1 - value / most);
      const made = [
        svg("rect", {
          x: LEFT,
          y: 1,
          width: WIDTH - LEFT - 1,
          height: HEIGHT - BOTTOM - 1,
          class: "limpid-eigen-frame",
        }),
      ];
      if (suggested < values.length) {
        const [from, to] = [x(suggested - 1), x(suggested)];
        made.push(
          svg("rect", {
            x: from,
            width: to - from,
            y: y(values[suggested]!),
            height: Math.max(1, y(values[suggested - 1]!) - y(values[suggested]!)),
            class: "limpid-eigen-gap",
          }),
        );
      }
      values.forEach((value, index) => {
        const dot = svg("circle", {
          cx: x(index),
          cy: y(value),
          r: 4,
          class: index < count ? "limpid-eigen-dot limpid-eigen-used" : "limpid-eigen-dot",
        });
        const clusters = index === 0 ? "1 cluster" : `${index + 1} clusters`;
        dot.append(svg("title", {}, `eigenvalue ${index + 1}: ${formatNumber(value)}; ${clusters}`));
        dot.addEventListener("click", () => onChoose(index + 1));
        made.push(dot, svg("text", { x: x(index), y: HEIGHT - 8, "text-anchor": "middle" }, String(index + 1)));
      });
      made.push(
        svg("text", { x: LEFT - 5, y: 14, "text-anchor": "end" }, formatNumber(most, 2)),
        svg("text", { x: LEFT - 5, y: HEIGHT - BOTTOM, "text-anchor": "end" }, "0"),
      );
      plot.replaceChildren(...made);
      const words = values.map((value) => formatNumber(value)).join(", ");
      plot.setAttribute(
        "aria-label",
        `Smallest eigenvalues of the graph's Laplacian: ${words}. The largest gap is after the first ${suggested}.`,
      );
    },
  };
}
