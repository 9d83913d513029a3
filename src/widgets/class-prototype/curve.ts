import { formatNumber } from "../../comms/format.js";
import { element, svg } from "../parts/dom.js";

export interface Curve {
  element: HTMLElement;
  /** Draws `values` over `steps`. */
  draw(title: string, steps: number[], values: number[]): void;
}

const WIDTH = 270;
const HEIGHT = 96;

/** A line over the steps with its range at the side; its value is read by pointing at it. */
export function curve(kind: string): Curve {
  const heading = element("h4", {});
  const readout = element("span", { class: "limpid-curve-value" });
  const line = svg("path", { class: "limpid-curve-line" });
  const mark = svg("circle", { class: "limpid-curve-mark", r: 3, visibility: "hidden" });
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" });
  const frame = element("div", { class: `limpid-curve-plot limpid-curve-${kind}` });
  const low = element("span", { class: "limpid-curve-low" });
  const high = element("span", { class: "limpid-curve-high" });
  plot.append(line, mark);
  frame.append(plot, low, high);
  let [steps, values]: [number[], number[]] = [[], []];
  let place = (_: number): [x: number, y: number] => [0, 0];

  const show = (index: number | null) => {
    const at = index ?? values.length - 1;
    mark.setAttribute("visibility", index === null || values.length < 2 ? "hidden" : "visible");
    const [x, y] = values.length > 0 ? place(at) : [0, 0];
    mark.setAttribute("cx", String(x));
    mark.setAttribute("cy", String(y));
    readout.textContent =
      values.length === 0 ? "" : `${formatNumber(values[at]!)}${index === null ? "" : ` at step ${steps[at]}`}`;
  };
  frame.addEventListener("pointermove", (event) => {
    if (values.length === 0) return;
    const { left, width } = frame.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const wanted = steps[0]! + share * (steps.at(-1)! - steps[0]!);
    const index = steps.findIndex((step) => step >= wanted);
    show(index < 0 ? values.length - 1 : index);
  });
  frame.addEventListener("pointerleave", () => show(null));

  return {
    element: element(
      "div",
      { class: "limpid-curve" },
      element("div", { class: "limpid-curve-head" }, heading, readout),
      frame,
    ),
    draw(title, newSteps, newValues) {
      [steps, values] = [newSteps, newValues];
      heading.textContent = title;
      const [bottom, top] = [Math.min(...values), Math.max(...values)];
      const span = top - bottom || 1;
      const length = (steps.at(-1) ?? 1) - (steps[0] ?? 0) || 1;
      const margin = 6;
      place = (index) => [
        (WIDTH * (steps[index]! - steps[0]!)) / length,
        HEIGHT - margin - ((HEIGHT - 2 * margin) * (values[index]! - bottom)) / span,
      ];
      const path = values.map((_, index) =>
        place(index)
          .map((value) => value.toFixed(1))
          .join(" "),
      );
      line.setAttribute("d", path.length > 1 ? `M${path.join("L")}` : "");
      low.textContent = values.length > 1 ? formatNumber(bottom, 2) : "";
      high.textContent = values.length > 1 ? formatNumber(top, 2) : "";
      plot.setAttribute(
        "aria-label",
        values.length > 1
          ? `${title}: from ${formatNumber(values[0]!)} to ${formatNumber(values.at(-1)!)} over ${steps.at(-1)} steps`
          : `${title}: no steps yet`,
      );
      show(null);
    },
  };
}
