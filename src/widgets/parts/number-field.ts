import { element, uniqueId } from "./dom.js";

export interface NumberFieldOptions {
  label: string;
  hint: string;
  unit: string;
  least: number | null;
  most: number | null;
  whole: boolean;
  /** What is taken, in words that follow "must be". */
  range: string;
  /** Null when the field was emptied. */
  onChange: (value: number | null) => void;
}

export interface NumberField {
  element: HTMLElement;
  /** Null, or several numbers, stand in gray in the empty field. */
  set(value: number | readonly number[] | null): void;
  rest(reason: string | null): void;
}

/** A labeled field for a number; up and down arrows count. What is out of range is told and not passed on. */
export function numberField(options: NumberFieldOptions): NumberField {
  const { label, hint, unit, least, most, whole, range, onChange } = options;
  const id = uniqueId();
  const input = element("input", {
    type: "number",
    id,
    class: "limpid-field",
    min: least ?? undefined,
    max: most ?? undefined,
    step: whole ? 1 : "any",
  });
  const measure = element("div", { class: "limpid-fill limpid-measure" }, input);
  if (unit !== "") measure.append(element("span", {}, unit));
  const row = element("div", { class: "limpid-row", title: hint }, element("label", { for: id }, label), measure);
  const judge = () => {
    const { badInput, rangeUnderflow, rangeOverflow, stepMismatch } = input.validity;
    const wrong = badInput || rangeUnderflow || rangeOverflow || (whole && stepMismatch);
    input.setCustomValidity(wrong ? `${label} must be ${range}.` : "");
    input.setAttribute("aria-invalid", String(wrong));
    return !wrong;
  };
  let held = "";
  const tell = () => {
    if (!judge()) {
      input.reportValidity();
      return;
    }
    if (input.value === held) return;
    held = input.value;
    onChange(held === "" ? null : Number(held));
  };
  input.addEventListener("change", tell);
  // The browser itself tells of Enter only what differs from when the field was entered.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") tell();
  });
  return {
    element: row,
    set(value) {
      // What is being typed is not taken from under the fingers.
      if (document.activeElement === input && input.getAttribute("aria-invalid") === "true") return;
      held = typeof value === "number" ? String(value) : "";
      input.value = held;
      input.placeholder = typeof value === "number" ? "" : value === null ? "automatic" : value.join(" × ");
      judge();
    },
    rest(reason) {
      input.disabled = reason !== null;
      row.classList.toggle("limpid-at-rest", reason !== null);
      row.title = reason ?? hint;
    },
  };
}
