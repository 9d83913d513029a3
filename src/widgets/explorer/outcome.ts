import { formatPercent } from "../../comms/format.js";
import { element, emphasize } from "../parts/dom.js";
import type { ExplorerModel } from "./model.js";

export interface Outcome {
  element: HTMLElement;
  show(): void;
}

/**
 * What became of an explanation that did not come about, over the picture's lower edge: that it was stopped, and what the picture
 * that stays is of, or that it failed; and buttons that have it tried again, or the settings be those of the picture.
 */
export function outcome(model: ExplorerModel): Outcome {
  const words = element("span", {});
  const again = element("button", { type: "button" }, "");
  again.addEventListener("click", () => model.tell("again", {}));
  const back = element(
    "button",
    { type: "button", title: "Choose class, method and parameters as the picture was made with" },
    "Back to the picture’s settings",
  );
  back.addEventListener("click", () => model.tell("back", {}));
  const buttons = element("span", { class: "limpid-outcome-buttons" }, again, back);
  const box = element("div", { class: "limpid-outcome", role: "status", hidden: true }, words, buttons);
  return {
    element: box,
    show() {
      const [stopped, error] = [model.trait("stopped"), model.trait("error")];
      const [title, subtitle] = [model.trait("title"), model.trait("subtitle")];
      box.hidden = model.pending || (stopped === null && error === "");
      again.textContent = stopped === null ? "Try again" : "Run again";
      again.disabled = back.disabled = !model.comm_live;
      back.hidden = stopped === null || model.trait("relevance") === null;
      again.title =
        stopped === null ? "Explain once more with these settings" : "Explain with the settings that are chosen";
      if (stopped === null) words.textContent = "";
      else {
        const still = model.trait("relevance") ? ` The picture is still: ${title} ${subtitle.split(" · ")[0]}` : "";
        emphasize(words, `Stopped at ${formatPercent(stopped)}.${still}`);
      }
    },
  };
}
