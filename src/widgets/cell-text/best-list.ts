import { formatFixed } from "../../comms/format.js";
import type { CellTextScore, CellTextState } from "../../comms/states/cell-text.js";
import { element, uniqueId } from "../parts/dom.js";

type Listed = Pick<CellTextState, "best" | "measure" | "chance" | "always" | "layer" | "cell"> & {
  readonly several: boolean;
};

export interface BestList {
  element: HTMLElement;
  set(content: Listed): void;
}

/**
 * The cells that follow the rule best, with their scores as bars before what chance reaches. Arrow keys walk over them.
 *
 * @param onChoose told of the cell that was pressed or reached
 * @param onPoint told of the cell that is pointed at, or null
 */
export function bestList(
  onChoose: (score: CellTextScore) => void,
  onPoint: (score: CellTextScore | null) => void,
): BestList {
  const list = element("div", {
    id: uniqueId(),
    class: "limpid-cell-best",
    role: "listbox",
    "aria-label": "Cells that follow the rule, the best first",
    tabindex: 0,
  });
  const legend = element("div", { class: "limpid-cell-legend" });
  let shown: readonly CellTextScore[] = [];
  let chosen = -1;
  const go = (at: number) => {
    const score = shown[at];
    if (score !== undefined) onChoose(score);
  };
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = (
      {
        ArrowDown: Math.min(chosen + 1, shown.length - 1),
        ArrowUp: Math.max(chosen - 1, 0),
        Home: 0,
        End: shown.length - 1,
      } as Record<string, number>
    )[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  const at = (event: Event) => [...list.children].indexOf((event.target as Element).closest("[role=option]")!);
  list.addEventListener("click", (event) => go(at(event)));
  list.addEventListener("pointerover", (event) => onPoint(shown[at(event)] ?? null));
  list.addEventListener("pointerleave", () => onPoint(null));

  const track = (score: number | null, { chance, always }: Listed) => {
    const box = element("span", { class: "limpid-cell-track", "aria-hidden": "true" });
    const place = (name: string, from: number, to: number) => {
      const bar = element("span", { class: name });
      bar.style.left = `${100 * from}%`;
      bar.style.width = `${100 * Math.max(0, to - from)}%`;
      box.append(bar);
    };
    if (score !== null) place("limpid-cell-bar", 0, score);
    if (chance.length === 2) place("limpid-cell-chance", chance[0]!, chance[1]!);
    if (always !== null) place("limpid-cell-always", always, always);
    return box;
  };

  return {
    element: element("div", {}, list, legend),
    set(content) {
      shown = content.best;
      const { layer, cell, several, measure, chance, always } = content;
      chosen = shown.findIndex((one) => one.layer === layer && one.cell === cell);
      list.replaceChildren(
        ...shown.map((score, place) =>
          element(
            "div",
            {
              role: "option",
              id: `${list.id}-${place}`,
              "aria-selected": String(place === chosen),
              title: score.words,
            },
            element(
              "span",
              { class: "limpid-cell-name" },
              several ? `${score.layer} ${score.cell}` : `cell ${score.cell}`,
            ),
            track(score.score, content),
            element("span", { class: "limpid-cell-score" }, formatFixed(score.score, 2)),
          ),
        ),
      );
      list.hidden = shown.length === 0;
      const selected = list.children[chosen] as HTMLElement | undefined;
      if (selected === undefined) list.removeAttribute("aria-activedescendant");
      else list.setAttribute("aria-activedescendant", selected.id);
      if (selected !== undefined && list.contains(document.activeElement)) {
        list.scrollTop = Math.min(
          Math.max(list.scrollTop, selected.offsetTop + selected.offsetHeight - list.clientHeight),
          selected.offsetTop,
        );
      }
      const entry = (name: string, words: string) =>
        element("span", {}, element("span", { class: `limpid-cell-swatch ${name}`, "aria-hidden": "true" }), words);
      legend.replaceChildren(
        ...(shown.length === 0
          ? []
          : [
              entry("limpid-cell-bar", measure === "F1" ? "F1, 0 to 1" : "size of the correlation, 0 to 1"),
              ...(chance.length === 2 ? [entry("limpid-cell-chance", "the best by chance, 95 %")] : []),
              ...(always === null ? [] : [entry("limpid-cell-always", "saying always")]),
            ]),
      );
    },
  };
}
