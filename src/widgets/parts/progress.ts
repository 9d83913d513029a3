import { element } from "./dom.js";
import { remaining } from "./remaining.js";

export interface Progress {
  element: HTMLElement;
  /** Work began or ended; `share` (0 to 1) is how much of it is done, null when that is not known. */
  set(working: boolean, share: number | null): void;
  dispose(): void;
}

/** Work shorter than this, in milliseconds, shows nothing: a bar that flashes is worse than none. */
const PATIENCE = 300;

/**
 * A bar with a stop button, seen only when work takes long. It lies over the picture: nothing moves when it comes.
 *
 * @param doing what is being done; `now` says it more closely
 */
export function progress(
  onStop: () => void,
  doing = "Explaining",
  hint = "Give up this explanation and keep the last one",
  now = () => doing,
): Progress {
  const fill = element("span", { class: "limpid-progress-fill" });
  const bar = element("span", { class: "limpid-progress-bar", role: "progressbar", "aria-label": doing }, fill);
  const stop = element("button", { type: "button", title: hint }, "Stop");
  stop.addEventListener("click", onStop);
  const text = element("span", { class: "limpid-progress-words" }, `${doing}…`);
  const box = element("div", { class: "limpid-progress", hidden: true }, text, bar, stop);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const left = remaining();
  return {
    element: box,
    set(working, share) {
      if (!working) {
        clearTimeout(timer);
        timer = undefined;
        box.hidden = true;
        return;
      }
      if (timer === undefined) left(null);
      timer ??= setTimeout(() => {
        box.hidden = false;
      }, PATIENCE);
      // Also without a share: the time counts from the beginning.
      const words = left(share ?? 0);
      text.textContent = share === null ? `${now()}…` : `${now()}… ${words}`;
      bar.classList.toggle("limpid-unknown", share === null);
      fill.style.width = share === null ? "" : `${100 * share}%`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
    },
    dispose: () => clearTimeout(timer),
  };
}
