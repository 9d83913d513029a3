import { colorOfSeries } from "../../comms/states/plot.js";
import { element } from "../parts/dom.js";

/** One row of bars: a name, its parts, and a number. */
interface BarRow {
  /** What is chosen by a click. */
  value: string;
  label: string;
  /** Sizes with the index of their color. */
  parts: readonly { readonly size: number; readonly color: number }[];
  /** Where a mark stands, null for none. */
  mark: number | null;
  words: string;
  hint: string;
}

export interface Bars {
  element: HTMLElement;
  set(rows: readonly BarRow[], chosen: string): void;
}

/** Rows of bars, each a button that chooses it or lets it go; arrow keys move between them. */
export function bars(title: string, onChoose: (value: string) => void): Bars {
  const list = element("div", { class: "limpid-units-bars", role: "group", "aria-label": title });
  list.addEventListener("keydown", (event) => {
    const rows = [...list.querySelectorAll("button")];
    const place = rows.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (place < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    rows[Math.min(Math.max(to, 0), rows.length - 1)]?.focus();
  });
  return {
    element: list,
    set(rows, chosen) {
      const focused = (document.activeElement as HTMLElement | null)?.dataset["bar"];
      const held = list.contains(document.activeElement);
      const sum = ({ parts }: BarRow) => parts.reduce((all, { size }) => all + size, 0);
      const most = Math.max(1, ...rows.map((row) => Math.max(sum(row), row.mark ?? 0)));
      const { scrollTop } = list;
      list.replaceChildren(
        ...rows.map((row) => {
          const bar = element("span", { class: "limpid-units-bar", "aria-hidden": "true" });
          for (const { size, color } of row.parts) {
            if (size === 0) continue;
            const part = element("span", {});
            part.style.width = `${(100 * size) / most}%`;
            part.style.background = colorOfSeries(color);
            bar.append(part);
          }
          if (row.mark !== null) {
            const mark = element("span", { class: "limpid-units-mark" });
            mark.style.left = `${(100 * row.mark) / most}%`;
            bar.append(mark);
          }
          const isChosen = row.value === chosen;
          const made = element(
            "button",
            { type: "button", "aria-pressed": String(isChosen), title: row.hint, "data-bar": row.value },
            element("span", { class: "limpid-units-name" }, row.label),
            bar,
            element("span", { class: "limpid-units-count" }, row.words),
          );
          made.addEventListener("click", () => onChoose(isChosen ? "" : row.value));
          return made;
        }),
      );
      list.scrollTop = scrollTop;
      if (held) {
        for (const row of list.querySelectorAll("button")) {
          if (row.dataset["bar"] === focused) row.focus({ preventScroll: true });
        }
      }
    },
  };
}
