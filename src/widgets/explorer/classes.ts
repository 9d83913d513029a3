import { formatNumber, formatPercent } from "../../comms/format.js";
import type { ClassScore } from "../../comms/states/explorer.js";
import { element } from "../parts/dom.js";

export interface Classes {
  element: HTMLElement;
  set(scores: ClassScore[], target: number): void;
}

/** The most probable classes as bars; a click, or Enter, has one explained. Up and Down move between them. */
export function classes(onChoose: (index: number) => void): Classes {
  const list = element("ol", { class: "limpid-classes", "aria-label": "What the network sees" });
  let shown: ClassScore[] = [];
  const buttons = () => [...list.querySelectorAll("button")];
  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const all = buttons();
    all[all.indexOf(event.target as HTMLButtonElement) + step]?.focus();
  });
  const row = ({ index, name, probability, logit }: ClassScore) => {
    const fill = element("span", { class: "limpid-bar-fill" });
    fill.style.width = `${100 * probability}%`;
    const button = element(
      "button",
      { type: "button", title: `Explain ${name} (class ${index}, output ${formatNumber(logit)})` },
      element("span", { class: "limpid-class-name" }, name.split(",")[0]!),
      element("span", { class: "limpid-bar" }, fill),
      element("span", { class: "limpid-value" }, formatPercent(probability)),
    );
    button.addEventListener("click", () => onChoose(index));
    return element("li", {}, button);
  };
  return {
    element: list,
    set(scores, target) {
      if (scores !== shown) {
        shown = scores;
        list.replaceChildren(...scores.map(row));
      }
      buttons().forEach((button, place) => {
        button.setAttribute("aria-pressed", String(scores[place]!.index === target));
      });
    },
  };
}
