import { element, uniqueId } from "./dom.js";
import { type Hit, searchNames } from "./name-search.js";

export interface ClassSearchOptions {
  label: string;
  hint: string;
  placeholder?: string;
  /** What stands in the field when nobody types. */
  shown(): string;
  onChoose(index: number): void;
}

export interface ClassSearch {
  element: HTMLElement;
  /** Writes anew what is chosen. */
  show(): void;
  /** The names by index, each with its synonyms after commas; empty where there are none. */
  offer(names: readonly string[], count: number): void;
}

/** How many names the list below shows at most. */
const LISTED = 40;

/** A labeled field that finds a class by what is typed: up and down choose, Enter takes, Escape closes the list. */
export function classSearch({ label, hint, placeholder, shown, onChoose }: ClassSearchOptions): ClassSearch {
  const [id, listId, noteId] = [uniqueId(), uniqueId(), uniqueId()];
  const input = element("input", {
    type: "text",
    id,
    class: "limpid-field",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-describedby": noteId,
  });
  const list = element("ul", {
    id: listId,
    class: "limpid-options",
    role: "listbox",
    "aria-label": "Matches",
    hidden: true,
  });
  const note = element("p", { id: noteId, class: "limpid-search-note", role: "status", hidden: true });
  const box = element("div", { class: "limpid-fill limpid-search" }, input, note, list);
  const row = element("div", { class: "limpid-row", title: hint }, element("label", { for: id }, label), box);

  let names: readonly string[] = [];
  let count = 0;
  let hits: Hit[] = [];
  let active = -1;

  const options = () => [...list.children];
  const mark = (place: number) => {
    active = place;
    for (const [index, option] of options().entries()) option.setAttribute("aria-selected", String(index === place));
    const option = list.children[place];
    if (option === undefined) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const tell = (message: string, wrong: boolean) => {
    note.textContent = message;
    note.hidden = message === "";
    note.classList.toggle("limpid-wrong", wrong);
    input.setAttribute("aria-invalid", String(wrong));
  };
  const take = ({ index }: Hit) => {
    close();
    tell("", false);
    onChoose(index);
    input.value = shown();
    input.select();
  };
  const known = () => {
    if (count === Number.POSITIVE_INFINITY) return "Give an output's number.";
    if (names.length === 0) return `Give a number from 0 to ${count - 1}.`;
    return `Type a part of one of ${names.length} names, or a number from 0 to ${count - 1}.`;
  };
  const search = () => {
    const found = searchNames(input.value, names, count);
    hits = found.hits.slice(0, LISTED);
    list.replaceChildren(
      ...hits.map((hit, place) => {
        const option = element(
          "li",
          { id: uniqueId(), role: "option", "aria-selected": "false" },
          element("span", {}, hit.name),
          element("span", { class: "limpid-option-index" }, String(hit.index)),
        );
        // A press would take the focus from the field, and close the list before the click.
        option.addEventListener("pointerdown", (event) => event.preventDefault());
        option.addEventListener("click", () => take(hit));
        option.addEventListener("pointermove", () => mark(place));
        return option;
      }),
    );
    list.hidden = hits.length === 0;
    input.setAttribute("aria-expanded", String(hits.length > 0));
    mark(-1);
    const text = input.value.trim();
    const more = found.hits.length - hits.length;
    if (found.fits) tell(more > 0 ? `${more} more: type on` : "", false);
    else tell(`No class is called “${text}”. ${hits.length > 0 ? "Did you mean one of these?" : known()}`, true);
    return found;
  };
  /** What Enter means: the marked one, the one that is called so, or the only one. */
  const settle = () => {
    if (input.value.trim() === "" || input.value === shown()) {
      close();
      tell("", false);
      input.value = shown();
      return;
    }
    if (active >= 0) return take(hits[active]!);
    const { hits: all, fits, exact } = search();
    if (exact !== undefined) take(exact);
    else if (fits && all.length === 1) take(all[0]!);
    else if (fits) tell(`“${input.value.trim()}” is part of ${all.length} names: choose one`, true);
  };
  input.addEventListener("input", search);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", () => {
    close();
    // A name that does not exist stays marked until another is chosen.
    if (input.getAttribute("aria-invalid") === "true") return;
    tell("", false);
    input.value = shown();
  });
  input.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (list.hidden) search();
      if (hits.length > 0) mark((active + step + hits.length + (active < 0 && step < 0 ? 1 : 0)) % hits.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      settle();
    } else if (event.key === "Escape" && (!list.hidden || input.value !== shown())) {
      // A second Escape leaves the widget.
      event.preventDefault();
      close();
      tell("", false);
      input.value = shown();
    }
  });
  return {
    element: row,
    show() {
      // What is being typed is not taken from under the fingers.
      if (document.activeElement === input && (!list.hidden || input.getAttribute("aria-invalid") === "true")) return;
      input.value = shown();
      tell("", false);
    },
    offer(offered, outputs) {
      [names, count] = [offered, outputs];
    },
  };
}
