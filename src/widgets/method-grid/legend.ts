import { colorOf } from "../../comms/states/colors.js";
import { endWords } from "../../comms/states/heatmap.js";
import { type GridScale, tickWords } from "../../comms/states/method-grid.js";
import { element } from "../parts/dom.js";

/** What the colors of all maps stand for. */
interface LegendContent {
  /** Which kinds of maps there are: with a sign (true), with a size only. */
  kinds: readonly boolean[];
  scale: GridScale;
  /** The value at the ends of a shared scale. */
  limit: number;
  /** What the numbers are. */
  words: string;
}

export interface Legend {
  element: HTMLElement;
  set(content: LegendContent): void;
}

const STOPS = 32;

/** The one legend of a grid: a color bar for each kind of map, and in words what the numbers are. */
export function legend(): Legend {
  const bars = element("div", { class: "limpid-grid-bars" });
  const said = element("p", { class: "limpid-grid-scale" });
  return {
    element: element(
      "div",
      { class: "limpid-grid-legend", role: "group", "aria-label": "What the colors mean" },
      bars,
      said,
    ),
    set({ kinds, scale, limit, words }) {
      bars.replaceChildren(...kinds.map((signed) => bar(signed, scale, limit)));
      said.textContent = words;
    },
  };
}

function bar(signed: boolean, scale: GridScale, limit: number): HTMLElement {
  const ramp = element("div", { class: "limpid-ramp" });
  const colors = Array.from({ length: STOPS + 1 }, (_, i) => colorOf(signed ? (2 * i) / STOPS - 1 : i / STOPS, signed));
  ramp.style.background = `linear-gradient(to right, ${colors.map((color) => `rgb(${color})`).join(", ")})`;
  const shares = signed ? [-1, 0, 1] : [0, 0.5, 1];
  const [low, high] = endWords(signed);
  return element(
    "div",
    { class: signed ? "limpid-grid-bar" : "limpid-grid-bar limpid-unsigned" },
    element(
      "div",
      { class: "limpid-ends" },
      element("span", { class: "limpid-low" }, low),
      element("span", { class: "limpid-high" }, high),
    ),
    element("div", { class: "limpid-ramp-frame" }, ramp),
    element(
      "div",
      { class: "limpid-ticks" },
      ...shares.map((share) => element("span", {}, tickWords(share, scale, limit, signed))),
    ),
  );
}
