import { formatSigned } from "../../comms/format.js";
import { itemName, listedItems, type MoleculeContent, shownLimit } from "../../comms/states/molecule-view.js";
import { element, uniqueId } from "../parts/dom.js";

export interface MoleculeList {
  element: HTMLElement;
  set(content: MoleculeContent): void;
  point(item: number): void;
}

/** Atoms and bonds with bars of their values, the largest first. Arrow keys walk over them. */
export function moleculeList(onPoint: (item: number) => void): MoleculeList {
  const rows = element("div", {
    class: "limpid-molecule-rows",
    role: "listbox",
    tabindex: 0,
    "aria-label": "Values, the largest first",
  });
  let items: number[] = [];
  let pointed = -1;
  const at = (event: Event) => {
    const row = (event.target as Element).closest("[role='option']");
    return row === null ? -1 : (items[[...rows.children].indexOf(row)] ?? -1);
  };
  rows.addEventListener("pointerover", (event) => onPoint(at(event)));
  rows.addEventListener("pointerleave", () => onPoint(-1));
  rows.addEventListener("click", (event) => onPoint(at(event)));
  rows.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || items.length === 0) return;
    const place = items.indexOf(pointed);
    const last = items.length - 1;
    const to = {
      ArrowDown: Math.min(place + 1, last),
      ArrowUp: Math.max(place - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onPoint(items[to]!);
  });
  const mark = () => {
    const place = items.indexOf(pointed);
    for (const [index, row] of [...rows.children].entries()) row.setAttribute("aria-selected", String(index === place));
    const row = rows.children[place] as HTMLElement | undefined;
    if (row === undefined) rows.removeAttribute("aria-activedescendant");
    else rows.setAttribute("aria-activedescendant", row.id);
    if (row === undefined || !rows.contains(document.activeElement)) return;
    const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
    if (top < rows.scrollTop) rows.scrollTop = top;
    else if (bottom > rows.scrollTop + rows.clientHeight) rows.scrollTop = bottom - rows.clientHeight;
  };
  return {
    element: rows,
    set(content) {
      const listed = listedItems(content);
      const limit = Math.max(0, ...listed.map(({ value }) => Math.abs(value))) || shownLimit(content) || 1;
      const [low, high] = [
        Math.min(0, ...listed.map((one) => one.value)),
        Math.max(0, ...listed.map((one) => one.value)),
      ];
      const span = high - low || limit;
      items = listed.map(({ item }) => item);
      rows.hidden = items.length === 0;
      rows.replaceChildren(
        ...listed.map(({ item, value }) => {
          const bar = element("span", { class: value < 0 ? "limpid-molecule-against" : "limpid-molecule-for" });
          bar.style.left = `${(100 * (Math.min(value, 0) - low)) / span}%`;
          bar.style.width = `${(100 * Math.abs(value)) / span}%`;
          return element(
            "div",
            { id: uniqueId(), role: "option", class: "limpid-molecule-row", "aria-selected": "false" },
            element("span", { class: "limpid-molecule-name" }, itemName(content, item)),
            " ",
            element("span", { class: "limpid-molecule-track", "aria-hidden": "true" }, bar),
            element("span", { class: "limpid-molecule-amount" }, formatSigned(value)),
          );
        }),
      );
      mark();
    },
    point(item) {
      pointed = item;
      mark();
    },
  };
}
