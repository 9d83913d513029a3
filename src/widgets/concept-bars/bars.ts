import { formatNumber, formatPercent, formatShort } from "../../comms/format.js";
import {
  type ConceptCell,
  isSignificant,
  neutralOf,
  pWords,
  scaleOf,
  shownValue,
} from "../../comms/states/concept-bars.js";
import { element } from "../parts/dom.js";
import type { ConceptBarsModel } from "./model.js";

/** Concepts by layers, a row each with its value, its interval and the level of random pictures; arrow keys walk over them. */
export function conceptRows(model: ConceptBarsModel): { element: HTMLElement; show(): void } {
  const box = element("div", { class: "limpid-tcav-rows", role: "group", "aria-label": "Concepts by layers" });
  const rows = () => [...box.querySelectorAll("button")];
  box.addEventListener("keydown", (event) => {
    const all = rows();
    const place = all.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: all.length - 1 }[event.key];
    if (place < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const next = all[Math.min(Math.max(to, 0), all.length - 1)];
    next?.focus();
    next?.click();
  });
  return {
    element: box,
    show() {
      const focused = rows().indexOf(document.activeElement as HTMLButtonElement);
      const statistic = model.trait("statistic");
      const [chosenLayer, chosenConcept] = [model.trait("layer"), model.trait("concept")];
      const neutral = neutralOf(statistic);
      const corrected = model.trait("correction") === "none" ? "Not corrected" : "Corrected for all tests";
      const row = (cell: ConceptCell, [low, high]: readonly [number, number]) => {
        const at = (value: number) => `${(100 * (value - low)) / (high - low)}%`;
        const { value, interval } = shownValue(cell, statistic);
        const significant = isSignificant(cell, statistic, model.trait("significance"));
        const track = element("span", { class: "limpid-tcav-track", "aria-hidden": "true" });
        const level = element("span", { class: "limpid-tcav-level" });
        level.style.left = at(neutral);
        track.append(level);
        if (interval !== null) {
          const line = element("span", { class: "limpid-tcav-interval" });
          line.style.left = at(interval[0]);
          line.style.right = `calc(100% - ${at(interval[1])})`;
          track.append(line);
        }
        const dot = element("span", { class: "limpid-tcav-dot" });
        dot.style.left = at(value);
        track.append(dot);
        const range = interval === null ? "" : ` (${formatNumber(interval[0], 2)} to ${formatNumber(interval[1], 2)})`;
        const isChosen = cell.layer === chosenLayer && cell.concept === chosenConcept;
        const made = element(
          "button",
          {
            type: "button",
            class: significant ? "limpid-tcav-row limpid-tcav-sure" : "limpid-tcav-row",
            "aria-pressed": String(isChosen),
            title: `${cell.concept} at ${cell.layer}: ${formatNumber(value, 3)}${range}, ${pWords(cell, statistic)}. Its pictures are told from others at ${formatPercent(cell.accuracy)}, by chance 50\u202f%`,
          },
          element("span", { class: "limpid-tcav-name" }, cell.concept),
          track,
          element("span", { class: "limpid-tcav-value" }, formatShort(value, 2)),
          element("span", { class: "limpid-tcav-p" }, pWords(cell, statistic)),
          element("span", { class: "limpid-tcav-accuracy" }, formatPercent(cell.accuracy)),
        );
        made.addEventListener("click", () => model.choose({ layer: cell.layer, concept: cell.concept }));
        return made;
      };
      const head = element(
        "div",
        { class: "limpid-tcav-row limpid-tcav-head" },
        element("span", {}, "Concept"),
        element("span", {}, statistic === "sign" ? "Share of inputs it moves up" : "Mean derivative along it"),
        element("span", { class: "limpid-tcav-value" }, ""),
        element("span", { class: "limpid-tcav-p", title: corrected }, "p"),
        element(
          "span",
          {
            class: "limpid-tcav-accuracy",
            title: "Accuracy of the separator on pictures left out; chance is 50\u202f%",
          },
          "told apart",
        ),
      );
      const groups = model.trait("layers").map((layer) => {
        const own = model.trait("cells").filter((cell) => cell.layer === layer);
        const scale = scaleOf(own, statistic);
        const ends = element("div", { class: "limpid-tcav-row limpid-tcav-ends", "aria-hidden": "true" });
        const axis = element("span", { class: "limpid-tcav-axis" });
        for (const value of [scale[0], neutral, scale[1]]) {
          axis.append(
            element("span", {}, value === neutral ? `${formatShort(value, 2)} random` : formatShort(value, 2)),
          );
        }
        ends.append(element("span", {}), axis);
        return element(
          "section",
          { "aria-label": `Layer ${layer}` },
          element("h4", {}, layer),
          ...own.map((cell) => row(cell, scale)),
          ends,
        );
      });
      box.replaceChildren(head, ...groups);
      if (focused >= 0) rows()[focused]?.focus({ preventScroll: true });
    },
  };
}
