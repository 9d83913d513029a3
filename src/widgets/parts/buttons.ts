import { element } from "./dom.js";

/** A button with words on it, and a tooltip. */
export function button(label: string, hint: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "limpid-button", title: hint }, label);
  made.addEventListener("click", act);
  return made;
}

/** Buttons side by side; a row that belongs together has a name. */
export function buttonRow(...buttons: HTMLButtonElement[]): HTMLElement {
  return element("div", { class: "limpid-buttons" }, ...buttons);
}
