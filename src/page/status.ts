import { PARTS } from "../reports/format.js";
import type { Replay, ReplayState } from "./replay.js";

/** Says in the page how far it is with becoming live, with a button to stop and one to run again. @param more What else one can do. */
export function statusBar(more: readonly HTMLElement[] = []): { show(state: ReplayState, replay: Replay): void } {
  const place = document.getElementById(PARTS.status);
  const words = document.createElement("span");
  // Said aloud where something begins or ends, not at each cell.
  const said = document.createElement("span");
  said.className = "unseen";
  said.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Cells that have run");
  const button = document.createElement("button");
  button.type = "button";
  const problems = document.createElement("ul");
  place?.replaceChildren(said, words, bar, button, ...more, problems);
  place?.classList.add("limpid-status");
  return {
    show(state, replay) {
      if (place === null) return;
      place.hidden = false;
      const begins = place.dataset["phase"] !== state.phase;
      place.dataset["phase"] = state.phase;
      words.textContent = inWords(state);
      if (begins) said.textContent = state.phase === "running" ? "Making live" : words.textContent;
      const working = state.phase === "starting" || state.phase === "running";
      bar.hidden = !working;
      for (const other of more) other.hidden = working;
      bar.max = state.total;
      bar.value = state.done;
      button.textContent = working ? "Stop" : "Run again";
      button.title = working ? "Stops computing; what is live stays live" : "Computes everything anew, in this browser";
      button.onclick = () => (working ? replay.stop() : void replay.run());
      problems.hidden = state.problems.length === 0;
      problems.replaceChildren(
        ...state.problems.map((problem) => {
          const item = document.createElement("li");
          item.textContent = problem;
          return item;
        }),
      );
    },
  };
}

function inWords({ phase, done, total, cell, live, widgets }: ReplayState): string {
  switch (phase) {
    case "waiting":
      return "As the notebook left it";
    case "starting":
      return "Making live: starting the page's own kernel …";
    case "running":
      return `Making live: cell ${done + 1} of ${total}${cell === undefined ? "" : ` · ${cell}`}`;
    case "live":
      return live === widgets
        ? "Live: every widget here is computed in this page, by this browser"
        : `Live: ${live} of ${widgets} widgets are computed in this page, by this browser; each says beneath it what it does`;
    case "stopped":
      return `Stopped after ${done} of ${total} cells: the rest is as the notebook left it`;
    case "failed":
      return "Not live: nothing here is computed in this page";
  }
}

/** Says in the page that its script does not work, and why. */
export function sayBroken(reason: string): void {
  const place = document.getElementById(PARTS.status);
  if (place === null) return;
  const words = document.createElement("span");
  words.setAttribute("role", "alert");
  words.textContent = `This page's script does not work here (${reason}): what is shown is what the file holds`;
  place.replaceChildren(words);
  place.hidden = false;
  place.dataset["phase"] = "failed";
}
