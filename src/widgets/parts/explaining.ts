import type { TypedModel } from "./model.js";
import { outcome } from "./outcome.js";
import { progress } from "./progress.js";

/** What a widget tells that explains a picture and shows it layer by layer. */
interface ExplainingState {
  running: boolean;
  progress: number | null;
  /** What was being explained when it was stopped; empty where it was not. */
  stopped: string;
  error: string;
  subtitle: string;
  relevance: object | null;
  layers: readonly object[];
}

export interface Explaining {
  working: HTMLElement;
  ended: HTMLElement;
  /** @param view is marked as busy while it is explained */
  showProgress(view: HTMLElement): void;
  showEnd(): void;
  dispose(): void;
}

/** How far an explanation is, with a button that stops it; and that it was stopped or failed, with one that has it tried again. */
export function explaining(model: TypedModel<ExplainingState>): Explaining {
  const working = progress(() => model.send({ event: "stop" }));
  const ended = outcome(() => model.send({ event: "again" }));
  const running = () => model.comm_live && model.trait("running");
  return {
    working: working.element,
    ended: ended.element,
    showProgress(view) {
      working.set(running(), model.trait("progress"));
      view.setAttribute("aria-busy", String(running()));
    },
    showEnd() {
      const [stopped, live] = [model.trait("stopped"), model.comm_live];
      const failed = model.trait("error") !== "" && model.trait("layers").length === 0;
      if (running() || (stopped === "" && !failed)) ended.set(null);
      else if (stopped !== "") {
        const still = model.trait("relevance") ? ` The picture is still of ${model.trait("subtitle")}.` : "";
        const hint = "Explain with the settings that were given up";
        ended.set({ words: `Stopped: *${stopped}*.${still}`, again: "Run again", hint, live });
      } else ended.set({ words: "", again: "Try again", hint: "Explain once more with these settings", live });
    },
    dispose: () => working.dispose(),
  };
}
