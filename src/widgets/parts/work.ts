import { formatPercent } from "../../comms/format.js";
import { element } from "./dom.js";
import { outcome } from "./outcome.js";
import { progress } from "./progress.js";

/** What a widget calls its work. */
interface WorkWords {
  /** The class of the line that tells an error. */
  failure: string;
  doing: string;
  /** What is done now, said more closely. */
  now?: () => string;
  stopHint: string;
  /** Behind “Stopped at 40 %:”, and the button that goes on. */
  stopped: string;
  again: string;
  againHint: string;
  /** The tooltip of “Try again”. */
  retryHint: string;
}

/** How work ended, as the kernel tells it. */
interface WorkEnd {
  running: boolean;
  /** How much was done when it was stopped. */
  stopped: number | null;
  error: string;
  /** Whether there is a kernel. */
  live: boolean;
  /** False where other results stand there, so that an error alone is no reason to try again. */
  canRetry?: boolean;
}

/** How the work of a widget ended, read off its model. */
export const endOf = (model: {
  readonly running: boolean;
  readonly comm_live: boolean;
  trait(name: "stopped" | "error"): number | string | null;
}): WorkEnd => ({
  running: model.running,
  stopped: model.trait("stopped") as number | null,
  error: model.trait("error") as string,
  live: model.comm_live,
});

/** The kernel's work as one sees it: how far it is, with a button that stops it; how it ended, with one that has it go on; its error. */
export interface Work {
  working: HTMLElement;
  ended: HTMLElement;
  failure: HTMLElement;
  /** @param view is marked as busy while work goes on */
  showProgress(view: HTMLElement, running: boolean, share: number | null): void;
  showEnd(end: WorkEnd): void;
  dispose(): void;
}

export function work(tell: (event: "stop" | "again") => void, words: WorkWords): Work {
  const working = progress(() => tell("stop"), words.doing, words.stopHint, words.now);
  const ended = outcome(() => tell("again"));
  const failure = element("div", { class: words.failure, role: "alert", hidden: true });
  return {
    working: working.element,
    ended: ended.element,
    failure,
    showProgress(view, running, share) {
      working.set(running, share);
      view.setAttribute("aria-busy", String(running));
    },
    showEnd({ running, stopped, error, live, canRetry = true }) {
      // The same words again would be read out once more.
      if (failure.textContent !== error) failure.textContent = error;
      failure.hidden = error === "";
      if (running) ended.set(null);
      else if (stopped !== null) {
        const said = `Stopped at ${formatPercent(stopped)}: ${words.stopped}`;
        ended.set({ words: said, again: words.again, hint: words.againHint, live });
      } else if (error !== "" && canRetry) {
        ended.set({ words: "", again: "Try again", hint: words.retryHint, live });
      } else ended.set(null);
    },
    dispose: () => working.dispose(),
  };
}
