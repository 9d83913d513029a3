import { element, uniqueId } from "./dom.js";

export interface MenuEntry {
  value: string;
  label: string;
  /** Asked for whenever the menu opens, where it may be another by then. */
  hint: string | (() => string);
}

export interface Menu {
  element: HTMLElement;
  /** At rest it opens nothing. */
  rest(resting: boolean): void;
}

/** A button that opens a list of actions; up and down move in it, Escape closes it. */
export function menu(
  label: string,
  hint: string,
  entries: readonly MenuEntry[],
  onChoose: (value: string) => void,
): Menu {
  const id = uniqueId();
  const opener = element(
    "button",
    {
      type: "button",
      class: "limpid-button limpid-opener",
      title: hint,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-controls": id,
    },
    label,
  );
  const items = entries.map(({ value, label: words, hint: about }) => {
    const item = element("button", { type: "button", role: "menuitem", title: hintNow(about), tabindex: -1 }, words);
    item.addEventListener("click", () => {
      toggle(false);
      opener.focus();
      onChoose(value);
    });
    return item;
  });
  const list = element("div", { id, class: "limpid-menu", role: "menu", "aria-label": label, hidden: true }, ...items);
  const box = element("div", { class: "limpid-menu-box" }, opener, list);
  const toggle = (open: boolean) => {
    if (open) for (const [at, { hint: about }] of entries.entries()) items[at]!.title = hintNow(about);
    list.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) items[0]?.focus();
  };
  opener.addEventListener("click", () => toggle(list.hidden !== false));
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget as Node | null)) toggle(false);
  });
  box.addEventListener("keydown", (event) => {
    const place = items.indexOf(event.target as HTMLButtonElement);
    const steps: Record<string, number> = {
      ArrowDown: place + 1,
      ArrowUp: place < 0 ? -1 : place - 1,
      Home: 0,
      End: -1,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      if (list.hidden) toggle(true);
      items.at(next % items.length)?.focus();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      toggle(false);
      opener.focus();
    }
  });
  return {
    element: box,
    rest(resting) {
      opener.disabled = resting;
      if (resting) toggle(false);
    },
  };
}

const hintNow = (hint: MenuEntry["hint"]): string => (typeof hint === "string" ? hint : hint());
