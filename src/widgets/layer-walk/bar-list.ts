import { formatSigned } from "../../comms/format.js";
import { element, uniqueId } from "../parts/dom.js";

/** A row: words with a bar of a signed value. */
interface BarEntry {
  words: string;
  /** In lighter type behind the words. */
  note: string;
  value: number;
  hint: string;
}

export interface BarList {
  element: HTMLElement;
  set(entries: readonly BarEntry[], chosen: number): void;
}

/** Values as bars to both sides of 0, one of them chosen: by a click, or by the arrow keys; Enter, or a second click, takes it. */
export function barList(label: string, onChoose: (index: number) => void, onTake?: (index: number) => void): BarList {
  const list = element("div", {
    id: uniqueId(),
    class: "limpid-walk-list",
    role: "listbox",
    tabindex: 0,
    "aria-label": label,
  });
  let count = 0;
  let chosen = -1;
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return;
    if (event.key === "Enter" && chosen >= 0 && onTake !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      onTake(chosen);
      return;
    }
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(Math.max(to, 0), count - 1);
    if (next !== chosen) onChoose(next);
  });
  return {
    element: list,
    set(entries, next) {
      [count, chosen] = [entries.length, next];
      const most = Math.max(1e-30, ...entries.map(({ value }) => Math.abs(value)));
      list.replaceChildren(
        ...entries.map(({ words, note, value, hint }, index) => {
          const fill = element("span", { class: value < 0 ? "limpid-walk-against" : "limpid-walk-for" });
          const length = (50 * Math.abs(value)) / most;
          Object.assign(fill.style, { width: `${length}%`, left: `${value < 0 ? 50 - length : 50}%` });
          const name = element("span", { class: "limpid-walk-name" }, words);
          if (note !== "") name.append(" ", element("span", { class: "limpid-walk-note" }, note));
          const row = element(
            "div",
            { id: `${list.id}-${index}`, role: "option", "aria-selected": String(index === chosen), title: hint },
            name,
            " ",
            element("span", { class: "limpid-walk-bar", "aria-hidden": "true" }, fill),
            " ",
            element("span", { class: "limpid-walk-value" }, formatSigned(value)),
          );
          row.addEventListener("click", () => onChoose(index));
          if (onTake !== undefined) row.addEventListener("dblclick", () => onTake(index));
          return row;
        }),
      );
      const active = list.children[chosen] as HTMLElement | undefined;
      if (active === undefined) return list.removeAttribute("aria-activedescendant");
      list.setAttribute("aria-activedescendant", active.id);
      const [top, bottom] = [active.offsetTop, active.offsetTop + active.offsetHeight];
      if (top < list.scrollTop) list.scrollTop = top;
      else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
    },
  };
}
