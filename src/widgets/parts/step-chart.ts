import { formatFixed } from "../../comms/format.js";
import { colorOfSeries } from "../../comms/states/plot.js";
import { element, svg } from "./dom.js";

/** One line: a number a step. */
interface ChartLine {
  name: string;
  values: readonly (number | null)[];
  /** Whether what it is of is shown. */
  chosen: boolean;
  /** Why it has no values; empty where it has. */
  error: string;
}

export interface StepChart {
  element: HTMLElement;
  set(lines: readonly ChartLine[], steps: readonly string[], step: number): void;
}

/** Names of steps beneath the axis: the first, the last, and as many between as do not crowd. */
const TICKS = 6;

const WIDTH = 640;
const HEIGHT = 150;
const MARGIN = 10;

const short = (value: number) => formatFixed(value, 2);

interface StepChartOptions {
  /** What the values are, as its text alternative begins: "Similarity to the original". */
  label: string;
  /** The value at the top; by default the largest there is. */
  top?: number;
  /** A value as it is read. */
  format?: (value: number) => string;
  /** Whether each value has a point. */
  points?: boolean;
  /** Whether the names of the first and the last step stand below. */
  ends?: boolean;
  /** Whether the names of steps stand below, as many as do not crowd. */
  named?: boolean;
  onStep: (step: number) => void;
}

/** Curves over the steps with the current one marked; a click goes to a step. */
export function stepChart({
  label,
  top: stated,
  format = short,
  points = false,
  ends = false,
  named = false,
  onStep,
}: StepChartOptions): StepChart {
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const [one, zero, least] = ["", "0", ""].map((words) => element("span", { class: "limpid-steps-level" }, words));
  const frame = element("div", { class: "limpid-steps-plot" });
  frame.append(plot, one!, zero!, least!);
  const legend = element("div", { class: "limpid-steps-legend" });
  const [first, last] = [element("span", {}), element("span", {})];
  const below = element("div", { class: "limpid-steps-ends", hidden: !ends }, first, last);
  const ticks = element("div", { class: "limpid-steps-ticks", "aria-hidden": "true", hidden: !named });
  let count = 1;
  frame.addEventListener("click", (event) => {
    const { left, width } = plot.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    onStep(Math.min(count - 1, Math.max(0, Math.round(share * (count - 1)))));
  });
  return {
    element: element("div", { class: "limpid-steps-chart" }, frame, below, ticks, legend),
    set(lines, steps, step) {
      count = Math.max(1, steps.length);
      first.textContent = steps[0] ?? "";
      last.textContent = steps.length > 1 ? steps.at(-1)! : "";
      const there = lines.flatMap(({ values }) => values).filter((value) => value !== null);
      const low = Math.min(0, ...there);
      const x = (at: number) => (WIDTH * at) / Math.max(1, count - 1);
      const high = stated ?? (Math.max(0, ...there) || 1);
      const y = (value: number) => MARGIN + ((high - value) / (high - low)) * (HEIGHT - 2 * MARGIN);
      const level = (value: number) => svg("path", { class: "limpid-steps-line-level", d: `M0 ${y(value)}H${WIDTH}` });
      const curves = lines.flatMap(({ values, chosen }, index) => {
        const color = colorOfSeries(index);
        let path = "";
        let drawn = false;
        values.forEach((value, at) => {
          if (value !== null) path += `${drawn ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
          drawn = value !== null;
        });
        const made = [
          svg("path", { class: chosen ? "limpid-steps-chosen" : "limpid-steps-line", d: path, stroke: color }),
        ];
        // A lone point, or one between gaps, is no line.
        values.forEach((value, at) => {
          const alone = (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
          if (value !== null && (alone || points))
            made.push(svg("circle", { cx: x(at), cy: y(value), r: 2.5, fill: color }));
        });
        return made;
      });
      const marker = svg("path", { class: "limpid-steps-step", d: `M${x(step)} 0V${HEIGHT}` });
      plot.replaceChildren(level(high), level(0), marker, ...curves);
      const top = (value: number) => `${(100 * y(value)) / HEIGHT}%`;
      one!.style.top = top(high);
      one!.textContent = stated !== undefined ? String(high) : there.length === 0 ? "" : format(high);
      zero!.style.top = top(0);
      least!.hidden = low > -0.15;
      least!.textContent = formatFixed(low, 1).replace("-", "\u2212");
      least!.style.top = top(low);
      const every = Math.max(1, Math.ceil((count - 1) / (TICKS - 1)));
      const names = steps.flatMap((name, at) => {
        const isLast = at === count - 1;
        if (!isLast && (at % every !== 0 || count - 1 - at < every)) return [];
        const tick = element("span", { title: name }, name);
        tick.style.left = `${(100 * at) / Math.max(1, count - 1)}%`;
        tick.style.maxWidth = `${(100 * every) / Math.max(1, count - 1)}%`;
        return [tick];
      });
      ticks.replaceChildren(...(named ? names : []));
      legend.replaceChildren(
        ...lines.map(({ name, values, chosen, error }, index) => {
          const key = element("span", { class: "limpid-steps-key", "aria-hidden": "true" });
          key.style.background = colorOfSeries(index);
          const value = values[step];
          const words = value == null ? "–" : format(value).replace("-", "\u2212");
          const label = element("span", {}, chosen ? element("strong", {}, name) : name, ` ${words}`);
          const warning =
            error === "" ? [] : [element("span", { class: "limpid-steps-error", title: error }, ` ⚠ ${error}`)];
          return element("span", { class: "limpid-steps-entry" }, key, label, ...warning);
        }),
      );
      const words = lines.map(({ name, values }) => {
        const value = values[step];
        return `${name} ${value == null ? "no value" : format(value).replace("-", "\u2212")}`;
      });
      plot.setAttribute("aria-label", `${label} at ${steps[step] ?? "no step"}: ${words.join(", ")}`);
    },
  };
}
