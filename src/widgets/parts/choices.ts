import { element, uniqueId } from "./dom.js";

/** One of several values, with what it does to the explanation. */
export interface Option {
  value: string;
  label: string;
  hint?: string;
  /** Heading of the group that it belongs to. */
  group?: string;
}

export interface Choices {
  element: HTMLElement;
  set(value: string): void;
  offer(options: Option[]): void;
  rest(reason: string | null): void;
}

/** A labeled row of joined buttons of which one is pressed; arrow keys move between them. */
export function segments(
  label: string,
  hint: string,
  options: Option[],
  onChoose: (value: string) => void,
  { showLabel = true } = {},
): Choices {
  const name = uniqueId();
  const group = element("div", { class: "limpid-segments", role: "radiogroup", "aria-label": label });
  const row = element("div", { class: showLabel ? "limpid-row" : "limpid-row limpid-unlabeled", title: hint });
  if (showLabel) row.append(element("span", { class: "limpid-label" }, label));
  row.append(group);
  let chosen = "";
  const inputs = () => group.querySelectorAll("input");
  group.addEventListener("change", (event) => {
    chosen = (event.target as HTMLInputElement).value;
    onChoose(chosen);
  });
  const choices: Choices = {
    element: row,
    set(value) {
      chosen = value;
      for (const input of inputs()) input.checked = input.value === value;
    },
    offer(offered) {
      group.replaceChildren(
        ...offered.map((option) =>
          element(
            "label",
            { title: option.hint },
            element("input", { type: "radio", name, value: option.value }),
            element("span", {}, option.label),
          ),
        ),
      );
      choices.set(chosen);
    },
    rest(reason) {
      for (const input of inputs()) input.disabled = reason !== null;
      row.classList.toggle("limpid-at-rest", reason !== null);
      row.title = reason ?? hint;
    },
  };
  choices.offer(options);
  return choices;
}

/** A labeled drop-down list. */
export function dropdown(label: string, hint: string, onChoose: (value: string) => void): Choices {
  const id = uniqueId();
  const select = element("select", { id });
  const row = element(
    "div",
    { class: "limpid-row", title: hint },
    element("label", { for: id }, label),
    element("div", { class: "limpid-select" }, select),
  );
  let chosen = "";
  let hints = new Map<string, string>();
  const tell = () => {
    select.title = hints.get(chosen) ?? hint;
  };
  select.addEventListener("change", () => {
    chosen = select.value;
    tell();
    onChoose(chosen);
  });
  const choices: Choices = {
    element: row,
    set(value) {
      chosen = value;
      select.value = value;
      tell();
    },
    offer(offered) {
      hints = new Map(offered.map((option) => [option.value, option.hint ?? hint]));
      select.replaceChildren(...entries(offered));
      choices.set(chosen);
    },
    rest(reason) {
      select.disabled = reason !== null;
      row.classList.toggle("limpid-at-rest", reason !== null);
      select.title = reason ?? hints.get(chosen) ?? hint;
    },
  };
  return choices;
}

/** Options of a list; neighbors of the same group under its heading. */
function entries(offered: Option[]): HTMLElement[] {
  const made: HTMLElement[] = [];
  let group: HTMLOptGroupElement | undefined;
  for (const { value, label, hint, group: heading } of offered) {
    const option = element("option", { value, title: hint }, label);
    if (heading === undefined) {
      made.push(option);
      continue;
    }
    if (group?.label !== heading) {
      group = element("optgroup", { label: heading });
      made.push(group);
    }
    group.append(option);
  }
  return made;
}
