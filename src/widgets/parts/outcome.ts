import { element, emphasize } from "./dom.js";

/** What is said of work that did not come about. */
interface OutcomeContent {
  /** Where it was stopped: how far it was, and what the picture that stays is of; a part between asterisks is emphasized. */
  words: string;
  /** What the button says, and its tooltip. */
  again: string;
  hint: string;
  /** Whether there is a kernel to press it for. */
  live: boolean;
}

export interface Outcome {
  element: HTMLElement;
  /** Null hides it. */
  set(content: OutcomeContent | null): void;
}

/** A line over the lower edge of a picture about work that was stopped or has failed, with a button that has it tried again. */
export function outcome(onAgain: () => void): Outcome {
  const said = element("span", {});
  const button = element("button", { type: "button" }, "");
  button.addEventListener("click", onAgain);
  const box = element("div", { class: "limpid-outcome", role: "status", hidden: true }, said, button);
  return {
    element: box,
    set(content) {
      box.hidden = content === null;
      if (content === null) return;
      emphasize(said, content.words);
      // Without words there is only the button, which the style sheet knows by that.
      if (content.words === "") said.replaceChildren();
      button.textContent = content.again;
      button.title = content.hint;
      button.disabled = !content.live;
    },
  };
}
