import { formatNumber, formatPercent } from "../../comms/format.js";
import type { ClassScore } from "../../comms/states/explorer.js";
import { element } from "../parts/dom.js";

export interface Bars {
  element: HTMLElement;
  /** `explained` stands out; `held` says that it was chosen, not the winner. */
  set(scores: ClassScore[], explained: number, held: boolean): void;
}

/** The ten classes, always in their order: nothing jumps while one draws. A click explains a class, another click the winner again. */
export function bars(onChoose: (target: number) => void): Bars {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const fill = element("span", { class: "limpid-bar-fill" });
    const value = element("span", { class: "limpid-value" }, "–");
    const button = element(
      "button",
      { type: "button" },
      element("span", { class: "limpid-class-name" }, String(digit)),
      element("span", { class: "limpid-bar" }, fill),
      value,
    );
    return { button, fill, value };
  });
  const list = element("ol", { class: "limpid-classes limpid-digit-bars", "aria-label": "What the network sees" });
  list.append(...rows.map(({ button }) => element("li", {}, button)));
  let chosen = -1;
  rows.forEach(({ button }, digit) => {
    button.addEventListener("click", () => onChoose(digit === chosen ? -1 : digit));
  });
  list.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    rows[rows.findIndex(({ button }) => button === event.target) + step]?.button.focus();
  });
  return {
    element: list,
    set(scores, explained, held) {
      chosen = held ? explained : -1;
      rows.forEach(({ button, fill, value }, digit) => {
        const score = scores.find(({ index }) => index === digit);
        fill.style.width = `${100 * (score?.probability ?? 0)}%`;
        value.textContent = score ? formatPercent(score.probability ?? 0) : "–";
        button.setAttribute("aria-pressed", String(digit === explained));
        button.classList.toggle("limpid-held", digit === chosen);
        button.disabled = score === undefined;
        button.title = score
          ? digit === chosen
            ? "Explain the most probable class again"
            : `Explain ${digit} (logit ${formatNumber(score.logit)})`
          : "";
      });
    },
  };
}
