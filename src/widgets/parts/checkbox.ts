import { element, uniqueId } from "./dom.js";

export interface Checkbox {
  element: HTMLElement;
  set(checked: boolean): void;
  rest(reason: string | null): void;
}

/** A labeled box to tick. */
export function checkbox(label: string, hint: string, onChange: (checked: boolean) => void): Checkbox {
  const id = uniqueId();
  const input = element("input", { type: "checkbox", id, class: "limpid-check" });
  const row = element("div", { class: "limpid-row", title: hint }, element("label", { for: id }, label), input);
  input.addEventListener("change", () => onChange(input.checked));
  return {
    element: row,
    set(checked) {
      input.checked = checked;
    },
    rest(reason) {
      input.disabled = reason !== null;
      row.classList.toggle("limpid-at-rest", reason !== null);
      row.title = reason ?? hint;
    },
  };
}
