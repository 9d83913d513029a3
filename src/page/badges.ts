import type { ReportManifest } from "../reports/format.js";
import { levelWords, type ViewState } from "../reports/level-words.js";
import { viewElement } from "./document.js";
import type { SeenState } from "./precomputed.js";

/** Says of a widget which of its stored states is seen, and where its maps are not exact. */
export function sayState(view: number, { words, rounded }: SeenState): void {
  const badge = document.querySelector<HTMLElement>(`[data-level-of="${view}"]`);
  if (badge === null) return;
  const said = badge.querySelector("output") ?? document.createElement("output");
  badge.children[1]!.after(said);
  said.textContent = rounded ? `${words}; ${ROUNDED}` : words;
  badge.toggleAttribute("data-rounded", rounded);
}

/** What is said of stored maps, wherever they are seen or saved. */
export const ROUNDED = "maps are rounded to 255 levels";

/** Keeps the line beneath each widget that says what it does: as soon as it computes, and when it does no more. */
export function watchLevels({ views }: ReportManifest): void {
  for (const [at, view] of views.entries()) {
    const place = viewElement(at);
    const badge = document.querySelector<HTMLElement>(`[data-level-of="${at}"]`);
    if (place === null || badge === null) continue;
    const show = () => {
      const state = (place.dataset["state"] ?? "stored") as ViewState;
      const { name, words } = levelWords(view, state, place.dataset["why"]);
      badge.dataset["now"] =
        state === "live" ? "live" : state === "ended" || state === "failed" ? "frozen" : view.level;
      badge.firstElementChild!.textContent = name;
      badge.children[1]!.textContent = words;
    };
    new MutationObserver(show).observe(place, { attributeFilter: ["data-state", "data-why"] });
    show();
  }
}
