import { element, uniqueId } from "./dom.js";

export interface StepSlider {
  element: HTMLElement;
  set(steps: readonly string[], step: number): void;
}

interface StepSliderOptions {
  label: string;
  hint: string;
  /** What stands beside it: which of `names` is chosen. */
  words: (at: number, names: readonly string[]) => string;
  onStep: (step: number) => void;
}

/** A slider through steps that have names, such as layers, with the name of the chosen one beside it. */
export function stepSlider({ label, hint, words: wordsOf, onStep }: StepSliderOptions): StepSlider {
  const id = uniqueId();
  const input = element("input", { type: "range", id, min: 0, max: 0, step: 1 });
  const readout = element("output", { for: id, class: "limpid-step-name" });
  const row = element(
    "div",
    {
      class: "limpid-row limpid-step-slider",
      title: hint,
    },
    element("label", { for: id }, label),
    input,
    readout,
  );
  let names: readonly string[] = [];
  const show = () => {
    const at = Number(input.value);
    const last = Math.max(1, names.length - 1);
    const words = wordsOf(at, names);
    readout.textContent = words;
    input.setAttribute("aria-valuetext", words);
    input.style.setProperty("--share", `${(100 * at) / last}%`);
  };
  input.addEventListener("input", () => {
    show();
    onStep(Number(input.value));
  });
  return {
    element: row,
    set(steps, step) {
      names = steps;
      input.max = String(Math.max(0, steps.length - 1));
      input.value = String(step);
      input.disabled = steps.length < 2;
      show();
    },
  };
}
