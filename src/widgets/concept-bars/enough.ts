import { formatNumber, formatShort } from "../../comms/format.js";
import {
  type ConceptStatistic,
  type EnoughSets,
  neutralOf,
  scaleOf,
  shownValue,
} from "../../comms/states/concept-bars.js";
import { element, svg } from "../parts/dom.js";

const WIDTH = 320;
const HEIGHT = 128;
const MARGIN = { left: 40, right: 8, top: 8, bottom: 30 };

/** The value and its interval over the number of random sets; pointing at it reads a number of sets. */
export function enoughCurve(): {
  element: HTMLElement;
  set(points: readonly EnoughSets[], statistic: ConceptStatistic): void;
} {
  const plot = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "limpid-enough" });
  const reading = element("p", { class: "limpid-tcav-hint" });
  let shown: { points: readonly EnoughSets[]; statistic: ConceptStatistic } = { points: [], statistic: "sign" };
  const at = (sets: number) => {
    const [first, last] = [shown.points[0]!.sets, shown.points.at(-1)!.sets];
    const share = first === last ? 1 : Math.log(sets / first) / Math.log(last / first);
    return MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right);
  };
  const read = (index: number | null) => {
    const { points, statistic } = shown;
    const point = points[index ?? points.length - 1];
    if (point === undefined) {
      reading.textContent = "";
      return;
    }
    const { value, interval } = shownValue(point, statistic);
    const range = interval === null ? "" : ` (${formatNumber(interval[0], 2)} to ${formatNumber(interval[1], 2)})`;
    reading.textContent = `By ${point.sets} random sets: ${formatNumber(value, 2)}${range}.`;
  };
  plot.addEventListener("pointermove", (event) => {
    const { left, width } = plot.getBoundingClientRect();
    const x = (((event as PointerEvent).clientX - left) / width) * WIDTH;
    const { points } = shown;
    if (points.length === 0) return;
    const distances = points.map(({ sets }) => Math.abs(at(sets) - x));
    read(distances.indexOf(Math.min(...distances)));
  });
  plot.addEventListener("pointerleave", () => read(null));
  return {
    element: element("div", {}, plot as unknown as HTMLElement, reading),
    set(points, statistic) {
      shown = { points, statistic };
      read(null);
      if (points.length === 0) {
        plot.replaceChildren();
        return;
      }
      const [low, high] = scaleOf(points, statistic);
      const y = (value: number) => {
        const share = (Math.min(Math.max(value, low), high) - low) / (high - low);
        return HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);
      };
      const values = points.map((point) => shownValue(point, statistic));
      const place = (index: number, value: number) => `${at(points[index]!.sets).toFixed(1)} ${y(value).toFixed(1)}`;
      const known = values.flatMap(({ interval }, index) => (interval === null ? [] : [{ index, interval }]));
      const band = [
        ...known.map(({ index, interval }) => place(index, interval[1])),
        ...known.toReversed().map(({ index, interval }) => place(index, interval[0])),
      ];
      const neutral = neutralOf(statistic);
      const labels = [...new Set([low, neutral, high])].map((value) =>
        svg("text", { x: MARGIN.left - 6, y: y(value) + 4, "text-anchor": "end" }, formatShort(value, 2)),
      );
      const ticks = points.flatMap(({ sets }, index) => {
        const isLast = index === points.length - 1;
        const isFree = isLast || at(points.at(-1)!.sets) - at(sets) > 24;
        return isFree ? [svg("text", { x: at(sets), y: HEIGHT - 15, "text-anchor": "middle" }, String(sets))] : [];
      });
      plot.replaceChildren(
        svg("path", { class: "limpid-enough-level", d: `M${MARGIN.left} ${y(neutral)}H${WIDTH - MARGIN.right}` }),
        svg("path", { class: "limpid-enough-band", d: band.length > 2 ? `M${band.join("L")}Z` : "" }),
        svg("path", {
          class: "limpid-enough-line",
          d: `M${values.map(({ value }, index) => place(index, value)).join("L")}`,
        }),
        ...points.map((_, index) =>
          svg("circle", {
            cx: at(points[index]!.sets),
            cy: y(values[index]!.value),
            r: 2.5,
            class: "limpid-enough-dot",
          }),
        ),
        ...labels,
        ...ticks,
        svg("text", { x: WIDTH - MARGIN.right, y: HEIGHT - 2, "text-anchor": "end" }, "random sets"),
      );
      const ends = [0, points.length - 1].map((index) => {
        const { interval } = values[index]!;
        return interval === null ? "none" : formatNumber(interval[1] - interval[0], 2);
      });
      plot.setAttribute(
        "aria-label",
        `Width of the interval: ${ends[0]} by ${points[0]!.sets} random sets, ${ends[1]} by ${points.at(-1)!.sets}`,
      );
    },
  };
}
