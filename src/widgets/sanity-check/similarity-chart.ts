import { formatFixed } from "../../comms/format.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { element } from "../parts/dom.js";

/** One line: how alike the maps of a method are to the original's, step by step. */
interface ChartLine {
  name: string;
  values: readonly (number | null)[];
  /** Whether its maps are those that are shown. */
  chosen: boolean;
  /** Why it has no values; empty where it has. */
  error: string;
}

export interface SimilarityChart {
  element: HTMLElement;
  set(lines: readonly ChartLine[], steps: readonly string[], step: number): void;
}

const WIDTH = 640;
const HEIGHT = 150;
const MARGIN = 10;

const svg = (tag: string, attributes: Record<string, string | number>) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
};

/** Curves over the steps with the current one marked; a click goes to a step. */
export function similarityChart(onStep: (step: number) => void): SimilarityChart {
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const [one, zero, least] = ["1", "0", ""].map((words) => element("span", { class: "limpid-sanity-level" }, words));
  const frame = element("div", { class: "limpid-sanity-plot" });
  frame.append(plot, one!, zero!, least!);
  const legend = element("div", { class: "limpid-sanity-legend" });
  let count = 1;
  frame.addEventListener("click", (event) => {
    const { left, width } = plot.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    onStep(Math.min(count - 1, Math.max(0, Math.round(share * (count - 1)))));
  });
  return {
    element: element("div", { class: "limpid-sanity-chart" }, frame, legend),
    set(lines, steps, step) {
      count = Math.max(1, steps.length);
      const there = lines.flatMap(({ values }) => values).filter((value) => value !== null);
      const low = Math.min(0, ...there);
      const x = (at: number) => (WIDTH * at) / Math.max(1, count - 1);
      const y = (value: number) => MARGIN + ((1 - value) / (1 - low)) * (HEIGHT - 2 * MARGIN);
      const level = (value: number) => svg("path", { class: "limpid-sanity-line-level", d: `M0 ${y(value)}H${WIDTH}` });
      const curves = lines.flatMap(({ values, chosen }, index) => {
        const color = colorOfSeries(index);
        let path = "";
        let drawn = false;
        values.forEach((value, at) => {
          if (value !== null) path += `${drawn ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
          drawn = value !== null;
        });
        const made = [
          svg("path", { class: chosen ? "limpid-sanity-chosen" : "limpid-sanity-line", d: path, stroke: color }),
        ];
        // A lone point, or one between gaps, is no line.
        values.forEach((value, at) => {
          const alone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
          if (value !== null && alone) made.push(svg("circle", { cx: x(at), cy: y(value), r: 2.5, fill: color }));
        });
        return made;
      });
      const marker = svg("path", { class: "limpid-sanity-step", d: `M${x(step)} 0V${HEIGHT}` });
      plot.replaceChildren(level(1), level(0), marker, ...curves);
      const top = (value: number) => `${(100 * y(value)) / HEIGHT}%`;
      one!.style.top = top(1);
      zero!.style.top = top(0);
      least!.hidden = low > -0.15;
      least!.textContent = formatFixed(low, 1).replace("-", "\u2212");
      least!.style.top = top(low);
      legend.replaceChildren(
        ...lines.map(({ name, values, chosen, error }, index) => {
          const key = element("span", { class: "limpid-sanity-key", "aria-hidden": "true" });
          key.style.background = colorOfSeries(index);
          const value = values[step];
          const words = value == null ? "–" : formatFixed(value, 2).replace("-", "\u2212");
          const label = element("span", {}, chosen ? element("strong", {}, name) : name, ` ${words}`);
          const warning =
            error === "" ? [] : [element("span", { class: "limpid-sanity-error", title: error }, ` ⚠ ${error}`)];
          return element("span", { class: "limpid-sanity-entry" }, key, label, ...warning);
        }),
      );
      const words = lines.map(({ name, values }) => {
        const value = values[step];
        return `${name} ${value == null ? "no value" : formatFixed(value, 2)}`;
      });
      plot.setAttribute(
        "aria-label",
        `Similarity to the original at step ${step} of ${count - 1}: ${words.join(", ")}`,
      );
    },
  };
}
