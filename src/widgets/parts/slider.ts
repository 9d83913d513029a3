import { element, uniqueId } from "./dom.js";

export interface SliderOptions {
  label: string;
  /** What it does to the explanation. */
  hint: string;
  min: number;
  max: number;
  step: number;
  /** What stands beside the slider: the value with its unit. */
  format: (value: number) => string;
  onInput: (value: number) => void;
  /** The slider moves over the decimal logarithm of the value: `min`, `max` and `step` are exponents. */
  logarithmic?: boolean;
}

export interface Slider {
  element: HTMLElement;
  set(value: number): void;
  /** At rest: the value has no effect now, for the reason given. */
  rest(reason: string | null): void;
}

/** A labeled range with its value beside it. */
export function slider(options: SliderOptions): Slider {
  const { label, hint, min, max, step, format, onInput, logarithmic = false } = options;
  const id = uniqueId();
  const input = element("input", { type: "range", id, min, max, step });
  const readout = element("output", { for: id, class: "limpid-value" });
  // As wide as the widest value: the slider keeps its length while values change.
  const ends = [min, max].map((end) => format(logarithmic ? 10 ** end : end).length);
  readout.style.setProperty("--widest", `${Math.max(...ends)}ch`);
  const row = element(
    "div",
    { class: "limpid-row", title: hint },
    element("label", { for: id }, label),
    input,
    readout,
  );
  const show = (value: number) => {
    readout.textContent = format(value);
    input.setAttribute("aria-valuetext", format(value));
    input.style.setProperty("--share", `${(100 * (Number(input.value) - min)) / (max - min)}%`);
  };
  input.addEventListener("input", () => {
    // Rounded to seven digits: 10 ** -6 would otherwise be 0.0000009999999999999999.
    const value = logarithmic ? Number((10 ** Number(input.value)).toPrecision(7)) : Number(input.value);
    show(value);
    onInput(value);
  });
  return {
    element: row,
    set(value) {
      // Zero has no logarithm; it stands at the left end.
      input.value = String(logarithmic ? Math.max(Math.log10(value), min) : value);
      show(value);
    },
    rest(reason) {
      input.disabled = reason !== null;
      row.classList.toggle("limpid-at-rest", reason !== null);
      row.title = reason ?? hint;
    },
  };
}
