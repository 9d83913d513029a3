import { formatNumber, formatPercent } from "../../comms/format.js";
import { type ClassScore, type ClassTarget, targetOf } from "../../comms/states/explorer.js";
import { segments } from "../parts/choices.js";
import { classSearch } from "../parts/class-search.js";
import { element } from "../parts/dom.js";
import { writes } from "../parts/lock.js";
import type { ExplorerModel } from "./model.js";

const indexOf = (target: ClassTarget): number => (typeof target === "number" ? target : target.not);

/** What the network sees, bound to its model: classes as bars, a search over all, and whether what speaks for or against is asked. */
export function classes(model: ExplorerModel): { element: HTMLElement; dispose(): void } {
  const choose = (target: ClassTarget) => model.ask({ target });
  const list = classList(choose);
  const search = classSearch({
    label: "Any class",
    hint: "Explains any class: type a part of its name, or its number",
    placeholder: "search",
    shown: () => "",
    onChoose: (index) => choose(typeof model.trait("target") === "number" ? index : { not: index }),
  });
  const side = segments(
    "Question",
    "Whether it is explained what speaks for the class, or what speaks against it",
    [
      { value: "for", label: "Why", hint: "What speaks for the class" },
      { value: "not", label: "Why not", hint: "What speaks against the class" },
    ],
    (value) => {
      const index = indexOf(model.trait("target"));
      choose(value === "not" ? { not: index } : index);
    },
  );
  const show = () => {
    list.set(model.trait("classes"), model.trait("target"));
    side.set(typeof model.trait("target") === "number" ? "for" : "not");
    // Of two classes that one output tells apart, each is a row: to ask against one is to ask for the other.
    const both = model.trait("classes").some(({ not }) => not);
    side.element.hidden = both;
    search.element.hidden = model.trait("outputs") <= model.trait("classes").length;
  };
  const offer = () => search.offer(model.trait("classNames"), model.trait("outputs"));
  const undo = [model.watch(["classes", "target", "outputs"], show), model.watch(["classNames", "outputs"], offer)];
  offer();
  show();
  return {
    element: writes(element("div", { class: "limpid-seen" }, list.element, search.element, side.element), "target"),
    dispose() {
      for (const dispose of undo) dispose();
    },
  };
}

/** Classes as bars; a click, or Enter, has one explained. Up and Down move between them. */
function classList(onChoose: (target: ClassTarget) => void) {
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
  const row = (score: ClassScore, place: number) => {
    const { index, not, name, probability, logit, rank } = score;
    const fill = element("span", { class: "limpid-bar-fill" });
    fill.style.width = `${100 * (probability ?? 0)}%`;
    const number = not ? "" : `class ${index}, `;
    const button = element(
      "button",
      { type: "button", title: `Explain ${name} (${number}output ${formatNumber(logit)}, rank ${rank})` },
      element("span", { class: "limpid-class-name" }, name.split(",")[0]!),
      element("span", { class: "limpid-bar", hidden: probability === null }, fill),
      element(
        "span",
        { class: "limpid-value" },
        probability === null ? formatNumber(logit) : formatPercent(probability),
      ),
    );
    button.addEventListener("click", () => onChoose(targetOf(score)));
    return element("li", rank > place + 1 ? { class: "limpid-far" } : {}, button);
  };
  return {
    element: list,
    set(scores: ClassScore[], target: ClassTarget) {
      if (scores !== shown) {
        const focused = buttons().indexOf(document.activeElement as HTMLButtonElement);
        shown = scores;
        list.replaceChildren(...scores.map(row));
        // The row that was chosen keeps the focus.
        if (focused >= 0) (buttons()[focused] ?? buttons().at(-1))?.focus();
      }
      const both = scores.some(({ not }) => not);
      buttons().forEach((button, place) => {
        const { index, not = false } = scores[place]!;
        const isChosen = index === indexOf(target) && (!both || not === (typeof target !== "number"));
        button.setAttribute("aria-pressed", String(isChosen));
      });
    },
  };
}
