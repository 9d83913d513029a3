import { element, uniqueId } from "../parts/dom.js";

export interface StepSlider {
  element: HTMLElement;
  set(steps: readonly string[], step: number, done: number): void;
}

/** A slider through the layers that are randomized, with the name of the last one beside it. */
export function stepSlider(onStep: (step: number) => void): StepSlider {
  const id = uniqueId();
  const input = element("input", { type: "range", id, min: 0, max: 0, step: 1 });
  const readout = element("output", { for: id, class: "limpid-sanity-layer" });
  const row = element(
    "div",
    {
      class: "limpid-row limpid-sanity-slider",
      title: "How many layers have lost what they learned; from the original model on the left",
    },
    element("label", { for: id }, "Randomized"),
    input,
    readout,
  );
  let names: readonly string[] = [];
  const show = () => {
    const at = Number(input.value);
    const last = Math.max(1, names.length - 1);
    const words = at === 0 ? "original model" : `${at} of ${names.length - 1}: ${names[at] ?? ""}`;
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
