import { formatPercent } from "../../comms/format.js";
import { outcome as line } from "../parts/outcome.js";
import type { ExplorerModel } from "./model.js";

export interface Outcome {
  element: HTMLElement;
  show(): void;
}

/** What became of an explanation that was stopped, with what the picture that stays is of, or that has failed. */
export function outcome(model: ExplorerModel): Outcome {
  const ended = line(() => model.tell("again", {}));
  return {
    element: ended.element,
    show() {
      const [stopped, error] = [model.trait("stopped"), model.trait("error")];
      const [title, subtitle] = [model.trait("title"), model.trait("subtitle")];
      if (model.pending || (stopped === null && error === "")) ended.set(null);
      else if (stopped === null) {
        const hint = "Explain once more with these settings";
        ended.set({ words: "", again: "Try again", hint, live: model.comm_live });
      } else {
        const still = model.trait("relevance") ? ` The picture is still: ${title} ${subtitle.split(" · ")[0]}` : "";
        const words = `Stopped at ${formatPercent(stopped)}.${still}`;
        const hint = "Explain with the settings that are chosen";
        ended.set({ words, again: "Run again", hint, live: model.comm_live });
      }
    },
  };
}
