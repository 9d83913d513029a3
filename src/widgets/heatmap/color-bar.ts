import { formatTick } from "../../comms/format.js";
import { colorOf } from "../../comms/states/colors.js";
import { endWords } from "../../comms/states/heatmap.js";
import { element } from "../parts/dom.js";

export interface ColorBar {
  element: HTMLElement;
  /** `ends` says what they mean, where the sign does not. */
  set(limit: number, signed: boolean, fixed: boolean, ends?: readonly string[]): void;
  /** Points at a value, or at none. */
  mark(value: number | null): void;
}

const STOPS = 32;

/**
 * The scale under a picture: colors, numbers, what the ends mean, and a button that holds it still, where there is something to hold.
 *
 * @param paint the color of a share of the limit, as the picture has it
 */
export function colorBar(onHold: ((hold: boolean) => void) | null, paint = colorOf): ColorBar {
  const low = element("span", { class: "limpid-low" });
  const high = element("span", { class: "limpid-high" });
  const ramp = element("div", { class: "limpid-ramp" });
  const marker = element("div", { class: "limpid-marker", hidden: true });
  const ticks = element("div", { class: "limpid-ticks" });
  const hold = element("button", { type: "button", class: "limpid-hold", "aria-pressed": "false" });
  hold.hidden = onHold === null;
  hold.addEventListener("click", () => onHold?.(hold.getAttribute("aria-pressed") !== "true"));
  const bar = element(
    "div",
    { class: "limpid-color-bar" },
    element("div", { class: "limpid-ends" }, low, hold, high),
    element("div", { class: "limpid-ramp-frame" }, ramp, marker),
    ticks,
  );
  let shown = { limit: Number.NaN, signed: true, fixed: false };
  return {
    element: bar,
    set(limit, signed, fixed, ends) {
      [low.textContent, high.textContent] = endWords(signed, ends);
      if (limit === shown.limit && signed === shown.signed && fixed === shown.fixed) return;
      if (signed !== shown.signed || ramp.style.background === "") {
        const colors = Array.from({ length: STOPS + 1 }, (_, i) =>
          paint(signed ? (2 * i) / STOPS - 1 : i / STOPS, signed),
        );
        ramp.style.background = `linear-gradient(to right, ${colors.map((color) => `rgb(${color})`).join(", ")})`;
        bar.classList.toggle("limpid-unsigned", !signed);
      }
      shown = { limit, signed, fixed };
      const values = signed
        ? [-limit, -limit / 2, 0, limit / 2, limit]
        : [0, limit / 4, limit / 2, limit * 0.75, limit];
      ticks.replaceChildren(
        ...values.map((value) => element("span", {}, limit > 0 ? formatTick(value, limit, signed) : "")),
      );
      hold.setAttribute("aria-pressed", String(fixed));
      hold.textContent = fixed ? "Scale held" : "Hold scale";
      hold.title = fixed
        ? "The scale stays while the explanation changes, so that maps can be compared. Press to let it follow each map."
        : "Keep this scale while the explanation changes, so that maps can be compared.";
    },
    mark(value) {
      marker.hidden = value === null || !(shown.limit > 0) || !Number.isFinite(value);
      if (value === null) return;
      const share = Math.min(Math.max(value / shown.limit, -1), 1);
      marker.style.left = `${100 * (shown.signed ? (share + 1) / 2 : Math.max(share, 0))}%`;
    },
  };
}
